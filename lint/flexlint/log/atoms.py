"""Records that recur, read once: from a block of whole lines to what each record in it says, mostly from memory.

Comes in: blocks of whole lines and the log's `HeaderShape`. Goes out: items, in the order of the file: a record that
is known (an `Atom`, with the ids and the header it came with), or lines that `LineReader` has to read. An atom is made
of what `LineReader` makes of the record alone, so that the two cannot differ; a message or framing that is new to
`LineReader` needs nothing here. Nothing here knows what a message means.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from flexlint.log.events import DEBUG_OF, Event, LineReader, plain_message
from flexlint.log.framing import Header, cleaned
from flexlint.log.headers import HeaderShape
from flexlint.log.marks import mark_of, marks_of
from flexlint.log.model import Coverage
from flexlint.log.records import Tagged, continuation, device_of
from flexlint.place import TextFile

KEPT = 12_000  # atoms and prefixes kept; when there are more, all are met anew
LONGEST = 4096  # bytes of a record that is remembered
PREFIX = re.compile(rb"(-ERROR|-INTERNAL)?:(?:\((?:SESSION ID = (\d{1,20}),)?SA ID = (\d{1,20})\):)?")
_SPI_LINE = b"\nInitiator SPI : "
_SPIS = re.compile(
    rb"\n(Initiator SPI : ([0-9A-F]{1,16}) - Responder SPI : ([0-9A-F]{1,16}) Message id: (\d{1,10}))[ \r]*(?=\n|\Z)"
)
_ANY_SPIS = b"\nInitiator SPI : 0 - Responder SPI : 0 Message id: 0"
_NOWHERE = TextFile("", ())


class Part(NamedTuple):
    """One event of a record: what an `Event` says without line, clock and ids."""

    message: str
    text: str
    raw: str  # the line it stands on; empty for the first line of the record
    fields: dict[str, str]
    offset: int  # lines after the first


class Spis(NamedTuple):
    """The line of a packet that is new each time."""

    raw: str
    fields: dict[str, str]


class Atom:
    """A record, whatever its ids and its clock; or a single event of one that was read the long way."""

    __slots__ = ("fields", "first", "last", "lines", "mark", "message", "open", "parts", "span", "values")

    def __init__(
        self,
        first: str,
        parts: tuple[Part, ...],
        mark: int,
        values: tuple[str, ...],
        lines: int = 0,
        open_: bool = True,
    ) -> None:
        self.first = first  # its first line, after the ids
        self.parts = parts
        self.message = parts[0].message
        self.fields = parts[0].fields
        self.last = parts[-1].message
        self.mark = mark  # equal for records that say the same of other names and addresses
        self.values = values  # those names and addresses
        self.lines = lines  # after the first
        self.span = parts[-1].offset  # of them, up to the last that says something
        self.open = open_  # whether a line after it may continue it


class Ids:
    """What stands between `IKEv2` and the text: tag, SESSION ID and SA ID. `atoms` are the texts met after the tag."""

    __slots__ = ("atoms", "noted", "packets", "raw", "sa", "session", "shape", "tag")

    def __init__(self, raw: bytes, tag: str, session: str, sa: str, memory: _Memory, shape: HeaderShape) -> None:
        self.raw = raw
        self.tag = tag
        self.session = session
        self.sa = sa
        self.shape = shape  # of the headers in front of it
        self.noted = False
        self.atoms = memory.atoms
        self.packets = memory.packets


class _Memory:
    """The records met after one tag. None: `LineReader` must read it each time."""

    __slots__ = ("atoms", "packets")

    def __init__(self) -> None:
        self.atoms: dict[bytes, Atom | None] = {}
        self.packets: dict[bytes, Atom | None] = {}  # by their text without the SPIs


# A record: its line, header, ids, atom, and the SPIs of a packet. Where an event was read the long way, its line, no
# header, no ids, its atom, and the event.
Known = tuple[int, bytes, Ids, Atom, Spis | None]
Record = Known | tuple[int, bytes, None, Atom, Event]
Lines = tuple[int, bytes]  # lines to be read the long way, and the number of lines before them


class Scanner:
    """The memory of one log."""

    def __init__(self) -> None:
        self._shape: HeaderShape | None = None
        self._memories: dict[str, _Memory] = {}
        self._prefixes: dict[bytes, Ids | None] = {}
        self._tails: dict[bytes, _Tail | None] = {}

    def items(self, whole: bytes, shape: HeaderShape | None, line: int) -> list[Known | Lines]:
        """What a block says; `line` is the number of lines before it."""
        if shape is not self._shape:
            self._prefixes.clear()
            self._shape = shape
        if shape is None:
            return [(line, whole)]
        found: list[Known | Lines] = []
        add = found.append
        prefixes = self._prefixes
        matters = shape.matters.search
        parts = shape.record.split(whole)
        for gap, head, prefix, text in zip(parts[0::4], parts[1::4], parts[2::4], parts[3::4], strict=False):
            if gap:
                if matters(gap):
                    add((line, gap))
                line += gap.count(b"\n")
            line += 1
            ids = prefixes[prefix] if prefix in prefixes else self._prefix(prefix)
            spis = None
            if ids is not None:
                atoms = ids.atoms
                if text in atoms:
                    atom = atoms[text]
                else:
                    atom, spis = self._meet(ids, text)
                if atom is not None:
                    add((line, head, ids, atom, spis))
                    line += atom.lines
                    continue
            add((line - 1, b"\n" + head + b"IKEv2" + prefix + text))
            line += text.count(b"\n")
        if (gap := parts[-1]) and matters(gap):
            add((line, gap))
        return found

    def _prefix(self, raw: bytes) -> Ids | None:
        if len(self._prefixes) >= KEPT:
            self._prefixes.clear()
        ids = None
        if m := PREFIX.fullmatch(raw):
            tag, session, sa = (part.decode() for part in m.groups(b""))
            tag = "IKEv2" + tag
            assert self._shape is not None
            ids = Ids(raw, tag, session, sa, self._memories.setdefault(tag, _Memory()), self._shape)
        self._prefixes[raw] = ids
        return ids

    @staticmethod
    def packet_of(text: bytes) -> tuple[bytes, str, str, str, str] | None:
        """A packet without its SPIs, the line that has them, and the three numbers on it; None for any other text."""
        at = text.find(_SPI_LINE)
        if at <= 0 or text.count(b"Initiator SPI") != 1 or (m := _SPIS.match(text, at)) is None:
            return None
        raw, own, theirs, number = (part.decode() for part in m.groups())
        return text[:at] + _ANY_SPIS + text[m.end() :], raw, own, theirs, number

    def ids_of(self, raw: bytes, shape: HeaderShape) -> Ids:
        """The ids of a prefix that PREFIX matches."""
        if shape is not self._shape:
            self._prefixes.clear()
            self._shape = shape
        found = self._prefixes[raw] if raw in self._prefixes else self._prefix(raw)
        assert found is not None
        return found

    def atom_of(self, text: bytes) -> Atom | None:
        """What a text says, for one who remembers it; a packet has no SPIs of its own in it."""
        if b"Initiator SPI" in text and _ANY_SPIS not in text:
            return None
        return _read_alone(text, self._tails)

    def _meet(self, ids: Ids, text: bytes) -> tuple[Atom | None, Spis | None]:
        """The atom of a text that was not met, unless it is a packet: only its SPIs are new then."""
        found = self.packet_of(text) if len(text) <= LONGEST else None
        if found is not None:
            packet, *spis = found
            known = ids.packets
            if packet not in known:
                if len(known) >= KEPT:
                    known.clear()
                known[packet] = _read_alone(packet, self._tails)
            return known[packet], spis_of(*spis)
        if b"Initiator SPI" in text:
            return None, None  # SPIs in another spelling, or of two packets: they are read the long way
        if len(text) > LONGEST:
            return None, None  # not remembered: many like this one would fill the memory
        if len(ids.atoms) >= KEPT:
            ids.atoms.clear()
        atom = ids.atoms[text] = _read_alone(text, self._tails)
        return atom, None


class _Tail(NamedTuple):
    """The lines that continue a record, read after some record."""

    parts: tuple[Part, ...]
    mark: int
    values: tuple[str, ...]
    lines: int
    open: bool


def _read_alone(text: bytes, tails: dict[bytes, _Tail | None]) -> Atom | None:
    """What `LineReader` makes of a record by itself; None when its neighbours, or its header, have a say in it."""
    first, end, tail = text.partition(b"\n")
    if not first.isascii() or first[:1] in (b" ", b"\t", b""):
        return None
    body = first.decode("ascii")
    part = _first(body)
    if part is None:
        return None
    mark, values = mark_of(part.message, part.text, part.fields)
    if not end:
        return Atom(body, (part,), mark, values)
    if tail not in tails:
        if len(tails) >= KEPT:
            tails.clear()
        tails[tail] = _tail(tail)
    known = tails[tail]
    if known is None:
        return None
    both = marks_of(mark, known.mark)
    return Atom(body, (part, *known.parts), both, values + known.values, known.lines, known.open)


def _first(body: str) -> Part | None:
    """The event of a line with a message that stands for itself; as `LineReader` takes such lines."""
    found = plain_message(body.rstrip())
    return Part(found[0], body.rstrip(), "", found[1], 0) if found is not None else None


def _tail(tail: bytes) -> _Tail | None:
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
    if noted or reader.wrapped is not None or coverage.ikev2_lines != 1 or coverage.debugs != {"ikev2"}:
        return None
    marked = [mark_of(part.message, part.text, part.fields) for part in parts[1:]]
    values = tuple(value for _, some in marked for value in some)
    return _Tail(tuple(parts[1:]), marks_of(*(m for m, _ in marked)), values, len(lines) - 1, reader.record is not None)


def spis_of(raw: str, own: str, theirs: str, number: str) -> Spis:
    """The SPIs of a packet, of their line and the three numbers on it."""
    return Spis(raw, {"initiator_spi": own, "responder_spi": theirs, "message_id": number})


def atom_of(event: Event) -> Atom:
    """An event that was read the long way, as a record of its own."""
    part = Part(event.message, event.text, event.raw, event.fields, 0)
    mark, values = mark_of(event.message, event.text, event.fields, event.raw)
    return Atom("", (part,), mark, values)


def clock_of(record: Record) -> str:
    """The time of day in a record's header, as printed."""
    _, head, ids, _, extra = record
    if ids is None:
        assert isinstance(extra, Event)
        return extra.clock
    return head[ids.shape.clock].decode("latin-1")


