"""Keys: those that cannot be what they claim, those anybody guesses, those that serve too many.

Comes in: a device. Goes out: findings of the family SEC. No message ever holds a key or a part of one, and no place is
named whose line would show one unmasked. Every check is linear in the number of keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flexlint.checks.device.wording import LOOKED_AT, doubtful, is_placeholder
from flexlint.config.model import Device, IdentityKind, IdentityMatch, Keyring, Method, PeerBlock, Profile, Secret
from flexlint.finding import Finding
from flexlint.pattern import pattern
from flexlint.rulebook import DeviceCase, Findings, Scope, check

# Type 6 ciphertext is written with the 41 characters from `A` to `i` in the order of ASCII (I: seen in show output).
_TYPE6 = pattern(r"[A-i]{8,}")
# What is tried first; compared in lower case, without the digits and marks at the end.
_COMMON = frozenset({"cisco", "c1sco", "password", "passw0rd", "secret", "test", "vpn", "admin", "key", "psk", "ikev2"})
_TAIL = "0123456789!.#$*_-"
_TAKEN_OUT = pattern(r"remove|redact|hidden|masked|encrypted", re.IGNORECASE)  # as tools and people write it
SHORTEST = 8  # shorter keys are searched in full within hours of one recorded handshake


def _keys(device: Device) -> Iterator[tuple[Secret, str, tuple[str, ...], PeerBlock | None]]:
    """Every IKEv2 key: with its owner in words, the names of the owner, and its peer block."""
    for keyring in device.keyrings.values():
        for peer in keyring.peers:
            for secret in (peer.key, peer.local_key, peer.remote_key):
                if secret is not None:
                    owner = f"peer '{peer.name}' of keyring '{keyring.name}'"
                    yield secret, owner, (str(keyring.name), str(peer.name)), peer
    for profile in device.profiles.values():
        for line in (*profile.local_auth, *profile.remote_auth):
            if line.key is not None:
                yield line.key, f"profile '{profile.name}'", (str(profile.name),), None


def _is_shown(secret: Secret) -> bool:
    """Whether the clear key is known, and is a key and not what stands for one."""
    text = secret.reveal_for_checks()
    return secret.readable and not _is_taken_out(text)


def _is_taken_out(text: str) -> bool:
    return not text or is_placeholder(text) or _TAKEN_OUT.search(text) is not None


@check("SEC001", on=Scope.DEVICE)
def guessable_key(case: DeviceCase) -> Findings:
    """A key that a list of common words or the names in the configuration would find."""
    device = case.device
    for secret, owner, names, peer in _keys(device):
        if not _is_shown(secret) or secret.is_hex:
            continue
        why = _why_guessable(secret.reveal_for_checks(), {*names, str(device.hostname or "")}, peer)
        if why:
            yield Finding(f"the key of {owner} is {why}").at(secret).about(*names)


def _why_guessable(key: str, names: set[str], peer: PeerBlock | None) -> str:
    folded = key.lower()
    if folded in {name.lower() for name in names if name}:
        return "a name that stands in this configuration"
    if peer is not None and peer.address is not None and key == peer.address:
        return "the address of the peer"
    if folded.rstrip(_TAIL) in _COMMON:
        return "a common word"
    return f"shorter than {SHORTEST} characters" if len(key) < SHORTEST else ""


@check("SEC002", on=Scope.DEVICE)
def clear_key_called_encrypted(case: DeviceCase) -> Findings:
    """A key marked type 6 that no type 6 encryption would print."""
    for secret, owner, names, _ in _keys(case.device):
        text = secret.reveal_for_checks()
        if secret.encryption == "6" and _TYPE6.fullmatch(text) is None and not _is_taken_out(text):
            finding = Finding(
                f"the key of {owner} is marked encrypted (6), and does not look so: it cannot be decrypted"
            )
            finding.at(secret).about(*names)
            yield finding.mend("enter the clear key without the 6; the router encrypts it when it is set up to")


@check("SEC003", on=Scope.DEVICE)
def encrypted_key_without_encryption(case: DeviceCase) -> Findings:
    """R: type 6 keys need `password encryption aes` and the master key, which no configuration shows."""
    device = case.device
    if device.version is None or device.global_statement("password_encryption_aes") is not None:
        return
    for secret, owner, names, _ in _keys(device):
        if secret.encryption == "6" and _TYPE6.fullmatch(secret.reveal_for_checks()):
            off = next((one for one in device.globals if one.kind == "password_encryption_aes"), None)
            finding = Finding(f"the key of {owner} is encrypted (6), and `password encryption aes` is not configured")
            yield finding.at(secret).also(off).about(*names)
            return  # the cause is one for all keys


@check("SEC004", on=Scope.DEVICE)
def key_for_everybody(case: DeviceCase) -> Findings:
    """One key for every address, in a profile that takes every identity."""
    device = case.device
    for profile, keyring in _psk(device):
        anybody = next((one for one in profile.identities if _is_anybody(one)), None)
        if anybody is None or profile.certificate_maps:
            continue
        for peer in keyring.peers:
            if peer.network is not None and peer.network.prefixlen == 0 and peer.identity is None:
                any_identity = "any identity" if anybody.kind is IdentityKind.ANY else "any address as an identity"
                finding = Finding(
                    f"profile '{profile.name}' accepts {any_identity}, and peer '{peer.name}' of keyring "
                    f"'{keyring.name}' has a key for any address: who has it may be anybody"
                )
                yield finding.at(anybody).also(peer.address).about(profile.name, keyring.name, peer.name)
                break


def _is_anybody(match: IdentityMatch) -> bool:
    """`any`, and `address 0.0.0.0`, which is any address (R)."""
    return match.kind is IdentityKind.ANY or (match.network is not None and match.network.prefixlen == 0)


def _psk(device: Device) -> Iterator[tuple[Profile, Keyring]]:
    """Profiles that verify peers by key, with their keyring."""
    for profile in device.profiles.values():
        keyring = device.keyrings.get(profile.keyring or "")
        if keyring is not None and any(one.method is Method.PSK and one.key is None for one in profile.remote_auth):
            yield profile, keyring


@check("SEC005", on=Scope.DEVICE)
def same_key_both_ways(case: DeviceCase) -> Findings:
    """Two lines for one key."""
    for keyring in case.device.keyrings.values():
        for peer in keyring.peers:
            local, remote = peer.local_key, peer.remote_key
            if local is None or remote is None or not (_is_shown(local) and _is_shown(remote)):
                continue
            if local.same_as(remote):
                yield (
                    Finding(f"peer '{peer.name}' of keyring '{keyring.name}' has the same local and remote key")
                    .at(remote)
                    .also(local)
                    .about(keyring.name, peer.name)
                )


@check("SEC006", on=Scope.DEVICE)
def reused_key(case: DeviceCase) -> Findings:
    """One key in several peer blocks."""
    first: dict[str, tuple[Secret, str, PeerBlock]] = {}
    for secret, owner, names, peer in _keys(case.device):
        if peer is None or not _is_shown(secret):
            continue
        earlier, other, block = first.setdefault(secret.reveal_for_checks(), (secret, owner, peer))
        if block is not peer and earlier.same_as(secret):
            yield Finding(f"the key of {owner} is also that of {other}").at(secret).also(earlier).about(*names)


@check("SEC007", on=Scope.DEVICE)
def key_in_description(case: DeviceCase) -> Findings:
    """A key that a description repeats."""
    device = case.device
    words: dict[str, int] = {}
    for number, line in enumerate(device.source.lines, 1):
        text = line.strip()
        if text.startswith(("description ", "banner ", "! ")):
            for word in text[:LOOKED_AT].split()[1:]:
                words.setdefault(word.strip("\"'.,;()"), number)
    for secret, owner, names, _ in _keys(device):
        text = secret.reveal_for_checks()
        if _is_shown(secret) and len(text) >= SHORTEST and text in words and text not in names:
            # the description itself is not shown: nothing would mask the key in it
            yield Finding(f"the key of {owner} is repeated in the text at line {words[text]}").at(secret).about(*names)


@check("SEC008", on=Scope.DEVICE)
def silent_dead_peers(case: DeviceCase) -> Findings:
    """V: dead peer detection is off unless the profile or the router switches it on."""
    device = case.device
    if device.version is None or device.global_statement("global_dpd") is not None:
        return
    for profile in device.profiles.values():
        if profile.virtual_template is not None and profile.dpd is None and not doubtful(device, profile):
            yield (
                Finding(f"profile '{profile.name}' clones interfaces for its peers and has no `dpd`: dead ones stay up")
                .at(profile.name)
                .about(profile.name)
            )


@check("SEC009", on=Scope.DEVICE)
def every_certificate(case: DeviceCase) -> Findings:
    """Any identity and no certificate map: every certificate of the CA is let in."""
    signatures = (Method.RSA, Method.ECDSA)
    for profile in case.device.profiles.values():
        anybody = next((one for one in profile.identities if _is_anybody(one)), None)
        signed = next((one for one in profile.remote_auth if one.method in signatures), None)
        if anybody is not None and signed is not None and not profile.certificate_maps:
            yield (
                Finding(f"profile '{profile.name}' lets in every certificate that its trustpoints accept")
                .at(anybody)
                .also(signed)
                .about(profile.name)
            )
