"""IKE proposals: what the peer offered, what was agreed on or expected, and what the policy in force has.

Comes in: a negotiation and the configuration. Goes out: findings of the family SEL. Algorithms are compared by
`transforms`; here is what follows from it.
"""

from __future__ import annotations

from flexlint.checks.pair.transforms import (
    added_since,
    difference,
    expected_elsewhere,
    lists_of,
    nearest,
    our_lists,
    shortcomings,
    used_elsewhere,
)
from flexlint.checks.pair.wording import configured, defined, or_none, partial_severity, the_peer
from flexlint.config.defaults import proposals_named, release_of
from flexlint.config.model import Proposal
from flexlint.finding import Confidence, Finding, Severity, Silence
from flexlint.log.model import Phase, Side
from flexlint.place import Located, Word
from flexlint.predict.proposals import lacks
from flexlint.predict.strangers import is_stranger
from flexlint.rulebook import PairCase, Scope, Yielded, check


def default_proposals(case: PairCase) -> list[Proposal]:
    """Every content that the implicit proposal `default` may have, where the default policy is in force."""
    policy = case.followed.policy.chosen
    if policy is None or not policy.implicit or case.negotiation.policy is None:
        return []
    if any(name != "default" for name in case.device.policies):
        return []  # default-policy-in-place-of-own says why none of them was used
    return proposals_named(case.device, "default", release_of(case.device, case.settings.release))


def _unusable(case: PairCase) -> list[tuple[Word, Proposal | None]]:
    """The proposals of the policy in force that are not defined or incomplete, with the word that names them."""
    policy = case.followed.policy.chosen
    if policy is None or policy.implicit:
        return []
    found = [(name, case.device.proposals.get(name)) for name in policy.proposals if name != "default"]
    return [(name, one) for name, one in found if one is None or lacks(one)]


@check("SEL012", on=Scope.PAIR)
def unusable_proposal(case: PairCase) -> Yielded:
    """No proposal was left to agree on, and the policy in force names one that is not defined or incomplete."""
    negotiation, failure, policy = case.negotiation, case.negotiation.failure, case.followed.policy.chosen
    if failure is None or failure.phase is not Phase.SA_INIT or failure.by_peer or policy is None:
        return Silence.NOT_APPLICABLE
    broken = _unusable(case)
    if not broken:
        return Silence.SATISFIED
    if negotiation.policy is None or not (negotiation.received or negotiation.expected_empty):
        return Silence.NO_EVIDENCE
    usable = [p for name in policy.proposals if (p := case.device.proposals.get(name)) and not lacks(p)]
    theirs = [lists_of([one]) for one in negotiation.received if one.protocol == "IKE"]
    if theirs and usable and nearest([our_lists([one]) for one in usable], theirs) is None:
        return Silence.NOT_APPLICABLE
    name, proposal = broken[0]
    if proposal is None:
        text = f"policy '{policy.name}' names proposal '{name}', which is not defined; {defined(case.device.proposals)}"
    else:
        text = f"proposal '{name}' of policy '{policy.name}' is incomplete and never used: it lacks {lacks(proposal)}"
    finding = Finding(text).at(proposal or name).also(name if proposal else None, "named here")
    finding.saw(negotiation.policy).saw(failure.seen)
    for word in proposal.encryption[:1] if proposal else ():
        finding.also(word)
    finding.mend(f"define proposal {name}" if proposal is None else f"complete proposal {name}")
    yield finding.lowered(partial_severity(case.device)).about("unusable proposal", policy.name, name)
    return None


