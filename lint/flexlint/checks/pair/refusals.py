"""What the peer refused: negotiations that an error notify of the other end ended.

Comes in: a negotiation and the configuration. Goes out: findings that stand at the refusal and name what this router
had offered or shown. Which of it the peer minds only its own log says, so nothing here accuses a line.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.pair.authentication import authentication_failure, observed_block, observed_profile
from flexlint.checks.pair.interfaces import set_fault
from flexlint.checks.pair.proposals import default_proposals
from flexlint.checks.pair.transforms import KINDS, esp_lists
from flexlint.checks.pair.wording import configured, or_none, the_peer
from flexlint.config.model import Method
from flexlint.finding import Finding, Silence, Verdict
from flexlint.log.model import Failure, Milestone, Negotiation, Phase, Side
from flexlint.rulebook import PairCase, Scope, Yielded, check


@check("SEL011", on=Scope.PAIR)
def refused_offer(case: PairCase) -> Yielded:
    """The responder refused every proposal: what this router offered; which of it does not fit only the peer knows."""
    negotiation, failure = case.negotiation, case.negotiation.failure
    if failure is None or failure.phase is not Phase.SA_INIT or not failure.by_peer:
        return Silence.NOT_APPLICABLE
    proposals = case.followed.proposals or default_proposals(case)[:1]
    if not proposals or ("NO_PROPOSAL_CHOSEN" not in failure.seen and failure.message != "M073"):
        return Silence.NO_EVIDENCE
    finding = Finding(f"{the_peer(negotiation)} accepts none of the proposals that this router offers")
    finding.at(failure.seen).saw(negotiation.policy)
    for proposal in proposals[:4]:
        offered = "; ".join(f"{kind} {or_none(configured(proposal, kind))}" for kind in KINDS)
        if proposal.pqc and not proposal.pqc_optional:
            offered += f"; it demands {' or '.join(proposal.pqc)} besides, which an older peer does not know"
        finding.because(f"proposal '{proposal.name}' offers {offered}")
        finding.also(None if proposal.implicit else proposal, "offered from here")
    finding.because("look at the peer's log: a responder prints the list it received and the list it expected")
    yield finding.about("offer refused", *(p.name for p in proposals))
    return None


@check("AUT014", on=Scope.PAIR)
def refused_authentication(case: PairCase) -> Yielded:
    """AUTHENTICATION_FAILED from the peer: it minds our key, our identity or our method."""
    negotiation, failure = case.negotiation, authentication_failure(case.negotiation)
    if failure is None or not failure.by_peer:
        return Silence.NOT_APPLICABLE
    profile = observed_profile(case)
    if profile is None:
        return Silence.NO_EVIDENCE
    finding = Finding(
        f"{the_peer(negotiation)} refuses the authentication of this router: it expects another key, identity or method"
    )
    finding.at(failure.seen)
    shown = negotiation.own_identity or profile.identity_local or "this router's address"
    finding.also(profile.identity_local or negotiation.own_identity, f"identity {shown} was shown")
    if profile.local_auth:
        finding.also(profile.local_auth[-1], f"method {profile.local_auth[-1].word} was used")
    found = observed_block(case)
    if found is not None and (not profile.local_auth or profile.local_auth[-1].method is Method.PSK):
        keyring, block = found
        finding.also(block.local_key or block.key or block, "this key was used")
        finding.because(f"the key is that of peer block '{block.name}' in keyring '{keyring.name}'")
        if block.ppk is not None:
            finding.also(block.ppk, "mixed in").because("a post-quantum key (PPK) is mixed in: it may be that key")
        if block.network is not None and block.network.prefixlen == 0 and len(keyring.peers) > 1:
            finding.because(f"'{block.name}' is for every address: no other block has {negotiation.peer or 'the peer'}")
    finding.because(
        f"on the peer: does a profile match identity {shown}, accept this method, and hold the same key? "
        "Its log says which of the three failed"
    )
    yield finding.about("authentication refused", profile.name, negotiation.peer or "")
    return None


@check("TUN007", on=Scope.PAIR)
def refused_child(case: PairCase) -> Yielded:
    """NO_PROPOSAL_CHOSEN for the child SA: the IKE SA came up, what this router offered for ESP did not fit."""
    negotiation, failure = case.negotiation, case.negotiation.failure
    if failure is None or failure.phase is not Phase.CHILD_SA or not failure.by_peer:
        return Silence.NOT_APPLICABLE
    if "NO_PROPOSAL_CHOSEN" not in failure.seen and failure.message != "M073":
        return Silence.NOT_APPLICABLE
    if _is_later_child(negotiation, failure):
        return Silence.NOT_APPLICABLE  # the first child SA had the same transform-sets: other-pfs-at-rekey says it
    tunnel, ipsec, sets = (
        case.followed.template.chosen,
        case.followed.ipsec_profile.chosen,
        case.followed.transform_sets,
    )
    if tunnel is None or ipsec is None or negotiation.role is not Side.INITIATOR:
        return Silence.NO_EVIDENCE
    fault = set_fault(case.device, ipsec, ("refused", ipsec.name), is_up=False)
    if fault is not None:
        yield fault.saw(failure.seen).judged(Verdict.EXPLANATION)
        return None
    if not sets:
        return Silence.NO_EVIDENCE
    finding = Finding(
        f"{the_peer(negotiation)} refuses the child SA: it accepts no transform-set of ipsec profile '{ipsec.name}'"
    )
    finding.at(failure.seen)
    for one in sets[:4]:
        lists = esp_lists([one])
        words = " with ".join(", ".join(values) for values in lists.values() if values)
        finding.because(f"transform-set '{one.name}' offers {words}, {one.mode or 'tunnel'} mode")
        finding.also(None if one.implicit else one, "offered from here")
    finding.also(tunnel, f"tunnel mode {tunnel.tunnel_mode or 'gre ip'}")
    if ipsec.pfs is not None:
        finding.because(f"PFS is {ipsec.pfs}; it counts only when the SA is rekeyed")
    finding.because("look at the peer's log: it prints the ESP list it received and the one it expected")
    yield finding.about("child refused", ipsec.name)
    return None


@check("TUN009", on=Scope.PAIR)
def switched_off_nat_traversal(case: PairCase) -> Yielded:
    """NAT was found on the path, and the configuration switches NAT traversal off."""
    negotiation, failure = case.negotiation, case.negotiation.failure
    refused = failure is not None and failure.message in ("M061", "M327")
    passed = negotiation.nat_found and negotiation.milestone >= Milestone.SA_INIT_DONE
    if not refused and not passed:
        return Silence.NOT_APPLICABLE
    options = [s for s in case.device.globals if s.kind == "ipsec_option" and "nat-transparency" in s.line.text]
    if not options or not options[-1].negated:
        return Silence.NO_EVIDENCE
    if failure is not None and refused:
        text = f"there is NAT between this router and {the_peer(negotiation)}, and NAT traversal is off"
        finding = Finding(text).at(options[-1].line).saw(failure.seen)
    else:
        text = f"the router passed NAT to {the_peer(negotiation)} over UDP port 4500, but NAT traversal is off"
        finding = Finding(text).at(options[-1].line).saw(negotiation.nat)
        finding.because("the configuration may have been edited since, or the log is another router's")
        finding.judged(Verdict.CONTRADICTION)
    finding.mend("remove this line: NAT traversal is on by default")
    yield finding.about("nat traversal")
    return None


@check("TUN010", on=Scope.PAIR)
def other_pfs_at_rekey(case: PairCase) -> Yielded:
    """A rekey was refused: the group of `set pfs` is not among those the peer offers. The first child SA has none."""
    negotiation, failure, ipsec = case.negotiation, case.negotiation.failure, case.followed.ipsec_profile.chosen
    if failure is None or failure.phase is not Phase.CHILD_SA or not negotiation.child_rekeys:
        return Silence.NOT_APPLICABLE
    if failure.by_peer and _is_later_child(negotiation, failure):
        yield from _refused_rekey(case, failure)
        return None
    offers = [t for t in negotiation.received if t.protocol == "ESP"]
    if ipsec is None or ipsec.pfs is None or not offers or negotiation.session_up is None:
        return Silence.NO_EVIDENCE
    wanted = str(ipsec.pfs).removeprefix("group")
    groups = list(dict.fromkeys(g for one in offers for g in one.group))
    if wanted in groups:
        return Silence.SATISFIED
    theirs = f"offers {', '.join('group' + g for g in groups)}" if groups else "offers none"
    finding = Finding(
        f"ipsec profile '{ipsec.name}' wants PFS with {ipsec.pfs}, and {the_peer(negotiation)} {theirs} when it rekeys"
    )
    finding.at(ipsec.pfs).saw(offers[-1].seen, "received").saw(failure.seen)
    finding.because("the first child SA has no group of its own, so that the fault shows when it is rekeyed")
    yield finding.mend("set the same `set pfs` on both ends").about("pfs", ipsec.name)
    return None


def _is_later_child(negotiation: Negotiation, failure: Failure) -> bool:
    """Whether it was refused after the session had come up with a child SA of the same transform-sets."""
    up = negotiation.session_up
    return negotiation.child_rekeys > 0 and up is not None and failure.seen.line > up.line


def _refused_rekey(case: PairCase, failure: Failure) -> Iterator[Finding]:
    """The peer refused this router's rekey. What was not in the first child SA, and so is new to it, is the group."""
    negotiation, ipsec = case.negotiation, case.followed.ipsec_profile.chosen
    if ipsec is None or "REKEY_SA" not in negotiation.notifies_sent:
        return
    if not ("NO_PROPOSAL_CHOSEN" in failure.seen or "INVALID_KE_PAYLOAD" in failure.seen or failure.message == "M073"):
        return
    asks = f"which asks for PFS with {ipsec.pfs}" if ipsec.pfs is not None else "which asks for no PFS"
    wants = "another group or none" if ipsec.pfs is not None else "a group"
    finding = Finding(
        f"{the_peer(negotiation)} refuses the rekey by ipsec profile '{ipsec.name}', {asks}: it probably wants {wants}"
    )
    finding.at(ipsec.pfs if ipsec.pfs is not None else ipsec).saw(failure.seen)
    finding.because("the first child SA has no group of its own, so that the fault shows when it is rekeyed")
    yield finding.mend("set the same `set pfs` on both ends").about("pfs", ipsec.name)
