"""What failed in a negotiation, told from the log alone: the scenario, its first sign, and where to look next.

Comes in: one negotiation. Goes out: findings of the family NEG, one for a negotiation, with its symptoms beside it.
Which scenario it is stands in `grammars/scenarios.tsv`. Where a configuration is given and explains the failure, the
rulebook drops these.
"""

from __future__ import annotations

from flexlint.finding import Confidence, Finding, Silence
from flexlint.log.diagnosis import Diagnosis, diagnose, error_text
from flexlint.log.model import Milestone, Negotiation, Outcome
from flexlint.rulebook import Scope, TraceCase, Yielded, check

SYMPTOMS = 3  # error lines after the first that are shown
_FAILED = {
    "NEG001": "IKE_SA_INIT failed",
    "NEG002": "no IKEv2 profile was found",
    "NEG003": "authentication failed",
    "NEG004": "authorization failed",
    "NEG005": "config mode failed",
    "NEG006": "the child SA was refused",
    "NEG007": "the peer fell silent",
    "NEG008": "a rekey failed",
}


@check(*_FAILED, on=Scope.TRACE)
def failed_negotiation(case: TraceCase) -> Yielded:
    negotiation = case.negotiation
    if negotiation.operator_action is not None:
        return Silence.NOT_APPLICABLE
    found = diagnose(negotiation)
    if found is None:
        return Silence.NO_EVIDENCE if negotiation.outcome is Outcome.INCOMPLETE else Silence.NOT_APPLICABLE
    yield _told(negotiation, found)
    return None


def _told(negotiation: Negotiation, found: Diagnosis) -> Finding:
    scenario = found.scenario
    finding = Finding(f"{_FAILED[scenario.rule]}: {_who(negotiation)}: {found.say}", rule=scenario.rule)
    failure = negotiation.failure
    finding.at(failure.seen if failure is not None else negotiation)
    finding.saw(negotiation.identity).saw(negotiation.profile).saw(negotiation.peer_block)
    for symptom in negotiation.errors[1 : 1 + SYMPTOMS]:
        after = failure is not None and symptom.seen.line > failure.seen.line
        finding.saw(symptom.seen, "follows from it" if after else "belongs to it")
    finding.because(*_context(negotiation, found), found.look)
    if scenario.grade == "r":
        finding.lowered(confidence=Confidence.LOW)
    elif not found.decided:
        finding.lowered(confidence=Confidence.MEDIUM)
    return finding.about(scenario.name, negotiation.peer or "", negotiation.identity or "")


def _who(negotiation: Negotiation) -> str:
    peer = f"peer {negotiation.peer}" if negotiation.peer else "a peer that the log does not name"
    if negotiation.identity:
        kind = f" ({negotiation.identity_type})" if negotiation.identity_type else ""
        peer += f", identity '{negotiation.identity}'{kind}"
    return peer


def _context(negotiation: Negotiation, found: Diagnosis) -> list[str]:
    """What the log shows beside the failure."""
    said: list[str] = []
    failure = negotiation.failure
    if failure is not None and (text := error_text(failure)) not in found.say:
        said.append(f"the log says: {text}")
    if negotiation.milestone is not Milestone.NONE:
        said.append(f"came as far as {negotiation.milestone.name.lower().replace('_', ' ')}")
    for title, lists in (("received", negotiation.received), ("expected", negotiation.expected)):
        for one in lists[:2]:
            words = (*one.encryption, *one.prf, *one.integrity, *(f"group {g}" for g in one.group))
            said.append(f"{title} {one.protocol}: {' '.join(words)}")
    if len(negotiation.errors) > 1 + SYMPTOMS:
        said.append(f"{len(negotiation.errors) - 1 - SYMPTOMS} further error lines follow from it")
    return said
