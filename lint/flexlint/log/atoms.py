"""What a log says record by record: the text of each, the ids and the header it came with.

Comes in: nothing; `scanner` makes these from blocks of lines. Goes out: `Atom`, what is said whatever the ids and the
clock are; `Known`, a record at its place; `Stretch`, records without a line between them that has to be read; and what
an `Event` says of a record. Most records are counted and never looked into, so that what they say in full is read when
it is asked for. Nothing here knows what a message means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flexlint.log.catalogue import catalogue
from flexlint.log.events import DEBUG_OF, Event
from flexlint.log.framing import Header
from flexlint.log.headers import HeaderForm
from flexlint.log.marks import mark_of
from flexlint.log.records import Tagged

SYSTEM = 3  # the kind of a system message


class Part(NamedTuple):
    """One event of a record: what an `Event` says without line, clock and ids."""

    message: str
    text: str
    raw: str  # the line it stands on; empty for the first line of the record
    fields: dict[str, str]
    offset: int  # lines after the first


class Spis:
    """The line of a packet that is new each time."""

    __slots__ = ("message_id", "own", "theirs")

    def __init__(self, own: bytes, theirs: bytes, message_id: bytes) -> None:
        self.own = own.decode()  # the initiator's
        self.theirs = theirs.decode()
        self.message_id = message_id.decode()

    def share(self, shared: dict[str, str]) -> None:
        """Keeps numbers that were met before once."""
        self.own = shared.setdefault(self.own, self.own)
        self.theirs = shared.setdefault(self.theirs, self.theirs)
        self.message_id = shared.setdefault(self.message_id, self.message_id)

    @property
    def raw(self) -> str:
        """The line."""
        return f"Initiator SPI : {self.own} - Responder SPI : {self.theirs} Message id: {self.message_id}"

    @property
    def numbers(self) -> tuple[str, str, str]:
        return self.own, self.theirs, self.message_id

    @property
    def fields(self) -> dict[str, str]:
        return {"initiator_spi": self.own, "responder_spi": self.theirs, "message_id": self.message_id}


class Tail(NamedTuple):
    """The lines that continue a record, read after some record."""

    parts: tuple[Part, ...]
    mark: int
    values: tuple[str, ...]
    lines: int
    open: bool


class Atom:
    """A record, whatever its ids and its clock; or a single event of one that was read the long way."""

    __slots__ = (
        *("_parts", "first", "last", "lines", "mark", "message", "open", "packet", "span", "tail"),
        *("system", "told", "values"),
    )

    def __init__(
        self, first: str, message: str, mark: int, values: tuple[str, ...], tail: Tail | None, packet: bool = False
    ) -> None:
        self.first = first  # its first line, after the ids
        self.message = message
        self.mark = mark  # equal for records that say the same of other names and addresses
        self.values = values  # those names and addresses
        self.tail = tail
        self.packet = packet  # it has SPIs, which come with the record
        self.system = False  # it is a system message
        self.told = False  # the reader has noted the names in it
        self._parts: tuple[Part, ...] | Event | None = None
        if tail is None:
            self.last = message
            self.lines = self.span = 0
            self.open = True
        else:
            self.lines = tail.lines  # after the first
            self.open = tail.open  # whether a line after it may continue it
            if tail.parts:
                self.last = tail.parts[-1].message
                self.span = tail.parts[-1].offset  # lines after the first, up to the last that says something
            else:
                self.last = message
                self.span = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        parts = self._parts
        if isinstance(parts, Event):
            return (Part(parts.message, parts.text, parts.raw, parts.fields, 0),)
        if parts is None:
            text = self.first.rstrip()
            found = catalogue("other" if self.system else "tagged").match(text)
            assert found is not None
            part = Part(found[0], text, "", found[1], 0)
            parts = self._parts = (part, *self.tail.parts) if self.tail is not None else (part,)
        return parts

    def stands_for(self, event: Event) -> None:
        """It is this event, which was read the long way."""
        self._parts = event

    @property
    def fields(self) -> dict[str, str]:
        return self._parts.fields if isinstance(self._parts, Event) else self.parts[0].fields


class Ids:
    """What stands between header and text: tag, SESSION ID and SA ID. `kind` is how many of the two there are; `SYSTEM`
    without a tag, for a system message."""

    __slots__ = ("form", "kind", "noted", "raw", "sa", "session", "tag")

    def __init__(self, raw: bytes, tag: str, session: str, sa: str, form: HeaderForm) -> None:
        self.raw = raw
        self.tag = tag
        self.session = session
        self.sa = sa
        self.kind = 2 if session else 1 if sa else 0 if tag else SYSTEM
        self.form = form  # of the headers in front of it
        self.noted = False


# A record: its line, header, ids, atom, and the SPIs of a packet. Where an event was read the long way, its line, no
# header, no ids, its atom, and the event.
Known = tuple[int, bytes, Ids, Atom, Spis | None]
Record = Known | tuple[int, bytes, None, Atom, Event]
Lines = tuple[int, bytes]  # lines to be read the long way, none for harmless ones; the number of lines before them


class Stretch(NamedTuple):
    """Records with no line between them that has to be read. `before` are the lines of others before each, and
    perhaps after the last."""

    records: Sequence[Known]
    ids: Sequence[Ids]
    atoms: Sequence[Atom]
    before: Sequence[int]

    def part(self, start: int, end: int) -> Stretch:
        """The records from `start` to before `end`."""
        records, ids, atoms, before = self
        return Stretch(records[start:end], ids[start:end], atoms[start:end], before[start:end])


def atom_of(event: Event) -> Atom:
    """An event that was read the long way, as a record of its own."""
    mark, values = mark_of(event.message, event.text, event.fields, event.raw)
    atom = Atom("", event.message, mark, values, None)
    atom.stands_for(event)
    return atom


def clock_of(record: Record) -> str:
    """The time of day in a record's header, as printed."""
    _, head, ids, _, extra = record
    if ids is None:
        assert isinstance(extra, Event)
        return extra.clock
    return head[ids.form.clock].decode("latin-1")


def raw_of(record: Record) -> str:
    """The first line of a record."""
    _, head, ids, atom, extra = record
    if ids is None:
        assert isinstance(extra, Event)
        return extra.raw
    return (head + ids.raw).decode("latin-1") + atom.first.rstrip()


def events_of(record: Record, device: str) -> list[Event]:
    """The events of a record, as `LineReader` gives them; `device` is the router's where the header names none."""
    line, head, ids, atom, extra = record
    if ids is None:
        assert isinstance(extra, Event)
        return [extra]
    clock = head[ids.form.clock].decode("latin-1")
    device = ids.form.device or device
    tag, session, sa = ids.tag, ids.session, ids.sa
    first = raw_of(record)
    events = []
    for message, text, raw, fields, offset in atom.parts:
        if message == "M003" and isinstance(extra, Spis):
            raw = text = extra.raw
            fields = extra.fields
        events.append(Event(message, line + offset, clock, session, sa, tag, text, raw or first, fields, device))
    return events


def remembered(record: Known, device: str) -> tuple[str, Tagged]:
    """A record as `LineReader` remembers it for the lines that may continue it."""
    _, _, ids, atom, _ = record
    head = Header(clock_of(record), ids.form.device or device)
    return raw_of(record), Tagged(head, ids.tag, ids.session, ids.sa, atom.parts[0].text)


def debug_of(ids: Ids) -> str:
    """The debug that prints this tag."""
    return DEBUG_OF.get(ids.tag, "ikev2")
