"""Both ends of an IKE SA brought together: by its SPIs where both logs have it, by the other configuration where not.

Comes in: two devices, and the negotiations of their logs as they close. Goes out: `JoinedCase`, each end with what its
log shows and what its configuration gives. What waits for its other half is kept without its timeline and in limited
number. Nothing here judges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flexlint.config.model import Address, Device, IdentityKind, Profile
from flexlint.judging.observe import facts_of, follow, method_named, own_identity_of
from flexlint.log.model import Negotiation, Outcome, Side
from flexlint.predict import predict
from flexlint.predict.locality import addresses_of, interface_with
from flexlint.predict.model import Choice, Identity, PeerFacts, Prediction
from flexlint.predict.presented import own_method, sent
from flexlint.rulebook import Settings

if TYPE_CHECKING:
    from flexlint.place import Seen

KEPT = 2_000  # negotiations of the log read first that wait for their other half
KEPT_ALIKE = 100  # of them with the same peer, outcome and cause


@dataclass(slots=True)
class End:
    """One end of an IKE SA. `negotiation` is None when its log is not given or does not have the SA; `prediction` is
    made from what the peer presents, `followed` takes what the log names as chosen."""

    device: Device
    negotiation: Negotiation | None
    prediction: Prediction
    followed: Prediction

    @property
    def profile(self) -> Profile | None:
        """The profile in force: as the log names it, else as predicted where the prediction is the only one."""
        seen = self.negotiation.profile if self.negotiation is not None else None
        if seen is not None:
            return self.device.profiles.get(seen)
        choice = self.prediction.profile
        return choice.chosen if not choice.also else None

    @property
    def path(self) -> str:
        return self.device.source.path


@dataclass(slots=True)
class JoinedCase:
    """One IKE SA from both ends. `findings` are the fingerprints of what was said of either negotiation alone."""

    initiator: End
    responder: End
    settings: Settings = field(default_factory=Settings)
    findings: list[str] = field(default_factory=list)
    classes: list[tuple[str, ...]] = field(default_factory=list)  # those of the report that its negotiations are in

    @property
    def both_logs(self) -> bool:
        return self.initiator.negotiation is not None and self.responder.negotiation is not None

    @property
    def ends(self) -> tuple[End, End]:
        return self.initiator, self.responder


@dataclass(slots=True, frozen=True)
class _Waiting:
    negotiation: Negotiation
    findings: list[str]
    summed: tuple[str, ...]  # its class in the report


class Joining:
    """Finds the two halves of each IKE SA. `dropped` counts the negotiations that found no room to wait."""

    def __init__(self, devices: tuple[Device, Device], both_logs: bool, settings: Settings) -> None:
        self._devices = devices
        self._both_logs = both_logs
        self._settings = settings
        self._waiting: tuple[dict[str, _Waiting], dict[str, _Waiting]] = ({}, {})
        self._alike: dict[tuple[object, ...], int] = {}
        self.dropped = 0
        self.without_spis = 0  # of two logs, those that nothing can tell apart

    def drops(self, side: int, spi: Seen | None, peer: str, outcome: Outcome, cause: str) -> bool:
        """Whether a negotiation would find neither its other half nor room to wait for it. One without SPIs has none to
        wait for: what both configurations say of it alone has been said of one that went the same way."""
        if not self._both_logs or spi is None:
            return True
        if spi.upper() in self._waiting[1 - side]:
            return False
        return self._is_full(side, (side, peer, outcome, cause))

    def dropped_like(self, spi: Seen | None) -> None:
        """Counts a negotiation that `drops` said has no room."""
        self.dropped += self._both_logs and spi is not None
        self.without_spis += self._both_logs and spi is None

    def _is_full(self, side: int, kind: tuple[object, ...]) -> bool:
        return len(self._waiting[side]) >= KEPT or self._alike.get(kind, 0) >= KEPT_ALIKE

    def offer(
        self, side: int, negotiation: Negotiation, findings: Sequence[str], summed: tuple[str, ...] = ()
    ) -> JoinedCase | None:
        """A negotiation of the log of device `side` (0 or 1) has closed; its case, when both halves are there."""
        one = _Waiting(negotiation, list(findings), summed)
        spi = negotiation.initiator_spi
        if not self._both_logs or spi is None:
            self.without_spis += self._both_logs
            return self._alone(side, one)
        other = self._waiting[1 - side].pop(spi.upper(), None)
        if other is None or not _same_responder(negotiation, other.negotiation):
            self._wait(side, spi, one)
            return None
        pair = (one, other) if side == 0 else (other, one)
        return self._case(*pair)

    def rest(self) -> Iterator[JoinedCase]:
        """What found no other half, judged with the other configuration alone."""
        for side in (0, 1):
            for one in self._waiting[side].values():
                if (case := self._alone(side, one)) is not None:
                    yield case
            self._waiting[side].clear()

    def _wait(self, side: int, spi: Seen, one: _Waiting) -> None:
        n, waiting = one.negotiation, self._waiting[side]
        cause = str(n.failure.seen) if n.failure is not None else ""
        kind = (side, str(n.peer or ""), n.outcome, cause)
        if self._is_full(side, kind):
            self.dropped += 1
            return
        self._alike[kind] = self._alike.get(kind, 0) + 1
        kept = copy(n)
        kept.footprints, kept.interface_events, kept.routes = [], [], []
        waiting[spi.upper()] = _Waiting(kept, one.findings, one.summed)

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
    peer = _address(negotiation.peer)
    if peer is not None and any(peer in (addresses_of(other, i) or ()) for i in other.interfaces.values()):
        return True
    name = negotiation.identity
    presented = (sent(profile, None) for profile in other.profiles.values())
    return name is not None and any(
        one is not None and one.kind is not IdentityKind.ADDRESS and one.value.lower() == name.lower()
        for one in presented
    )


def joined(
    calling: Device, a: Negotiation | None, answering: Device, b: Negotiation | None, settings: Settings
) -> JoinedCase:
    """Each end's facts are what its log shows, filled in from what the other end's log and configuration show."""
    facts_of_caller = _facts("initiator", calling, a, b)
    facts_of_answerer = _facts("responder", answering, b, a)
    first = predict(calling, facts_of_caller, settings.assumptions).profile
    profile = calling.profiles.get(a.profile) if a is not None and a.profile else first.chosen or _nearest(first)
    if facts_of_answerer.identity is None:
        facts_of_answerer.identity = _presented(a, profile, facts_of_answerer.peer, settings)
    if facts_of_answerer.method is None and profile is not None:
        facts_of_answerer.method = own_method(profile)
    responder = _end(answering, b, facts_of_answerer, settings)
    if facts_of_caller.identity is None and responder.profile is not None:
        facts_of_caller.identity = _presented(b, responder.profile, facts_of_caller.peer, settings)
    return JoinedCase(_end(calling, a, facts_of_caller, settings), responder, settings)


def _nearest(choice: Choice[Profile]) -> Profile | None:
    """The profile the tunnel names, although it does not accept the answer."""
    return choice.rejected[0].candidate if len(choice.rejected) == 1 else None


def _end(device: Device, negotiation: Negotiation | None, facts: PeerFacts, settings: Settings) -> End:
    prediction = predict(device, facts, settings.assumptions)
    if negotiation is None:
        return End(device, None, prediction, prediction)
    return End(device, negotiation, prediction, follow(device, facts, negotiation, settings.assumptions))


def _facts(role: str, device: Device, mine: Negotiation | None, its: Negotiation | None) -> PeerFacts:
    facts = facts_of(mine, device) if mine is not None else PeerFacts()
    facts.role = role
    if its is None:
        return facts
    if not its.nat_found:  # behind a translation neither end sees the other's own address
        facts.peer = facts.peer or _address(its.local)
        facts.local = facts.local or _address(its.peer)
    if facts.fvrf is None and facts.local is not None:
        interface = interface_with(device, facts.local)
        facts.fvrf = str(interface.vrf or "") if interface is not None else None
    facts.identity = facts.identity or own_identity_of(its)
    facts.method = facts.method or method_named(its.own_method)
    return facts


def _presented(
    negotiation: Negotiation | None, profile: Profile | None, address: Address | None, settings: Settings
) -> Identity | None:
    seen = own_identity_of(negotiation) if negotiation is not None else None
    return seen or (sent(profile, address, settings.assumptions) if profile is not None else None)


def _address(seen: Seen | None) -> Address | None:
    try:
        return ip_address(str(seen)) if seen else None
    except ValueError:
        return None
