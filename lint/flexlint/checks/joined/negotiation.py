"""What one log shows and the other explains, where no configuration line accounts for it.

Comes in: a joined case with both logs. Goes out: findings NEG201 to NEG203. The rulebook takes them only where no other
rule speaks of both ends.
"""

from __future__ import annotations

from flexlint.checks.joined.wording import about, failure_of, name_of, role
from flexlint.finding import Finding, Silence
from flexlint.judging.joined import End, JoinedCase
from flexlint.log.diagnosis import RETRANSMITS
from flexlint.log.model import Milestone, Negotiation, Outcome
from flexlint.rulebook import Scope, Yielded, check

# What an end says that has waited for a packet in vain: too many retransmissions, no IKE_AUTH in time.
WAITED_IN_VAIN = frozenset({"M089", "M331", "M088", "M325"})


@check("NEG201", on=Scope.JOINED)
def reason_at_the_other_end(case: JoinedCase) -> Yielded:
    """One log shows only that the peer refused, or deleted what was up; the other log has the reason."""
    if not case.both_logs:
        return Silence.NO_EVIDENCE
    for told, asked in (case.ends, case.ends[::-1]):
        reason, n = failure_of(told), asked.negotiation
        if reason is None or reason.by_peer or n is None or n.operator_action is not None:
            continue
        if reason.message in WAITED_IN_VAIN:
            continue  # no reason: it has heard nothing
        refused = failure_of(asked)
        if refused is not None and not refused.by_peer:
            continue
        seen = refused.seen if refused is not None else n.deleted if n.deleted_by_peer else None
        if seen is None:
            continue
        finding = Finding(
            f"the {role(asked, case)} {name_of(asked)} was turned down by {name_of(told)} in {reason.phase}: "
            f"{reason.seen.strip(': ')}"
        )
        finding.at(reason.seen, "the reason").saw(seen, f"all that the {role(asked, case)} sees of it")
        yield finding.about(*about(case), reason.phase, reason.message)
        return None
    return Silence.NOT_APPLICABLE


@check("NEG202", on=Scope.JOINED)
def up_on_one_end_only(case: JoinedCase) -> Yielded:
    """The session is up at one end and has failed at the other."""
    if not case.both_logs:
        return Silence.NO_EVIDENCE
    for failed, up in (case.ends, case.ends[::-1]):
        reason, n = failure_of(failed), up.negotiation
        if reason is None or n is None or n.session_up is None or n.outcome is not Outcome.UP:
            continue
        finding = Finding(
            f"the {role(failed, case)} {name_of(failed)} gave up in {reason.phase}: {reason.seen.strip(': ')}; "
            f"the {role(up, case)} {name_of(up)} believes the session is up"
        )
        finding.at(reason.seen, "failed here").saw(n.session_up, "up here")
        yield finding.about(*about(case), "half-open", reason.phase, reason.message)
        return None
    return Silence.NOT_APPLICABLE


@check("NEG203", on=Scope.JOINED)
def packets_lost_between(case: JoinedCase) -> Yielded:
    """One end repeats a packet; the other log shows whether it came, so which direction loses packets."""
    if not case.both_logs:
        return Silence.NO_EVIDENCE
    mine, its = case.initiator.negotiation, case.responder.negotiation
    if mine is None or its is None or mine.retransmits < RETRANSMITS or mine.operator_action is not None:
        return Silence.NOT_APPLICABLE
    gave_up, waited = failure_of(case.initiator), failure_of(case.responder)
    if not all(one is None or one.message in WAITED_IN_VAIN for one in (gave_up, waited)):
        return Silence.NOT_APPLICABLE
    lost = _lost(mine, its, case.initiator, case.responder)
    if lost is None:
        return Silence.NO_EVIDENCE
    finding = Finding(f"after {mine.retransmits} retransmissions: {lost}; the path loses it, not a configuration")
    finding.at(gave_up.seen if gave_up is not None else mine)
    finding.saw(its.milestone_seen or its.initiator_spi, "as far as the responder came")
    finding.saw(waited.seen if waited is not None else None)
    if mine.nat is not None and mine.milestone >= Milestone.SA_INIT_DONE:
        finding.because("NAT was found and the ports moved to UDP 4500: is 4500 filtered on the path?")
    elif mine.milestone >= Milestone.SA_INIT_DONE:
        finding.because("IKE_AUTH packets are large: are fragments dropped on the path?")
    yield finding.about(*about(case), "lost", lost)
    return None


def _lost(mine: Negotiation, its: Negotiation, initiator: End, responder: End) -> str | None:
    """Which packet does not arrive; None where the logs leave it open."""
    if mine.milestone < Milestone.SA_INIT_DONE <= its.milestone:
        return f"{name_of(responder)} answered IKE_SA_INIT, and {name_of(initiator)} never got the answer"
    if Milestone.SA_INIT_DONE <= mine.milestone < Milestone.PEER_AUTHENTICATED:
        if its.session_up is not None:
            return f"{name_of(responder)} answered IKE_AUTH, and {name_of(initiator)} never got the answer"
        if its.milestone is Milestone.SA_INIT_DONE and its.identity is None:
            return f"IKE_AUTH of {name_of(initiator)} does not reach {name_of(responder)}"
    return None
