"""Keyring, peer block, key length, methods and identities of a negotiation, held against the configuration.

Comes in: a negotiation, the configuration, and the prediction that follows the objects the log names. Goes out:
findings of the family AUT. No key ever enters a message: lengths only.
"""

from __future__ import annotations

from flexlint.checks.device.keyrings import keyless_starts
from flexlint.checks.pair.wording import defined, named, partial_severity, quoted_identity, the_peer
from flexlint.config.model import IdentityKind, Keyring, Method, PeerBlock, Profile, Secret
from flexlint.finding import Finding, Silence, Verdict
from flexlint.judging.observe import TYPES as PRINTED_KINDS
from flexlint.log.model import Failure, KeyUse, Negotiation, Outcome, Phase, Side
from flexlint.place import Located
from flexlint.predict.model import PeerFacts, Sureness
from flexlint.predict.profile import select_profile
from flexlint.rulebook import PairCase, Scope, Yielded, check

# How `debug crypto ikev2` prints an authentication method, to the configuration's keyword.
PRINTED = {
    "PSK": Method.PSK,
    "RSA": Method.RSA,
    "ECDSA": Method.ECDSA,
    "EAP": Method.EAP,
    "AnyConnect EAP": Method.ANYCONNECT,
}


def observed_profile(case: PairCase) -> Profile | None:
    """The profile in force: the one the log names, else the predicted one when that is sure. An initiator's is named by
    its tunnel, whether or not the peer's certificate is known."""
    negotiation, choice = case.negotiation, case.prediction.profile
    if negotiation.profile is not None:
        return case.device.profiles.get(negotiation.profile)
    if negotiation.role is Side.INITIATOR and choice.chosen is not None and negotiation.profile_missing is None:
        facts = case.prediction.facts
        facts = PeerFacts(role=facts.role, peer=facts.peer, local=facts.local, fvrf=facts.fvrf)
        choice = select_profile(case.device, facts, case.settings.assumptions)
    return choice.chosen if choice.sureness is Sureness.SURE and not choice.also else None


def observed_block(case: PairCase) -> tuple[Keyring, PeerBlock] | None:
    """The keyring and peer block the log names, as the configuration defines them."""
    keyring_name, block_name = case.negotiation.keyring, case.negotiation.peer_block
    keyring = case.device.keyrings.get(keyring_name) if keyring_name else None
    if keyring is None or block_name is None:
        return None
    block = next((b for b in keyring.peers if b.name == block_name), None)
    return (keyring, block) if block is not None else None


def authentication_failure(negotiation: Negotiation) -> Failure | None:
    failure = negotiation.failure
    return failure if failure is not None and failure.phase is Phase.AUTHENTICATION else None


@check("AUT001", on=Scope.PAIR)
def unknown_keyring(case: PairCase) -> Yielded:
    seen = case.negotiation.keyring
    if seen is None:
        return Silence.NO_EVIDENCE
    if seen in case.device.keyrings:
        return Silence.SATISFIED
    if case.device.is_partial and not case.device.keyrings:
        return Silence.NO_EVIDENCE  # a snippet that leaves keyrings out altogether
    profile = observed_profile(case)
    if profile is not None and profile.keyring is not None and profile.keyring != seen:
        return Silence.NOT_APPLICABLE  # other-keyring-observed says it
    finding = named(case, seen, "IKEv2 keyring", case.device.keyrings, "took a key from keyring")
    if profile is not None and profile.keyring == seen:
        if _method_refused(case.negotiation) is not None:
            return Silence.NOT_APPLICABLE  # no key was wanted any more
        finding.at(profile.keyring, "named here").saw(seen)
    failure = case.negotiation.failure
    if failure is not None and failure.phase in (Phase.SA_INIT, Phase.AUTHENTICATION) and not failure.by_peer:
        finding.also(failure.seen).judged(Verdict.EXPLANATION)
    yield finding
    return None


