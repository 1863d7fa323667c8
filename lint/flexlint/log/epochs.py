"""Epochs: one attempt to set up one IKE SA while it is being read, and the table of those that are alive.

Comes in: which ids and SPIs a line prints. Goes out: the `Epoch` that owns them, opened where none does. SESSION ID and
SA ID are reused by later attempts, even by consecutive ones, so that they name an epoch only while it lives; an SPI
(RFC 7296 section 3.1) names it for good. An epoch keeps its records as they came; what they say is written down when
somebody wants to know it. Memory is bounded: see the limits below.
"""

from __future__ import annotations

from array import array
from collections import deque
from copy import copy, deepcopy
from dataclasses import field
from operator import itemgetter

from flexlint.fact import fact
from flexlint.log.atoms import Atom, Record, Spis, clock_of, events_of, raw_of
from flexlint.log.draft import Draft
from flexlint.log.model import Milestone, Negotiation, Side
from flexlint.log.negotiations import observe
from flexlint.log.outcome import conclude
from flexlint.log.sight import Sight
from flexlint.log.states import CERTAINTIES, RANK, State, beginning
from flexlint.place import Certainty, Origin, Seen

LIVE_LIMIT = 2048  # negotiations alive at once in one router's log; the longest idle are closed beyond it
IDLE_LINES = 250_000  # a negotiation that no line named for so long is closed
RECORD_LIMIT = 600  # records kept of one negotiation before they are written down
RECORD_BUDGET = 15_000  # records kept loose of all that are alive, about; looked at now and then
PREFIX_LIMIT = 1000
LINGERING = 300  # lines for which a deleted negotiation may still be named
WAITED = 50  # records at the beginning among which lines may stand that waited for their owner
RIVALS = 4
NO_SPI = "0000000000000000"
_ATOM = itemgetter(3)
# Messages after which lines may be attributed by what they name. The values stay with the epoch, see `Epoch.claim`.
NAMING = frozenset({"M001", "M002", "M094", "M111", "M263"})
CLAIMS = frozenset({*NAMING, "M020", "M137", "M221", "M224", "M225", "M226", "M231"})


class _Packed:
    """The records of a quiet negotiation, in little space."""

    __slots__ = ("atoms", "extras", "heads", "ids", "lines", "widths")

    def __init__(self, records: list[Record]) -> None:
        lines, heads, self.ids, self.atoms, extras = zip(*records, strict=True)
        self.lines = array("Q", lines)
        self.heads = b"".join(heads)
        self.widths = array("H", map(len, heads))
        self.extras = {i: extra for i, extra in enumerate(extras) if extra is not None}
        shared: dict[str, str] = {}
        for extra in self.extras.values():
            if isinstance(extra, Spis):
                extra.share(shared)

    def record(self, i: int) -> Record:
        at = sum(self.widths[:i])
        head = self.heads[at : at + self.widths[i]]
        return self.lines[i], head, self.ids[i], self.atoms[i], self.extras.get(i)

    def records(self) -> list[Record]:
        found: list[Record] = []
        at = 0
        for i, (line, width, ids, atom) in enumerate(zip(self.lines, self.widths, self.ids, self.atoms, strict=True)):
            found.append((line, self.heads[at : at + width], ids, atom, self.extras.get(i)))
            at += width
        return found