@check("SEL008", on=Scope.PAIR)
def proposal_mismatch(case: PairCase) -> Yielded:
    """IKE transforms received against those of the proposals of the policy that was found."""
    negotiation = case.negotiation
    received = [t for t in negotiation.received if t.protocol == "IKE"]
    if negotiation.failure is None or not (received or negotiation.refused_group):
        return Silence.NO_EVIDENCE
    if _unusable(case):
        return Silence.NOT_APPLICABLE  # unusable-proposal says it
    if not received:
        if (finding := _without_group(case)) is not None:
            yield finding
        return None
    proposals = case.followed.proposals or default_proposals(case)
    if not proposals:
        return Silence.NO_EVIDENCE
    theirs = [lists_of([one]) for one in received]
    if proposals[0].implicit:  # what it holds depends on the release: said only where none of the contents would fit
        gaps = [nearest([our_lists([one])], theirs) for one in proposals]
        proposals = proposals[:1]
        gap = gaps[0] if all(gaps) else None
    else:
        gap = nearest([our_lists([one]) for one in proposals], theirs)
    if gap is None:
        fitting = [p for p in proposals if nearest([our_lists([p])], theirs) is None]
        if (finding := _demanded_exchange(case, fitting)) is not None:
            yield finding
        return Silence.NOT_APPLICABLE
    missing, index = gap
    ours, offered = our_lists(proposals), lists_of(received)
    closest, first = proposals[index], missing[0]
    at: Located = next(iter(configured(closest, first)), closest)
    names = f"{'proposal' if len(proposals) == 1 else 'proposals'} {', '.join(p.name for p in proposals)}"
    if difference(ours, offered):
        missing = difference(ours, offered)
        first = missing[0]
        at = next((w for w in configured(closest, first)), at)
        text = (
            f"no common {' and '.join(missing)}: {the_peer(negotiation)} offers {first} {or_none(offered[first])}, "
            f"{names} of this router {or_none(ours[first])}"
        )
    else:
        text = (
            f"{the_peer(negotiation)} offers no proposal that one of this router's fits: "
            f"{shortcomings([(p.name, our_lists([p])) for p in proposals], theirs)}"
        )
    finding = Finding(text)
    finding.at(at if not closest.implicit else received[0].seen, "offered here")
    for kind in missing[1:]:
        finding.because(f"{kind}: the peer offers {or_none(offered[kind])}, this router {or_none(ours[kind])}")
    for transforms in received[:3]:
        finding.saw(transforms.seen, "received")
    peer = case.followed.facts.peer
    if peer is not None and is_stranger(case.device, peer):
        finding.lowered(Severity.NOTE)
        finding.because(f"no keyring has a block for {peer}: a scanner, or a peer that is not configured yet")
        yield finding.about("ike", "stranger", *missing, *(p.name for p in proposals))
        return None
    finding.mend(f"give both ends one common {' and '.join(missing)}")
    yield finding.about("ike", *missing, *(p.name for p in proposals))
    return None


def _demanded_exchange(case: PairCase, fitting: list[Proposal]) -> Finding | None:
    """I: the lists have everything in common, and yet nothing fits. They do not print ML-KEM (RFC 9370), which every
    proposal that would fit demands."""
    failure = case.negotiation.failure
    demanding = [p for p in fitting if p.pqc and not p.pqc_optional]
    if failure is None or failure.phase is not Phase.SA_INIT or failure.by_peer or len(demanding) < len(fitting):
        return None
    if not demanding:
        return None
    first = demanding[0]
    finding = Finding(
        f"what {the_peer(case.negotiation)} offers fits proposal '{first.name}' in all that the log prints; "
        f"the proposal demands {' or '.join(first.pqc)} besides"
    )
    finding.at(first.pqc[0], "demanded here").saw(failure.seen)
    finding.mend("add `optional`, or give the peer's proposal the same `pqc`")
    return finding.lowered(confidence=Confidence.LOW).about("ike", "pqc", first.name)


def _without_group(case: PairCase) -> Finding | None:
    """INVALID_KE_PAYLOAD names the group that the responder wants (RFC 7296, 1.2), and no second attempt followed."""
    negotiation, failure, proposals = case.negotiation, case.negotiation.failure, case.followed.proposals
    asked = negotiation.refused_group
    if failure is None or failure.phase is not Phase.SA_INIT or asked is None or not proposals:
        return None
    if proposals[0].implicit or asked in our_lists(proposals)["DH group"]:
        return None
    closest = proposals[0]
    at: Located = next(iter(configured(closest, "DH group")), closest)
    names = f"{'proposal' if len(proposals) == 1 else 'proposals'} {', '.join(p.name for p in proposals)}"
    wants = "wants" if negotiation.role is Side.INITIATOR else "sent"
    finding = Finding(
        f"no common DH group: {the_peer(negotiation)} {wants} DH group {asked}, {names} of this router has "
        f"{or_none(our_lists(proposals)['DH group'])}"
    )
    finding.at(at, "offered here").saw(asked).saw(failure.seen)
    finding.because("no second attempt with another group followed")
    return finding.mend("give both ends one common DH group").about("ike", "DH group", *(p.name for p in proposals))


