"""One large plain file, scanned by other processes while this one attributes what they find.

Comes in: a path. Goes out: the items of each range in the order of the file, as `Scanner.items` gives them. The file
is cut into ranges at line ends; other processes split them into records and number the texts, this one reads each text
once and knows it by its number from then on. A range in which a header differs from the usual one, or whose process
fails, is left to be scanned here: what comes out is the same. Nothing here knows what a message means.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from multiprocessing import get_context
from typing import TYPE_CHECKING

from flexlint.inputs.plainfile import PlainFile
from flexlint.log.atoms import LONGEST, PREFIX, Atom, Ids, Known, Lines, Scanner, Spis, spis_of
from flexlint.log.headers import HeaderShape, learn, shape_of
from flexlint.log.scan import whole_lines

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

KEPT = 12_000  # texts a process numbers before it begins anew
TABLES = b"Exit Path Table"  # a file with one of these is read on here: see `prepare`


class Helpers:
    """The other processes, each with the ranges that are its own, in turn."""

    def __init__(
        self, path: str, cuts: list[tuple[int, int]], shape: HeaderShape, scanner: Scanner, count: int
    ) -> None:
        self._shape = shape
        self._scanner = scanner
        self._texts: list[list[Atom | bytes]] = [[] for _ in range(count)]
        self._unread = [False] * count  # whether a text of these has to be read the long way
        self._prefixes: list[list[Ids]] = [[] for _ in range(count)]
        self._ends: list[Connection | None] = []
        self._processes = []
        context = get_context()
        for number in range(count):
            ours, theirs = context.Pipe(duplex=False)
            mine = cuts[number::count]
            process = context.Process(target=_help, args=(path, mine, shape.sample, theirs), daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self._processes.append(process)

    def items(self, index: int, number: int) -> tuple[list[Known | Lines], int] | None:
        """What the range of this index says, and its lines; to be asked for in order. None where it has to be scanned
        here. `number` is the number of lines before it."""
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

    def _read(self, helper: int, answer: bytes, number: int) -> tuple[list[Known | Lines], int]:
        renewed, new_prefixes, new_texts, where, heads, ids, texts, packets, raws, lines = marshal.loads(answer)
        if renewed:
            self._texts[helper].clear()
            self._prefixes[helper].clear()
            self._unread[helper] = False
        mine, prefixes = self._texts[helper], self._prefixes[helper]
        prefixes.extend(self._scanner.ids_of(raw, self._shape) for raw in new_prefixes)
        for text in new_texts:
            atom = self._scanner.atom_of(text)
            self._unread[helper] |= atom is None
            mine.append(text if atom is None else atom)
        spis: list[Spis | None] = [None] * len(where)
        for at, raw, own, theirs, message in packets:
            spis[at] = spis_of(raw, own, theirs, message)
        owners, says = map(prefixes.__getitem__, ids), map(mine.__getitem__, texts)
        found = list(zip(map(number.__add__, where), heads, owners, says, spis, strict=True))
        items: list[Known | Lines] = found  # type: ignore[assignment]
        if raws:
            items, at = [], 0
            for position, line, block in raws:
                items += found[at:position]  # type: ignore[arg-type]
                items.append((number + line, block))
                at = position
            items += found[at:]  # type: ignore[arg-type]
        if self._unread[helper]:
            items = [_unread(item) if len(item) == 5 and isinstance(item[3], bytes) else item for item in items]
        return items, lines


def _unread(item: Known) -> Lines:
    """A record that has to be read the long way, as its lines."""
    line, head, ids, text, spis = item
    assert isinstance(text, bytes)
    if spis is not None:
        text = text.replace(b"\nInitiator SPI : 0 - Responder SPI : 0 Message id: 0", b"\n" + spis.raw.encode(), 1)
    return line - 1, b"\n" + head + b"IKEv2" + ids.raw + text


def _help(path: str, cuts: list[tuple[int, int]], sample: str, out: Connection) -> None:
    """The other process: sends what each of its ranges says, or nothing where that is not for it to say."""
    shape = shape_of(sample)
    numbers = _Numbers()
    try:
        file = PlainFile(path, 0)
        for start, end in cuts:
            out.send_bytes(numbers.scan(file.blocks(start, end), shape) or b"")
    except (OSError, KeyboardInterrupt):
        pass
    finally:
        out.close()


class _Numbers:
    """Texts and what stands before them, by number."""

    def __init__(self) -> None:
        self._texts: dict[bytes, int] = {}
        self._lines: list[int] = []  # of each text, after the first
        self._prefixes: dict[bytes, int] = {}

    def scan(self, blocks: Iterator[bytes], shape: HeaderShape) -> bytes | None:
        """One range; None where its headers are others."""
        renewed = len(self._texts) > KEPT or len(self._prefixes) > KEPT
        if renewed:
            self._texts.clear()
            self._lines.clear()
            self._prefixes.clear()
        texts, lines, prefixes = self._texts, self._lines, self._prefixes
        new_texts: list[bytes] = []
        new_prefixes: list[bytes] = []
        where: list[int] = []
        heads: list[bytes] = []
        ids: list[int] = []
        said: list[int] = []
        packets: list[tuple[int, str, str, str, str]] = []
        raws: list[tuple[int, int, bytes]] = []
        matters = shape.matters.search
        line = 0
        same = True
        for whole in whole_lines(blocks):
            same = same and learn(whole, shape) is shape and TABLES not in whole
            if not same:
                continue
            parts = shape.record.split(whole)
            for gap, head, prefix, text in zip(parts[0::4], parts[1::4], parts[2::4], parts[3::4], strict=False):
                if gap:
                    if matters(gap):
                        raws.append((len(where), line, gap))
                    line += gap.count(b"\n")
                line += 1
                number = prefixes.get(prefix)
                if number is None:
                    number = -1
                    if PREFIX.fullmatch(prefix):
                        number = len(prefixes)
                        new_prefixes.append(prefix)
                        prefixes[prefix] = number
                if number < 0 or len(text) > LONGEST:
                    raws.append((len(where), line - 1, b"\n" + head + b"IKEv2" + prefix + text))
                    line += text.count(b"\n")
                    continue
                known = texts.get(text)
                if known is None:
                    if b"Initiator SPI" in text and (packet := Scanner.packet_of(text)) is not None:
                        text, *spis = packet
                        packets.append((len(where), *spis))  # type: ignore[arg-type]
                        known = texts.get(text)
                    if known is None:
                        known = texts[text] = len(texts)
                        new_texts.append(text)
                        lines.append(text.count(b"\n"))
                where.append(line)
                heads.append(head)
                ids.append(number)
                said.append(known)
                line += lines[known]
            if (gap := parts[-1]) and matters(gap):
                raws.append((len(where), line, gap))
            line += parts[-1].count(b"\n")
        if not same:
            for text in new_texts:
                del texts[text]
            del lines[len(texts) :]
            for prefix in new_prefixes:
                del prefixes[prefix]
            return None
        return marshal.dumps((renewed, new_prefixes, new_texts, where, heads, ids, said, packets, raws, line))
