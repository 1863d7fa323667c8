"""A log to its negotiations: the entry of this package.

Comes in: blocks of bytes and the path the user gave. Goes out: each `Negotiation` once it is closed, the `Coverage` of
the log and the object names it mentions. One pass, bounded memory. Nothing here knows a configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flexlint.log.atoms import Atom, Item, Scanner, events_of, record_of
from flexlint.log.attribution import Attribution
from flexlint.log.clock import apart
from flexlint.log.epochs import Epoch, EpochTable
from flexlint.log.events import DEBUG_OF, Event, LineReader
from flexlint.log.model import Coverage, Milestone, Negotiation
from flexlint.log.negotiations import observe
from flexlint.log.outcome import conclude
from flexlint.log.scan import lines, whole_lines
from flexlint.log.watch import WATCHED, Watch
from flexlint.place import Seen, TextFile

NAMES_LIMIT = 10_000  # different names of one kind that are kept
ROUTERS_LIMIT = 256  # devices told apart in one log
SWEEP = 50_000  # lines between two looks for negotiations that were idle for long
_NAMED: dict[str, tuple[tuple[str, str], ...]] = {
    "M023": (("keyring", "keyring"),),
    "M025": (("peer_block", "peer_block"),),
    "M029": (("policy", "policy"),),
    "M031": (("profile", "profile"),),
    "M112": (("profile", "profile"),),
    "M113": (("profile", "profile"),),
    "M169": (("list", "list"),),
    "M179": (("list", "list"),),
    "M182": (("list", "list"), ("authorization", "name")),
    "M183": (("list", "list"), ("username", "name")),
    "M215": (("pool", "pool"),),
    "M235": (("profile", "profile"),),
}
_OPERATOR = frozenset({"M227", "M279", "M335", "M336", "M348"})
_ENDS = frozenset({"M137", "M087", "M323"})
_LOOKED_AT = frozenset((*_NAMED, *_OPERATOR, *_ENDS, *WATCHED))
_OPERATOR_SECONDS = 5.0  # a deletion so long after what an operator did is its effect
_OPERATOR_LINES = 60  # the same in a log without clocks
_REPLACED_LINES = 60


class LogReader:
    """Reads one log. `coverage` and `names` are complete when `negotiations` has ended."""

    def __init__(self, blocks: Iterable[bytes], path: str) -> None:
        self.coverage = Coverage()
        self.names: dict[str, set[str]] = {}
        self._blocks = blocks
        self._origin = TextFile(path, ())
        self._lines = LineReader(self.coverage, self._origin)
        self._watch = Watch(self.coverage, self._origin)
        self._next_id = [0]
        self._routers: dict[str, Attribution] = {}
        self._last: Attribution | None = None

    def negotiations(self) -> Iterator[Negotiation]:
        """Each negotiation as it closes, those still open at the end of the log last."""
        sweep = SWEEP
        router = self._last = self._router("")
        device, table, place = "", router.table, router.place
        for event in self.events():
            if event.device != device:
                device = event.device
                router = self._last = self._router(device)
                table, place = router.table, router.place
            place(event)
            if event.message in _LOOKED_AT:
                self._look(event, router)
            if event.line > sweep:
                sweep = event.line + SWEEP
                for one in self._routers.values():
                    one.table.close_idle(event.line)
                    one.table.thin()
            if table.closed:
                yield from self._closed(table)
        for router in self._routers.values():
            router.finish()
            for epoch in sorted(router.table.alive(), key=lambda e: e.n.id):
                router.table.close(epoch)
            yield from self._closed(router.table)
        self._watch.finish()

    def events(self) -> Iterator[Event]:
        """The events of the log in file order; the records that recur are read from memory."""
        reader, scanner, coverage = self._lines, Scanner(), self.coverage
        number = 0
        for whole in whole_lines(self._blocks):
            shape = reader.learn(whole)
            last: Item | None = None
            device = shape.device if shape is not None else ""
            for item in scanner.items(whole, shape, number):
                line, _, ids, what, _ = item
                if ids is not None:
                    assert shape is not None
                    assert isinstance(what, Atom)
                    reader.give_up()
                    coverage.ikev2_lines += 1
                    coverage.recognised += 1
                    coverage.debugs.add(DEBUG_OF.get(ids.tag, "ikev2"))
                    last = item
                    if device:
                        coverage.hostnames.setdefault(device, line)
                        device = ""
                    if shape.numbered:
                        m = shape.head.fullmatch(item[1])
                        assert m is not None
                        reader.count(line, shape.device, int(m[1]), events_of(item, shape, "")[0].raw)
                    yield from events_of(item, shape, reader.prompt)
                    continue
                if last is not None and shape is not None:
                    reader.resume(record_of(last, shape, reader.prompt))
                    last = None
                assert isinstance(what, bytes)
                for one in lines(what):
                    line += 1
                    yield from reader.read(line, one)
            if last is not None and shape is not None:
                reader.resume(record_of(last, shape, reader.prompt))
            number += whole.count(b"\n")
        reader.finish(number)

    def _look(self, event: Event, router: Attribution) -> None:
        """What a message says beyond its negotiation: names of objects, and why negotiations end."""
        message = event.message
        self._watch.tick(event)
        if message in WATCHED:
            self._watch.look(event)
        elif message in _NAMED:
            self._name(event)
        elif message in _OPERATOR:
            if message != "M279" or event.fields.get("state") == "OFF":
                seen = Seen.at(event.text, event.line, event.raw, self._origin)
                router.table.operator = (seen, event.clock)
                _explain_deletions(router.table, event)
        elif router.current is not None:
            _explain_end(router.table, router.current, event, self._watch)

    def _closed(self, table: EpochTable) -> Iterator[Negotiation]:
        closed, table.closed = table.closed, []
        for epoch in closed:
            conclude(epoch)
            n = epoch.n
            if not n.started_inside and n.milestone < Milestone.SESSION_UP and n.session:
                self.coverage.is_excerpt = True
            self._watch.closed(n)
            yield n

    def _router(self, device: str) -> Attribution:
        """The state of the router that printed a line; a line without a name is of the router that printed last."""
        routers = self._routers
        found = routers.get(device)
        if found is not None:
            return found
        if self._last is not None and (not device or len(routers) >= ROUTERS_LIMIT):
            return self._last
        if "" in routers:  # the first name in the log is of the router whose lines came before it
            found = routers.pop("")
            found.table.device = device
        else:
            found = Attribution(EpochTable(self._origin, device, self._next_id), observe)
        routers[device] = found
        return found

    def _name(self, event: Event) -> None:
        for kind, field in _NAMED[event.message]:
            names = self.names.setdefault(kind, set())
            value = event.fields.get(field)
            if value and len(names) < NAMES_LIMIT:
                names.add(value)


def _at_once(line: int, clock: str, other_line: int, other_clock: str) -> bool:
    """Whether two lines are so close that one may explain the other."""
    gap = apart(clock, other_clock)
    return abs(line - other_line) <= _OPERATOR_LINES if gap is None else gap <= _OPERATOR_SECONDS


def _explain_deletions(table: EpochTable, action: Event) -> None:
    """The line about a change of configuration comes when the operator leaves the mode: after its effect."""
    for epoch in table.recent(action.line, _OPERATOR_LINES):
        n = epoch.n
        if n.deleted is not None and n.operator_action is None:
            clock = n.footprints[-1][0].clock if n.footprints else ""
            if _at_once(action.line, action.clock, n.deleted.line, clock):
                n.operator_action = Seen.at(action.text, action.line, action.raw, table.origin)


def _explain_end(table: EpochTable, gone: Epoch, event: Event, watch: Watch) -> None:
    """Why an SA ended: an operator, or the peer's INITIAL_CONTACT in another negotiation (RFC 7296 section 2.4)."""
    n = gone.n
    if table.operator is not None and n.operator_action is None:
        action, clock = table.operator
        if n.first_line < action.line and _at_once(event.line, event.clock, action.line, clock):
            n.operator_action = action
    if n.replaced_by is not None or n.deleted is None:
        return
    successor: Negotiation | None = None
    for other in table.recent(event.line, _REPLACED_LINES):
        new = other.n
        if other is gone or new.initial_contact is None or new.milestone < Milestone.PEER_AUTHENTICATED:
            continue
        same = n.peer is None or new.peer == n.peer or (new.identity is not None and new.identity == n.identity)
        if same and (gone.superseded or n.session_up is not None):
            successor = new
    if successor is not None:
        n.replaced_by = successor.id
        watch.replaced(n, successor)
