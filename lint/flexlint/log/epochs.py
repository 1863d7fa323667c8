"""Epochs: one attempt to set up one IKE SA while it is being read.

Comes in: the records that are its own, each with the certainty of that. Goes out: the `Epoch`, what the attribution of
later lines may ask of it, and at its end the `Negotiation`. It keeps its records as they came; what they say is written
down when somebody wants to know it. Nothing here looks for the owner of a record.
"""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import field
from itertools import chain
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from flexlint.fact import fact
from flexlint.log.atoms import Atom, Record, clock_of, events_of, raw_of
from flexlint.log.draft import Draft
from flexlint.log.model import Milestone, Negotiation, Side
from flexlint.log.negotiations import observe
from flexlint.log.outcome import conclude
from flexlint.log.packed import Packed
from flexlint.log.sight import Sight
from flexlint.log.states import CERTAINTIES, RANK, State
from flexlint.place import Certainty, Seen

if TYPE_CHECKING:
    from flexlint.log.table import EpochTable

RECORD_LIMIT = 600  # records kept of one negotiation before they are written down
PREFIX_LIMIT = 1000
WAITED = 50  # records at the beginning among which lines may stand that waited for their owner
_ATOM = itemgetter(3)
_ATOMS = attrgetter("atoms")
_MESSAGE = attrgetter("message")
# Messages after which lines may be attributed by what they name. The values stay with the epoch, see `Epoch.claim`.
NAMING = frozenset({"M001", "M002", "M094", "M111", "M263"})
CLAIMS = frozenset({*NAMING, "M020", "M137", "M221", "M224", "M225", "M226", "M231"})


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
    packed: list[Packed] = field(default_factory=list)
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
    ended_by: Seen | None = None  # the restart of the router that ended it
    replaced_by: int | None = None
    ambiguities: list[str] = field(default_factory=list)
    given_role: Side = Side.UNKNOWN  # where no line says it
    deleted: bool = False
    deleted_line: int = 0  # of the line that says so; 0 when none did
    deleted_clock: str = ""
    closed: bool = False  # handed out: nothing may be added any more
    lost: bool = False  # it may go on: it had to be closed early
    resumed: bool = False  # it goes on with a negotiation that was lost
    guessed: bool = False  # its ids are given to it by the order of lines alone
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
            self.packed.append(Packed(self.records))
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
        return [*chain.from_iterable(map(_ATOMS, self.packed)), *atoms] if self.packed else atoms

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
        found = list(map(_MESSAGE, self.atoms()))
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
        n.deleted = n.deleted or self.ended_by
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
