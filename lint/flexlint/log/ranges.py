"""One large plain file, scanned by other processes while this one attributes what they find.

Comes in: a path. Goes out: the items of each range in the order of the file, as `Scanner.items` gives them. The file
is cut into ranges at line ends; other processes split them into records, read each text that is new and number it; this
one knows it by its number from then on. A range in which a header differs from the usual one, or whose process
fails, is left to be scanned here: what comes out is the same. Nothing here knows what a message means.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from multiprocessing import Pipe
from typing import TYPE_CHECKING

from flexlint.inputs.plainfile import PlainFile
from flexlint.log.atoms import Atom, Ids, Lines, Spis, Stretch
from flexlint.log.headers import HeaderShape, learn, shape_of
from flexlint.log.marks import key_of, mark_for
from flexlint.log.scan import whole_lines
from flexlint.log.scanner import LONGEST, PREFIX, Said, Scanner, Texts, packet_of, records_of, strays_of
from flexlint.processes import started

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KEPT = 4_000  # texts a process numbers before it begins anew
TABLES = b"Exit Path Table"  # a file with one of these is read on here: see `prepare`


class Helpers:
    """The other processes, each with the ranges that are its own, in turn."""

    def __init__(
        self, path: str, cuts: list[tuple[int, int]], shape: HeaderShape, scanner: Scanner, count: int
    ) -> None:
        self._shape = shape
        self._scanner = scanner
        self._prefixes: list[list[Ids]] = [[] for _ in range(count)]
        self._atoms: list[list[Atom | None]] = [[] for _ in range(count)]
        self._marks: list[dict[int, int]] = [{} for _ in range(count)]
        self._ends: list[Connection | None] = []
        self._processes = []
        for number in range(count):
            ours, theirs = Pipe(duplex=False)
            self._ends.append(ours)
            told = (path, cuts[number::count], shape.sample)
            self._processes.append(started(_help, told, theirs, filter(None, self._ends)))

    def batches(self, index: int, number: int) -> Iterator[tuple[list[Stretch | Lines], int]] | None:
        """What the range of this index says, block by block, and the lines of each; to be asked for in order. None
        where it has to be scanned here. `number` is the number of lines before it."""
        helper = index % len(self._ends)
        answer = self._answer(helper)
        return self._read(helper, answer, number) if answer is not None else None

    def close(self) -> None:
        for end in self._ends:
            if end is not None:
                end.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def _answer(self, helper: int) -> bytes | None:
        end = self._ends[helper]
        if end is None:
            return None
        try:
            return end.recv_bytes() or None
        except (EOFError, OSError):  # the process is gone; what was its own is scanned here
            self._ends[helper] = None
            return None

    def _read(self, helper: int, answer: bytes, number: int) -> Iterator[tuple[list[Stretch | Lines], int]]:
        renewed, new_prefixes, new_marks, new_texts, blocks = marshal.loads(answer)
        prefixes, atoms, marks = self._prefixes[helper], self._atoms[helper], self._marks[helper]
        if renewed:
            prefixes.clear()
            atoms.clear()
        prefixes.extend(self._scanner.ids_of(raw, self._shape) for raw in new_prefixes)
        marks.update((mark, mark_for(key, message)) for mark, key, message in new_marks)
        texts = self._scanner.texts
        for (first, message, mark, values), *rest in new_texts:
            atoms.append(texts.atom((first, message, marks[mark], values), *rest))
        for lines, before, heads, ids, said, packets, strays, lost in blocks:
            if not heads:
                yield [(number, strays.get(0, b""))], lines
            else:
                spis = [Spis(*packet) for packet in packets]
                owners: list[Ids | None]
                says: list[Atom | None]
                if lost:
                    owners = [prefixes[i] if i >= 0 else None for i in ids]
                    says = [atoms[i] if i >= 0 else None for i in said]
                else:
                    owners, says = list(map(prefixes.__getitem__, ids)), list(map(atoms.__getitem__, said))
                self._scanner.fresh = bool(new_prefixes)
                yield self._scanner.assembled(number, before, heads, owners, says, spis, strays, lost), lines
            number += lines


def _help(path: str, cuts: list[tuple[int, int]], sample: str, out: Connection) -> None:
    """The other process: sends what each of its ranges says, or nothing where that is not for it to say."""
    shape = shape_of(sample)
    numbers = _Numbers()
    try:
        file = PlainFile(path, 0)
        for start, end in cuts:
            out.send_bytes(numbers.scan(file.blocks(start, end), shape) or b"")
    except OSError:
        pass
    finally:
        out.close()


class _Prefixes(dict[bytes, int]):
    """What stands between header and text, by number; -1 where it is no tag with ids."""

    def __init__(self) -> None:
        super().__init__()
        self.new: list[bytes] = []
        self.count = 0

    def __missing__(self, raw: bytes) -> int:
        number = -1
        if not raw or PREFIX.fullmatch(raw):
            number = self.count
            self.count += 1
            self.new.append(raw)
        self[raw] = number
        return number


class _Numbered(dict[bytes, int]):
    """Texts by number; -1 where one is read the long way. A packet has it without its SPIs, which go to `packets`."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self.new: list[tuple[Said, bytes | None, bool, bool]] = []
        self.count = 0
        self.packets: list[tuple[bytes, ...]] = []
        self._texts = texts

    def __missing__(self, text: bytes) -> int:
        if len(text) > LONGEST:
            return -1
        if b"Initiator SPI" not in text:
            return self._numbered(text, *self._texts.said(text), False)
        found = packet_of(text)
        if found is None:
            return -1
        first, tail, *spis = found
        packet = first + b"\n" + tail
        number = (
            self[packet] if packet in self else self._numbered(packet, self._texts.packet(first), tail, False, True)
        )
        if number >= 0:
            self.packets.append(tuple(spis))
        return number

    def _numbered(self, text: bytes, said: Said | None, tail: bytes | None, system: bool, packet: bool) -> int:
        number = -1
        if said is not None and self._texts.atom(said, tail, system, packet) is not None:
            number = self.count
            self.count += 1
            self.new.append((said, tail, system, packet))
        self[text] = number
        return number