@check("AUT002", on=Scope.PAIR)
def other_keyring_observed(case: PairCase) -> Yielded:
    seen, profile = case.negotiation.keyring, observed_profile(case)
    if seen is None or profile is None or profile.keyring_aaa is not None:
        return Silence.NO_EVIDENCE
    if profile.keyring == seen:
        return Silence.SATISFIED
    if profile.keyring is None and case.device.is_partial:
        return Silence.NO_EVIDENCE
    wanted = f"names '{profile.keyring}'" if profile.keyring else "names no keyring"
    yield (
        Finding(f"the router took the key from keyring '{seen}', but profile '{profile.name}' {wanted}")
        .at(profile.keyring or profile, "as configured")
        .saw(seen)
        .also(case.negotiation.profile)
        .also(*_refused_key(case))
        .because("the configuration may have been edited since, or the log is another router's")
        .about("keyring", profile.name, seen)
    )
    return None


def _refused_key(case: PairCase) -> tuple[Located | None, str]:
    """The key with which authentication failed in this negotiation."""
    found, failure = observed_block(case), authentication_failure(case.negotiation)
    if found is None or failure is None or failure.message not in KEY_FAILURES:
        return None, ""
    return found[1].remote_key or found[1].key, "and its key is not the peer's"


@check("AUT003", on=Scope.PAIR)
def unknown_peer_block(case: PairCase) -> Yielded:
    keyring_name, seen = case.negotiation.keyring, case.negotiation.peer_block
    keyring = case.device.keyrings.get(keyring_name) if keyring_name else None
    if keyring is None or seen is None:
        return Silence.NO_EVIDENCE
    names = [str(b.name) for b in keyring.peers]
    if seen in names:
        return Silence.SATISFIED
    yield (
        Finding(
            f"the router matched peer block '{seen}', which keyring '{keyring.name}' does not have; {defined(names)}"
        )
        .at(keyring.name)
        .saw(seen)
        .also(case.followed.peer_block.chosen, "fits this peer")
        .lowered(partial_severity(case.device))
        .about("peer block", keyring.name, seen)
    )
    return None


@check("AUT004", on=Scope.PAIR)
def other_peer_block_observed(case: PairCase) -> Yielded:
    seen, found, choice = case.negotiation.peer_block, observed_block(case), case.followed.peer_block
    if seen is None or found is None:
        return Silence.NO_EVIDENCE
    profile = observed_profile(case)
    if profile is not None and profile.keyring is not None and profile.keyring != found[0].name:
        return Silence.NOT_APPLICABLE  # other-keyring-observed says it
    if choice.sureness is not Sureness.SURE or seen in {b.name for b in choice.candidates}:
        return Silence.SATISFIED
    rejected = next((r for r in choice.rejected if r.candidate is found[1]), None)
    if rejected is None and choice.chosen is None:
        return Silence.NO_EVIDENCE
    at: Located = rejected.at if rejected else found[1]
    better = f"'{choice.chosen.name}' fits this peer" if choice.chosen else "no block fits this peer"
    finding = Finding(f"the router matched peer block '{seen}' of keyring '{found[0].name}', but {better}")
    finding.at(at, f"{seen} {rejected.reason}" if rejected else "").saw(seen).also(choice.chosen, "this one fits")
    finding.also(case.negotiation.identity).also(*_refused_key(case))
    yield finding.about("peer block", found[0].name, seen)
    return None


