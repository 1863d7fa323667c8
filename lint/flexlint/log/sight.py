"""A record as attribution sees it: the message, the ids and SPIs it came with, and where it stands.

Comes in: a record read from memory, or an event read the long way. Goes out: `Sight`. Nothing here knows a negotiation.
"""

from __future__ import annotations

from flexlint.log.atoms import Record, atom_of, clock_of, raw_of
from flexlint.log.events import Event


class Sight:
    """One record, or one event that was read the long way. `line` is 1-based; absent ids are empty."""

    __slots__ = ("atom", "line", "message", "record", "sa", "session", "spis", "tag")

    def __init__(self, record: Record) -> None:
        line, _, ids, atom, extra = record
        assert ids is not None
        self.record = record
        self.line = line
        self.atom = atom
        self.message = atom.message
        self.tag = ids.tag
        self.session = ids.session
        self.sa = ids.sa
        assert not isinstance(extra, Event)
        self.spis = extra  # of a packet

    @property
    def fields(self) -> dict[str, str]:
        return self.atom.fields

    @property
    def clock(self) -> str:
        return clock_of(self.record)

    @property
    def raw(self) -> str:
        """The whole line."""
        return raw_of(self.record)

    @property
    def text(self) -> str:
        """The message without header, tag and ids."""
        return self.atom.parts[0].text


def sight_of(event: Event) -> Sight:
    """An event that was read the long way."""
    sight = Sight.__new__(Sight)
    atom = atom_of(event)
    sight.record = (event.line, b"", None, atom, event)
    sight.line, sight.atom, sight.message = event.line, atom, event.message
    sight.tag, sight.session, sight.sa, sight.spis = event.tag, event.session, event.sa, None
    return sight