class _Numbers:
    """Texts and what stands before them, by number."""

    def __init__(self) -> None:
        self._read = Texts()
        self._sent: set[int] = set()  # marks that are known at the other end
        self._anew()
        self._renewed = False

    def _anew(self) -> None:
        self._texts, self._prefixes = _Numbered(self._read), _Prefixes()
        self._renewed = True

    def scan(self, blocks: Iterator[bytes], shape: HeaderShape) -> bytes | None:
        """One range; None where its headers are others."""
        if len(self._texts) > KEPT or len(self._prefixes) > KEPT:
            self._anew()
        found = []
        for whole in whole_lines(blocks):
            if learn(whole, shape) is not shape or TABLES in whole:
                self._anew()
                return None
            found.append(self._block(whole, shape))
        marks = {said[2]: said[1] for said, *_ in self._texts.new if said[2] not in self._sent}
        self._sent.update(marks)
        new_marks = [(mark, key_of(mark), message) for mark, message in marks.items()]
        answer = (self._renewed, self._prefixes.new, new_marks, self._texts.new, found)
        self._prefixes.new, self._texts.new, self._renewed = [], [], False
        return marshal.dumps(answer)

    def _block(self, whole: bytes, shape: HeaderShape) -> tuple[object, ...]:
        gaps, heads, prefixes, texts = records_of(whole, shape)
        length = whole.count(b"\n")
        if not texts:
            return length, [], [], [], [], [], {0: whole} if shape.matters.search(whole) else {}, {}
        ids = list(map(self._prefixes.__getitem__, prefixes))
        self._texts.packets = []
        said = list(map(self._texts.__getitem__, texts))
        before = [gap.count(b"\n") if gap else 0 for gap in gaps]
        strays = {at: gaps[at] for at in strays_of(gaps, shape)}
        lost = {}
        if -1 in ids or -1 in said:
            for at, (one, text) in enumerate(zip(ids, said, strict=True)):
                if one < 0 or text < 0:
                    lost[at] = prefixes[at] + texts[at]
        return length, before, heads, ids, said, self._texts.packets, strays, lost
