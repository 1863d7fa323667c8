"""The child SA of one IKE SA, held from both ends: refused although both logs say that the session is up.

Comes in: a joined case. Goes out: finding TUN221.
"""

from __future__ import annotations

from flexlint.checks.device.wording import doubtful
from flexlint.checks.ends.tunnels import carries, shown_sets, transforms_in
from flexlint.checks.joined.wording import about, failed_in, name_of, witnessed
from flexlint.config.model import Interface, TransformSet
from flexlint.finding import Finding, Silence
from flexlint.judging.joined import End, JoinedCase
from flexlint.log.model import Phase
from flexlint.place import Located
from flexlint.predict.model import Sureness
from flexlint.rulebook import Scope, Yielded, check


@check("TUN221", on=Scope.JOINED)
def child_refused_after_up(case: JoinedCase) -> Yielded:
    """`is UP` is printed before the child SA is refused (V): transform-sets or tunnel modes of both ends say why."""
    if not failed_in(case, Phase.CHILD_SA):
        return Silence.NOT_APPLICABLE
    finding = _other_transforms(case) or _other_mode(case)
    if finding is None:
        return Silence.NO_EVIDENCE
    ups = [end.negotiation.session_up for end in reversed(case.ends) if end.negotiation is not None]
    if any(ups):
        finding.because("`is UP` in the log is said of the IKE SA: without a child SA no traffic passes")
    yield witnessed(finding, case, *ups)
    return None


def _sets(end: End) -> list[TransformSet]:
    return end.followed.transform_sets


def _at(end: End) -> Located:
    first = _sets(end)[0]
    return first.transforms[0].word if first.transforms and not first.implicit else first


def _other_transforms(case: JoinedCase) -> Finding | None:
    mine, theirs = case.initiator, case.responder
    ours, its = _sets(mine), _sets(theirs)
    if not ours or not its or {transforms_in(one) for one in ours} & {transforms_in(one) for one in its}:
        return None
    if any(doubtful(end.device, *end.followed.ipsec_profile.candidates) for end in case.ends):
        return None
    finding = Finding(
        f"the child SA was refused: the initiator {name_of(mine)} offers {shown_sets(ours)}, "
        f"the responder {name_of(theirs)} takes {shown_sets(its)}"
    )
    finding.at(_at(theirs), f"accepted by {name_of(theirs)}").also(_at(mine), f"offered by {name_of(mine)}")
    finding.mend("give both ends one common transform-set")
    return finding.about(*about(case), "transforms", ours[0].name, its[0].name)


def _interface(end: End) -> Interface | None:
    choice = end.followed.template
    return choice.chosen if choice.sureness is Sureness.SURE else None


def _other_mode(case: JoinedCase) -> Finding | None:
    mine, theirs = case.initiator, case.responder
    here, there, answering = _interface(mine), _interface(theirs), theirs.profile
    if here is None or there is None or (there.is_template and (answering is None or answering.mode_auto)):
        return None
    if carries(here) == carries(there) or doubtful(mine.device, here) or doubtful(theirs.device, there):
        return None
    finding = Finding(
        f"the child SA was refused: {here.name} of {name_of(mine)} has tunnel mode {_mode(here)}, "
        f"{there.name} of {name_of(theirs)} {_mode(there)}"
    )
    finding.at(there.tunnel_mode or there.name, f"tunnel mode {_mode(there)}")
    finding.also(here.tunnel_mode or here.name, f"tunnel mode {_mode(here)}")
    finding.mend("set the same tunnel mode on both ends, or `virtual-template N mode auto` on the responder")
    return finding.about(*about(case), "mode", here.name, there.name)


def _mode(one: Interface) -> str:
    return str(one.tunnel_mode or "gre ip (the default)")
