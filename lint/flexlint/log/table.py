"""The epochs of one router that are alive, by everything a line may name them with.

Comes in: ids, SPIs, addresses and interfaces, as `attribution` meets them. Goes out: the `Epoch` that owns them, opened
where none does; those that are over, when they are asked for. SESSION ID and SA ID are reused by later attempts, even
by consecutive ones, so that they name an epoch only while it lives; an SPI (RFC 7296 section 3.1) names it for good.
Memory is bounded: see the limits below.
"""

from __future__ import annotations

from collections import deque

from flexlint.log.epochs import Epoch
from flexlint.log.model import Side
from flexlint.log.sight import Sight
from flexlint.log.states import beginning
from flexlint.place import Certainty, Origin, Seen

LIVE_LIMIT = 4096  # negotiations alive at once in one router's log; the longest idle are closed beyond it
GONE_LIMIT = 10_000  # of those that were closed so, the ids that are remembered
IDLE_LINES = 250_000  # a negotiation that did not come up, and that no line named for so long, is closed
RECORD_BUDGET = 15_000  # records kept loose of all that are alive, about; looked at now and then
LINGERING = 300  # lines for which a deleted negotiation may still be named
RIVALS = 4
NO_SPI = "0000000000000000"


class EpochTable:
    """The live epochs of one router, by ids, by SPI, by peer address and by interface."""

    __slots__ = (
        "_gone",
        "_graves",
        "_next_id",
        "_order",
        "by_ids",
        "by_interface",
        "by_peer",
        "by_sa",
        "by_spi",
        "closed",
        "device",
        "nameless",
        "opened",
        "operator",
        "origin",
    )

    def __init__(self, origin: Origin, device: str, next_id: list[int]) -> None:
        self.origin = origin
        self.device = device
        self._next_id = next_id  # shared by the routers of one log
        self.opened = 0
        self._graves: deque[Epoch] = deque()  # deleted, not yet closed, in the order of their deletion
        self._gone: dict[tuple[str, str], None] = {}  # ids of sessions that were closed for want of room
        self._order: dict[int, Epoch] = {}  # all that are alive; the one named last is last
        self.by_ids: dict[tuple[str, str], Epoch] = {}
        self.by_sa: dict[str, Epoch] = {}
        self.by_spi: dict[str, Epoch] = {}
        self.by_peer: dict[str, list[Epoch]] = {}
        self.by_interface: dict[str, Epoch] = {}
        self.nameless: dict[str, Epoch] = {}  # by initiator SPI: a first packet was read, but no line with ids yet
        self.operator: tuple[Seen, str] | None = None  # the last thing somebody typed or configured, and its clock
        self.closed: list[Epoch] = []  # taken away by the reader

    def open(self, session: str, sa: str, event: Sight, role: Side = Side.UNKNOWN) -> Epoch:
        """A new epoch for these ids; the one that had them is over."""
        self._next_id[0] += 1
        number = self._next_id[0]
        epoch = Epoch(
            self, number, "", "", event.line, event.clock, event, beginning(role), self.device, last_line=event.line
        )
        epoch.given_role = role
        self._order[number] = epoch
        if session or sa:
            epoch.resumed = (session, sa) in self._gone
            self._gone.pop((session, sa), None)
            self.name(epoch, session, sa)
        self.bury(event.line)
        self.opened += 1
        if self.opened % 64 == 0:
            self.thin()
        if len(self._order) > LIVE_LIMIT:
            for oldest in list(self._order.values())[: LIVE_LIMIT // 4]:
                self._give_up(oldest)
        return epoch

    def _give_up(self, epoch: Epoch) -> None:
        """Closes a negotiation that may go on, for want of room: what follows of it is no beginning."""
        epoch.lost = True
        ids = (epoch.session, epoch.sa)
        if any(ids) and not epoch.deleted and self.by_ids.get(ids) is epoch:
            if len(self._gone) >= GONE_LIMIT:
                del self._gone[next(iter(self._gone))]
            self._gone[ids] = None
        self.close(epoch)

    def touch(self, epoch: Epoch) -> None:
        """Makes this epoch the one that was named last."""
        order, number = self._order, epoch.id
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
            if epoch.deleted or self.by_ids.get((epoch.session, epoch.sa)) is not epoch:
                self.close(epoch)

    def name(self, epoch: Epoch, session: str, sa: str) -> None:
        """Gives an epoch its ids."""
        epoch.session, epoch.sa = session, sa
        key = (session, sa)
        before = self.by_ids.get(key)
        if before is not None and before is not epoch:
            if before.initiator_spi is None:
                self.close(before)
            elif not before.deleted:
                self._graves.append(before)  # a late packet with its SPI may still come
        self.by_ids[key] = epoch
        self.last_with_sa(epoch)

    def last_with_sa(self, epoch: Epoch) -> None:
        """Makes this epoch the one that a line with its SA ID alone belongs to."""
        before = self.by_sa.get(epoch.sa)
        if before is epoch:
            return
        if before is not None and not before.deleted and before.session != epoch.session:
            for one, other in ((epoch, before), (before, epoch)):
                if other not in one.rivals:
                    one.rivals = [*one.rivals[1 - RIVALS :], other]
        self.by_sa[epoch.sa] = epoch

    def unname(self, epoch: Epoch) -> None:
        """Takes ids back that were given by guess; its SPI still names the epoch."""
        if self.by_ids.get((epoch.session, epoch.sa)) is epoch:
            del self.by_ids[epoch.session, epoch.sa]
        if self.by_sa.get(epoch.sa) is epoch:
            del self.by_sa[epoch.sa]
        epoch.session = epoch.sa = ""
        epoch.guessed = False
        if epoch.initiator_spi is not None:
            self.nameless[epoch.initiator_spi] = epoch

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

    def bind(self, epoch: Epoch, interface: str, certainty: Certainty) -> None:
        """This interface is that negotiation's from here on."""
        if epoch.interface and self.by_interface.get(epoch.interface) is epoch:
            del self.by_interface[epoch.interface]
        epoch.interface, epoch.interface_certainty = interface, certainty
        self.by_interface[interface] = epoch

    def at_peer(self, epoch: Epoch, address: str) -> None:
        self.by_peer.setdefault(address, []).append(epoch)

    def close(self, epoch: Epoch) -> None:
        """Takes an epoch out of every table; what it says is final."""
        if self._order.pop(epoch.id, None) is None:
            return
        epoch.closed = True
        if self.by_ids.get((epoch.session, epoch.sa)) is epoch:
            del self.by_ids[epoch.session, epoch.sa]
        if self.by_sa.get(epoch.sa) is epoch:
            del self.by_sa[epoch.sa]
        for spi in (epoch.initiator_spi, epoch.responder_spi):
            if spi is not None and self.by_spi.get(spi) is epoch:
                del self.by_spi[spi]
        if epoch.initiator_spi is not None:
            self.nameless.pop(epoch.initiator_spi, None)
        if epoch.peer and (there := self.by_peer.get(epoch.peer)):
            there[:] = [other for other in there if other is not epoch]
            if not there:
                del self.by_peer[epoch.peer]
        if epoch.interface and self.by_interface.get(epoch.interface) is epoch:
            del self.by_interface[epoch.interface]
        epoch.rivals = []
        self.closed.append(epoch)

    def take_closed(self) -> list[Epoch]:
        """Those that were closed since they were asked for last."""
        closed = self.closed
        if closed:
            self.closed = []
        return closed

    def alive(self) -> list[Epoch]:
        return list(self._order.values())

    def close_idle(self, line: int) -> None:
        for epoch in self.alive():
            if line - epoch.last_line <= IDLE_LINES:
                break
            if not epoch.state.up:
                self.close(epoch)

    def thin(self) -> None:
        """Packs the records of the negotiations that were quiet longest, when there are too many."""
        alive = self.alive()
        kept = sum(len(e.records) for e in alive)
        for epoch in alive:
            if kept <= RECORD_BUDGET * 3 // 4:
                break
            kept -= len(epoch.records)
            epoch.pack()
