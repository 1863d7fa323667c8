"""Which IKEv2 profile and policy the router took, held against which it should have taken.

Comes in: a negotiation, the configuration, and the prediction. Goes out: findings of the family SEL. The choice itself
is `predict`'s: a check only compares what it chose with what the log shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.keyrings import starts
from flexlint.checks.pair.wording import named, quoted_identity
from flexlint.config.model import IdentityKind, Method, Profile
from flexlint.finding import Confidence, Finding, Severity, Silence, Verdict
from flexlint.log.model import Negotiation, Phase, Side
from flexlint.place import Located
from flexlint.predict.certificates import refusing
from flexlint.predict.locality import leads_to
from flexlint.predict.model import Choice, Rejected, Sureness
from flexlint.predict.profile import unusable
from flexlint.rulebook import PairCase, Scope, Yielded, check


def lookup_failed(negotiation: Negotiation) -> bool:
    """Whether the profile lookup really failed. `% IKEv2 profile not found` alone is noise on healthy tunnels."""
    failure = negotiation.failure
    return (
        negotiation.profile_missing is not None
        and negotiation.profile is None
        and failure is not None
        and failure.phase is Phase.IDENTITY
    )


@check("SEL001", on=Scope.PAIR)
def unmatched_identity(case: PairCase) -> Yielded:
    negotiation, choice = case.negotiation, case.prediction.profile
    if negotiation.identity is None:
        return Silence.NO_EVIDENCE
    if not lookup_failed(negotiation) or negotiation.role is Side.INITIATOR:
        return Silence.NOT_APPLICABLE
    choice = _without_guesses(choice)
    if choice.chosen is not None:
        return Silence.NOT_APPLICABLE
    near = nearest(choice)
    who = f"peer {negotiation.peer} " if negotiation.peer else "the peer "
    message = f"{who}sent identity {quoted_identity(negotiation)}; no IKEv2 profile matches it"
    finding = Finding(message).about("profile", negotiation.identity_type or "", negotiation.identity)
    if near is None:
        finding.at(negotiation.identity).because("the configuration defines no IKEv2 profile")
    else:
        finding.at(near.at, f"{near.candidate.name} {near.reason}").saw(negotiation.identity)
        others = [r for r in choice.rejected if r is not near]
        finding.because(*(f"also rejected: {r.candidate.name} {r.reason} ({where(r.at)})" for r in others[:5]))
        if len(others) > 5:
            finding.because(f"and {len(others) - 5} more profiles")
        finding.mend(_advice(negotiation, near))
        if lacking(near.candidate) is not None and near.at is not near.candidate:
            finding.lowered(confidence=Confidence.MEDIUM)
        _cite_criteria(finding, case, near)
    finding.because(*_behind_nat(negotiation))
    finding.saw(negotiation.profile_missing)
    yield finding
    return None


def _cite_criteria(finding: Finding, case: PairCase, near: Rejected[Profile]) -> None:
    """Where a certificate map refused the peer: the criterion of each entry that its subject does not meet."""
    identity = case.prediction.facts.identity
    if identity is None or identity.kind is not IdentityKind.DN:
        return
    for name in near.candidate.certificate_maps:
        for one in refusing(case.device.certificate_maps.get(name), {"subject-name": identity.value})[:3]:
            finding.also(one.line, f"not met: {one.field} {one.operator} {one.value}")


def _without_guesses(choice: Choice[Profile]) -> Choice[Profile]:
    """The lookup failed: a profile that would match by a certificate that is not known, alone, did not."""
    guessed = [p for p in choice.candidates if choice.sureness is Sureness.PARTIAL and p.certificate_maps]
    if not guessed or len(guessed) < len(choice.candidates):
        return choice
    out = [
        Rejected(
            p, *(lacking(p) or (f"wants a certificate that map {p.certificate_maps[0]} accepts", p.certificate_maps[0]))
        )
        for p in guessed
    ]
    return Choice(rejected=[*out, *choice.rejected])


def lacking(profile: Profile) -> tuple[str, Located] | None:
    """What a profile has nothing to authenticate with, and the line that asks for it. R: such a profile is passed over
    like an incomplete one; on other releases it is found, and authentication fails."""
    methods = (*profile.remote_auth, *profile.local_auth)
    psk = next((one for one in methods if one.method is Method.PSK), None)
    keys = profile.keyring is not None or profile.keyring_aaa is not None or any(one.key for one in methods)
    if psk is not None and not keys:
        return f"says {psk.word} and names no keyring", psk
    signature = next((one for one in reversed(methods) if one.method in (Method.RSA, Method.ECDSA)), None)
    if signature is not None and not profile.trustpoints:
        return f"says {signature.word} and names no trustpoint", signature
    return None


def _behind_nat(negotiation: Negotiation) -> Iterator[str]:
    """A peer that sends an address as its identity sends its own, which is not the one it is seen with behind NAT."""
    identity, peer = negotiation.identity, negotiation.peer
    is_address = (negotiation.identity_type or "").endswith("address")
    here = negotiation.behind_nat == "router"  # and the log would say of the peer that it is, too
    if negotiation.nat_found and not here and is_address and peer is not None and identity != peer:
        yield (
            f"the peer is behind NAT: seen as {peer}, it sends its inside address {identity}; "
            "an FQDN or key-id as `identity local` on the peer does not change with the path"
        )


def nearest(choice: Choice[Profile]) -> Rejected[Profile] | None:
    """The rejected profile that came closest."""
    return next(iter(choice.rejected), None)


def where(at: Located) -> str:
    place = at.place()
    return f"{place.path}:{place.line}"


def _advice(negotiation: Negotiation, near: Rejected[Profile]) -> str:
    kind = {"FQDN": "fqdn", "IPv4 address": "address", "IPv6 address": "address"}.get(negotiation.identity_type or "")
    if "incomplete" in near.reason:
        return f"complete {near.candidate.name}: an incomplete profile is never chosen"
    if kind:
        return (
            f"add `match identity remote {kind} {negotiation.identity}` to the profile meant for this peer, "
            "or correct `identity local` on the peer"
        )
    return "add a match for this identity to the profile meant for this peer, or correct `identity local` on the peer"


@check("SEL010", on=Scope.PAIR)
def unmatched_responder_identity(case: PairCase) -> Yielded:
    """The initiator checks IDr against the profile its tunnel names; the responder believes the session is up."""
    negotiation, choice = case.negotiation, case.prediction.profile
    came_up = negotiation.session_up is not None and negotiation.profile_missing is None
    if negotiation.role is not Side.INITIATOR or not (came_up or lookup_failed(negotiation)):
        return Silence.NOT_APPLICABLE
    near = nearest(choice)
    if near is None or choice.chosen is not None or negotiation.identity is None:
        return Silence.NO_EVIDENCE
    if came_up:
        if choice.sureness is not Sureness.SURE or case.device.is_partial:
            return Silence.NO_EVIDENCE
        yield _accepted_all_the_same(negotiation, near)
        return None
    message = (
        f"the responder {negotiation.peer or 'of this tunnel'} sent identity {quoted_identity(negotiation)}, "
        f"which profile '{near.candidate.name}' does not accept"
    )
    finding = Finding(message).at(near.at, f"{near.candidate.name} {near.reason}").saw(negotiation.identity)
    _cite_criteria(finding, case, near)
    yield (
        finding.because("the responder has finished its part and believes the session is up: a half-open tunnel")
        .mend(
            f"let {near.candidate.name} match this identity, or correct `identity local` on the responder",
        )
        .about("responder", near.candidate.name, negotiation.identity_type or "", negotiation.identity)
    )
    return None


def _accepted_all_the_same(negotiation: Negotiation, near: Rejected[Profile]) -> Finding:
    finding = Finding(
        f"the responder {negotiation.peer or 'of this tunnel'} sent identity {quoted_identity(negotiation)} and was "
        f"accepted, but profile '{near.candidate.name}' does not accept it"
    )
    finding.at(near.at, f"{near.candidate.name} {near.reason}").saw(negotiation.identity)
    finding.because("the configuration may have been edited since, or the log is another router's")
    finding.judged(Verdict.CONTRADICTION)
    return finding.about("responder", near.candidate.name, negotiation.identity_type or "", negotiation.identity or "")


@check("SEL014", on=Scope.PAIR)
def call_with_unusable_profile(case: PairCase) -> Yielded:
    """A call that failed before anything was sent: the profile that its tunnel names is never used."""
    negotiation, failure = case.negotiation, case.negotiation.failure
    if failure is None or failure.message not in _NEVER_SENT or negotiation.started_inside:
        return Silence.NOT_APPLICABLE
    peer = negotiation.peer
    calls = [start for start in starts(case.device) if peer is None or leads_to(start.address, peer)]
    broken = [(start, why) for start in calls if (why := unusable(start.profile)) is not None]
    if not broken or negotiation.keyring is not None or case.device.is_partial:
        return Silence.NO_EVIDENCE
    start, why = broken[0]
    finding = Finding(
        f"{start.what} starts to {start.address} with profile '{start.profile.name}', which is never used: "
        f"it {why.reason}"
    )
    finding.at(why.at).also(start.word, "called from here").saw(failure.seen)
    if len(broken) < len(calls):
        finding.because("the log does not say whom the router called: other calls have a profile that is complete")
        finding.lowered(confidence=Confidence.LOW)
    yield finding.about("unusable profile", start.profile.name)
    return None


# Nothing was sent: A supplied parameter is incorrect, Failed to initiate sa.
_NEVER_SENT = frozenset({"M299", "M300", "M314"})


@check("SEL002", on=Scope.PAIR)
def other_profile_observed(case: PairCase) -> Yielded:
    negotiation, choice = case.negotiation, case.prediction.profile
    seen = negotiation.profile
    if seen is None or negotiation.identity is None:
        return Silence.NO_EVIDENCE
    if seen not in case.device.profiles or seen in {p.name for p in choice.candidates}:
        return Silence.SATISFIED
    rejected = next((r for r in choice.rejected if r.candidate.name == seen), None)
    if rejected is None:
        return Silence.NO_EVIDENCE
    by_map = any(rejected.at is one for one in rejected.candidate.certificate_maps)
    presented = case.prediction.facts.identity
    if by_map and (choice.chosen is not None or presented is None or presented.kind is not IdentityKind.DN):
        return Silence.NO_EVIDENCE  # whether a map takes a certificate that is not known is open
    sure = choice.sureness is not Sureness.PARTIAL
    wanted = f"the configuration gives it '{choice.chosen.name}'" if choice.chosen else "no profile matches it"
    if choice.chosen is not None and not sure:
        wanted = "it does not match that profile"
    finding = (
        Finding(f"the router took profile '{seen}' for identity {quoted_identity(negotiation)}, but {wanted}")
        .at(rejected.at, f"{seen} {rejected.reason}")
        .also(choice.because if sure else None, f"{choice.chosen.name} matches" if choice.chosen else "")
        .saw(seen)
        .because("the configuration may have been edited since, or the log is another router's")
        .about("profile", seen, choice.chosen.name if choice.chosen else "")
    )
    if by_map:
        finding.lowered(confidence=Confidence.LOW)
        finding.because("the certificate is not in the log: its subject is taken to be the identity")
    yield finding
    return None


@check("SEL003", on=Scope.PAIR)
def refused_although_matched(case: PairCase) -> Yielded:
    negotiation, choice = case.negotiation, case.prediction.profile
    if negotiation.identity is None:
        return Silence.NO_EVIDENCE
    if not lookup_failed(negotiation) or choice.chosen is None or negotiation.profile_missing is None:
        return Silence.NOT_APPLICABLE
    if choice.sureness is Sureness.PARTIAL:
        return Silence.NO_EVIDENCE
    finding = Finding(
        f"profile '{choice.chosen.name}' matches identity {quoted_identity(negotiation)}, "
        "yet the router found no profile for it"
    )
    finding.at(choice.because or choice.chosen, "this matches").saw(negotiation.profile_missing)
    if (lack := lacking(choice.chosen)) is not None and not choice.also:
        finding.message += f": the profile {lack[0]}"
        finding.at(lack[1]).also(choice.because, "this matches").saw(negotiation.identity)
        finding.judged(Verdict.EXPLANATION).lowered(Severity.ERROR)
        finding.because("a profile that has nothing to authenticate with is passed over like an incomplete one")
    elif choice.also:
        others = ", ".join(f"'{p.name}'" for p in choice.also)
        finding.because(f"{others} match it too: where profiles overlap, IOS may choose none of them")
    else:
        finding.because("the configuration may have been edited since, or the log is another router's")
    yield finding.about("profile", choice.chosen.name)
    return None


@check("SEL004", on=Scope.PAIR)
def unknown_profile(case: PairCase) -> Yielded:
    seen = case.negotiation.profile
    if seen is None:
        return Silence.NO_EVIDENCE
    if case.device.is_partial and not case.device.profiles:
        return Silence.NO_EVIDENCE  # a snippet that leaves profiles out altogether
    if seen not in case.device.profiles:
        finding = named(case, seen, "IKEv2 profile", case.device.profiles, "found profile")
        now = case.prediction.profile
        sure = now.sureness is Sureness.SURE and not now.also
        yield finding.also(now.chosen if sure else None, "matches this peer now")
    return None


@check("SEL005", on=Scope.PAIR)
def unknown_policy(case: PairCase) -> Yielded:
    seen, device = case.negotiation.policy, case.device
    if seen is None:
        return Silence.NO_EVIDENCE
    if seen == "default":
        disabled = device.disabled_defaults.get("policy")
        if disabled is not None and "default" not in device.policies:
            yield (
                Finding("the router used policy 'default', which the configuration disables")
                .at(disabled)
                .saw(seen)
                .about("policy", "default")
            )
    elif device.is_partial and not device.policies:
        return Silence.NO_EVIDENCE  # a snippet that leaves policies out altogether
    elif seen not in device.policies:
        finding, now = named(case, seen, "IKEv2 policy", device.policies, "found policy"), case.prediction.policy
        sure = now.sureness is Sureness.SURE and now.chosen is not None and not now.chosen.implicit
        yield finding.also(now.chosen if sure else None, "serves this address and VRF now")
    return None


@check("SEL006", on=Scope.PAIR)
def other_policy_observed(case: PairCase) -> Yielded:
    seen, choice = case.negotiation.policy, case.prediction.policy
    if seen is None or choice.chosen is None:
        return Silence.NO_EVIDENCE
    if choice.sureness is not Sureness.SURE or seen in {p.name for p in choice.candidates}:
        return Silence.SATISFIED
    if seen != "default" and seen not in case.device.policies:
        return Silence.NOT_APPLICABLE  # unknown-policy says it
    rejected = next((r for r in choice.rejected if r.candidate.name == seen), None)
    at: Located = rejected.at if rejected else choice.because or choice.chosen
    note = f"{seen} {rejected.reason}" if rejected else f"{choice.chosen.name} fits this local address and VRF"
    yield (
        Finding(f"the router used policy '{seen}', but the configuration gives this peer '{choice.chosen.name}'")
        .at(at, note)
        .saw(seen)
        .because("the configuration may have been edited since")
        .about("policy", seen, choice.chosen.name)
    )
    return None


# Nothing fits: Failed to find a matching policy, Failed to verify the proposed policies, ... no proposal chosen notify.
_NO_PROPOSAL = frozenset({"M070", "M071", "M072", "M073", "M318", "M319"})


@check("SEL007", on=Scope.PAIR)
def default_policy_used(case: PairCase) -> Yielded:
    """User policies exist, but the router fell back to the default one: none fits the VRF and local address."""
    seen, choice, device = case.negotiation.policy, case.prediction.policy, case.device
    if seen is None:
        return Silence.NO_EVIDENCE
    mine = [p for p in device.policies.values() if p.name != "default"]
    if seen != "default" or not mine or (choice.chosen is not None and choice.chosen.name != "default"):
        return Silence.NOT_APPLICABLE
    rejected = [r for r in choice.rejected if r.candidate.name != "default"]
    if not rejected:
        return Silence.NO_EVIDENCE
    first, *others = rejected
    finding = Finding(f"the default policy and its proposal were used instead of '{first.candidate.name}'")
    finding.at(first.at, f"{first.candidate.name} {first.reason}").saw(seen)
    finding.because(*(f"also rejected: {r.candidate.name} {r.reason}" for r in others[:5]))
    for match in first.candidate.local_addresses[:2]:
        finding.also(match.word if match.word is not first.at else None, "serves this address")
    for profile in [p for p in device.profiles.values() if p.fvrf and p.fvrf == case.prediction.facts.fvrf][:4]:
        finding.also(profile.fvrf, f"{profile.name} serves this VRF")
    failure = case.negotiation.failure
    unanswered = case.negotiation.role is Side.INITIATOR and case.negotiation.responder_spi is None
    if failure is None or failure.phase is not Phase.SA_INIT or unanswered:
        finding.judged(Verdict.DEFECT)  # the negotiation got past it, or nobody has looked at it
    elif failure.message in _NO_PROPOSAL or "NO_PROPOSAL_CHOSEN" in failure.seen:
        finding.also(failure.seen, "and nothing of it fits").lowered(Severity.ERROR)
    yield finding.about("policy", first.candidate.name)
    return None
