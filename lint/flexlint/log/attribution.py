"""Which negotiation a line belongs to, and how surely.

Comes in: events of one router in file order. Goes out: (epoch, event, certainty) triples, in an order in which a line
that only later lines explain comes after them. The SPIs of RFC 7296 section 3.1 decide where a line prints them, then
the ids, then what the router must have been doing. Nothing here knows what a line says about its negotiation beyond
that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from flexlint.log.epochs import NO_SPI, Epoch, EpochTable
from flexlint.log.events import Event
from flexlint.log.messages import AFTER_DELETION, BEGINS, BY_SEARCH, LOOKUPS, RECEIVES_FIRST, same_as
from flexlint.log.model import Milestone, Phase, Side
from flexlint.place import Certainty

Owned = tuple[Epoch, Event, Certainty]
RECENT = 300  # lines within which an unfinished negotiation may still be the one a line without ids means
WAITING_LIMIT = 40  # lines without ids that wait for the negotiation they belong to

_CERTAIN, _HIGH, _MEDIUM, _LOW = Certainty.CERTAIN, Certainty.HIGH, Certainty.MEDIUM, Certainty.LOW
_CONTINUATIONS = frozenset({"M003", "M004", "M005", "M006", "M045", "M046", "M067", "M068", "M069", "M107", "M345"})
_PACKETS = frozenset({"M001", "M002"})
_HEADERS = frozenset({"M092", "M209"})
_ROUTES = frozenset({"M221", "M222"})
_INTERFACES = frozenset({"M224", "M225", "M226", "M227"})
_AAA = frozenset(f"M{n}" for n in range(190, 209))
_PKI = frozenset(f"M{n}" for n in range(157, 169))


class Attribution:
    """The running state of one router's log."""

    def __init__(self, table: EpochTable) -> None:
        self.table = table
        self.current: Epoch | None = None  # owner of the last line with an IKEv2 tag
        self.packet: Event | None = None  # a packet header whose SPIs come on the next line
        self.waiting: deque[Event] = deque(maxlen=WAITING_LIMIT)  # look-ups of an initiator that has no ids yet
        self.header: Event | None = None  # `Config data ...:`, which the next Config-type line owns
        self.mlist: tuple[Event, Epoch, Certainty] | None = None
        self.searching: list[Epoch] = []
        self.verified: list[Epoch] = []
        self.sessions = False  # the log prints SESSION IDs

    def place(self, event: Event) -> Iterator[Owned]:
        """The owners of this event and of those that waited for it."""
        if self.packet is not None:
            yield from self._packet(event)
            if event.message == "M003":
                return
        message = event.message
        if message in _PACKETS:
            self.packet = event
        elif message in _CONTINUATIONS:
            if self.current is not None:
                yield self.current, event, _CERTAIN
        elif event.session or event.sa:
            yield from self._with_ids(event, self._by_ids(event))
        elif "initiator_spi" in event.fields:
            epoch = self.table.by_spi.get(event.fields["initiator_spi"].upper())
            if epoch is not None:
                yield epoch, event, _CERTAIN
        else:
            yield from self._without_ids(event)

    def finish(self) -> Iterator[Owned]:
        """What still waited when the log ended."""
        if self.packet is not None:
            yield from self._packet(None)
        yield from self._flush_mlist()
        for event in self.waiting:
            if self.current is not None and not self.current.deleted and len(self.table.alive()) == 1:
                yield self.current, event, _LOW
        self.waiting.clear()

    # -- lines with ids ------------------------------------------------------------------------------------------

    def _packet(self, event: Event | None) -> Iterator[Owned]:
        packet, self.packet = self.packet, None
        assert packet is not None
        if event is None or event.message != "M003":
            if packet.session or packet.sa:
                yield from self._with_ids(packet, self._by_ids(packet))
            else:
                self.current = None
            return
        epoch = self._by_spi(packet, event)
        yield from self._with_ids(packet, (epoch, _CERTAIN))
        yield epoch, event, _CERTAIN

    def _by_spi(self, packet: Event, spis: Event) -> Epoch:
        table = self.table
        own, theirs = spis.fields["initiator_spi"].upper(), spis.fields["responder_spi"].upper()
        epoch = table.by_spi.get(own)
        first = theirs == NO_SPI and spis.fields["message_id"].lstrip("0") == ""
        if epoch is not None and first and (epoch.deleted or epoch.n.milestone >= Milestone.SA_INIT_DONE):
            table.close(epoch)  # an SPI is random: the same one again is another log, or another lab run
            epoch = None
        ids = (packet.session, packet.sa)
        known = table.by_ids.get(ids) if any(ids) else None
        if epoch is None and known is not None and not known.deleted and known.n.initiator_spi is None:
            epoch = known
        if epoch is None:
            if known is not None and known.guessed and known.n.initiator_spi is not None:
                table.unname(known)
            epoch = table.open(packet.session, packet.sa, packet)
        elif any(ids) and known is not epoch:
            if known is not None and known.guessed:
                table.unname(known)
            table.name(epoch, *ids)
        if epoch.n.initiator_spi is None:
            epoch.n.initiator_spi = epoch.seen(own, spis)
        if theirs != NO_SPI and epoch.n.milestone < Milestone.SA_INIT_DONE:  # a retry may bring another one
            epoch.n.responder_spi = epoch.seen(theirs, spis)
        table.claim(epoch, own)
        if not any(ids) and not epoch.n.sa:
            table.nameless[own] = epoch
        else:
            table.nameless.pop(own, None)
        return epoch

    def _by_ids(self, event: Event) -> tuple[Epoch, Certainty]:
        table = self.table
        if event.session:
            self.sessions = True
            epoch = table.by_ids.get((event.session, event.sa)) or self._unsessioned(event)
            certainty = _CERTAIN
        else:
            epoch = table.by_sa.get(event.sa)
            certainty = _HIGH
            if epoch is not None and any(
                not r.deleted and event.line - r.last_line < RECENT and r.n.milestone < Milestone.IPSEC_SA
                for r in epoch.rivals
            ):
                certainty = _MEDIUM
                epoch.doubt(f"lines with SA ID {event.sa} alone may belong to {epoch.rivals[-1].name}")
        message = event.message
        spi = event.fields.get("initiator_spi", "").upper()
        if spi and (owner := table.by_spi.get(spi)) is not None:
            return owner, _CERTAIN
        if epoch is not None:
            done = epoch.n.milestone >= Milestone.SA_INIT_DONE or epoch.n.responder_spi is not None
            over = epoch.deleted and message not in AFTER_DELETION
            if over and not event.session and self.sessions:
                return epoch, _LOW
            if not over and not (message in BEGINS and done and (message == "M043" or table.nameless)):
                return epoch, certainty
        if table.nameless and (message in RECEIVES_FIRST or epoch is None):
            return self._christen(event), _CERTAIN
        return table.open(event.session, event.sa, event), certainty

    def _unsessioned(self, event: Event) -> Epoch | None:
        """A negotiation whose lines so far named the SA ID alone."""
        epoch = self.table.by_sa.get(event.sa)
        if epoch is None or epoch.n.session or epoch.deleted:
            return None
        self.table.name(epoch, event.session, event.sa)
        return epoch

    def _christen(self, event: Event) -> Epoch:
        """Ids for a negotiation of which only the first packet, without ids, was read."""
        table = self.table
        recent = [e for e in table.nameless.values() if event.line - e.last_line < RECENT]
        epoch = recent[0] if recent else next(reversed(table.nameless.values()))
        if len(recent) > 1:
            epoch.guessed = True
        if epoch.n.initiator_spi is not None:
            table.nameless.pop(epoch.n.initiator_spi, None)
        table.name(epoch, event.session, event.sa)
        return epoch

    def _with_ids(self, event: Event, owner: tuple[Epoch, Certainty]) -> Iterator[Owned]:
        epoch, certainty = owner
        message = same_as.get(event.message, event.message)
        self.current = epoch
        if self.mlist is not None:
            if message == "M184":
                yield from self._flush_mlist(epoch)
            elif self.mlist[1] is epoch:
                yield from self._flush_mlist()
        if self.waiting and (event.session or not self.sessions) and epoch.phase is Phase.SA_INIT:
            certain = _HIGH if event.line - self.waiting[-1].line < 3 else _MEDIUM
            while self.waiting:
                yield epoch, self.waiting.popleft(), certain
        if self.header is not None:
            header, self.header = self.header, None
            adjacent = message == "M093" and event.line - header.line < 3
            if message == "M093" or event.session:
                yield epoch, header, _HIGH if adjacent else _LOW
        if epoch in self.searching and message != "M111" and event.session:
            self.searching.remove(epoch)
        if event.session or not self.sessions:
            self.table.last_with_sa(epoch)
        yield epoch, event, certainty
        if message == "M111":
            self._note(self.searching, epoch)
        elif message == "M126":
            self._note(self.verified, epoch)
        elif message == "M184" and epoch in self.verified:
            self.verified.remove(epoch)
        if epoch.deleted:
            for group in (self.searching, self.verified):
                if epoch in group:
                    group.remove(epoch)

    @staticmethod
    def _note(group: list[Epoch], epoch: Epoch) -> None:
        if epoch not in group:
            group.append(epoch)
            del group[:-64]

    def _flush_mlist(self, asking: Epoch | None = None) -> Iterator[Owned]:
        if self.mlist is None:
            return
        event, epoch, certainty = self.mlist
        self.mlist = None
        if asking is epoch:
            certainty = _HIGH
        elif asking is not None and (asking in self.verified or epoch not in self.verified):
            epoch, certainty = asking, _MEDIUM
        yield epoch, event, certainty

    # -- lines without ids ---------------------------------------------------------------------------------------

    def _without_ids(self, event: Event) -> Iterator[Owned]:
        message = event.message
        current = self.current
        if message in LOOKUPS:
            yield from self._lookup(event)
        elif message in ("M182", "M183"):
            yield from self._flush_mlist()
            recent = [e for e in self.verified if event.line - e.last_line < RECENT]
            epoch = current if current in recent or not recent else recent[-1]
            if epoch is not None:
                self.mlist = (event, epoch, _HIGH if len(recent) == 1 else _MEDIUM)
                if len(recent) > 1:
                    epoch.doubt("several negotiations waited for authorization at once")
        elif message in _HEADERS:
            self.header = event
        elif message in _ROUTES:
            yield from self._route(event)
        elif message in _INTERFACES:
            yield from self._interface(event)
        elif event.fields.get("peer") and not event.tag:
            there = self.table.by_peer.get(event.fields["peer"], ())
            for epoch in there[-1:]:
                yield epoch, event, _MEDIUM if len(there) == 1 else _LOW
        elif message in _AAA or message in _PKI:
            asking = [e for e in self.table.recent(event.line, RECENT) if (e.aaa_pending or e.pki_pending)]
            if len(asking) == 1:
                yield asking[0], event, _MEDIUM
        elif event.tag and current is not None:
            near = event.line - current.last_line < 6
            if message in ("M099", "M100"):
                yield current, event, _HIGH if current.last_message in ("M098", "M099") else _MEDIUM
            elif near and not current.deleted:
                yield current, event, _HIGH if message in ("M040", "M041", "M235", "M264") else _MEDIUM
        elif message == "M277":
            open_ones = [e for e in self.table.recent(event.line, RECENT) if e.n.session_up is None and not e.deleted]
            if len(open_ones) == 1:
                yield open_ones[0], event, _LOW

    def _lookup(self, event: Event) -> Iterator[Owned]:
        current = self.current
        searching = [e for e in self.searching if event.line - e.last_line < RECENT]
        if searching:
            epoch = searching[-1]
            if len(searching) > 1:
                epoch.doubt("profile and keyring lines were printed while several identities were being looked up")
            yield (
                epoch,
                event,
                _HIGH if len(searching) == 1 and epoch is current else _MEDIUM if epoch is current else _LOW,
            )
            return
        if current is not None and not current.deleted and event.line - current.last_line < 6:
            receiving = current.phase is Phase.SA_INIT and current.n.role is not Side.INITIATOR
            if event.message in BY_SEARCH or (receiving and current.last_message in _RECEIVING):
                yield current, event, _HIGH if receiving else _MEDIUM
                return
            if current.last_message in ("M124", "M125", "M119", "M036") or (
                current.phase in (Phase.IDENTITY, Phase.AUTHENTICATION) and event.message != "M023"
            ):
                yield current, event, _MEDIUM
                return
        self.waiting.append(event)

    def _route(self, event: Event) -> Iterator[Owned]:
        prefix = f"{event.fields['network']} {event.fields['mask']}"
        current = self.current
        if current is not None and current.offers(prefix):
            yield current, event, _HIGH
            return
        same = [e for e in self.table.recent(event.line, RECENT) if e.offers(prefix)]
        if len(same) == 1:
            yield same[0], event, _HIGH
        elif current is not None and current.config_type in ("set", "reply") and not current.deleted:
            yield current, event, _MEDIUM
        elif same or current is not None:
            owner = same[-1] if same else current
            assert owner is not None
            owner.doubt(f"the route {prefix} may belong to another negotiation")
            yield owner, event, _LOW

    def _interface(self, event: Event) -> Iterator[Owned]:
        name = event.fields.get("interface", "")
        if not name.startswith(("Virtual-Access", "Tunnel")):
            return
        bound = self.table.by_interface.get(name)
        going_down = event.fields.get("state") == "down"
        if bound is not None and not (going_down and bound.deleted is False and self._deleted_lately(event)):
            yield bound, event, _HIGH
            return
        recent = self.table.recent(event.line, RECENT)
        if going_down:
            owners = [e for e in recent if e.deleted or e.cloning]
        else:
            owners = [
                e for e in recent if e.n.milestone >= Milestone.CHILD_ACCEPTED and not e.deleted and not e.has_interface
            ]
        if len(owners) > 1:
            named = " and ".join(e.name for e in owners[-3:])
            for epoch in owners[-3:]:
                epoch.doubt(f"line {event.line}, {name} {event.fields.get('state', '')}: of {named}")
                yield epoch, event, _LOW
        elif owners:
            yield owners[0], event, _MEDIUM

    def _deleted_lately(self, event: Event) -> bool:
        return any(e.deleted for e in self.table.recent(event.line, 20))


_RECEIVING = frozenset(
    {"M001", "M003", "M004", "M005", "M006", "M023", "M025", "M027", "M028", "M029", *RECEIVES_FIRST}
)
