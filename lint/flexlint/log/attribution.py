"""Which negotiation a line belongs to, and how surely.

Comes in: records of one router in file order. Goes out: each record, given to its epoch with the certainty of that, in
an order in which a line that only later lines explain comes after them. The SPIs of RFC 7296 section 3.1
decide where a line prints them, then the ids, then what the router must have been doing. Nothing here knows what a
line says about its negotiation beyond that.
"""

from __future__ import annotations

from collections import deque

from flexlint.log.atoms import Ids, Known
from flexlint.log.bystanders import BYSTANDERS, RECENT, Bystanders
from flexlint.log.epochs import CLAIMS, RECORD_LIMIT, Epoch
from flexlint.log.marks import message_of
from flexlint.log.messages import (
    BEGINS,
    BY_SEARCH,
    CONFIG_HEADERS,
    CONTINUATIONS,
    LOOKUPS,
    MLISTS,
    NEGATIVE,
    NOBODYS,
    PACKETS,
    PAUSES,
    RECEIVES_FIRST,
    same_as,
)
from flexlint.log.model import Milestone, Phase, Side
from flexlint.log.naming import Naming, spi_of
from flexlint.log.sight import Sight
from flexlint.log.table import EpochTable
from flexlint.pattern import pattern
from flexlint.place import Certainty

NEAR = 6  # lines within which a line without ids is of the last one's negotiation
WAITING_LIMIT = 40  # lines without ids that wait for the negotiation they belong to

_CERTAIN, _HIGH, _MEDIUM, _LOW = Certainty.CERTAIN, Certainty.HIGH, Certainty.MEDIUM, Certainty.LOW
_ENGINE = frozenset({"M099", "M100"})
_INSIDE = frozenset({"M040", "M041", "M235", "M264"})  # without ids, but printed in one go with lines that have them
# Lines with ids after which more is to be done than to hand them on.
_TURNS = frozenset({*PACKETS, *BEGINS, "M020", "M111", "M126", "M127", "M137", "M184"})
_ENDS = pattern(r"Remote: (\S+)/(\d+) Local: (\S+)/\d+")
_RECEIVING = frozenset(
    {"M001", "M003", "M004", "M005", "M006", "M023", "M025", "M027", "M028", "M029", *RECEIVES_FIRST}
)


