"""Methods and keys of one IKE SA, held from both ends.

Comes in: a joined case. Goes out: findings AUT221 and AUT222. Keys are compared where both are readable, never shown.
"""

from __future__ import annotations

from flexlint.checks.device.wording import doubtful
from flexlint.checks.ends.authentication import comparable, inline, is_open, keys, lengths, same
from flexlint.checks.ends.quantum import clash, ppk_of
from flexlint.checks.joined.wording import about, failed_in, failure_of, name_of, witnessed
from flexlint.checks.pair.authentication import KEY_FAILURES
from flexlint.config.model import Method, PeerBlock, Ppk, Profile, Secret
from flexlint.finding import Confidence, Finding, Silence
from flexlint.judging.joined import End, JoinedCase
from flexlint.log.model import Phase
from flexlint.predict.model import Sureness
from flexlint.predict.presented import own_method
from flexlint.rulebook import Scope, Yielded, check


def _refused(case: JoinedCase) -> tuple[End, End] | None:
    """The end whose proof was refused, and the one that refused it; None when no log shows it.

    An initiator that reads an error in the answer was refused; so was the peer of a router that fails by itself."""
    for end, other in ((case.responder, case.initiator), (case.initiator, case.responder)):
        failure = failure_of(end)
        if failure is not None and failure.phase is Phase.AUTHENTICATION and not failure.by_peer:
            return other, end
    for end, other in ((case.initiator, case.responder), (case.responder, case.initiator)):
        failure = failure_of(end)
        if failure is not None and failure.phase is Phase.AUTHENTICATION and failure.by_peer:
            return (end, other) if failure_of(other) is None else None
    return None


def _pair(case: JoinedCase) -> tuple[End, End, Profile, Profile] | None:
    """Prover and judge with their profiles, where authentication failed and both are certain."""
    ends = _refused(case) if failed_in(case, Phase.AUTHENTICATION) else None
    if ends is None:
        return None
    prover, judge = ends
    one, other = prover.profile, judge.profile
    if one is None or other is None or doubtful(prover.device, one) or doubtful(judge.device, other):
        return None
    return prover, judge, one, other


@check("AUT222", on=Scope.JOINED)
def method_refused(case: JoinedCase) -> Yielded:
    """What one end proves itself by, the other one does not accept."""
    found = _pair(case)
    if found is None:
        return Silence.NOT_APPLICABLE
    prover, judge, one, other = found
    own = one.local_auth[-1] if one.local_auth else None
    accepted = [line.method for line in other.remote_auth]
    if own is None or not accepted or own.method in accepted or is_open(own, other):
        return Silence.SATISFIED
    finding = Finding(
        f"{name_of(prover)} proves itself by {own.word}, but profile '{other.name}' of {name_of(judge)} "
        f"accepts {', '.join(line.word for line in other.remote_auth)}"
    )
    finding.at(other.remote_auth[0], f"accepted by {name_of(judge)}").also(own, f"used by {name_of(prover)}")
    finding.mend(
        f"accept {own.word} in `authentication remote` on {name_of(judge)}, "
        f"or change `authentication local` on {name_of(prover)}"
    )
    seen = (end.negotiation and (end.negotiation.peer_method or end.negotiation.own_method) for end in case.ends)
    yield witnessed(finding, case, *seen).about(*about(case), one.name, other.name)
    return None


