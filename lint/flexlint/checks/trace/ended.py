"""Sessions that came up and ended, told from the log alone.

Comes in: one negotiation. Goes out: findings of the family NEG. What an operator or another session ended is no fault.
"""

from __future__ import annotations

from flexlint.finding import Finding, Silence
from flexlint.log.model import Outcome
from flexlint.rulebook import Scope, TraceCase, Yielded, check

UNANSWERED = 2  # fewer packets without an answer are ordinary loss


@check("NEG009", on=Scope.TRACE)
def lost_peer(case: TraceCase) -> Yielded:
    """An established session ended because the peer did not answer any more."""
    n = case.negotiation
    if n.session_up is None or n.outcome is not Outcome.DELETED:
        return Silence.NOT_APPLICABLE
    if n.unanswered < UNANSWERED or n.deleted_by_peer or n.operator_action is not None or n.replaced_by is not None:
        return Silence.NO_EVIDENCE
    finding = Finding(
        f"peer {n.peer or 'unknown'} was lost: {n.unanswered} packets of an established session were not answered, "
        "then the session was deleted"
    )
    finding.at(n.deleted or n).saw(n.session_up, "up from here on")
    finding.because("look at the path and at the peer: a reload, a link that failed, a filter on UDP 500 or 4500")
    yield finding.about("lost", n.peer or "", n.identity or "")
    return None