@check("AUT005", on=Scope.PAIR)
def key_length_differs(case: PairCase) -> Yielded:
    """`key len N` of the debug is the length of the clear key; a key of another length was configured since."""
    found = observed_block(case)
    if not case.negotiation.keys or found is None:
        return Silence.NO_EVIDENCE
    keyring, block = found
    for use in case.negotiation.keys:
        key = _key_used(block, use)
        if key is None or key.length is None or not use.length.isdecimal() or use.length.number == key.length:
            continue
        failure = authentication_failure(case.negotiation)
        failed = failure is not None
        finding = Finding(
            f"the router used a key of {use.length} characters, but the key of peer block '{block.name}' "
            f"in keyring '{keyring.name}' has {key.length}"
        )
        finding.at(key, f"{key.length} characters").saw(use.length).saw(case.negotiation.peer_block)
        finding.also(failure.seen if failure is not None else None, "and this failed")
        if use.own is None and (block.local_key or block.remote_key):
            continue
        if failed:
            finding.because("authentication failed in this negotiation: one of the two keys is not what the peer has")
        finding.judged(Verdict.EXPLANATION if failed else Verdict.CONTRADICTION)
        yield finding.about("key", keyring.name, block.name)
        break
    return None


def _key_used(block: PeerBlock, use: KeyUse) -> Secret | None:
    """The local key signs our AUTH, the remote key verifies the peer's, the symmetric one does both (V)."""
    if use.own is True:
        return block.local_key or block.key
    if use.own is False:
        return block.remote_key or block.key
    return block.key


@check("AUT006", on=Scope.PAIR)
def peer_method_not_configured(case: PairCase) -> Yielded:
    seen, profile = case.negotiation.peer_method, observed_profile(case)
    method = PRINTED.get(str(seen)) if seen is not None else None
    if profile is not None and (refusal := _method_refused(case.negotiation)) is not None:
        yield refusal_of_method(profile, refusal, case.negotiation)
        return None
    if seen is None or profile is None or method is None:
        return Silence.NO_EVIDENCE
    configured = {a.method for a in profile.remote_auth}
    if not configured or method in configured or Method.OTHER in configured or Method.DYNAMIC in configured:
        return Silence.SATISFIED
    allowed = ", ".join(sorted(str(a.word) for a in profile.remote_auth))
    yield (
        Finding(f"the peer authenticated with {seen}, but profile '{profile.name}' accepts only {allowed}")
        .at(profile.remote_auth[0], "accepted here")
        .saw(seen)
        .saw(case.negotiation.profile)
        .judged(Verdict.EXPLANATION if authentication_failure(case.negotiation) else Verdict.CONTRADICTION)
        .about("remote method", profile.name, method)
    )
    return None


def _method_refused(negotiation: Negotiation) -> Failure | None:
    """`Peer authentication method configured is mismatching with the method proposed by peer`."""
    failure = negotiation.failure
    return failure if failure is not None and failure.message in ("M123", "M326") else None


def refusal_of_method(profile: Profile, failure: Failure, negotiation: Negotiation) -> Finding:
    """The router refused the peer's method; the log does not say which it was."""
    allowed = ", ".join(sorted(str(a.word) for a in profile.remote_auth)) or "none"
    finding = Finding(
        f"{the_peer(negotiation)} authenticates by a method that profile '{profile.name}' does not accept: "
        f"it accepts only {allowed}"
    )
    finding.at(profile.remote_auth[0] if profile.remote_auth else profile, "accepted here").saw(failure.seen)
    finding.also(negotiation.profile).because("the peer's `authentication local` says which method it uses")
    finding.mend(
        "add `authentication remote METHOD` for the peer's method, or change `authentication local` on the peer"
    )
    return finding.judged(Verdict.EXPLANATION).about("remote method", profile.name, "refused")


@check("AUT007", on=Scope.PAIR)
def own_method_differs(case: PairCase) -> Yielded:
    seen, profile = case.negotiation.own_method, observed_profile(case)
    method = PRINTED.get(str(seen)) if seen is not None else None
    if seen is None or profile is None or method is None or not profile.local_auth:
        return Silence.NO_EVIDENCE
    local = profile.local_auth[-1]
    if local.method in (method, Method.OTHER, Method.DYNAMIC):
        return Silence.SATISFIED
    yield (
        Finding(f"the router authenticated itself with {seen}, but profile '{profile.name}' says {local.word}")
        .at(local)
        .saw(seen)
        .about("local method", profile.name, method)
    )
    return None


