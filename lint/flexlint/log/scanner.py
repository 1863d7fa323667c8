"""Blocks of whole lines to what each record in them says, mostly from memory.

Comes in: blocks of whole lines and the log's `HeaderShape`. Goes out: items, in the order of the file: a stretch of
records that are known, or lines that `LineReader` has to read. An atom is made of what `LineReader` makes of the record
alone, so that the two cannot differ; a message or framing that is new to `LineReader` needs nothing here. Nothing here
knows what a message means.

The work on a block is done for all its records at once, by functions that loop without Python: that is what makes a
log of gigabytes ordinary.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, chain
from operator import add, attrgetter
from typing import TYPE_CHECKING

from flexlint.log.atoms import Atom, Ids, Lines, Part, Spis, Stretch, Tail
from flexlint.log.catalogue import catalogue
from flexlint.log.events import LineReader, is_plain
from flexlint.log.framing import cleaned
from flexlint.log.headers import SYSTEM
from flexlint.log.marks import mark_found, mark_of, marks_of
from flexlint.log.messages import WAITS
from flexlint.log.model import Coverage
from flexlint.log.records import continuation, device_of
from flexlint.place import TextFile

if TYPE_CHECKING:
    from flexlint.log.headers import HeaderShape

Said = tuple[str, str, int, tuple[str, ...]]  # a line, its message, mark and values
LONGEST = 4096  # bytes of a record that is remembered
KEPT = 4_000  # texts and prefixes kept; when there are more, all are met anew
PREFIX = re.compile(rb"(IKEv2(?:-ERROR|-INTERNAL)?):(?:\((?:SESSION ID = (\d{1,20}),)?SA ID = (\d{1,20})\):)?")
# A packet: its first line, the three numbers on the line of the SPIs, the other lines.
_PACKET = re.compile(
    rb"([^\n]++)\nInitiator SPI : ([0-9A-F]{1,16}) - Responder SPI : ([0-9A-F]{1,16}) Message id: (\d{1,10})"
    rb"[ \r]*(\n.*)?",
    re.DOTALL,
)
ANY_SPIS = b"Initiator SPI : 0 - Responder SPI : 0 Message id: 0"
_SYSTEM = re.compile(SYSTEM)
_NOWHERE = TextFile("", ())
_LONGER = attrgetter("lines")


class Scanner:
    """The memory of one log."""

    def __init__(self) -> None:
        self._shape: HeaderShape | None = None
        self._prefixes = _Prefixes()
        self.texts = Texts()
        self.fresh = False  # whether the last block has ids that were not met before

    def items(self, whole: bytes, shape: HeaderShape | None, line: int) -> list[Stretch | Lines]:
        """What a block says; `line` is the number of lines before it."""
        if shape is None:
            return [(line, whole)]
        self._use(shape)
        gaps, heads, prefixes, texts = records_of(whole, shape)
        if not texts:
            return [(line, whole if shape.matters.search(whole) else b"")]
        known = self._prefixes.met
        ids = list(map(self._prefixes.__getitem__, prefixes))
        self.fresh = self._prefixes.met != known
        self.texts.spis.clear()
        atoms = list(map(self.texts.__getitem__, texts))
        before = [gap.count(b"\n") if gap else 0 for gap in gaps]
        lost = {}
        if None in atoms or None in ids:
            for at, (one, atom) in enumerate(zip(ids, atoms, strict=True)):
                if one is None or atom is None:
                    lost[at] = prefixes[at] + texts[at]
        strays = {at: gaps[at] for at in strays_of(gaps, shape)}
        return self.assembled(line, before, heads, ids, atoms, self.texts.spis, strays, lost)

    def assembled(
        self,
        line: int,
        before: list[int],
        heads: list[bytes],
        ids: list[Ids | None],
        atoms: list[Atom | None],
        spis: list[Spis],
        strays: dict[int, bytes],
        lost: dict[int, bytes],
    ) -> list[Stretch | Lines]:
        """The items of a block of records. `before`: lines of others before each and after the last; `spis`: those of
        its packets; `strays`: the lines before a record where one of them has to be read; `lost`: the records that have
        to be read the long way, without their headers."""
        if lost:
            after = [
                atom.lines if atom is not None and at not in lost else lost[at].count(b"\n")
                for at, atom in enumerate(atoms)
            ]
        else:
            after = list(map(_LONGER, atoms))
        steps = zip(before, chain((line + 1,), map((1).__add__, after)), strict=True)
        lines = list(accumulate([gap + record for gap, record in steps]))  # of each record, and what follows the last
        extras: list[Spis | None] = [None] * len(heads)
        if spis:
            following = iter(spis)
            for at, atom in enumerate(atoms):
                if atom is not None and atom.packet:
                    extras[at] = next(following)
        apart = before
        if self.texts.spaced:  # blank lines after a record stand between it and the next one, too
            blanks = [0 if atom is None else max(atom.lines - atom.span - 1, 0) for atom in atoms]
            apart = [before[0], *map(add, before[1:], blanks)]
        records = list(zip(lines, heads, ids, atoms, extras, strict=False))
        whole = Stretch(records, ids, atoms, apart)  # type: ignore[arg-type]
        if not strays and not lost:
            return [whole]
        items: list[Stretch | Lines] = []
        start, end = 0, len(heads)
        for at in sorted({*strays, *lost}):
            if at > start:
                items.append(whole.part(start, at))
            start = at
            if at in strays:
                items.append((lines[at] - 1 - before[at], strays[at]))
            if at in lost:
                items.append((lines[at] - 1, b"\n" + heads[at] + lost[at]))
                start = at + 1
        if start < end:
            items.append(whole.part(start, end))
        elif before[end] and end not in strays:
            items.append((0, b""))
        return items

    def _use(self, shape: HeaderShape) -> None:
        if shape is not self._shape:
            self._shape = self._prefixes.shape = shape
            self._prefixes.clear()

    def ids_of(self, raw: bytes, shape: HeaderShape) -> Ids:
        """The ids of a prefix that PREFIX matches."""
        self._use(shape)
        found = self._prefixes[raw]
        assert found is not None
        return found


def records_of(whole: bytes, shape: HeaderShape) -> tuple[list[bytes], list[bytes], list[bytes], list[bytes]]:
    """The lines of others before each record of a block and after the last; the headers, tags with ids, and texts."""
    parts = shape.record.split(whole)
    return parts[0::4], parts[1::4], parts[2::4], parts[3::4]


def strays_of(gaps: list[bytes], shape: HeaderShape) -> list[int]:
    """Which of the gaps between records have a line in them that has to be read."""
    found = [m.start() for m in shape.matters.finditer(b"".join(gaps))]
    if not found:
        return []
    ends = list(accumulate(map(len, gaps)))
    return sorted({bisect_right(ends, at) for at in found})


class _Prefixes(dict[bytes, "Ids | None"]):
    """What stands between `IKEv2` and the text, by its bytes; None where it is no tag with ids."""

    shape: HeaderShape
    met = 0  # how often there was a new one

    def __missing__(self, raw: bytes) -> Ids | None:
        self.met += 1
        if len(self) >= KEPT:
            self.clear()
        ids = None
        if not raw:
            ids = Ids(raw, "", "", "", self.shape.form)
        elif m := PREFIX.fullmatch(raw):
            tag, session, sa = (part.decode() for part in m.groups(b""))
            ids = Ids(raw, tag, session, sa, self.shape.form)
        self[raw] = ids
        return ids


class Texts(dict[bytes, "Atom | None"]):
    """The records met, by their text. None: `LineReader` must read it each time.

    A packet is not kept, but its first line and the others are; the SPIs of each that is asked for are added to
    `spis`."""

    def __init__(self) -> None:
        super().__init__()
        self.spis: list[Spis] = []
        self.spaced = False  # whether a record was met with more than one line after its last that says something
        self._firsts: dict[bytes, Said | None] = {}
        self._tails: dict[bytes, Tail | None] = {}
        self._verified: dict[int, bool] = {}  # by mark: whether a system message stands for itself

    def __missing__(self, text: bytes) -> Atom | None:
        if len(text) > LONGEST:
            return None  # not remembered: many like this one would fill the memory
        if b"Initiator SPI" in text:
            found = packet_of(text)
            if found is None:
                return None  # SPIs in another spelling, or of two packets: they are read the long way
            first, tail, *spis = found
            atom = self.atom(self.packet(first), tail, packet=True)
            if atom is not None:
                self.spis.append(Spis(*spis))
            return atom
        if len(self) >= KEPT:
            self.clear()
        atom = self[text] = self.atom(*self.said(text))
        return atom

    def packet(self, first: bytes) -> Said | None:
        """What the first line of a packet says."""
        if first in self._firsts:
            return self._firsts[first]
        if len(self._firsts) >= KEPT:
            self._firsts.clear()
        said = self._firsts[first] = _first(first)
        return said

    def said(self, text: bytes) -> tuple[Said | None, bytes | None, bool]:
        """What the first line of a record says, None where it does not stand for itself; the other lines; whether it
        is a system message."""
        first, end, tail = text.partition(b"\n")
        if _SYSTEM.match(text):
            return _system(first, tail, self._verified), tail if end else None, True
        return _first(first), tail if end else None, False

    def atom(self, said: Said | None, tail: bytes | None, system: bool = False, packet: bool = False) -> Atom | None:
        """A record of what its lines say; None when its neighbours, or its header, have a say in it."""
        if said is None:
            return None
        if tail is None or system:
            atom = Atom(*said, None if tail is None else Tail((), 0, (), tail.count(b"\n") + 1, False))
            if system:
                atom.system, atom.open = True, False
            return atom
        if tail not in self._tails:
            if len(self._tails) >= KEPT:
                self._tails.clear()
            self._tails[tail] = _tail(tail)
        known = self._tails[tail]
        first, message, mark, values = said
        if known is None or (known.parts and message in WAITS):  # what goes on after a line that waits is not its own
            return None
        atom = Atom(first, message, marks_of(mark, known.mark), values + known.values, known, packet)
        if atom.lines > atom.span + 1:
            self.spaced = True
        return atom


def packet_of(text: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes] | None:
    """The first line of a packet, its other lines without the SPIs, and the three numbers on the line that has them;
    None for any other text."""
    m = _PACKET.fullmatch(text)
    if m is None or text.count(b"Initiator SPI") != 1:
        return None
    first, own, theirs, number, rest = m.groups(b"")
    return first, ANY_SPIS + rest, own, theirs, number


def _first(line: bytes) -> Said | None:
    """The first line of a record whose message stands for itself, as `LineReader` takes such lines: with its message,
    mark and values."""
    if not line.isascii() or line[:1] in (b" ", b"\t", b""):
        return None
    body = line.decode("ascii")
    text = body.rstrip()
    if not is_plain(text):
        return None
    found = catalogue("tagged").find(text)
    if found is None or (found[2] is not None and "error" in found[2].re.groupindex and found[2]["error"] is not None):
        return None
    return body, found[0], *mark_found(found, text)


def _system(line: bytes, tail: bytes, verified: dict[int, bool]) -> Said | None:
    """A system message; None when it does more than to say which one it is. Messages of one mark do the same."""
    body = line.decode("latin-1")
    if not is_plain(body) or not line.isascii() or "IKEv2" in body or "More" in body or tail.strip(b"\r\n "):
        return None
    found = catalogue("other").find(body)
    if found is None:
        return None
    mark, values = mark_found(found, body)
    if any(" " in value for value in values):
        return None
    if mark not in verified:
        verified[mark] = _is_alone(line, found[0])
    return (body, found[0], mark, values) if verified[mark] else None


def _is_alone(line: bytes, message: str) -> bool:
    """Whether `LineReader` makes this one event of a system message, and nothing else."""
    coverage = Coverage()
    body = line.decode("ascii")
    if cleaned(line) != body or continuation(f"*Mar  3 00:00:00.000: {body}"):
        return False
    events = list(LineReader(coverage, _NOWHERE).read(1, line))
    noted = coverage.gaps or coverage.hostnames or coverage.is_excerpt or coverage.config_changes or coverage.debugs
    return not noted and [(event.message, event.text) for event in events] == [(message, body)]


def _tail(tail: bytes) -> Tail | None:
    coverage = Coverage()
    reader = LineReader(coverage, _NOWHERE)
    parts: list[Part] = []
    lines = [b"IKEv2:(SESSION ID = 1,SA ID = 1):Building packet for encryption.", *tail.split(b"\n")]
    for offset, line in enumerate(lines):
        text = cleaned(line)
        if (body := continuation(text)) and device_of(text, body):
            return None  # of another router, whose lines stand between
        for e in reader.read(offset, line):
            if (e.session, e.sa, e.device) != ("1", "1", ""):
                return None
            parts.append(Part(e.message, e.text, e.raw if offset else "", e.fields, offset))
    noted = coverage.gaps or coverage.hostnames or coverage.is_excerpt or coverage.config_changes
    if noted or reader.wrapped is not None or reader.cut or coverage.ikev2_lines != 1 or coverage.debugs != {"ikev2"}:
        return None
    marked = [mark_of(part.message, part.text, part.fields) for part in parts[1:]]
    values = tuple(value for _, some in marked for value in some)
    return Tail(tuple(parts[1:]), marks_of(*(m for m, _ in marked)), values, len(lines) - 1, reader.record is not None)
