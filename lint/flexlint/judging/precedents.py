"""Negotiations that went as an earlier one did, and what was said of that.

Comes in: epochs as they close; for those that no earlier one was like, their negotiation and its judgement. Goes out:
`Precedent`, from which a later one of the same kind is summed up and counted without being written down or judged.

Two negotiations are alike when their records have the same marks in the same order and their values are equal to each
other in the same way: then every fact but the values themselves is the same. How surely a line is of its negotiation
tells two apart only where a handler asks for it. They are the same when the values and the certainties are equal too.
Being alike is enough where nothing was found and the checks looked at no value; the fields that they read are watched.
Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import chain
from operator import attrgetter
from typing import NamedTuple, TypeVar

from flexlint.fact import names_of
from flexlint.log.epochs import Epoch
from flexlint.log.marks import message_of
from flexlint.log.model import Negotiation, Outcome
from flexlint.log.reader import is_cut
from flexlint.report.model import NegotiationSummary

KEPT = 1024  # precedents of each kind; when there are more, all are met anew
Code = tuple[object, ...]
K = TypeVar("K")

# Fields that are equal in negotiations which are alike: no value of VALUES in `marks` goes into them.
_ALIKE = frozenset(
    "aaa_verdict authorization_answered authorization_asked behind_nat child_rekeys config_data_valid default_policy "
    "deleted deleted_by_peer device dh_group doubts dpd errors expected expected_empty failure identity_type "
    "initial_contact lifetime milestone nat nat_found notifies_received notifies_sent offered_esp offered_ike "
    "operator_action origin outcome own_method peer_method profile_missing received refused_group replaced_by "
    "retransmits role session_up started_inside steps_dropped unanswered".split()
)
# Messages whose handlers ask for the certainty; and those that with little of it are only listed, as
# `interface_events`. No check may read the certainty of a value (a test sees to that).
_WEIGHED = frozenset({"M221", "M222", "M224", "M225", "M226", "M231", "M272"})
_LISTED = frozenset({"M224", "M225", "M226"})
_SUMMED = tuple(field.name for field in fields(NegotiationSummary))
_VALUED = tuple(
    _SUMMED.index(name)
    for name in (
        *("peer", "local", "identity", "profile", "keyring", "peer_block", "policy", "aaa_list", "aaa_name"),
        *("virtual_access", "assigned_address"),
    )
)
_VALUES = attrgetter("values")
_ROUTES = _SUMMED.index("routes")


class Precedent(NamedTuple):
    """What was said of a negotiation, and of which of its values its summary is made."""

    silences: tuple[tuple[str, str], ...]  # rule and reason
    found: tuple[str, ...]  # fingerprints
    rules: list[str]
    excerpt: bool
    outcome: Outcome
    by_peer: bool  # it came up, and the peer deleted it
    cause: str  # the text of its first error
    summary: tuple[object, ...]  # arguments of NegotiationSummary
    values: tuple[tuple[int, int], ...]  # argument, and the value it is
    routes: tuple[tuple[int, int], ...]  # the values that each route is made of


class Case:
    """A closed epoch as it is looked up."""

    __slots__ = ("_epoch", "_same", "alike", "values")

    def __init__(self, alike: Code, values: tuple[str, ...], epoch: Epoch) -> None:
        self.alike = alike
        self.values = values  # without those of lines that are only listed
        self._epoch = epoch
        self._same: Code | None = None

    @property
    def same(self) -> Code:
        """What it says to the letter; to be asked for first before the epoch is written down."""
        if self._same is None:
            epoch = self._epoch
            self._same = (self.alike, self.values, tuple(epoch.codes), tuple([a.values for a in epoch.atoms()]))
        return self._same

    def summary(self, precedent: Precedent, epoch: Epoch, number: int) -> NegotiationSummary:
        """The epoch in the words of an earlier one. `number` is its id in the report."""
        arguments = [*precedent.summary]
        values = self.values
        for argument, value in precedent.values:
            arguments[argument] = values[value]
        arguments[_ROUTES] = [f"{values[network]} {values[mask]}" for network, mask in precedent.routes]
        summary = NegotiationSummary(*arguments)  # type: ignore[arg-type]
        summary.id = number
        summary.first_line, summary.last_line = epoch.first_line, max(epoch.last_line, epoch.first_line)
        summary.first_clock, summary.last_clock = epoch.first_clock, epoch.last_clock or epoch.first_clock
        return summary


class _Watched(Negotiation):
    """A negotiation that notes which of its fields are read."""

    __slots__ = ("read",)
    read: set[str]

    def __getattribute__(self, name: str) -> object:
        value = object.__getattribute__(self, name)
        if value and name != "read":  # that there is none is so in all that are alike
            object.__getattribute__(self, "read").add(name)
        return value


def watched(negotiation: Negotiation) -> tuple[Negotiation, set[str]]:
    """A copy that is judged in its place, and the names of the fields that are read of it."""
    copy = _Watched.__new__(_Watched)
    copy.read = set()
    for name in names_of(Negotiation):
        setattr(copy, name, getattr(negotiation, name))
    return copy, copy.read


class Precedents:
    """What was judged in one log."""

    def __init__(self) -> None:
        self._alike: dict[Code, Precedent] = {}
        self._same: dict[Code, Precedent] = {}
        self._silences: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}  # a few, shared by all

    def find(self, case: Case) -> Precedent | None:
        return self._alike.get(case.alike) or self._same.get(case.same)

    def keep(
        self,
        case: Case,
        summary: NegotiationSummary,
        silences: Sequence[tuple[str, str]],
        found: Sequence[str],
        rules: list[str],
        negotiation: Negotiation,
        read: set[str] | None,
    ) -> None:
        """A judgement. `read` are the fields that the checks looked at; None when they looked at all of it."""
        n = negotiation
        by_peer = n.outcome is Outcome.DELETED and n.session_up is not None and n.deleted is not None
        by_peer = by_peer and bool(n.deleted_by_peer) and n.replaced_by is None
        arguments = tuple(getattr(summary, name) for name in _SUMMED)
        values, routes = _sources(summary, arguments, case.values)
        if values is None or routes is None:
            return
        cause = str(n.failure.seen) if n.failure is not None else ""
        if len(self._silences) >= KEPT:
            self._silences.clear()
        heard = self._silences.setdefault(tuple(silences), tuple(silences))
        said = (heard, tuple(found), rules, is_cut(n), n.outcome, by_peer, cause)
        precedent = Precedent(*said, arguments, values, routes)
        if not found and not summary.cause and read is not None and read <= _ALIKE:
            _put(self._alike, case.alike, precedent)
        else:
            _put(self._same, case.same, precedent)


def _put(kept: dict[K, Precedent], key: K, precedent: Precedent) -> None:
    if len(kept) >= KEPT:
        kept.clear()
    kept[key] = precedent


def _sources(
    summary: NegotiationSummary, arguments: Sequence[object], values: Sequence[str]
) -> tuple[tuple[tuple[int, int], ...] | None, tuple[tuple[int, int], ...] | None]:
    """For each valued argument, and each route, which of the values it is; None where one is of none."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        first.setdefault(value, index)
    try:
        valued = tuple((i, first[str(arguments[i])]) for i in _VALUED if arguments[i])
        routes = tuple((first[network], first[mask]) for network, _, mask in (r.partition(" ") for r in summary.routes))
    except KeyError:
        return None, None
    return valued, routes