@check("AUT008", on=Scope.PAIR)
def key_mismatch(case: PairCase) -> Yielded:
    """The pre-shared key of the matched block is not the peer's."""
    negotiation, failure = case.negotiation, authentication_failure(case.negotiation)
    if failure is None or failure.message not in KEY_FAILURES:
        return Silence.NOT_APPLICABLE
    if negotiation.peer_method is not None and negotiation.peer_method != "PSK":
        return Silence.NOT_APPLICABLE
    found = observed_block(case) or _predicted_block(case)
    if found is None:
        if (finding := _inline_mismatch(case)) is None:
            return Silence.NO_EVIDENCE
        yield finding.saw(failure.seen)
        return None
    keyring, block = found
    # A key of another length was in use than is configured: key-length-differs says that, and more exactly.
    if any(
        (k := _key_used(block, u)) and k.length and u.length.isdecimal() and k.length != u.length.number
        for u in negotiation.keys
    ):
        return Silence.NOT_APPLICABLE
    key = block.remote_key or block.key
    finding = Finding(
        f"{the_peer(negotiation)} proved another key than ours: the key of peer block '{block.name}' "
        f"in keyring '{keyring.name}' differs from its own"
    )
    finding.at(key or block, "this key").saw(failure.seen).saw(negotiation.peer_block)
    if block.ppk is not None:  # R: a PPK is mixed into the same proof (RFC 8784)
        finding.also(block.ppk, "or this one")
        finding.because("a post-quantum key (PPK) is mixed in: it may be that key, or its id, that differs")
    if block.local_key and block.remote_key:
        finding.because("local and remote key may be swapped: the local one signs for this router")
    length = next((u.length for u in negotiation.keys if u.own is not True), None)
    if length is not None:
        known = key is not None and key.length is not None  # of an encrypted key it is not
        finding.saw(length, "the length is right, so the characters differ" if known else "used here")
    finding.mend("set the same key on both ends")
    yield finding.about("key mismatch", keyring.name, block.name)
    return None


def _inline_mismatch(case: PairCase) -> Finding | None:
    """The key stands in the profile: `authentication remote pre-share key`."""
    negotiation, profile = case.negotiation, observed_profile(case)
    if profile is None or negotiation.keyring is not None or profile.keyring or profile.keyring_aaa:
        return None
    line = next((one for one in profile.remote_auth if one.method is Method.PSK and one.key is not None), None)
    if line is None or line.key is None:
        return None
    finding = Finding(
        f"{the_peer(negotiation)} proved another key than ours: the one in profile '{profile.name}' differs from its "
        "own"
    )
    length = next((use.length for use in negotiation.keys if use.own is not True), None)
    if length is not None and length.isdecimal() and line.key.length is not None:
        same = line.key.length == length.number
        finding.saw(length, "the length is right" if same else f"the configured one has {line.key.length} characters")
    finding.at(line.key, "this key").also(negotiation.profile).mend("set the same key on both ends")
    return finding.about("key mismatch", profile.name)


# Messages that say that the AUTH values differ: Failed to authenticate, Verification FAILED.
KEY_FAILURES = frozenset({"M128", "M129", "M130", "M131", "M132", "M321"})


def _predicted_block(case: PairCase) -> tuple[Keyring, PeerBlock] | None:
    keyring, block = case.followed.keyring.chosen, case.followed.peer_block.chosen
    if keyring is None or block is None or case.followed.peer_block.sureness is not Sureness.SURE:
        return None
    return keyring, block