def raw_of(record: Record) -> str:
    """The first line of a record."""
    _, head, ids, atom, extra = record
    if ids is None:
        assert isinstance(extra, Event)
        return extra.raw
    return (head + b"IKEv2" + ids.raw).decode("latin-1") + atom.first.rstrip()


def events_of(record: Record, device: str) -> list[Event]:
    """The events of a record, as `LineReader` gives them; `device` is the router's where the header names none."""
    line, head, ids, atom, extra = record
    if ids is None:
        assert isinstance(extra, Event)
        return [extra]
    clock = head[ids.shape.clock].decode("latin-1")
    device = ids.shape.device or device
    tag, session, sa = ids.tag, ids.session, ids.sa
    first = raw_of(record)
    events = []
    for message, text, raw, fields, offset in atom.parts:
        if message == "M003" and isinstance(extra, Spis):
            raw, fields = extra
            text = raw
        events.append(Event(message, line + offset, clock, session, sa, tag, text, raw or first, fields, device))
    return events


def remembered(record: Known, device: str) -> tuple[str, Tagged]:
    """A record as `LineReader` remembers it for the lines that may continue it."""
    _, _, ids, atom, _ = record
    head = Header(clock_of(record), ids.shape.device or device)
    return raw_of(record), Tagged(head, ids.tag, ids.session, ids.sa, atom.parts[0].text)


def debug_of(ids: Ids) -> str:
    """The debug that prints this tag."""
    return DEBUG_OF.get(ids.tag, "ikev2")