class Attribution:
    """The running state of one router's log."""

    __slots__ = (
        *("_bystanders", "_header", "_ids", "_mlist", "_packet", "_rank", "_sa", "_session", "_waiting"),
        *("current", "naming", "searching", "table", "verified"),
    )

    def __init__(self, table: EpochTable) -> None:
        self.table = table
        self.naming = Naming(table)
        self.current: Epoch | None = None  # owner of the last line with an IKEv2 tag
        self._ids: Ids | None = None  # the same, for records from memory
        self._rank = 0
        self._session = self._sa = ""  # ids whose lines need no thought: nothing waits, and they are of `current`
        self._bystanders = Bystanders(table)
        self._packet: Sight | None = None  # a packet header whose SPIs come on the next line
        self._waiting: deque[Sight] = deque(maxlen=WAITING_LIMIT)  # look-ups of an initiator that has no ids yet
        self._header: Sight | None = None  # `Config data ...:`, which the next Config-type line owns
        self._mlist: tuple[Sight, Epoch, Certainty] | None = None
        self.searching: list[Epoch] = []  # of which a look-up may be
        self.verified: list[Epoch] = []  # which may ask for authorization

    def read(self, record: Known) -> None:
        """A record that came from memory, handed to its owner with those that waited for it."""
        ids, atom = record[2], record[3]
        current = self.current
        if ids is self._ids and current is not None and atom.message not in _TURNS and record[4] is None:
            code = atom.mark * 4 + self._rank
            current.records.append(record)
            current.codes.append(code)
            current.state = current.state.next.get(code) or current.step(code)
            current.last_line = record[0] + atom.span
            current.last_message = atom.last
            if atom.message in CLAIMS or len(current.codes) > RECORD_LIMIT:
                current.took(record)
            return
        self.place(Sight(record))
        calm = self._sa and ids is not None and ids.sa == self._sa and ids.session == self._session
        self._ids = ids if calm else None
        self._rank = 0 if self._session else 1

    @property
    def waits(self) -> bool:
        """Whether a record waits for what tells its owner."""
        return bool(self._packet or self._header or self._mlist or self._waiting)

    def took(self, epoch: Epoch, searching: bool, verified: bool) -> None:
        """A phrase was taken as a whole: what is so after its last record."""
        self.current = epoch
        self.forget()
        for group, belongs in ((self.searching, searching), (self.verified, verified)):
            if belongs != (epoch in group):
                if belongs:
                    _note(group, epoch)
                else:
                    group.remove(epoch)

    def forget(self) -> None:
        """Negotiations were closed meanwhile: the next record is not taken to be of the last one's."""
        self._ids, self._session, self._sa = None, "", ""

    def place(self, event: Sight) -> None:
        """Hands this record, and those that waited for it, to their owners."""
        self._ids = None
        message, session, sa = event.message, event.session, event.sa
        current = self.current
        if sa and sa == self._sa and session == self._session and message not in _TURNS and current is not None:
            current.take(event, _CERTAIN if session else _HIGH)
            current.last_message = event.atom.last
            return
        self._place(event, message)
        current = self.current
        calm = not self.waits and message not in BYSTANDERS  # which may name another negotiation after this one
        if calm and current is not None and not (current.deleted or current.closed or current in self.searching):
            self._session, self._sa = current.session, current.sa
        else:
            self._sa = ""

    def _place(self, event: Sight, message: str) -> None:
        if self.current is not None and self.current.closed:
            self.current = None
        if self._packet is not None and self._with_packet(event):
            return
        if message in PACKETS:
            if event.spis is not None:
                epoch = self.naming.by_spi(event, event, *event.spis.numbers)
                self._with_ids(event, epoch, _CERTAIN)
                epoch.last_message = event.atom.last
            else:
                self._packet = event
        elif event.tag == "trace":
            self._traced(event)
        elif message in CONTINUATIONS:
            if self.current is not None:
                self.current.take(event, _CERTAIN)
        elif event.session or event.sa:
            self._with_ids(event, *self.naming.by_ids(event))
        elif message in BYSTANDERS:
            for epoch, certainty in self._bystanders.owners(event, self.current):
                self._give(epoch, event, certainty)
        elif "initiator_spi" in event.fields:
            owner = self.table.by_spi.get(spi_of(event.fields["initiator_spi"]))
            if owner is not None:
                self._give(owner, event, _CERTAIN)
        else:
            self._without_ids(event)

    def finish(self) -> None:
        """Hands on what still waited when the log ended."""
        packet, self._packet = self._packet, None
        if packet is not None and (packet.session or packet.sa):
            self._with_ids(packet, *self.naming.by_ids(packet))
        self._flush_mlist()
        if self._waiting:
            waiting = list(self._waiting)
            self._waiting.clear()
            alone = self.current is None or self.current.deleted or len(self.table.alive()) > 1
            owner = self.table.open("", "", waiting[0]) if alone or self.current is None else self.current
            for event in waiting:
                self._give(owner, event, _LOW)

    def _give(self, epoch: Epoch, event: Sight, certainty: Certainty) -> None:
        if not epoch.closed:
            self.table.touch(epoch)
            epoch.take(event, certainty)

    # -- lines with ids ------------------------------------------------------------------------------------------

    def _with_packet(self, event: Sight) -> bool:
        """A packet's header waits for the line with its SPIs. True when this event was that line."""
        packet, self._packet = self._packet, None
        assert packet is not None
        if event.message == "M003":
            numbers = event.fields["initiator_spi"], event.fields["responder_spi"], event.fields["message_id"]
            epoch = self.naming.by_spi(packet, event, *numbers)
            self._with_ids(packet, epoch, _CERTAIN)
            epoch.take(event, _CERTAIN)
            return True
        if packet.session or packet.sa:
            self._with_ids(packet, *self.naming.by_ids(packet))
        else:
            self.current = None
        return False

    def _with_ids(self, event: Sight, epoch: Epoch, certainty: Certainty) -> None:
        message = same_as.get(event.message, event.message)
        self.current = epoch
        self.table.touch(epoch)
        if self._mlist is not None:
            if message == "M184":
                self._flush_mlist(epoch)
            elif self._mlist[1] is epoch:
                self._flush_mlist()
        if self._waiting and (event.session or not self.naming.sessions) and self._may_begin(epoch):
            certain = _HIGH if event.line - self._waiting[-1].line < 3 else _MEDIUM
            while self._waiting:
                epoch.take(self._waiting.popleft(), certain)
        if self._header is not None:
            header, self._header = self._header, None
            adjacent = message == "M093" and event.line - header.line < 3
            if message == "M093" or event.session:
                epoch.take(header, _HIGH if adjacent else _LOW)
        if epoch in self.searching and message != "M111" and (event.session or not self.naming.sessions):
            self.searching.remove(epoch)
        if event.session or not self.naming.sessions:
            self.table.last_with_sa(epoch)
        epoch.take(event, certainty)
        epoch.last_message = message
        if message == "M111":
            _note(self.searching, epoch)
        elif message == "M126":
            _note(self.verified, epoch)
        if message == "M184" or epoch.deleted:
            for group in (self.searching, self.verified):
                if epoch in group and (epoch.deleted or group is self.verified):
                    group.remove(epoch)

    @staticmethod
    def _may_begin(epoch: Epoch) -> bool:
        """Whether look-ups that no search came before may be those of this epoch: an initiator's at its start."""
        return (
            epoch.state.phase is Phase.SA_INIT and not epoch.deleted and epoch.state.milestone < Milestone.SA_INIT_DONE
        )

    def _flush_mlist(self, asking: Epoch | None = None) -> None:
        if self._mlist is None:
            return
        event, epoch, certainty = self._mlist
        self._mlist = None
        if asking is epoch:
            certainty = _HIGH
        elif asking is not None and (asking in self.verified or epoch not in self.verified):
            epoch, certainty = asking, _MEDIUM
        self._give(epoch, event, certainty)

    def _traced(self, event: Sight) -> None:
        """A line of the event trace: it has both ids, and both ends. Ids 0 are printed before there is an SA."""
        if event.sa in ("", "0"):
            return
        self._with_ids(event, *self.naming.by_ids(event))
        epoch = self.current
        if epoch is None or epoch.peer or (m := _ENDS.search(event.raw)) is None:
            return
        epoch.ends = (epoch.seen(m[1], event), epoch.seen(m[2], event), epoch.seen(m[3], event))
        epoch.peer = m[1]
        self.table.at_peer(epoch, m[1])

    # -- lines without ids ---------------------------------------------------------------------------------------

    def _without_ids(self, event: Sight) -> None:
        message, current = event.message, self.current
        if message in LOOKUPS:
            self._lookup(event)
        elif message in MLISTS:
            self._flush_mlist()
            recent = [e for e in self.verified if event.line - e.last_line < RECENT and not e.closed]
            epoch = current if current in recent or not recent else recent[-1]
            if epoch is not None:
                self._mlist = (event, epoch, _HIGH if len(recent) == 1 else _MEDIUM)
                if len(recent) > 1:
                    epoch.doubt("several negotiations waited for authorization at once")
        elif message in CONFIG_HEADERS:
            self._header = event
        elif message == "M300":
            self._never_begun(event)
        elif message in NOBODYS:
            return
        elif same_as.get(message, message) in NEGATIVE:
            self._error(event)
        elif event.tag and current is not None:
            if message in _ENGINE:
                self._give(current, event, _HIGH if current.last_message in ("M098", "M099") else _MEDIUM)
            elif event.line - current.last_line < NEAR and not current.deleted:
                self._give(current, event, _HIGH if message in _INSIDE else _MEDIUM)

    def _error(self, event: Sight) -> None:
        """An error that names nobody: of the search it follows, else of the only negotiation it can be of."""
        current = self.current
        if current is not None and not current.deleted and current.state.phase is Phase.IDENTITY:
            self._give(current, event, _HIGH if current.last_message == "M111" else _MEDIUM)
            return
        open_ones = [e for e in self.table.recent(event.line, RECENT) if not e.state.up and not e.deleted]
        if len(open_ones) == 1:
            self._give(open_ones[0], event, _LOW)

    def _never_begun(self, event: Sight) -> None:
        """An initiation that failed before there was an SA: a negotiation of its own, with the look-ups before it."""
        waiting = [*self._waiting, event]
        self._waiting.clear()
        epoch = self.table.open("", "", waiting[0], Side.INITIATOR)
        for one in waiting:
            self._give(epoch, one, _MEDIUM)
        self.table.delete(epoch)

    def _lookup(self, event: Sight) -> None:
        current = self.current
        near = current is not None and not current.deleted and event.line - current.last_line < NEAR
        begun = heard = False
        if current is None or not near or self._waiting or current.last_message in PAUSES or sent_last(current):
            near = False
        else:
            begun = current.state.phase is Phase.SA_INIT and current.state.role is not Side.INITIATOR
            heard = begun and current.last_message in _RECEIVING
        searching = [e for e in self.searching if event.line - e.last_line < RECENT and not e.closed]
        if searching and not (heard and current not in searching):
            epoch = searching[-1]
            certainty = _HIGH if epoch is current else _LOW
            if len(searching) > 1:
                names = " and ".join(e.name for e in searching[-3:])
                for one in searching[-3:]:
                    one.doubt(f"line {event.line} and after: look-ups that may belong to {names}", "look-ups")
                certainty = _MEDIUM if epoch is current else _LOW
            self._give(epoch, event, certainty)
            return
        if current is not None and near:
            if event.message in BY_SEARCH or heard:
                self._give(current, event, _HIGH if begun else _MEDIUM)
                return
            looking = current.last_message in ("M111", "M124", "M125", "M036")
            if looking or (current.state.phase in (Phase.IDENTITY, Phase.AUTHENTICATION) and event.message != "M023"):
                self._give(current, event, _MEDIUM)
                return
        self._waiting.append(event)


def sent_last(epoch: Epoch) -> bool:
    """Whether the last lines of a negotiation are of a packet that this router sent: nothing is looked up for it."""
    for code in reversed(epoch.codes[-8:]):
        message = message_of(code >> 2)
        if message not in CONTINUATIONS:
            return message == "M002"
    return False


def _note(group: list[Epoch], epoch: Epoch) -> None:
    if epoch not in group:
        group.append(epoch)
        del group[:-64]