def case_of(epoch: Epoch) -> Case | None:
    """How a closed epoch is looked up; None for one that is like no other: too long, or ended by somebody."""
    if epoch.draft is not None or epoch.ends is not None or epoch.operator_action is not None or not epoch.codes:
        return None
    atoms, codes = epoch.atoms(), epoch.codes
    reduced = list(map(_reduced.__getitem__, codes))
    if 0 in reduced:
        atoms = [atom for atom, code in zip(atoms, reduced, strict=True) if code]
        reduced = [code for code in reduced if code]
    values = list(chain.from_iterable(map(_VALUES, atoms)))
    first = dict(zip(reversed(values), range(len(values) - 1, -1, -1), strict=True))
    pattern = tuple(map(first.__getitem__, values))
    ended = (epoch.deleted, epoch.deleted_line > 0, epoch.replaced_by is not None, epoch.given_role, epoch.device)
    known = (epoch.initiator_spi is None, epoch.responder_spi is None, epoch.mark, bool(epoch.session))
    epoch.measure()
    alike = (tuple(reduced), pattern, *ended, *known)
    return Case(alike, tuple(values), epoch)


class _Reduced(dict[int, int]):
    """The codes of an epoch without the certainties that no handler asks for; 0 for a record that is only listed."""

    def __missing__(self, code: int) -> int:
        message = message_of(code >> 2)
        weighed = message in _WEIGHED
        self[code] = (0 if message in _LISTED and code & 3 == 3 else code) if weighed else code & ~3
        return self[code]


_reduced = _Reduced()
