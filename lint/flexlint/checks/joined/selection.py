"""Identities and proposals of one IKE SA, held from both ends.

Comes in: a joined case. Goes out: findings SEL221 to SEL223. Which profile an end takes is asked of its prediction.
"""

from __future__ import annotations

from flexlint.checks.device.wording import doubtful, is_placeholder
from flexlint.checks.ends.links import sent_at, shown
from flexlint.checks.ends.selection import TYPES, clash, offers, told, where_said, written
from flexlint.checks.joined.wording import about, failed_in, name_of, refused_by_responder, witnessed
from flexlint.checks.pair.selection import lookup_failed, nearest
from flexlint.config.model import Profile
from flexlint.finding import Finding, Silence
from flexlint.judging.joined import JoinedCase
from flexlint.log.model import Phase
from flexlint.predict.model import Rejected, Sureness
from flexlint.rulebook import Scope, Yielded, check


@check("SEL221", on=Scope.JOINED)
def half_open_session(case: JoinedCase) -> Yielded:
    """The initiator does not accept the identity of the answer; the responder has finished and stays up (V)."""
    mine, theirs = case.initiator, case.responder
    if mine.negotiation is None or mine.negotiation.identity is None:
        return Silence.NO_EVIDENCE
    if not lookup_failed(mine.negotiation):
        return Silence.NOT_APPLICABLE
    choice, identity = mine.prediction.profile, mine.prediction.facts.identity
    near = nearest(choice)
    if near is None or choice.chosen is not None or identity is None or doubtful(mine.device, near.candidate):
        return Silence.NO_EVIDENCE
    answering = theirs.profile
    finding = Finding(
        f"the responder {name_of(theirs)} answered as {shown(identity)}, "
        f"which profile '{near.candidate.name}' of the initiator {name_of(mine)} does not accept"
    )
    finding.at(near.at, f"{near.candidate.name} {near.reason}")
    if answering is not None:
        finding.also(sent_at(answering), f"sent by '{answering.name}'")
    finding.saw(mine.negotiation.identity)
    up = theirs.negotiation.session_up if theirs.negotiation is not None else None
    finding.saw(up, "the responder believes the session is up")
    finding.because("half-open: the responder keeps a session that the initiator has dropped")
    finding.mend(
        f"let '{near.candidate.name}' on {name_of(mine)} match {shown(identity)}, "
        f"or correct `identity local` on {name_of(theirs)}"
    )
    yield witnessed(finding, case).about(*about(case), near.candidate.name, identity.kind, identity.value)
    return None


@check("SEL222", on=Scope.JOINED)
def identity_without_profile(case: JoinedCase) -> Yielded:
    """The responder has no profile for the identity that the initiator sends."""
    mine, theirs = case.initiator, case.responder
    choice, identity = theirs.prediction.profile, theirs.prediction.facts.identity
    its = theirs.negotiation
    if identity is None or (its is not None and its.identity is None):
        return Silence.NO_EVIDENCE
    if its is not None:
        if not lookup_failed(its):
            return Silence.NOT_APPLICABLE
    elif not refused_by_responder(case) or not failed_in(case, Phase.AUTHENTICATION, Phase.IDENTITY):
        return Silence.NOT_APPLICABLE
    near = nearest(choice)
    if near is None or choice.candidates or choice.sureness is Sureness.PARTIAL or is_placeholder(identity.value):
        return Silence.NO_EVIDENCE
    if doubtful(theirs.device, *theirs.device.profiles.values()):
        return Silence.NO_EVIDENCE
    finding = Finding(
        f"the initiator {name_of(mine)} presents {shown(identity)}, "
        f"and no profile of the responder {name_of(theirs)} matches it"
    )
    finding.at(near.at, f"{near.candidate.name} {near.reason}")
    calling = mine.profile or _only(mine.prediction.profile.rejected)
    if calling is not None:
        finding.also(sent_at(calling), f"sent by '{calling.name}'")
    others = [r for r in choice.rejected if r is not near]
    finding.because(*(f"also rejected: {r.candidate.name} {r.reason}" for r in others[:5]))
    finding.mend(
        f"let a profile on {name_of(theirs)} match {shown(identity)}, or correct `identity local` on {name_of(mine)}"
    )
    witnessed(finding, case, its.identity if its is not None else None)
    yield finding.about(*about(case), identity.kind, identity.value)
    return None


def _only(rejected: list[Rejected[Profile]]) -> Profile | None:
    return rejected[0].candidate if len(rejected) == 1 else None


@check("SEL223", on=Scope.JOINED)
def no_common_proposal(case: JoinedCase) -> Yielded:
    """IKE_SA_INIT was refused, and no proposal of one end fits one of the other."""
    mine, theirs = case.initiator, case.responder
    if not failed_in(case, Phase.SA_INIT) or not refused_by_responder(case):
        return Silence.NOT_APPLICABLE
    release = case.settings.release
    ours, its = (offers(end.device, end.prediction.facts, release) for end in (mine, theirs))
    pairs = [(one, other) for a in ours for one in a for b in its for other in b]
    if not pairs or any(clash(one, other) is None for one, other in pairs):
        return Silence.NO_EVIDENCE
    if doubtful(mine.device, *written(ours)) or doubtful(theirs.device, *written(its)):
        return Silence.NO_EVIDENCE
    one, other = max(pairs, key=lambda pair: TYPES.index(clash(*pair) or "group"))
    kind = clash(one, other) or "group"
    finding = Finding(
        f"no IKEv2 proposal fits: the responder {name_of(theirs)} accepts {kind} {told(other, kind)}, "
        f"the initiator {name_of(mine)} offers {told(one, kind)}"
    )
    finding.at(where_said(other, kind), f"proposal '{other.name}'")
    finding.also(where_said(one, kind), f"proposal '{one.name}'")
    n = theirs.negotiation
    lists = [*n.received[:1], *n.expected[:1]] if n is not None else []
    finding.mend(f"give both ends one common {kind}")
    yield witnessed(finding, case, *(transforms.seen for transforms in lists)).about(*about(case), kind)
    return None
