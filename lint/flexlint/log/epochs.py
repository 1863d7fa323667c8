"""Epochs: one attempt to set up one IKE SA while it is being read, and the table of those that are alive.

Comes in: which ids and SPIs a line prints. Goes out: the `Epoch` that owns them, opened where none does. SESSION ID and
SA ID are reused by later attempts, even by consecutive ones, so that they name an epoch only while it lives; an SPI
(RFC 7296 section 3.1) names it for good. Memory is bounded: see the limits below.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from flexlint.log.events import Event
from flexlint.log.model import Failure, Milestone, Negotiation, Phase, Side
from flexlint.place import Certainty, Origin, Seen

LIVE_LIMIT = 2048  # negotiations alive at once in one router's log; the longest idle are closed beyond it
IDLE_LINES = 250_000  # a negotiation that no line named for so long is closed
STEP_LIMIT = 400  # steps kept of one negotiation
STEP_BUDGET = 40_000  # steps kept of all that are alive, about; looked at now and then
STEPS_LEFT = 12  # steps kept of a quiet one when there are too many
LINGERING = 300  # lines for which a deleted negotiation may still be named
RIVALS = 4
NO_SPI = "0000000000000000"


@dataclass(slots=True, eq=False)
class Epoch:
    """A negotiation in the making: the facts so far, and what is needed to read the next line."""

    n: Negotiation
    table: EpochTable
    phase: Phase = Phase.SA_INIT
    last_line: int = 0
    latest: Event | None = None  # the last event, where the steps are not kept any more
    sending: bool | None = None  # direction of the message whose lines are being printed
    exchange: str = ""
    message_id: str = ""
    policies: str = ""  # which list of proposals is being printed: received, expected, offered
    proposal: tuple[str, str] = ("", "")  # protocol and number of our own proposal being printed
    config_sent: bool | None = None  # direction the last `Config data ...` header gave
    config_type: str = ""
    last_message: str = ""  # id of the last event that came with ids
    key_is_own: bool | None = None  # whose authentication data is being made
    aaa_pending: bool = False
    pki_pending: bool = False
    config_header: int = -9  # line of that header
    policies_of: str = ""  # IKE or ESP: of which the last list of proposals was
    expecting: Seen | None = None
    retransmitted: Seen | None = None
    superseded: bool = False  # deleted because another negotiation of the peer took its place
    deleted: bool = False
    closed: bool = False  # handed out: nothing may be added any more
    guessed: bool = False  # its ids were given to it by the order of lines alone
    faults: list[Failure] = field(default_factory=list)  # negative by themselves
    symptoms: list[Failure] = field(default_factory=list)  # what follows a fault
    doubts: list[Failure] = field(default_factory=list)  # negative data that are harmless unless a failure follows
    shared_with: tuple[int, ...] = ()  # ids of the negotiations that the interface line being read may belong to
    doubted: set[str] = field(default_factory=set)
    child_refused: bool = False  # the first child SA was refused: IKE may be up, the tunnel is not
    rivals: list[Epoch] = field(default_factory=list)  # other live epochs with the same SA ID

    def seen(self, value: str, event: Event, certainty: Certainty = Certainty.CERTAIN) -> Seen:
        seen = Seen(value)  # as Seen.at does; a log makes very many of them
        seen.line = event[1]
        seen.text = event[7]
        seen.origin = self.n.origin
        seen.certainty = certainty
        return seen

    def reach(self, milestone: Milestone, event: Event, certainty: Certainty) -> None:
        """The negotiation came this far; it never goes back."""
        if milestone > self.n.milestone:
            self.n.milestone, self.n.milestone_seen = milestone, self.seen(event.text, event, certainty)

    def offers(self, prefix: str) -> bool:
        """Whether a configuration payload of this negotiation named this network and mask."""
        return any(a.value == prefix for a in self.n.attributes)

    @property
    def cloning(self) -> bool:
        """Between authentication and the creation of the IPsec SA: a virtual-access interface is being made."""
        return (
            not self.deleted
            and self.n.role is not Side.INITIATOR
            and Milestone.PEER_AUTHENTICATED <= self.n.milestone < Milestone.IPSEC_SA
        )

    @property
    def has_interface(self) -> bool:
        return any(e.state == "up" for e in self.n.interface_events)

    def doubt(self, sentence: str, about: str = "") -> None:
        """Notes that the attribution of something to this negotiation is ambiguous; once for each thing it is about."""
        about = about or sentence
        if about not in self.doubted and len(self.doubted) < 20:
            self.doubted.add(about)
            self.n.ambiguities.append(sentence)

    @property
    def name(self) -> str:
        n = self.n
        ids = f"SESSION {n.session}/SA {n.sa}" if n.session else f"SA {n.sa}" if n.sa else "without ids"
        return f"negotiation {n.id} ({ids})"


class EpochTable:
    """The live epochs of one router, by ids, by SPI, by peer address and by interface."""

    __slots__ = (
        "_graves",
        "_next_id",
        "_opened",
        "_order",
        "by_ids",
        "by_interface",
        "by_peer",
        "by_sa",
        "by_spi",
        "closed",
        "device",
        "nameless",
        "operator",
        "origin",
    )

    def __init__(self, origin: Origin, device: str, next_id: list[int]) -> None:
        self.origin = origin
        self.device = device
        self._next_id = next_id  # shared by the routers of one log
        self._opened = 0
        self._graves: deque[Epoch] = deque()  # deleted, not yet closed, in the order of their deletion
        self._order: dict[int, Epoch] = {}  # all that are alive; the one named last is last
        self.by_ids: dict[tuple[str, str], Epoch] = {}
        self.by_sa: dict[str, Epoch] = {}
        self.by_spi: dict[str, Epoch] = {}
        self.by_peer: dict[str, list[Epoch]] = {}
        self.by_interface: dict[str, Epoch] = {}
        self.nameless: dict[str, Epoch] = {}  # by initiator SPI: a first packet was read, but no line with ids yet
        self.operator: tuple[Seen, str] | None = None  # the last thing somebody typed or configured, and its clock
        self.closed: list[Epoch] = []  # taken away by the reader

    def open(self, session: str, sa: str, event: Event) -> Epoch:
        """A new epoch for these ids; the one that had them is over."""
        self._next_id[0] += 1
        n = Negotiation(self._next_id[0], self.origin, session, sa, device=self.device)
        n.first_line, n.first_clock, n.first_text = event.line, event.clock, event.raw
        n.last_line, n.last_clock = event.line, event.clock
        epoch = Epoch(n, self, last_line=event.line)
        self._order[n.id] = epoch
        if session or sa:
            self.name(epoch, session, sa)
        self.bury(event.line)
        self._opened += 1
        if self._opened % 64 == 0:
            self.thin()
        if len(self._order) > LIVE_LIMIT:
            for oldest in list(self._order.values())[: LIVE_LIMIT // 4]:
                self.close(oldest)
        return epoch

    def touch(self, epoch: Epoch) -> None:
        """Makes this epoch the one that was named last."""
        order, number = self._order, epoch.n.id
        if number in order:
            del order[number]
            order[number] = epoch

    def delete(self, epoch: Epoch) -> None:
        """The router deleted this SA. It stays for a while: lines about its end may follow."""
        if not epoch.deleted:
            epoch.deleted = True
            self._graves.append(epoch)

    def bury(self, line: int) -> None:
        """Closes what was deleted long before `line`."""
        while self._graves and line - self._graves[0].last_line > LINGERING:
            epoch = self._graves.popleft()
            if epoch.deleted or self.by_ids.get((epoch.n.session, epoch.n.sa)) is not epoch:
                self.close(epoch)

    def name(self, epoch: Epoch, session: str, sa: str) -> None:
        """Gives an epoch its ids."""
        epoch.n.session, epoch.n.sa = session, sa
        key = (session, sa)
        before = self.by_ids.get(key)
        if before is not None and before is not epoch:
            if before.n.initiator_spi is None:
                self.close(before)
            elif not before.deleted:
                self._graves.append(before)  # a late packet with its SPI may still come
        self.by_ids[key] = epoch
        self.last_with_sa(epoch)

    def last_with_sa(self, epoch: Epoch) -> None:
        """Makes this epoch the one that a line with its SA ID alone belongs to."""
        before = self.by_sa.get(epoch.n.sa)
        if before is epoch:
            return
        if before is not None and not before.deleted and before.n.session != epoch.n.session:
            for one, other in ((epoch, before), (before, epoch)):
                if other not in one.rivals:
                    one.rivals = [*one.rivals[1 - RIVALS :], other]
        self.by_sa[epoch.n.sa] = epoch

    def unname(self, epoch: Epoch) -> None:
        """Takes ids back that were given by guess; its SPI still names the epoch."""
        n = epoch.n
        self.by_ids.pop((n.session, n.sa), None)
        n.session = n.sa = ""
        epoch.guessed = False
        if n.initiator_spi is not None:
            self.nameless[n.initiator_spi] = epoch

    def recent(self, line: int, lines: int) -> list[Epoch]:
        """Epochs that were named within that many lines, in the order of their last line."""
        found = []
        for epoch in reversed(self._order.values()):
            if line - epoch.last_line > lines:
                break
            found.append(epoch)
        return found[::-1]

    def claim(self, epoch: Epoch, spi: str) -> None:
        if spi and spi != NO_SPI:
            self.by_spi[spi] = epoch

    def bind(self, epoch: Epoch, interface: Seen) -> None:
        """This interface is that negotiation's from here on."""
        before = epoch.n.virtual_access
        if before is not None and self.by_interface.get(before) is epoch:
            del self.by_interface[before]
        epoch.n.virtual_access = interface
        self.by_interface[str(interface)] = epoch

    def at_peer(self, epoch: Epoch, address: str) -> None:
        self.by_peer.setdefault(address, []).append(epoch)

    def close(self, epoch: Epoch) -> None:
        """Takes an epoch out of every table; what it says is final."""
        n = epoch.n
        if self._order.pop(n.id, None) is None:
            return
        epoch.closed = True
        if self.by_ids.get((n.session, n.sa)) is epoch:
            del self.by_ids[n.session, n.sa]
        if self.by_sa.get(n.sa) is epoch:
            del self.by_sa[n.sa]
        for spi in (n.initiator_spi, n.responder_spi):
            if spi is not None and self.by_spi.get(spi) is epoch:
                del self.by_spi[spi]
        if n.initiator_spi is not None:
            self.nameless.pop(n.initiator_spi, None)
        if n.peer is not None and (there := self.by_peer.get(n.peer)):
            there[:] = [other for other in there if other is not epoch]
            if not there:
                del self.by_peer[n.peer]
        if n.virtual_access is not None and self.by_interface.get(n.virtual_access) is epoch:
            del self.by_interface[n.virtual_access]
        epoch.rivals = []
        self.closed.append(epoch)

    def alive(self) -> list[Epoch]:
        return list(self._order.values())

    def close_idle(self, line: int) -> None:
        for epoch in self.alive():
            if line - epoch.last_line <= IDLE_LINES:
                break
            self.close(epoch)

    def thin(self) -> None:
        """Drops most steps of the negotiations that were quiet longest, when there are too many; facts stay."""
        alive = self.alive()
        kept = sum(len(e.n.footprints) for e in alive)
        for epoch in alive:
            if kept <= STEP_BUDGET * 3 // 4:
                break
            trail = epoch.n.footprints
            dropped = max(0, len(trail) - STEPS_LEFT)
            if dropped:
                del trail[STEPS_LEFT:]
                epoch.n.steps_dropped += dropped
                kept -= dropped
