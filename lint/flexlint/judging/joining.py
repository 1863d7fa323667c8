"""Both ends of an IKE SA brought together: by its SPIs where both logs have them, by addresses and time where one has
none and only one fits, by the other configuration where nothing does.

Comes in: two devices, and the negotiations of their logs as they close. Goes out: `JoinedCase`, each end with what its
log shows and what its configuration gives. What waits for its other half is kept without its timeline and in limited
number. Nothing here judges.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flexlint.config.model import Device, IdentityKind, address_of
from flexlint.finding import Confidence
from flexlint.judging.joined import JoinedCase, joined
from flexlint.log.model import Negotiation, Outcome, Side
from flexlint.predict.locality import addresses_of
from flexlint.predict.presented import sent
from flexlint.rulebook import Settings

if TYPE_CHECKING:
    from flexlint.place import Seen

KEPT = 2_000  # negotiations of the log read first that wait for their other half
CLOSE = 2.0  # seconds between clocks that agree
KEPT_ALIKE = 100  # of them with the same peer, outcome and cause


@dataclass(slots=True, frozen=True, eq=False)
class _Waiting:
    negotiation: Negotiation
    findings: list[str]
    summed: tuple[str, ...]  # its class in the report


class Joining:
    """Finds the two halves of each IKE SA. Negotiations wait for theirs in limited number."""

    def __init__(self, devices: tuple[Device, Device], both_logs: bool, settings: Settings) -> None:
        self._devices = devices
        self._both_logs = both_logs
        self._settings = settings
        self._waiting: tuple[dict[str, _Waiting], dict[str, _Waiting]] = ({}, {})
        self._nameless: tuple[list[_Waiting], list[_Waiting]] = ([], [])  # without SPIs
        self._overflowed: set[tuple[int, str]] = set()  # side and peer of those that found no room
        self._alike: dict[tuple[object, ...], int] = {}
        self._dropped: Counter[tuple[int, str]] = Counter()  # by side and peer
        self._own: tuple[set[str], set[str]] = (set(), set())  # own addresses of each log
        self._joined = False
        self.without_spis = 0  # of two logs, those for which nothing tells which the other half is

    def drops(self, side: int, spi: Seen | None, peer: str, outcome: Outcome, cause: str) -> bool:
        """Whether a negotiation would find neither its other half nor room to wait for it."""
        if not self._both_logs:
            return True
        if spi is not None and spi.upper() in self._waiting[1 - side]:
            return False
        if not self._is_full(side, (side, peer, outcome, cause)):
            return False
        self._overflowed.add((side, peer))
        return True

    def dropped_like(self, side: int, spi: Seen | None, peer: str) -> None:
        """Counts a negotiation that `drops` said has no room."""
        if not self._both_logs:
            return
        self.without_spis += spi is None
        if spi is not None:
            key = (side, peer)
            self._dropped[key if key in self._dropped or len(self._dropped) < KEPT else (side, "")] += 1

    def dropped(self) -> dict[str, int]:
        """By peer, the negotiations for which there was no room until the other log was read. Those with peers of which
        the other log has no address are of other routers, where it has halves of others."""
        out: dict[str, int] = {}
        for (side, peer), times in self._dropped.items():
            if not self._joined or not self._own[1 - side] or peer in self._own[1 - side]:
                out[peer] = out.get(peer, 0) + times
        return out

    def notices(self) -> Iterator[str]:
        """What could not be held against the other end, and why."""
        if self.without_spis:
            yield (
                f"{self.without_spis:,} negotiations have no SPIs in their log, and nothing else tells which of the "
                "other end they are: each was held against both configurations by itself"
            )
        if dropped := self.dropped():
            peers = sorted(peer for peer in dropped if peer)
            who = f" with {', '.join(peers[:3])}{' and others' if len(peers) > 3 else ''}" if peers else ""
            yield (
                f"{sum(dropped.values()):,} negotiations{who} were not looked up in the log of the other end: "
                "they went as earlier ones did, of which only so many are kept until it is read"
            )

    def _is_full(self, side: int, kind: tuple[object, ...]) -> bool:
        return len(self._waiting[side]) + len(self._nameless[side]) >= KEPT or self._alike.get(kind, 0) >= KEPT_ALIKE

    def offer(
        self, side: int, negotiation: Negotiation, findings: Sequence[str], summed: tuple[str, ...] = ()
    ) -> JoinedCase | None:
        """A negotiation of the log of device `side` (0 or 1) has closed; its case, when both halves are there."""
        one = _Waiting(negotiation, list(findings), summed)
        spi = negotiation.initiator_spi
        if negotiation.local is not None and len(self._own[side]) < KEPT:
            self._own[side].add(str(negotiation.local))
        if not self._both_logs:
            return self._alone(side, one)
        if spi is None:
            self._wait(side, None, one)
            return None
        other = self._waiting[1 - side].pop(spi.upper(), None)
        if other is None or not _same_responder(negotiation, other.negotiation):
            self._wait(side, spi, one)
            return None
        self._joined = True
        pair = (one, other) if side == 0 else (other, one)
        return self._case(*pair)

    def rest(self) -> Iterator[JoinedCase]:
        """What was joined without SPIs; and what found no other half, judged with the other configuration alone."""
        pools = tuple([*self._nameless[side], *self._waiting[side].values()] for side in (0, 1))
        if any(self._nameless):
            from flexlint.judging.matching import matches

            first, second = (
                [one for one in pool if (side, str(one.negotiation.peer or "")) not in self._overflowed]
                for side, pool in enumerate(pools)
            )
            for match in matches([one.negotiation for one in first], [one.negotiation for one in second]):
                one, other = first[match.first], second[match.second]
                if (case := self._case(one, other)) is not None:
                    pools[0].remove(one)
                    pools[1].remove(other)
                    yield _doubted(case, match.gap)
        for side, pool in enumerate(pools):
            self.without_spis += sum(one.negotiation.initiator_spi is None for one in pool)
            for one in pool:
                if (case := self._alone(side, one)) is not None:
                    yield case
            self._waiting[side].clear()
            self._nameless[side].clear()

    def _wait(self, side: int, spi: Seen | None, one: _Waiting) -> None:
        n, waiting = one.negotiation, self._waiting[side]
        cause = str(n.failure.seen) if n.failure is not None else ""
        kind = (side, str(n.peer or ""), n.outcome, cause)
        if self._is_full(side, kind):
            self._overflowed.add((side, str(n.peer or "")))
            self.dropped_like(side, spi, str(n.peer or ""))
            return
        self._alike[kind] = self._alike.get(kind, 0) + 1
        kept = copy(n)
        kept.footprints, kept.interface_events, kept.routes = [], [], []
        half = _Waiting(kept, one.findings, one.summed)
        if spi is None:
            self._nameless[side].append(half)
        else:
            waiting[spi.upper()] = half

    def _alone(self, side: int, one: _Waiting) -> JoinedCase | None:
        mine, other = self._devices[side], self._devices[1 - side]
        if not _is_with(one.negotiation, other):
            return None
        return self._case(one, None) if mine is self._devices[0] else self._case(None, one)

    def _case(self, first: _Waiting | None, second: _Waiting | None) -> JoinedCase | None:
        role = _role_of_first(first, second)
        if role is Side.UNKNOWN:
            return None
        halves = [(self._devices[0], first), (self._devices[1], second)]
        if role is Side.RESPONDER:
            halves.reverse()
        (calling, a), (answering, b) = halves
        mine, its = (half.negotiation if half is not None else None for half in (a, b))
        case = joined(calling, mine, answering, its, self._settings)
        case.classes = [half.summed for half in (first, second) if half is not None]
        case.findings = [*(first.findings if first else ()), *(second.findings if second else ())]
        return case


def _doubted(case: JoinedCase, gap: float | None) -> JoinedCase:
    """A case whose halves no SPI joins: less sure, the less so the further their clocks are apart."""
    case.limit = Confidence.MEDIUM if gap is not None and gap <= CLOSE else Confidence.LOW
    told = f"{gap:.0f} s apart" if gap is not None else "without clocks"
    case.joined_by = f"the logs share no SPI: joined by addresses, identities and time ({told}), as nothing else fits"
    return case


def _same_responder(one: Negotiation, other: Negotiation) -> bool:
    """Whether the responder's SPI does not deny that two negotiations are one; the first packet has none."""
    mine, its = one.responder_spi, other.responder_spi
    known = mine is not None and its is not None and mine.strip("0") and its.strip("0")
    return not known or str(mine).upper() == str(its).upper()


def _role_of_first(first: _Waiting | None, second: _Waiting | None) -> Side:
    if first is not None and first.negotiation.role is not Side.UNKNOWN:
        return first.negotiation.role
    other = second.negotiation.role if second is not None else Side.UNKNOWN
    return {Side.INITIATOR: Side.RESPONDER, Side.RESPONDER: Side.INITIATOR}.get(other, Side.UNKNOWN)


def _is_with(negotiation: Negotiation, other: Device) -> bool:
    """Whether the peer of a negotiation is surely this device: by an address it has, or by a name it sends."""
    peer = address_of(negotiation.peer)
    if peer is not None and any(peer in (addresses_of(other, i) or ()) for i in other.interfaces.values()):
        return True
    name = negotiation.identity
    presented = (sent(profile, None) for profile in other.profiles.values())
    return name is not None and any(
        one is not None and one.kind is not IdentityKind.ADDRESS and one.value.lower() == name.lower()
        for one in presented
    )