@check("SEL009", on=Scope.PAIR)
def stale_proposal(case: PairCase) -> Yielded:
    """What the router says it expected is not what the configuration proposes: the configuration was edited since."""
    negotiation, proposals = case.negotiation, case.followed.proposals
    expected = [t for t in negotiation.expected if t.protocol == "IKE"]
    agreed = negotiation.offered_ike
    if not (expected or agreed or negotiation.dh_group) or not proposals or proposals[0].implicit:
        return Silence.NO_EVIDENCE
    policy = case.followed.policy.chosen
    if policy is not None and negotiation.policy is not None and policy.name != negotiation.policy:
        return Silence.NO_EVIDENCE  # the policy that was used is not in the configuration
    stray = expected_elsewhere(expected, proposals)
    if stray is not None:
        kind, value, transforms = stray
        text, seen = f"the router expected {kind} {value}", transforms.seen
    elif (used := used_elsewhere(agreed, proposals)) is not None:
        kind, value, transforms = used
        text, seen = f"the router used {kind} {value}", transforms.seen
    elif negotiation.dh_group is not None and negotiation.dh_group not in our_lists(proposals)["DH group"]:
        kind, value, seen = "DH group", str(negotiation.dh_group), negotiation.dh_group
        text = f"the router used DH group {value}"
    else:
        finding = _mended_since(case, proposals) or _without_demanded_exchange(case, proposals)
        if finding is not None:
            yield finding
        return Silence.SATISFIED
    words = [w for p in proposals for w in configured(p, kind)]
    where = f"policy '{policy.name}'" if policy is not None else "this router"
    yield (
        Finding(f"{text}, which no proposal of {where} has in the configuration; it has {or_none(words)}")
        .at(words[0] if words else proposals[0])
        .saw(seen)
        .because("the configuration was edited since, or the log is another router's")
        .lowered(partial_severity(case.device))
        .about("expected", kind, value)
    )
    return None


def _mended_since(case: PairCase, proposals: list[Proposal]) -> Finding | None:
    """The peer's offer was refused, and fits the proposals as they are now: by a value the router did not expect."""
    negotiation = case.negotiation
    received, expected = (
        [t for t in some if t.protocol == "IKE"] for some in (negotiation.received, negotiation.expected)
    )
    if negotiation.failure is None or negotiation.failure.phase is not Phase.SA_INIT or not received or not expected:
        return None
    theirs = lists_of(received)
    if nearest([our_lists([p]) for p in proposals], [lists_of([t]) for t in received]) is not None:
        return None
    found = added_since(our_lists(proposals), lists_of(expected), theirs)
    if found is None:
        return None
    kind, value = found
    word = next(w for p in proposals for w in configured(p, kind) if w == value)
    finding = Finding(
        f"the router expected {kind} {or_none(lists_of(expected)[kind])} only, and its proposals have {value}, which "
        f"{the_peer(negotiation)} offers"
    )
    finding.at(word).saw(expected[0].seen, "expected").saw(received[0].seen, "received")
    finding.because("the configuration was edited since: what the peer offers fits it now")
    return finding.about("expected less", kind, value)


def _without_demanded_exchange(case: PairCase, proposals: list[Proposal]) -> Finding | None:
    """I: every proposal demands ML-KEM, and the session came up without the IKE_INTERMEDIATE exchange that carries it
    (RFC 9370)."""
    negotiation, lines = case.negotiation, [p.pqc[0] for p in proposals if p.pqc and not p.pqc_optional]
    if len(lines) < len(proposals) or negotiation.session_up is None or not negotiation.started_inside:
        return None
    exchanges = {event.fields.get("exchange") for event, _, _ in negotiation.footprints}
    if "IKE_INTERMEDIATE" in exchanges or "IKE_AUTH" not in exchanges or negotiation.steps_dropped:
        return None
    if not case.coverage.can_argue_absence("ikev2"):
        return None
    finding = Finding(
        f"proposal '{proposals[0].name}' demands {' or '.join(proposals[0].pqc)}, and the session came up without the "
        "IKE_INTERMEDIATE exchange that carries it"
    )
    finding.at(lines[0]).saw(negotiation.session_up)
    finding.because("the configuration was edited since, or the log is another router's")
    return finding.lowered(confidence=Confidence.LOW).about("pqc", proposals[0].name)