@fact
class Epoch:
    """A negotiation in the making: its records, and what the attribution of later lines depends on."""

    table: EpochTable
    id: int
    session: str
    sa: str
    first_line: int
    first_clock: str
    opening: Sight
    state: State
    device: str  # name of its router, where one was known when it began
    first_text: str = ""
    records: list[Record] = field(default_factory=list)  # the loose ones, after those of `packed`
    codes: list[int] = field(default_factory=list)  # of all records: four times the mark, and the rank of the certainty
    packed: list[_Packed] = field(default_factory=list)
    draft: Draft | None = None  # of a negotiation that was too long to be kept as records
    shares: dict[int, tuple[int, ...]] = field(default_factory=dict)  # number of a record to who may own it too
    last_line: int = 0
    last_message: str = ""  # id of the last event that came with ids
    last_clock: str = ""
    initiator_spi: Seen | None = None
    responder_spi: Seen | None = None
    peer: str = ""
    naming: Atom | None = None  # the record that says the peer's identity
    ends: tuple[Seen, Seen, Seen] | None = (
        None  # peer, port and local address, where a line of the event trace has them
    )
    vrf: str = ""  # of a route over it
    interface: str = ""
    interface_certainty: Certainty = Certainty.LOW
    networks: list[Atom] = field(default_factory=list)  # attributes of its configuration payloads
    operator_action: Seen | None = None
    replaced_by: int | None = None
    ambiguities: list[str] = field(default_factory=list)
    given_role: Side = Side.UNKNOWN  # where no line says it
    deleted: bool = False
    deleted_line: int = 0  # of the line that says so; 0 when none did
    deleted_clock: str = ""
    closed: bool = False  # handed out: nothing may be added any more
    guessed: bool = False  # its ids were given to it by the order of lines alone
    shared_with: tuple[int, ...] = ()  # ids of the negotiations that the interface line being read may belong to
    doubted: set[str] = field(default_factory=set)
    rivals: list[Epoch] = field(default_factory=list)  # other live epochs with the same SA ID

    def take(self, sight: Sight, certainty: Certainty = Certainty.CERTAIN) -> None:
        """A record of this negotiation."""
        atom = sight.atom
        rank = RANK[certainty]
        if rank == 3 and self.shared_with:
            self.shares[len(self.codes)] = self.shared_with
        self.records.append(sight.record)
        code = atom.mark * 4 + rank
        self.codes.append(code)
        self.state = self.state.next.get(code) or self.step(code)
        line = sight.line + atom.span
        if line > self.last_line:
            self.last_line = line
        if atom.message in CLAIMS:
            self.claim(sight, certainty)
        if len(self.codes) > RECORD_LIMIT:
            self.write_down()

    def took(self, record: Record) -> None:
        """What `take` does after the record was added."""
        if record[3].message in CLAIMS:
            self.claim(Sight(record), CERTAINTIES[self.codes[-1] & 3])
        if len(self.codes) > RECORD_LIMIT:
            self.write_down()

    def step(self, code: int) -> State:
        return self.state.after(code, events_of(self.records[-1], ""))

    def claim(self, sight: Sight, certainty: Certainty) -> None:
        """Notes what later lines without ids may name: addresses, interfaces, prefixes; and its end."""
        message, fields = sight.message, sight.fields
        if message in NAMING:
            self.named(message, sight.atom)
        elif message == "M137":
            self.deleted_line = self.deleted_line or sight.line
            self.deleted_clock = self.deleted_clock or sight.clock
            self.table.delete(self)
        elif message == "M020":
            if self.initiator_spi is None:
                self.initiator_spi = self.seen(fields["initiator_spi"].upper(), sight, certainty)
                self.table.claim(self, self.initiator_spi)
        elif certainty is not Certainty.LOW:
            name = fields.get("interface", "")
            if message == "M221":
                self.vrf = self.vrf or fields["vrf"]
                if not self.interface or self.interface_certainty is not Certainty.CERTAIN:
                    self.table.bind(self, name, certainty)
            elif message == "M231":
                if not self.interface and name.startswith("Vi"):
                    self.table.bind(self, virtual_access(name), certainty)
            elif fields.get("state") == "up" and not self.interface and name.startswith("Virtual-Access"):
                self.table.bind(self, name, certainty)

    def named(self, message: str, atom: Atom) -> None:
        """A message of NAMING, with ids: its peer, that one's identity, a network of its configuration payloads."""
        if message == "M094":
            if len(self.networks) < PREFIX_LIMIT:
                self.networks.append(atom)
        elif message == "M111":
            self.naming = atom
        elif message == "M263":
            self.naming = self.naming or atom
        elif not self.peer:
            self.peer = atom.fields["peer"]
            self.table.at_peer(self, self.peer)

    @property
    def identity(self) -> str:
        """The peer's."""
        if self.naming is None:
            return ""
        return self.naming.fields["identity" if self.naming.message == "M111" else "peer_identity"]

    def seen(self, value: str, sight: Sight, certainty: Certainty = Certainty.CERTAIN) -> Seen:
        return Seen.at(value, sight.line, sight.raw, self.table.origin, certainty)

    def all_records(self) -> list[Record]:
        return [*(record for some in self.packed for record in some.records()), *self.records]

    def pack(self) -> None:
        """Keeps the records in less space."""
        if self.records:
            self.last_clock = clock_of(self.records[-1]) or self.last_clock
            self.packed.append(_Packed(self.records))
            self.records = []

    def write_down(self) -> Draft:
        """The facts of all records so far; the records are not kept."""
        draft = self.draft
        if draft is None:
            draft = self.draft = Draft(Negotiation(self.id, self.table.origin, device=self.device))
            draft.n.role = self.given_role
            if self.ends is not None:
                draft.n.peer, draft.n.peer_port, draft.n.local = self.ends
        draft.n.initiator_spi, draft.n.responder_spi = self.initiator_spi, self.responder_spi
        records = self.all_records()
        number = len(self.codes) - len(records)
        for record in records:
            certainty = CERTAINTIES[self.codes[number] & 3]
            draft.shared_with = self.shares.get(number, ())
            number += 1
            for event in events_of(record, self.table.device):
                observe(draft, event, certainty)
                certainty = Certainty.CERTAIN
        if records:
            self._span(records)
        self.packed, self.records = [], []
        self.codes.clear()
        self.shares.clear()
        return draft

    def atoms(self) -> list[Atom]:
        """The atoms of all records, in their order."""
        atoms = list(map(_ATOM, self.records))
        return [*(a for some in self.packed for a in some.atoms), *atoms] if self.packed else atoms

    @property
    def mark(self) -> bytes:
        """The first letter of its first line: `*` where the router's clock is not set."""
        return self.packed[0].heads[:1] if self.packed else self.records[0][1][:1]

    def measure(self) -> None:
        """Finds first line and last clock, also where lines waited for their owner."""
        lines = self.packed[0].lines[:WAITED] if self.packed else [record[0] for record in self.records[:WAITED]]
        first = min(lines)
        if first < self.first_line:
            self.first_line, self.first_clock = first, clock_of(self.record_at(list(lines).index(first)))
        if self.records:
            self.last_clock = clock_of(self.records[-1]) or self.last_clock

    def record_at(self, number: int) -> Record:
        for some in self.packed:
            if number < len(some.lines):
                return some.record(number)
            number -= len(some.lines)
        return self.records[number]

    def numbers(self, *messages: str) -> list[int]:
        """The number of the first record with each of these messages; -1 where there is none."""
        found = [atom.message for atom in self.atoms()]
        return [found.index(message) if message in found else -1 for message in messages]

    def so_far(self) -> Negotiation:
        """The facts of a negotiation that goes on."""
        twin = copy(self)
        twin.codes, twin.shares, twin.draft = [*self.codes], {**self.shares}, deepcopy(self.draft)
        return twin.write_down().n

    def _span(self, records: list[Record]) -> None:
        """First line and last clock, also where lines waited for their owner."""
        first = min(records[:WAITED], key=_line)
        if first[0] <= self.first_line:
            self.first_line, self.first_clock, self.first_text = first[0], clock_of(first), raw_of(first)
        self.last_clock = clock_of(records[-1]) or self.last_clock

    def negotiation(self) -> Negotiation:
        """What it was, and how it ended."""
        draft = self.write_down()
        n = draft.n
        n.session, n.sa = self.session, self.sa
        n.operator_action, n.replaced_by = self.operator_action, self.replaced_by
        n.ambiguities = self.ambiguities
        n.first_line, n.first_clock, n.first_text = (
            self.first_line,
            self.first_clock,
            self.first_text or self.opening.raw,
        )
        n.last_line, n.last_clock = max(self.last_line, self.first_line), self.last_clock or self.first_clock
        draft.deleted = self.deleted
        conclude(draft)
        return n

    @property
    def latest_clock(self) -> str:
        """The clock of its last record."""
        return clock_of(self.records[-1]) if self.records else self.last_clock

    def offers(self, prefix: str) -> bool:
        """Whether a configuration payload of this negotiation named this network and mask."""
        return any(
            atom.fields.get("value") == prefix for atom in self.networks if not atom.first or prefix in atom.first
        )

    @property
    def cloning(self) -> bool:
        """Between authentication and the creation of the IPsec SA: a virtual-access interface is being made."""
        return (
            not self.deleted
            and self.state.role is not Side.INITIATOR
            and Milestone.PEER_AUTHENTICATED <= self.state.milestone < Milestone.IPSEC_SA
        )

    def last_field(self, messages: frozenset[str], name: str) -> str:
        """The field of the newest record of these messages; empty when there is none."""
        for _, _, _, atom, _ in reversed(self.all_records()):
            if atom.message in messages:
                return atom.fields.get(name, "")
        return ""

    def doubt(self, sentence: str, about: str = "") -> None:
        """Notes that the attribution of something to this negotiation is ambiguous; once for each thing it is about."""
        about = about or sentence
        if about not in self.doubted and len(self.doubted) < 20:
            self.doubted.add(about)
            self.ambiguities.append(sentence)

    @property
    def name(self) -> str:
        ids = f"SESSION {self.session}/SA {self.sa}" if self.session else f"SA {self.sa}" if self.sa else "without ids"
        return f"negotiation {self.id} ({ids})"


def _line(record: Record) -> int:
    return record[0]


def virtual_access(name: str) -> str:
    """`Vi1` in full."""
    return "Virtual-Access" + name.removeprefix("Virtual-Access").removeprefix("Vi")


class EpochTable:
    """The live epochs of one router, by ids, by SPI, by peer address and by interface."""

    __slots__ = (
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
            self.name(epoch, session, sa)
        self.bury(event.line)
        self.opened += 1
        if self.opened % 64 == 0:
            self.thin()
        if len(self._order) > LIVE_LIMIT:
            for oldest in list(self._order.values())[: LIVE_LIMIT // 4]:
                self.close(oldest)
        return epoch

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
        self.by_ids.pop((epoch.session, epoch.sa), None)
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
