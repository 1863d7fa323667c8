"""What the checks of both ends share: which failure each log shows, and its lines as evidence.

Comes in: a case. Goes out: failures, sentences, a finding with the lines of both logs. Nothing here judges.
"""

from __future__ import annotations

from flexlint.finding import Finding
from flexlint.judging.joined import End, JoinedCase
from flexlint.log.model import Failure, Phase, Side
from flexlint.place import Located


def failure_of(end: End) -> Failure | None:
    """The first error in the log of this end, when the negotiation failed by it and no operator ended it."""
    n = end.negotiation
    return n.failure if n is not None and n.operator_action is None else None


def failed_in(case: JoinedCase, *phases: Phase) -> bool:
    """Whether a log shows a failure in one of these phases: of its own router, or refused by the other one."""
    return any((f := failure_of(end)) is not None and f.phase in phases for end in case.ends)


def refused_by_responder(case: JoinedCase) -> bool:
    """Whether the responder turned the initiator down, by either log."""
    theirs, mine = failure_of(case.responder), failure_of(case.initiator)
    return (theirs is not None and not theirs.by_peer) or (mine is not None and mine.by_peer)


def witnessed(finding: Finding, case: JoinedCase, *seen: Located | None) -> Finding:
    """The finding with these lines, and with the line of each log that shows the failure."""
    for one in seen:
        finding.saw(one)
    known = {(p.path, p.line) for p in finding.related}
    for end in reversed(case.ends):
        failure = failure_of(end)
        if failure is None:
            continue
        place = failure.seen.place("refused by the other end" if failure.by_peer else "")
        if (place.path, place.line) not in known:
            finding.related.append(place)
    return finding


def name_of(end: End) -> str:
    """How a message calls the router of this end."""
    name = end.device.hostname
    return f"'{name}'" if name else end.path


def role(end: End, case: JoinedCase) -> str:
    return str(Side.INITIATOR if end is case.initiator else Side.RESPONDER)


def about(case: JoinedCase) -> tuple[str, str]:
    """Whom it is about, for fingerprints."""
    return str(case.initiator.device.hostname or ""), str(case.responder.device.hostname or "")
