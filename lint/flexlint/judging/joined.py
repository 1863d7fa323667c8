"""One IKE SA from both ends: what the log of each shows, and what its configuration gives.

Comes in: two devices, and the negotiation of one log or of both. Goes out: `JoinedCase`. What one log leaves open
about the peer is filled in from the other one, and from the other configuration. Nothing here judges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flexlint.config.model import Address, Device, Profile, address_of
from flexlint.finding import Confidence
from flexlint.judging.observe import facts_of, follow, method_named, own_identity_of
from flexlint.log.model import Negotiation
from flexlint.predict import predict
from flexlint.predict.locality import interface_with
from flexlint.predict.model import Choice, Identity, PeerFacts, Prediction
from flexlint.predict.presented import own_method, sent
from flexlint.rulebook import Settings

if TYPE_CHECKING:
    pass


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
    limit: Confidence | None = None  # the most that is sure where no SPI joins the two
    joined_by: str = ""  # what they were joined by then, as a sentence
    classes: list[tuple[str, ...]] = field(default_factory=list)  # those of the report that its negotiations are in

    @property
    def both_logs(self) -> bool:
        return self.initiator.negotiation is not None and self.responder.negotiation is not None

    @property
    def ends(self) -> tuple[End, End]:
        return self.initiator, self.responder


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
        facts.peer = facts.peer or address_of(its.local)
        facts.local = facts.local or address_of(its.peer)
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
