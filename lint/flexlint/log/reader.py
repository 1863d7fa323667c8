"""A log to its negotiations: the entry of this package.

Comes in: blocks of bytes and the path the user gave. Goes out: each `Negotiation` once it is closed, the `Coverage` of
the log and the object names it mentions. One pass, bounded memory. Nothing here knows a configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from flexlint.log.atoms import (
    SYSTEM,
    Lines,
    Stretch,
    clock_of,
    debug_of,
    events_of,
    raw_of,
    remembered,
)
from flexlint.log.attribution import Attribution
from flexlint.log.endings import explain_deletions, explain_end, is_action, restart
from flexlint.log.epochs import Epoch
from flexlint.log.events import Event, LineReader, read_events
from flexlint.log.headers import HeaderShape
from flexlint.log.model import Coverage, Milestone, Negotiation, Outcome
from flexlint.log.phrases import Phrases
from flexlint.log.prepare import counted, is_mended, prepared
from flexlint.log.scan import lines, whole_lines
from flexlint.log.scanner import Scanner
from flexlint.log.sight import Sight, sight_of
from flexlint.log.table import EpochTable
from flexlint.log.watch import WATCHED, Watch, at_once
from flexlint.place import Seen, TextFile

if TYPE_CHECKING:
    from flexlint.inputs.plainfile import PlainFile

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
_ENDS = frozenset({"M137", "M087", "M282", "M323"})
_LOOKED_AT = frozenset((*_NAMED, *_OPERATOR, *_ENDS, *WATCHED, "M341"))


_KIND = attrgetter("kind")
_Batch = tuple[list[Stretch | Lines], int, HeaderShape | None]  # items, the lines they are of, the header


class LogReader:
    """Reads one log. `coverage` and `names` are complete when `negotiations` has ended."""

    def __init__(
        self, blocks: Iterable[bytes], path: str, quickly: bool = True, file: PlainFile | None = None, jobs: int = 1
    ) -> None:
        """`quickly` false reads each line the long way, which gives the same and is there to be compared with.

        `file` is what `blocks` are the bytes of, where that is a large plain file that `jobs` processes may read."""
        self.coverage = Coverage()
        self.names: dict[str, set[str]] = {}
        self._quickly = quickly
        self._file = file if jobs > 1 else None
        self._jobs = jobs
        self._origin = TextFile(path, ())
        self._blocks = prepared(blocks, self.coverage, self._origin, self._named)
        self._lines = LineReader(self.coverage, self._origin)
        self._scanner = Scanner()
        self.position = 0  # bytes read so far, as they are after unpacking
        self._watch = Watch(self.coverage, self._origin)
        self._phrases = Phrases(_LOOKED_AT - _NAMED.keys(), _LOOKED_AT)
        self._next_id = [0]
        self._routers: dict[str, Attribution] = {}
        self._last: Attribution | None = None

    def negotiations(self) -> Iterator[Negotiation]:
        """Each negotiation as it closes, those still open at the end of the log last."""
        for epoch in self.epochs():
            yield self.written_down(epoch)

    def counted(
        self, epoch: Epoch, outcome: Outcome, excerpt: bool, by_peer: bool, local: str, lent: str, profile: str
    ) -> bool:
        """Counts a closed negotiation that went as an earlier one did, instead of writing it down. `by_peer`: it came
        up, and the peer deleted it; `lent`: the address that it gave the peer, by this profile. False where it must be
        written down after all."""
        if not self._watch.knows(local):
            return False
        if by_peer:
            up, told, deletes, gone = epoch.numbers("M263", "M284", "M285", "M137")
            end = min((number for number in (told, deletes) if number >= 0), default=gone)
            first, last = epoch.record_at(up), epoch.record_at(end)
            if at_once(first[0], clock_of(first), epoch.record_at(gone)[0], clock_of(last)):
                return False
        if lent and not self._watch.lend(lent, profile, epoch):
            return False
        if excerpt and not epoch.resumed:
            self.coverage.is_excerpt = True
        self._watch.ended(epoch.peer, outcome, epoch.first_line, max(epoch.last_line, epoch.first_line))
        return True

    def let_go(self, line: int, deleted: bool) -> Iterator[Negotiation]:
        """Closes what no line after this one has named, and what was deleted: for a log that rests.

        May be called whenever the blocks are waited for."""
        for router in self._routers.values():
            for epoch in router.table.alive():
                if epoch.last_line <= line or (deleted and epoch.deleted):
                    router.table.close(epoch)
            closed, router.table.closed = router.table.closed, []
            if closed:
                router.forget()
            for epoch in closed:
                yield self.written_down(epoch)

    def written_down(self, epoch: Epoch) -> Negotiation:
        """What a closed negotiation was."""
        n = epoch.negotiation()
        if is_cut(n) and not epoch.resumed:
            self.coverage.is_excerpt = True
        self._watch.closed(n, epoch.lost)
        sent = self.names.setdefault("own_identity", set())
        if n.own_identity is not None and len(sent) < NAMES_LIMIT:
            sent.add(str(n.own_identity))
        return n

    def epochs(self) -> Iterator[Epoch]:
        """Each negotiation as it closes, before it is written down."""
        self._last = self._router("")
        sweep = SWEEP
        for one in self._read():
            if isinstance(one, Event):
                router = self._last = self._router(one.device)
                sight = sight_of(one)
                line = one.line
                router.place(sight)
                if one.message in _LOOKED_AT:
                    self._look(sight, router)
                yield from router.table.take_closed()
            else:
                yield from self._attributed(one)
                line = one.records[-1][0]
            if line > sweep:
                sweep = line + SWEEP
                for each in self._routers.values():
                    each.table.close_idle(line)
                    each.table.thin()
                    yield from each.table.take_closed()
        for router in self._routers.values():
            router.finish()
            yield from router.table.take_closed()
            left = sorted(router.table.alive(), key=attrgetter("id"), reverse=True)
            while left:  # one after the other: what is written down of each takes more room than its records
                router.table.close(left.pop())
                yield router.table.closed.pop()
        self._watch.finish()

    def _attributed(self, stretch: Stretch) -> Iterator[Epoch]:
        """Hands the records of a stretch to their negotiations, in phrases where they are known. Yields what closes."""
        records, atoms = stretch.records, stretch.atoms
        phrases = self._phrases
        router = self._last = self._router(stretch.ids[0].form.device or self._lines.prompt)
        table = router.table
        form, device, goes_on = stretch.ids[0].form, table.device, self._watch.goes_on
        clocks, steady = form.clock, form.steady
        phrases.enter(stretch)
        at, count = 0, len(records)
        while at < count:
            end = phrases.take(router, at)
            if end > 0:
                for offset in phrases.looked_at:
                    clock = records[at + offset][1][clocks] if steady else b""
                    if not atoms[at + offset].told or not steady or not goes_on(clock, device):
                        self._look(Sight(records[at + offset]), router)
                        if steady:
                            self._watch.steady(clock, device)
                at = end
                continue
            start, end = at, -end
            for at in range(start, end):
                router.read(records[at])
                if atoms[at].message in _LOOKED_AT:
                    self._look(Sight(records[at]), router)
                if table.closed:
                    yield from table.take_closed()
            phrases.learn(router, start, end)
            at = end

    def _named(self, device: str) -> None:
        """The preamble of the log names its router."""
        self._lines.prompt = device
        self.coverage.hostnames.setdefault(device, 1)

    def _read(self) -> Iterator[Stretch | Event]:
        return self._read_quickly() if self._quickly else read_events(self._blocks, self.coverage, self._origin)

    def _read_quickly(self) -> Iterator[Stretch | Event]:
        """Records from memory, and the events of lines that have to be read, in the order of the file."""
        reader = self._lines
        number = 0
        for items, length, shape in self._batches() if self._file is None else self._batches_of(self._file):
            last: Stretch | None = None
            for item in items:
                if isinstance(item, Stretch):
                    if reader.wrapped is not None:
                        reader.give_up()
                    self._note(item, shape)
                    last = item
                    yield item
                    continue
                if last is not None:
                    self._resume(last)
                    last = None
                line, block = item
                if not block:
                    reader.give_up()
                    continue
                for one in lines(block):
                    line += 1
                    yield from reader.read(line, one)
            if last is not None:
                self._resume(last)
            number += length
        reader.finish(number)

    def _resume(self, stretch: Stretch) -> None:
        """What follows a stretch may go on with its last record."""
        is_open = stretch.atoms[-1].open
        for record in reversed(stretch.records):
            if record[2].kind != SYSTEM:
                self._lines.resume(remembered(record, self._lines.prompt), is_open, record[2].form.device)
                return
        self._lines.record = None

    def _batches(self, blocks: Iterable[bytes] | None = None, number: int = 0) -> Iterator[_Batch]:
        """What each block says; `number` is the number of lines before the first."""
        scanner = self._scanner
        for whole in whole_lines(self._blocks if blocks is None else blocks):
            shape = self._lines.learn(whole)
            length = whole.count(b"\n")
            yield scanner.items(whole, shape, number), length, shape
            number += length
            self.position += len(whole)

    def _batches_of(self, file: PlainFile) -> Iterator[_Batch]:
        """What each range of a large file says, most of it found by other processes."""
        from flexlint.inputs.plainfile import BLOCK
        from flexlint.log.ranges import TABLES, Helpers

        cuts = list(file.ranges(0, b""))
        if is_mended(next(file.blocks(0, BLOCK), b"")):
            yield from self._batches()
            return
        number = 0
        for items, length, shape in self._batches(file.blocks(*cuts[0])):
            yield items, length, shape
            number += length
        shape = self._lines.shape
        if shape is None:
            yield from self._batches(file.blocks(cuts[0][1], file.size), number)
            return
        cuts = list(file.ranges(cuts[0][1], shape.sample[:1].encode("ascii")))
        helpers = Helpers(file.path, cuts, shape, self._scanner, self._jobs - 1)
        try:
            for index, (start, end) in enumerate(cuts):
                found = helpers.batches(index, number)
                if found is not None:
                    self._lines.shape = shape
                    for items, length in found:
                        yield items, length, shape
                        number += length
                    self.position = end
                    continue
                if any(TABLES in block for block in file.blocks(start, end)):
                    rest = counted(file.blocks(start, file.size), self.coverage, self._origin, number + 1)
                    yield from self._batches(rest, number)
                    return
                for items, length, other in self._batches(file.blocks(start, end), number):
                    yield items, length, other
                    number += length
        finally:
            helpers.close()

    def events(self) -> Iterator[Event]:
        """The events of the log in file order, as `epochs` meets them."""
        for one in self._read():
            if isinstance(one, Event):
                yield one
            else:
                for record in one.records:
                    yield from events_of(record, self._lines.prompt)

    def _note(self, stretch: Stretch, shape: HeaderShape | None) -> None:
        """What tags and headers say of the whole log."""
        coverage = self.coverage
        count = len(stretch.ids) - list(map(_KIND, stretch.ids)).count(SYSTEM)
        coverage.ikev2_lines += count
        coverage.recognised += count
        if self._scanner.fresh:
            for ids in dict.fromkeys(stretch.ids):
                if not ids.noted:
                    ids.noted = True
                    if ids.kind != SYSTEM:
                        coverage.debugs.add(debug_of(ids))
                    if ids.form.device:
                        line = stretch.records[stretch.ids.index(ids)][0]
                        coverage.hostnames.setdefault(ids.form.device, line)
        if shape is not None and shape.numbered:
            number = shape.head.fullmatch
            for record in stretch.records:
                if m := number(record[1]):
                    self._lines.count(record[0], shape.form.device, int(m[1]), partial(raw_of, record))

    def _look(self, event: Sight, router: Attribution) -> None:
        """What a message says beyond its negotiation: names of objects, and why negotiations end."""
        message = event.message
        self._watch.tick(event, router.table.device)
        if message in WATCHED:
            self._watch.look(event)
        elif message in _NAMED:
            if not event.atom.told:
                self._name(event)
                event.atom.told = True
        elif message in _OPERATOR:
            if is_action(event):
                seen = Seen.at(event.text, event.line, event.raw, self._origin)
                router.table.operator = (seen, event.clock)
                explain_deletions(router.table, event)
        elif message == "M341":
            restart(router.table, event)
            router.forget()
        elif router.current is not None:
            explain_end(router.table, router.current, event, self._watch)

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
            found = Attribution(EpochTable(self._origin, device, self._next_id))
        routers[device] = found
        return found

    def _name(self, event: Sight) -> None:
        for kind, field in _NAMED[event.message]:
            names = self.names.setdefault(kind, set())
            value = event.fields.get(field)
            if value and len(names) < NAMES_LIMIT:
                names.add(value)


def is_cut(n: Negotiation) -> bool:
    """Whether the beginning of a negotiation that never came up is not in the log."""
    return not n.started_inside and n.milestone < Milestone.SESSION_UP and bool(n.session)
