"""What failed in a negotiation, told from the log alone: the first cause, its phase, and where to look next.

Comes in: one negotiation. Goes out: findings of the family NEG, one for a negotiation, with its symptoms counted. Where
a configuration is given and explains the failure, the rulebook drops these.
"""

from __future__ import annotations

from flexlint.finding import Finding, Silence
from flexlint.log.model import Milestone, Negotiation, Outcome, Phase, Side
from flexlint.rulebook import Scope, TraceCase, Yielded, check

# Phase of the first failure to its rule, what to say of it, and where the reason is to be found.
_PHASES: dict[Phase, tuple[str, str, str]] = {
    Phase.SA_INIT: (
        "NEG001",
        "IKE_SA_INIT failed",
        "compare the proposals of both ends; the responder's log prints both lists",
    ),
    Phase.IDENTITY: (
        "NEG002",
        "no IKEv2 profile was found",
        "compare the identity with every `match` line of the profiles, type before value",
    ),
    Phase.AUTHENTICATION: (
        "NEG003",
        "authentication failed",
        "compare key, method or certificate of both ends",
    ),
    Phase.AUTHORIZATION: (
        "NEG004",
        "authorization failed",
        "look at the AAA list, the authorization policy it names, and the server behind it",
    ),
    Phase.CONFIG_MODE: (
        "NEG005",
        "config mode failed",
        "look at the pool and the attributes of the authorization policy, and at what the client can apply",
    ),
    Phase.CHILD_SA: (
        "NEG006",
        "the child SA was refused",
        "compare transform-sets, tunnel mode and the ipsec profile of both ends",
    ),
}
_RULES = tuple(rule for rule, _, _ in _PHASES.values())


@check(*_RULES, on=Scope.TRACE)
def failed_negotiation(case: TraceCase) -> Yielded:
    negotiation = case.negotiation
    failure = negotiation.failure
    if failure is None:
        return Silence.NOT_APPLICABLE if negotiation.outcome is not Outcome.INCOMPLETE else Silence.NO_EVIDENCE
    if negotiation.operator_action is not None or failure.phase not in _PHASES:
        return Silence.NOT_APPLICABLE
    if negotiation.outcome is Outcome.UP:
        return Silence.NOT_APPLICABLE
    rule, what, advice = _PHASES[failure.phase]
    finding = Finding(f"{what}: {_who(negotiation)}: {failure.seen.strip(': ')}{_by(negotiation)}", rule=rule)
    finding.at(failure.seen).saw(negotiation.identity).saw(negotiation.profile).saw(negotiation.peer_block)
    finding.because(*_context(negotiation), advice)
    yield finding.about(failure.phase, negotiation.peer or "", negotiation.identity or "", failure.message)
    return None


def _who(negotiation: Negotiation) -> str:
    peer = f"peer {negotiation.peer}" if negotiation.peer else "a peer"
    if negotiation.identity:
        kind = f" ({negotiation.identity_type})" if negotiation.identity_type else ""
        peer += f", identity '{negotiation.identity}'{kind}"
    return peer


def _by(negotiation: Negotiation) -> str:
    failure = negotiation.failure
    return " (refused by the peer; its log has the reason)" if failure is not None and failure.by_peer else ""


def _context(negotiation: Negotiation) -> list[str]:
    """What the log shows beside the failure."""
    said: list[str] = []
    if negotiation.milestone is not Milestone.NONE:
        said.append(f"came as far as {negotiation.milestone.name.lower().replace('_', ' ')}")
    for title, lists in (("received", negotiation.received), ("expected", negotiation.expected)):
        for one in lists[:2]:
            words = (*one.encryption, *one.prf, *one.integrity, *(f"group {g}" for g in one.group))
            said.append(f"{title} {one.protocol}: {' '.join(words)}")
    if len(negotiation.errors) > 1:
        said.append(f"{len(negotiation.errors) - 1} further error lines follow from it")
    return said


RETRANSMITS = 3  # fewer in a row are ordinary loss


@check("NEG007", on=Scope.TRACE)
def silent_peer(case: TraceCase) -> Yielded:
    """No answer to retransmitted packets, and nothing else went wrong."""
    negotiation = case.negotiation
    if negotiation.retransmits < RETRANSMITS or negotiation.operator_action is not None:
        return Silence.NOT_APPLICABLE
    if negotiation.failure is not None or negotiation.milestone >= Milestone.SESSION_UP:
        return Silence.NOT_APPLICABLE
    where = "IKE_AUTH" if negotiation.milestone >= Milestone.SA_INIT_DONE else "IKE_SA_INIT"
    finding = Finding(
        f"no answer to {where} from {negotiation.peer or 'the peer'} after {negotiation.retransmits} retransmissions"
    )
    finding.at(negotiation)
    if where == "IKE_AUTH" and negotiation.nat is not None:
        finding.because("NAT was found and the ports moved to UDP 4500: is 4500 filtered on the path?")
    elif where == "IKE_AUTH":
        finding.because("large IKE_AUTH packets are fragmented: is anything dropping fragments on the path?")
    elif negotiation.role is Side.INITIATOR:
        finding.because("check destination, route, VRF of the tunnel, and filters for UDP 500; look at the peer's log")
    yield finding.about("silent", where, negotiation.peer or "")
    return None
