"""A whole log to its negotiations.

Comes in: blocks of bytes. Goes out: each `Negotiation` as it closes, the coverage of what was read, and the names of the
objects the router spoke of. One pass, in constant memory: nothing is kept of a negotiation that was handed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flexlint.log.attribution import Router
from flexlint.log.bystanders import apart
from flexlint.log.epochs import Epoch, EpochTable
from flexlint.log.events import read_events
from flexlint.log.model import Coverage, Milestone, Negotiation
from flexlint.log.outcome import conclude
from flexlint.place import TextFile

_NAMES_LIMIT = 10_000  # names kept of one kind
_ROUTERS_LIMIT = 256  # devices told apart in one file
_SWEEP = 50_000  # events between two looks for negotiations nobody speaks of any more
_OPERATOR_WINDOW = 5.0  # seconds

# Facts whose value names an object of the router's configuration, and the kind of that object.
NAMED = {
    "profile": "profile",
    "keyring": "keyring",
    "peer_block": "peer_block",
    "policy": "policy",
    "child_profile": "profile",
    "authentication_list": "list",
}


class LogReader:
    """Reads one log once. `coverage` and `names` are complete when `negotiations()` has ended."""

    def __init__(self, blocks: Iterable[bytes], path: str) -> None:
        self.coverage = Coverage()
        self.names: dict[str, set[str]] = {}
        self.unowned = 0  # events that could be given to no negotiation
        self._blocks = blocks
        self._origin = TextFile(path, ())
        self._next_id = [0]

    def negotiations(self) -> Iterator[Negotiation]:
        """Each negotiation as soon as it is over (deleted, superseded, long idle), the open ones at the end."""
        routers: dict[str, Router] = {}
        router, device = self._router(routers, ""), ""
        closed = router.table.closed
        count = 0
        for event in read_events(self._blocks, self.coverage, self._origin):
            if event.device != device:
                device = event.device
                router = self._router(routers, device)
                closed = router.table.closed
            router.read(event)
            if closed:
                yield from self._hand_out(closed)
            count += 1
            if count % _SWEEP == 0:
                for one in routers.values():
                    one.table.close_idle(event.line)
        for one in routers.values():
            one.finish()
            self.unowned += one.unowned
            yield from self._hand_out(one.table.closed)

    def _router(self, routers: dict[str, Router], device: str) -> Router:
        """The router of this name. A terminal capture names its router only from the first prompt on, so that the
        nameless one becomes the first that has a name."""
        if device not in routers:
            if len(routers) == 1 and "" in routers and device:
                routers[device] = routers[""]
                routers[device].table.device = device
                return routers[device]
            if len(routers) >= _ROUTERS_LIMIT:
                return next(iter(routers.values()))
            routers[device] = Router(EpochTable(self._origin, device, self._next_id))
        return routers[device]

    def _hand_out(self, closed: list[Epoch]) -> Iterator[Negotiation]:
        epochs = closed[:]
        closed.clear()
        for epoch in sorted(epochs, key=lambda e: e.n.id):
            self._explain_end(epoch)
            conclude(epoch)
            self._gather(epoch.n)
            if epoch.n.milestone > Milestone.FIRST_PACKET and not epoch.n.started_inside:
                self.coverage.is_excerpt = True
            yield epoch.n

    def _explain_end(self, epoch: Epoch) -> None:
        n = epoch.n
        if n.operator_action is None and (n.deleted is not None or n.errors):
            line = n.deleted.line if n.deleted is not None else n.errors[-1].seen.line
            for seen, clock in epoch.table.operator:
                if apart(clock, seen.line, n.last_clock, line) <= _OPERATOR_WINDOW:
                    n.operator_action = seen

    def _gather(self, n: Negotiation) -> None:
        for fact, kind in NAMED.items():
            if (value := getattr(n, fact)) is not None:
                self._name(kind, value)
        for authorization in n.authorizations:
            self._name("list", authorization.list)
            self._name("authorization", authorization.name)
        for trustpoint in n.trustpoints:
            self._name("trustpoint", trustpoint)

    def _name(self, kind: str, value: str) -> None:
        names = self.names.setdefault(kind, set())
        if len(names) < _NAMES_LIMIT:
            names.add(str(value))
