"""Negotiations drawn: a list with one line for each, and one of them as a ladder between peer and router.

Comes in: negotiations, and the configuration of their router where there is one. Goes out: lines of text, each with the
ink it is to have on a terminal. Control characters are left for the caller to show; keys are masked. Nothing here
prints or knows what a terminal is.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from flexlint.log.diagnosis import Diagnosis, diagnose, error_text
from flexlint.log.model import Milestone, Negotiation, Outcome, Side
from flexlint.mask import mask
from flexlint.story.trace import BEHIND_NAT, At, Row, rows

if TYPE_CHECKING:
    from flexlint.config.model import Device
    from flexlint.predict.model import Prediction

WAITING_LIMIT = 10_000  # lines of the list that wait until the negotiations before them are over
GAP = 1.0  # seconds without a line that are worth a line of their own
WIDTH = 100  # columns of text before it is cut
LANE = 34  # columns between the peer's rail and this router's
_MARGIN = " " * 30  # line number, time and gap stand here
_REACHED = {
    Milestone.FIRST_PACKET: "first packet",
    Milestone.SA_INIT_DONE: "IKE_SA_INIT done",
    Milestone.PEER_AUTHENTICATED: "peer authenticated",
    Milestone.AUTHORIZED: "authorization answered",
    Milestone.SESSION_UP: "IKE session up",
    Milestone.CHILD_ACCEPTED: "child SA accepted",
    Milestone.IPSEC_SA: "IPsec SA made",
    Milestone.INTERFACE_UP: "interface up",
    Milestone.ROUTES: "routes installed",
}
_MILESTONE_OF = {
    "M084": 1, "M126": 2, "M127": 2, "M185": 3, "M188": 3, "M263": 4, "M236": 5, "M254": 6, "M256": 6, "M250": 6,
    "M272": 6, "M224": 7, "M225": 7, "M226": 7, "M221": 8,
}  # fmt: skip


class Line(NamedTuple):
    """A line of output. `ink` is what it is: head, plain, good, bad, dim or note."""

    text: str
    ink: str = "plain"


# -- one negotiation -------------------------------------------------------------------------------------------------


def ladder(
    negotiation: Negotiation,
    device: Device | None = None,
    prediction: Prediction | None = None,
    full: bool = False,
    at: At | None = None,
) -> Iterator[Line]:
    """One negotiation: who, how it ended, then every step from top to bottom. `at` is the file and line of a line.

    The peer's rail is on the left, this router's on the right, with what it did or found beside it. Below a step stand
    the lines of the configuration that account for it. `full` shows the lines that say nothing to a reader, too."""
    n = negotiation
    found = diagnose(n)
    at = at or (lambda line: (n.origin.path, line))
    yield from _heading(n, found, at)
    yield Line("")
    peer = _cut(f"peer {n.peer or ''}".strip(), LANE)
    yield Line(f"{'line':>7}  {'time':<12} {'gap':>7} {peer:<{LANE}}  this router", "dim")
    reached: set[int] = set()
    cause = n.failure.seen.line if n.failure is not None and found is not None else -1
    path = at(n.first_line)[0]
    for row in rows(n, device, prediction, full):
        here, number = at(row.line)
        if here != path:
            path = here
            yield Line(f"{_MARGIN}:{'':{LANE}}:  {path}", "dim")
        if row.elapsed is not None and row.elapsed >= GAP:
            yield Line(f"{_MARGIN}:{'':{LANE}}:  {row.elapsed:.1f} s without a line", "dim")
        if row.line == cause:
            yield Line(f"{_step(row, number)}   <== the first sign of failure", "bad")
            cause = -1
        else:
            yield Line(_step(row, number), "bad" if row.polarity == "-" else "plain")
        for place in row.config:
            text = _cut(mask(place.text).strip(), WIDTH)
            yield Line(f"{_MARGIN}|{'':{LANE}}|      = {place.path}:{place.line}: {text}", "note")
        milestone = _milestone(row, reached)
        if milestone <= n.milestone and milestone not in reached and milestone >= 0:
            reached.add(milestone)
            yield Line(f"{_MARGIN}|{f'== {_REACHED[Milestone(milestone)]} ':=<{LANE}}|", "good")
    if n.steps_dropped:
        yield Line(
            f"{_MARGIN}:{'':{LANE}}:  {n.steps_dropped} further lines, the last is line {at(n.last_line)[1]}", "dim"
        )
    for sentence in n.ambiguities:
        yield Line(f"  ? {mask(sentence)}", "note")


def _milestone(row: Row, reached: set[int]) -> int:
    """The milestone that a row is, in whatever order they come; -1 for none."""
    found = _MILESTONE_OF.get(row.message, -1)
    early = found == Milestone.INTERFACE_UP and max(reached, default=-1) < Milestone.CHILD_ACCEPTED
    return -1 if row.polarity == "-" or row.mark == "?" or early else found


def _step(row: Row, number: int) -> str:
    delta = f"{row.elapsed:+.3f}" if row.elapsed else ""
    left = f"{number:>7}  {row.clock[:12]:<12} {delta:>7} "
    packet, _, payloads = row.text.partition(": ")
    if not row.arrow or packet == "to be encrypted":
        return f"{left}|{'':{LANE}}|{row.mark}{_cut(row.text, WIDTH)}"
    packet = _cut(packet, LANE - 7)
    if row.arrow == "<--":
        drawn = f"--- {packet} ".ljust(LANE - 1, "-") + ">"
    else:
        drawn = "<" + f"-- {packet} ".ljust(LANE - 1, "-")
    return f"{left}|{drawn}|{row.mark}{_cut(payloads, WIDTH)}".rstrip()


def _heading(n: Negotiation, found: Diagnosis | None, at: At) -> Iterator[Line]:
    ids = f"SESSION {n.session}, SA {n.sa}" if n.session else f"SA {n.sa}" if n.sa else "no ids"
    (path, first), (end, last) = at(n.first_line), at(n.last_line)
    yield Line(f"negotiation {n.id}: {ids}, {path}:{first}-{f'{end}:' if end != path else ''}{last}", "head")
    peer = f"{n.peer}:{n.peer_port}" if n.peer and n.peer_port else str(n.peer or "unknown")
    here = f"this router{f' {n.device}' if n.device else ''} {n.local or ''}".rstrip()
    role = f"is the {n.role.value}" if n.role is not Side.UNKNOWN else "may be either side"
    yield Line(f"  {here} {role}; the peer is {peer}{_identity(n)}")
    yield Line(f"  {ended(n, at)}", _ink(n))
    if n.nat is not None and n.nat_found:
        whose = f": {BEHIND_NAT[n.behind_nat]}" if n.behind_nat is not None else ""
        yield Line(f"  there is NAT on the path{whose} (line {at(n.nat.line)[1]})")
    if found is not None:
        yield Line(f"  in words: {mask(found.say)}", "bad")
        yield Line(f"  look at:  {mask(found.look)}")


def _identity(n: Negotiation) -> str:
    if n.identity is None:
        return ""
    kind = f" ({n.identity_type})" if n.identity_type else ""
    return f", identity {n.identity}{kind}"


def _error(n: Negotiation) -> str:
    return _cut(mask(error_text(n.failure)), WIDTH) if n.failure is not None else ""


def _ink(n: Negotiation) -> str:
    return {Outcome.FAILED: "bad", Outcome.UP: "good", Outcome.INCOMPLETE: "note"}.get(n.outcome, "plain")


def ended(n: Negotiation, at: At | None = None) -> str:
    """How a negotiation ended, in a clause: `failed in authentication: Failed to authenticate the IKE SA`."""
    begun = n.started_inside or n.milestone > Milestone.FIRST_PACKET
    reached = f"reached: {_REACHED.get(n.milestone, 'nothing')}" if begun else "its beginning is not in the log"
    failure = n.failure
    if n.outcome is Outcome.FAILED and failure is not None:
        whose = "the peer refused in" if failure.by_peer else "failed in"
        line = at(failure.seen.line)[1] if at is not None else failure.seen.line
        return f"{whose} {failure.phase.value}: {_error(n)} (line {line}); {reached}"
    if n.outcome is Outcome.DELETED:
        if n.deleted is n.operator_action:
            return f"ended with the router, {mask(str(n.deleted))}; {reached}"
        who = {True: "by the peer", False: "by this router", None: ""}[n.deleted_by_peer]
        why = f", replaced by negotiation {n.replaced_by}" if n.replaced_by is not None else ""
        if (action := n.operator_action) is not None:  # a change is logged when the operator has left the mode
            later = n.deleted is not None and action.line > n.deleted.line
            why = f"; then {mask(str(action))}" if later else f", after {mask(str(action))}"
        return f"deleted {who}".rstrip() + f"{why}; {reached}"
    if n.outcome is Outcome.INCOMPLETE:
        return f"incomplete: the log does not show how it ended; {reached}"
    return f"up; {reached}"


# -- many ------------------------------------------------------------------------------------------------------------

_COLUMNS = (("no", 4), ("line", 7), ("time", 12), ("peer", 15), ("identity", 28), ("role", 9), ("outcome", 10))
_ROUTER = ("router", 15)  # where the log says whose a negotiation is


def listing(negotiations: Iterable[tuple[Negotiation, At]], headed: bool = True) -> Iterator[Line]:
    """One line a negotiation, under a line of headings unless not `headed`, in the order of their numbers. Each comes
    with what is the file and line of a line."""
    expected = 1
    waiting: list[tuple[int, Line]] = []
    for n, at in negotiations:
        if headed:
            names = (f"{name:<{width}}" for name, width in _columns(n))
            yield Line("  ".join(names) + "  cause, or how far it came", "head")
            headed = False
        heapq.heappush(waiting, (n.id, _entry(n, at)))
        while waiting and (waiting[0][0] <= expected or len(waiting) > WAITING_LIMIT):
            number, line = heapq.heappop(waiting)
            expected = max(expected, number) + 1
            yield line
    while waiting:
        yield heapq.heappop(waiting)[1]


def _columns(n: Negotiation) -> tuple[tuple[str, int], ...]:
    return (*_COLUMNS[:3], _ROUTER, *_COLUMNS[3:]) if n.device else _COLUMNS


def _entry(n: Negotiation, at: At) -> Line:
    values: tuple[str, ...] = (
        str(n.id), str(at(n.first_line)[1]), n.first_clock[:12], n.device, str(n.peer or "-"), str(n.identity or "-"),
        n.role.value, n.outcome.value,
    )  # fmt: skip
    values = values if n.device else (*values[:3], *values[4:])
    cells = (f"{_cut(v, width):<{width}}" for v, (_, width) in zip(values, _columns(n), strict=True))
    return Line("  ".join(cells) + "  " + _cut(_cause(n), WIDTH), _ink(n))


def _cause(n: Negotiation) -> str:
    found = diagnose(n)
    if found is not None:
        return mask(found.say)
    if n.outcome is Outcome.DELETED:
        return ended(n).partition("; ")[0]
    return _REACHED.get(n.milestone, "-")


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