@check("AUT221", on=Scope.JOINED)
def keys_refused(case: JoinedCase) -> Yielded:
    """The key one end signs with is not the key the other end verifies with, and a log shows it."""
    found = _pair(case)
    if found is None:
        return Silence.NOT_APPLICABLE
    prover, judge, one, other = found
    if not _by_key(prover) and not _by_key(judge):
        return Silence.NOT_APPLICABLE
    if own_method(one) is not Method.PSK or Method.PSK not in {line.method for line in other.remote_auth}:
        return Silence.NOT_APPLICABLE
    asked = keys_in_question(case)
    if asked is None or same(signs := asked[1], verifies := asked[3]):
        return (yield from _post_quantum(case, prover, one, judge, other))
    finding = Finding(
        f"the key with which {name_of(prover)} signs is not the one with which {name_of(judge)} verifies"
        + lengths(signs, verifies)
    )
    finding.at(verifies, f"{name_of(judge)} verifies with this").also(signs, f"{name_of(prover)} signs with this")
    if _logged_other_length(prover, signs, own=True) or _logged_other_length(judge, verifies, own=False):
        finding.because("the log shows a key of another length than is configured now: the key was changed since")
    finding.mend("set the same key on both ends")
    blocks = (end.negotiation.peer_block for end in reversed(case.ends) if end.negotiation is not None)
    yield witnessed(finding, case, *blocks).about(*about(case), one.name, other.name)
    return None


def _post_quantum(case: JoinedCase, prover: End, one: Profile, judge: End, other: Profile) -> Yielded:
    """The keys are the same or cannot be read, and the post-quantum keys mixed into the proof do not fit."""
    sides = [(end, *_ppk(end, profile, case)) for end, profile in ((judge, other), (prover, one))]
    found = clash(sides[0][1], sides[1][1]) if all(sure for _, _, sure in sides) else None
    if found is None:
        return Silence.NO_EVIDENCE
    finding = Finding(f"{name_of(judge)} refused the proof of {name_of(prover)}, and {found.what}")
    owners = {id(ppk): f"of {name_of(end)}" for end, ppk, _ in sides if ppk is not None}
    finding.at(found.one, owners[id(found.one)])
    if found.other is not None:
        finding.also(found.other, owners[id(found.other)])
    finding.lowered(confidence=Confidence.MEDIUM).mend("set the same id and post-quantum key on both ends")
    yield witnessed(finding, case).about(*about(case), one.name, other.name, "ppk")
    return None


def _ppk(end: End, profile: Profile, case: JoinedCase) -> tuple[Ppk | None, bool]:
    choice = end.followed.peer_block
    block = _block_in_log(end) or (choice.chosen if choice.sureness is Sureness.SURE else None)
    return ppk_of(end.device, profile, block, end.prediction.facts)


def keys_in_question(case: JoinedCase) -> tuple[End, Secret, End, Secret] | None:
    """The end whose proof was refused with the key it signs with, and the other one with the key it verifies with."""
    found = _pair(case)
    if found is None:
        return None
    prover, judge, one, other = found
    signs, verifies = _key(prover, one, case)[0], _key(judge, other, case)[1]
    if signs is None or verifies is None or not comparable(signs, verifies):
        return None
    return prover, signs, judge, verifies


def _by_key(end: End) -> bool:
    """Whether this log allows that it was the key: it differs here, or the other end does not say why it refused."""
    failure = failure_of(end)
    return failure is not None and (failure.by_peer or failure.message in KEY_FAILURES)


def _key(end: End, profile: Profile, case: JoinedCase) -> tuple[Secret | None, Secret | None]:
    """The key this end signs with and the one it verifies with, of the block that is certainly taken."""
    written = (inline(profile.local_auth), inline(profile.remote_auth))
    choice = end.followed.peer_block
    block = _block_in_log(end) or (choice.chosen if choice.sureness is Sureness.SURE else None)
    return keys(block, written, case.settings.assumptions)


def _block_in_log(end: End) -> PeerBlock | None:
    n = end.negotiation
    keyring = end.device.keyrings.get(n.keyring) if n is not None and n.keyring else None
    if keyring is None or n is None:
        return None
    return next((block for block in keyring.peers if block.name == n.peer_block), None)


def _logged_other_length(end: End, key: Secret | None, own: bool) -> bool:
    n = end.negotiation
    return (
        n is not None
        and key is not None
        and key.length is not None
        and any(use.own is own and use.length.isdecimal() and use.length.number != key.length for use in n.keys)
    )