@check("AUT009", on=Scope.PAIR)
def missing_peer_block(case: PairCase) -> Yielded:
    """The keyring was asked and had no block for this peer."""
    negotiation, choice = case.negotiation, case.followed.peer_block
    keyring = case.device.keyrings.get(negotiation.keyring) if negotiation.keyring else None
    if keyring is None or negotiation.keyring is None:
        return Silence.NO_EVIDENCE
    if negotiation.peer_block is not None or choice.chosen is not None or negotiation.outcome is not Outcome.FAILED:
        return Silence.NOT_APPLICABLE
    if negotiation.keys or _method_refused(negotiation) is not None:
        return Silence.NOT_APPLICABLE  # a key was used, or it never came to that
    failure = negotiation.failure
    # An initiator that finds no key sends nothing, so that its log never names the peer.
    never_sent = failure is not None and failure.message in ("M299", "M300", "M314") and negotiation.peer is None
    is_sure = choice.sureness is Sureness.SURE or never_sent
    if not is_sure or not case.coverage.can_argue_absence("ikev2"):
        return Silence.NO_EVIDENCE
    keyless = keyless_starts(case.device, keyring, case.settings.assumptions) if never_sent else []
    who = f"address {keyless[0].address}" if len(keyless) == 1 else _who(negotiation)
    finding = Finding(f"keyring '{keyring.name}' has no peer block for {who}; {defined(b.name for b in keyring.peers)}")
    finding.at(keyring.name).saw(negotiation.keyring, "looked up here").also(failure.seen if failure else None)
    for start in keyless[:4]:
        finding.also(start.word, "called from here")
    if negotiation.role is Side.INITIATOR or never_sent:
        finding.because("an initiator looks up by address or hostname only: `identity` lines of a block do not count")
    finding.because(*(f"{r.candidate.name} {r.reason}" for r in choice.rejected[:5]))
    yield finding.about("no peer block", keyring.name)
    return None


def _who(negotiation: Negotiation) -> str:
    parts = [f"address {negotiation.peer}"] if negotiation.peer else []
    if negotiation.identity and negotiation.role is not Side.INITIATOR:
        parts.append(f"identity {quoted_identity(negotiation)}")
    return " or ".join(parts) or "this peer"


@check("AUT010", on=Scope.PAIR)
def own_identity_differs(case: PairCase) -> Yielded:
    """The identity the router sent (`Constructing IDi/IDr`) is not the profile's `identity local`."""
    sent, profile = case.negotiation.own_identity, observed_profile(case)
    if sent is None or profile is None or case.device.is_partial:
        return Silence.NO_EVIDENCE
    kind = PRINTED_KINDS.get((case.negotiation.own_identity_type or "").lower())
    wanted, wanted_kind = _identity_to_send(case, profile)
    if wanted_kind is IdentityKind.DN and kind not in (None, IdentityKind.DN):
        text = (
            f"the router sent its identity as '{sent}' ({kind}), but profile '{profile.name}' says `identity local dn`"
        )
        finding = Finding(text).at(profile.identity_local_line or profile).saw(sent)
        yield finding.because("the peer matches what was sent").about("identity local", profile.name)
        return None
    if wanted is None or kind is None:
        return Silence.NO_EVIDENCE
    if sent.lower() == wanted.lower() and kind is wanted_kind:
        return Silence.SATISFIED
    said = f"says {wanted_kind} '{wanted}'" if profile.identity_local else f"gives its default, the address {wanted}"
    yield (
        Finding(f"the router sent its identity as '{sent}' ({kind}), but profile '{profile.name}' {said}")
        .at(profile.identity_local or profile)
        .saw(sent)
        .because("the peer matches what was sent")
        .about("identity local", profile.name)
    )
    return None


def _identity_to_send(case: PairCase, profile: Profile) -> tuple[str | None, IdentityKind | None]:
    """`identity local`, else the local address where a pre-shared key is used (R: config guide, identity local)."""
    if profile.identity_local_line is not None:
        return profile.identity_local, profile.identity_local_kind
    if profile.local_auth and all(one.method is Method.PSK for one in profile.local_auth):
        return case.negotiation.local, IdentityKind.ADDRESS
    return None, None
