"""Edits for keys, keyrings, trustpoints and methods: what a peer proves itself by and what it is checked with.

Comes in: the case of a finding of the family AUT. Goes out: candidates, those of one line first. A key that both
configurations have is copied from one to the other; it stands in the edit only, and no message has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.edits import added, exchanged, rewritten
from flexlint.checks.ends.authentication import same
from flexlint.checks.joined.authentication import keys_in_question
from flexlint.checks.joined.wording import name_of
from flexlint.checks.pair.authentication import PRINTED, observed_profile
from flexlint.config.model import Device, Keyring, Method, PeerBlock, Profile, Secret
from flexlint.finding import Edit
from flexlint.fixes.candidate import KEYWORDS, PLAIN, TRIED, Candidate, Case, candidate
from flexlint.judging.joined import End, JoinedCase
from flexlint.predict.keys import select_block
from flexlint.predict.model import Identity
from flexlint.rulebook import PairCase

_SIGNATURES = (Method.RSA, Method.ECDSA)


def method_accepted(case: Case) -> Iterator[Candidate]:
    """The method the peer used, accepted; with what it takes to check it, where the profile has nothing yet."""
    assert isinstance(case, PairCase)
    profile, seen = observed_profile(case), case.negotiation.peer_method
    method = PRINTED.get(str(seen)) if seen is not None else None
    if profile is None or method is None or not profile.remote_auth:
        return
    line = f"authentication remote {method}"
    what = f"add `{line}` to profile '{profile.name}'"
    means = list(_means(case, profile, method))
    if not means:
        yield from candidate(case.device, what, added(profile, line))
    for other in means:
        yield from candidate(case.device, f"{what}, and `{other}`", added(profile, line, other))


def _means(case: PairCase, profile: Profile, method: Method) -> Iterator[str]:
    """Lines that name what this method is checked with, where the profile names nothing."""
    device = case.device
    if method is Method.PSK and profile.keyring is None and profile.keyring_aaa is None:
        yield from (f"keyring local {one.name}" for one in _keyrings_for(case, device)[:TRIED])
    elif method in _SIGNATURES and not profile.trustpoints and len(device.trustpoints) == 1:
        yield f"pki trustpoint {next(iter(device.trustpoints))}"


def _keyrings_for(case: PairCase, device: Device) -> list[Keyring]:
    """The keyrings that certainly have a key for this peer."""
    facts = case.prediction.facts
    return [k for k in device.keyrings.values() if select_block(device, k, facts).chosen is not None]


def credentials_named(case: Case) -> Iterator[Candidate]:
    """A keyring with a key for the peer, or the only trustpoint, named by the profile."""
    assert isinstance(case, PairCase)
    profile, seen = observed_profile(case), case.negotiation.peer_method
    method = PRINTED.get(str(seen)) if seen is not None else None
    if profile is not None and method is not None:
        for line in _means(case, profile, method):
            yield from candidate(case.device, f"add `{line}` to profile '{profile.name}'", added(profile, line))


def block_for_peer(case: Case) -> Iterator[Candidate]:
    """A keyring that has a block for the peer; or the block that is meant for it by its name, with its identity or
    address."""
    assert isinstance(case, PairCase)
    device, n, profile = case.device, case.negotiation, observed_profile(case)
    facts = case.prediction.facts
    keyring = device.keyrings.get(n.keyring) if n.keyring else None
    if keyring is None:
        return
    if profile is not None and profile.keyring is not None and profile.keyring == keyring.name:
        for other in _keyrings_for(case, device)[:TRIED]:
            what = f"name keyring '{other.name}' in profile '{profile.name}'"
            yield from candidate(device, what, exchanged(profile.keyring, other.name), leaves_log=True)
    identity = facts.identity if facts.role != "initiator" else None
    meant = _meant(keyring, identity) if identity is not None else None
    if meant is not None and identity is not None and (line := _identity_line(identity)) is not None:
        yield from candidate(device, f"set `{line}` in peer block '{meant.name}'", _identified(meant, line))
    if facts.peer is not None and len(keyring.peers) == 1 and keyring.peers[0].address is not None:
        block = keyring.peers[0]
        line = f"address {facts.peer}"
        if block.network is not None and block.network.version == facts.peer.version:
            said = block.said("address")
            edits = rewritten(said[-1].line, line) if said else []
            yield from candidate(device, f"set `{line}` in peer block '{block.name}'", edits)


def block_identified(device: Device, profile: Profile, identity: Identity) -> tuple[str, list[Edit]] | None:
    """The block that is meant for this peer, in the keyring of a profile that does not know it, with its identity."""
    keyring = device.keyrings.get(profile.keyring) if profile.keyring is not None else None
    meant = _meant(keyring, identity) if keyring is not None else None
    line = _identity_line(identity)
    if meant is None or line is None:
        return None
    return f"set `{line}` in peer block '{meant.name}'", _identified(meant, line)


def _meant(keyring: Keyring, identity: Identity) -> PeerBlock | None:
    """The one block with the name of the router that sends the identity, or with its name in another domain."""
    named = [block for block in keyring.peers if _is_named_after(block, identity.value)]
    alike = [block for block in keyring.peers if _is_renamed(block, identity)]
    found = named or alike
    return found[0] if len(found) == 1 else None


def _is_renamed(block: PeerBlock, identity: Identity) -> bool:
    was = block.identity
    if was is None or was.domain or was.value is None or was.kind is not identity.kind or was.kind not in KEYWORDS:
        return False
    old, new = (value.strip('"').lower().partition("@")[0] for value in (was.value, identity.value))
    return old.partition(".")[0] == new.partition(".")[0]


def _identity_line(identity: Identity) -> str | None:
    if identity.kind not in KEYWORDS or not PLAIN.fullmatch(identity.value):
        return None
    return f"identity {KEYWORDS[identity.kind]} {identity.value}"


def _identified(block: PeerBlock, line: str) -> list[Edit]:
    return rewritten(block.identity.line, line) if block.identity is not None else added(block, line)


def _is_named_after(block: PeerBlock, identity: str) -> bool:
    """Whether the block has the name of the router that sends this identity: `BRANCH7` for branch7.example.net."""
    label = identity.partition("@")[0].partition(".")[0]
    return bool(label) and block.name.lower() == label.lower()


def same_key(case: Case) -> Iterator[Candidate]:
    """The key with which one end signs, given to the other end; or the other way round."""
    assert isinstance(case, JoinedCase)
    found = keys_in_question(case)
    if found is None:
        return
    prover, signs, judge, verifies = found
    if same(signs, verifies):
        return  # it is the post-quantum key
    yield from _key_taken(judge, verifies, prover, signs)
    yield from _key_taken(prover, signs, judge, verifies)


def _key_taken(end: End, old: Secret, other: End, new: Secret) -> Iterator[Candidate]:
    place = old.place()
    lines = end.device.source.lines
    text, key = lines[place.line - 1] if place.line <= len(lines) else "", old.reveal_for_checks()
    start = place.column - 1
    if old.is_hex != new.is_hex or text[start : start + len(key)] != key:
        return
    line = text[:start] + new.reveal_for_checks() + text[start + len(key) :]
    edit = Edit(end.path, place.line, place.line, (line,))
    yield from candidate(end.device, f"set the key in line {place.line} to the one of {name_of(other)}", [edit])
