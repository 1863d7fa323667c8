"""The two halves of an IKE SA found without SPIs: by role, addresses, identities and time.

Comes in: negotiations of two logs that wait for their other half. Goes out: pairs of which each half fits exactly one
of the other log, with how far apart their clocks are. What fits two is left alone. Nothing here judges.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flexlint.judging.joining import CLOSE
from flexlint.log.clock import DAY, apart, seconds
from flexlint.log.model import Milestone, Negotiation, Outcome, Phase, Side

WINDOW = 30.0  # seconds between the beginnings that two routers see: clocks, and a first packet that was lost
UNTIMED = 20  # negotiations of a log without clocks of which each is held against each


class Match(NamedTuple):
    """`first` and `second` are places in the two lists. `gap`: seconds between the clocks; None without clocks."""

    first: int
    second: int
    gap: float | None


def matches(first: Sequence[Negotiation], second: Sequence[Negotiation]) -> list[Match]:
    """The pairs that belong together, in the order of the first list."""
    forth = _fitting(first, second)
    back = _fitting(second, first)
    found = []
    for i, fitting in enumerate(forth):
        if len(fitting) == 1 and back[fitting[0]] == [i]:
            found.append(Match(i, fitting[0], apart(first[i].first_clock, second[fitting[0]].first_clock)))
    return found


def _fitting(mine: Sequence[Negotiation], others: Sequence[Negotiation]) -> list[list[int]]:
    """For each negotiation the places of those it may be the other half of; the close ones alone where there are."""
    timed = sorted((at, j) for j, one in enumerate(others) if (at := seconds(one.first_clock)) is not None)
    clocks = [at for at, _ in timed]
    untimed = [j for j, one in enumerate(others) if seconds(one.first_clock) is None]
    out = []
    for one in mine:
        at = seconds(one.first_clock)
        if at is None:
            near = range(len(others)) if max(len(mine), len(others)) <= UNTIMED else range(0)
            out.append([j for j in near if may_be_one(one, others[j])])
            continue
        fitting = [j for j in _near(clocks, timed, at) if may_be_one(one, others[j])]
        close = [j for j in fitting if (apart(one.first_clock, others[j].first_clock) or 0.0) <= CLOSE]
        vague = untimed if max(len(mine), len(others)) <= UNTIMED else []
        out.append((close or fitting) + [j for j in vague if may_be_one(one, others[j])])
    return out


def _near(clocks: list[float], timed: list[tuple[float, int]], at: float) -> Iterator[int]:
    """The places of those that began within the window, over midnight too."""
    for shift in (0.0, DAY, -DAY):
        for k in range(bisect_left(clocks, at + shift - WINDOW), bisect_right(clocks, at + shift + WINDOW)):
            yield timed[k][1]


def may_be_one(one: Negotiation, other: Negotiation) -> bool:
    """Whether nothing denies that two negotiations are one, and an address or an identity says that they are."""
    if one.role is other.role:  # a responder that fails early does not say that it is one
        return False
    spis = one.initiator_spi, other.initiator_spi
    if all(spis):
        return False  # they would have been joined by them
    agreed = [
        *(() if one.nat_found or other.nat_found else (_same(one.peer, other.local), _same(one.local, other.peer))),
        _same(one.identity, other.own_identity),
        _same(one.own_identity, other.identity),
    ]
    if False in agreed or True not in agreed:
        return False
    calls = one.role is Side.INITIATOR or other.role is Side.RESPONDER
    return _ends_fit(*((one, other) if calls else (other, one)))


def _same(a: str | None, b: str | None) -> bool | None:
    return a.lower() == b.lower() if a and b else None


def _ends_fit(initiator: Negotiation, responder: Negotiation) -> bool:
    """Whether the initiator came no further than the responder let it."""
    refused = responder.failure is not None and not responder.failure.by_peer
    if refused and responder.failure is not None and responder.failure.phase is Phase.SA_INIT:
        return initiator.milestone < Milestone.SA_INIT_DONE
    came_up = initiator.outcome is Outcome.UP or initiator.session_up is not None
    return not (came_up and responder.milestone < Milestone.SA_INIT_DONE and responder.outcome is Outcome.FAILED)
