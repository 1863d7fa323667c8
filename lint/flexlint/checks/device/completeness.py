"""Objects that lack something without which they do nothing: profiles, proposals, policies, peers, transform-sets.

Comes in: a device. Goes out: findings of the family CMP. A stanza with a line that was not understood is spoken of
with low confidence, because that line may hold what seems to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.edits import added, removed, rewritten
from flexlint.checks.device.references import label, uses
from flexlint.checks.device.wording import hedged, is_placeholder, listed
from flexlint.config.model import Device, Keyring, Method, Profile, Proposal, TransformSet
from flexlint.finding import Edit, Finding, Severity
from flexlint.rulebook import DeviceCase, Findings, Scope, check


@check("CMP039", on=Scope.DEVICE)
def profile_without_match(case: DeviceCase) -> Findings:
    """Without a match statement a profile is incomplete and never selected."""
    for profile in case.device.profiles.values():
        if not (
            profile.identities or profile.certificate_maps or profile.inbound_only or profile.said("match_application")
        ):
            finding = Finding(
                f"profile '{profile.name}' has no `match identity remote` or `match certificate`: it is never chosen"
            )
            yield from hedged(finding.at(profile.name).about(profile.name), case.device, profile)


@check("CMP040", on=Scope.DEVICE)
def profile_without_authentication(case: DeviceCase) -> Findings:
    """A profile needs a local and a remote method."""
    for profile in case.device.profiles.values():
        if profile.dynamic is not None:  # V: a dynamic profile is told everything by AAA
            continue
        lacks = [side for side, held in (("local", profile.local_auth), ("remote", profile.remote_auth)) if not held]
        if lacks:
            sides = " and no ".join(f"`authentication {side}`" for side in lacks)
            finding = Finding(f"profile '{profile.name}' has no {sides}: it is incomplete and never used")
            yield from hedged(finding.at(profile.name).about(profile.name, *lacks), case.device, profile)


@check("CMP042", on=Scope.DEVICE)
def shut_down_profile(case: DeviceCase) -> Findings:
    """A profile that is shut down although something names it."""
    for use in uses(case.device):
        profile = case.device.profiles.get(use.name) if use.reference.kind == "IKEv2 profile" else None
        if profile is not None and profile.shutdown is not None:
            yield (
                Finding(f"{label(use)} names IKEv2 profile '{profile.name}', which is shut down")
                .at(profile.shutdown)
                .also(use.name, "named here")
                .about(profile.name, use.holder.name)
                .mend("`no shutdown` in the profile")
            )


def _is_aead(cipher: str) -> bool:
    return "gcm" in cipher


def _missing(proposal: Proposal) -> list[str]:
    """What the banner of the proposal mode asks for (V): cipher, integrity, group; `prf` for GCM is its own rule."""
    classic = [cipher for cipher in proposal.encryption if not _is_aead(cipher)]
    return [
        *([] if proposal.encryption else ["encryption"]),
        *(["integrity"] if classic and not proposal.integrity else []),
        *([] if proposal.group else ["group"]),
    ]


def own_proposals(device: Device) -> Iterator[Proposal]:
    """The proposals whose lines are all there is: a changed `default` keeps its built-in lists elsewhere."""
    return (one for one in device.proposals.values() if one.name != "default" and not one.implicit)


def _attach(finding: Finding, proposal: Proposal, device: Device) -> Findings:
    for policy in device.policies.values():
        for name in policy.proposals:
            if name == proposal.name:
                finding.also(name, f"policy '{policy.name}' relies on it")
    yield from hedged(finding.about(proposal.name), device, proposal)


@check("CMP043", on=Scope.DEVICE)
def incomplete_proposal(case: DeviceCase) -> Findings:
    """A proposal needs encryption, integrity and group."""
    for proposal in own_proposals(case.device):
        missing = _missing(proposal)
        if missing:
            finding = Finding(f"proposal '{proposal.name}' has no {' and no '.join(missing)}: it is not used")
            yield from _attach(finding.at(proposal.name), proposal, case.device)


@check("CMP044", on=Scope.DEVICE)
def gcm_without_prf(case: DeviceCase) -> Findings:
    """AES-GCM brings no hash, so the PRF must be named."""
    for proposal in own_proposals(case.device):
        cipher = next((one for one in proposal.encryption if _is_aead(one)), None)
        if cipher is not None and not proposal.prf:
            finding = Finding(f"proposal '{proposal.name}' offers {cipher} and names no `prf`: it is incomplete")
            finding.at(cipher).mend("add ` prf sha384` (or the hash of your policy)", *_prf_as_integrity(proposal))
            for word in proposal.integrity[:1]:
                finding.also(word, "integrity is not a PRF for AES-GCM")
            yield from _attach(finding, proposal, case.device)


def _prf_as_integrity(proposal: Proposal) -> list[Edit]:
    """The hash that was named for integrity, named as what AES-GCM needs; where none was named the choice is open."""
    said = proposal.said("integrity")
    if not said:
        return []
    prf = f"prf {' '.join(proposal.integrity)}"
    if all(_is_aead(one) for one in proposal.encryption) and len(said) == 1:
        return rewritten(said[-1].line, prf)
    return added(proposal, prf)


@check("CMP045", on=Scope.DEVICE)
def integrity_beside_gcm(case: DeviceCase) -> Findings:
    """AES-GCM authenticates by itself. Whether IOS takes the line all the same is open (?)."""
    assumed = case.settings.assumptions.get("gcm-integrity")
    for proposal in own_proposals(case.device):
        if proposal.encryption and proposal.integrity and all(_is_aead(one) for one in proposal.encryption):
            finding = Finding(f"proposal '{proposal.name}' names integrity {proposal.integrity[0]} beside AES-GCM only")
            finding.at(proposal.integrity[0]).also(proposal.encryption[0], "authenticates by itself")
            if proposal.prf:  # else it may be what was meant for the PRF
                said = [edit for one in proposal.said("integrity") for edit in removed(one.line)]
                finding.mend("take the integrity line out", *said, safe=True)
            if assumed == "refused":
                finding.lowered(Severity.ERROR).because("such a proposal is refused, as is assumed")
            yield finding.about(proposal.name)


@check("CMP046", on=Scope.DEVICE)
def mixed_gcm_and_cbc(case: DeviceCase) -> Findings:
    """RFC 7296 section 3.3 keeps combined-mode ciphers and others in separate proposals; IOS may take them (?)."""
    assumed = case.settings.assumptions.get("gcm-cbc-mix")
    for proposal in own_proposals(case.device):
        aead = [one for one in proposal.encryption if _is_aead(one)]
        classic = [one for one in proposal.encryption if not _is_aead(one)]
        if aead and classic:
            finding = Finding(
                f"proposal '{proposal.name}' mixes {aead[0]} with {classic[0]}; they belong in two proposals"
            )
            if assumed is not None:
                finding.lowered(Severity.ERROR if assumed == "refused" else Severity.NOTE)
            yield finding.at(aead[0]).also(classic[0]).about(proposal.name)


@check("CMP047", on=Scope.DEVICE)
def empty_policy(case: DeviceCase) -> Findings:
    """A policy without a proposal."""
    device = case.device
    for policy in device.policies.values():
        if policy.proposals or policy.name == "default" or policy.implicit:
            continue
        finding = Finding(
            f"policy '{policy.name}' has no proposal and is not used; proposals: {listed(device.proposals) or 'none'}"
        )
        yield from hedged(finding.at(policy.name).about(policy.name), device, policy)


@check("CMP048", on=Scope.DEVICE)
def peer_without_key(case: DeviceCase) -> Findings:
    """A peer block that is found and has no key to give."""
    for keyring in case.device.keyrings.values():
        if not _asked(keyring, case.device):
            continue
        for peer in keyring.peers:
            if peer.key is peer.local_key is peer.remote_key is None and peer.ppk is None:
                finding = Finding(f"peer '{peer.name}' of keyring '{keyring.name}' has no pre-shared key")
                if all(one.keyring != keyring.name for one in case.device.profiles.values()):
                    finding.lowered(Severity.NOTE)  # nothing asks it, as far as the file shows
                yield from hedged(finding.at(peer.name).about(keyring.name, peer.name), case.device, peer, keyring)


def _asked(keyring: Keyring, device: Device) -> bool:
    """Whether some profile asks this keyring for keys, or none names it."""
    users = [one for one in device.profiles.values() if one.keyring == keyring.name]
    return not users or any(Method.PSK in {a.method for a in (*one.local_auth, *one.remote_auth)} for one in users)


@check("CMP049", on=Scope.DEVICE)
def one_sided_key(case: DeviceCase) -> Findings:
    """Only one of the keys `local` and `remote`, where a profile needs the other."""
    users: dict[str, list[Profile]] = {}
    for profile in case.device.profiles.values():
        users.setdefault(profile.keyring or "", []).append(profile)
    for keyring in case.device.keyrings.values():
        signs, verifies = _needs(users.get(keyring.name, []))
        for peer in keyring.peers:
            have, lacks, needed = (
                (peer.local_key, "remote", verifies) if peer.remote_key is None else (peer.remote_key, "local", signs)
            )
            if peer.key is not None or have is None or needed is None or (peer.local_key and peer.remote_key):
                continue
            finding = Finding(
                f"peer '{peer.name}' of keyring '{keyring.name}' has no {lacks} key, "
                f"which profile '{needed.name}' needs for `authentication {lacks} pre-share`"
            )
            finding.at(have, "the only key").also(needed.name).about(keyring.name, peer.name, lacks)
            yield from hedged(finding, case.device, peer, keyring)


def _needs(profiles: list[Profile]) -> tuple[Profile | None, Profile | None]:
    """The first profile that signs with a key, and the first that verifies with one."""
    signs = next((p for p in profiles if any(a.method is Method.PSK and not a.key for a in p.local_auth)), None)
    verifies = next((p for p in profiles if any(a.method is Method.PSK and not a.key for a in p.remote_auth)), None)
    return signs, verifies


@check("CMP050", on=Scope.DEVICE)
def peer_without_selector(case: DeviceCase) -> Findings:
    """A peer block that no lookup can find."""
    for keyring in case.device.keyrings.values():
        for peer in keyring.peers:
            found_by = (peer.address, peer.hostname, peer.identity)
            if found_by == (None, None, None) and not _serves_ppk(keyring, case.device):
                finding = Finding(
                    f"peer '{peer.name}' of keyring '{keyring.name}' has no address, hostname or identity: "
                    "no lookup finds it"
                )
                yield from hedged(finding.at(peer.name).about(keyring.name, peer.name), case.device, peer, keyring)


def _serves_ppk(keyring: Keyring, device: Device) -> bool:
    return any(profile.keyring_ppk == keyring.name for profile in device.profiles.values())


@check("CMP051", on=Scope.DEVICE)
def impossible_transform_set(case: DeviceCase) -> Findings:
    """A combination of transforms that the command refuses (V: Cisco-IOS-XE-crypto.yang)."""
    for one in case.device.transform_sets.values():
        open_ = any(is_placeholder(transform.word) for transform in one.transforms)
        why = _impossible(one) if one.transforms and not open_ else ""
        if why:
            yield from hedged(
                Finding(f"transform-set '{one.name}' {why}").at(one.transforms[0].word).about(one.name, why),
                case.device,
                one,
            )


def _impossible(one: TransformSet) -> str:
    words = [transform.word for transform in one.transforms]
    combined = next((word for word in words if word in ("esp-gcm", "esp-gmac")), None)
    hmac = next((word for word in words if word.startswith("esp-") and word.endswith("-hmac")), None)
    if combined and hmac:
        return f"joins {combined}, which authenticates by itself, with {hmac}"
    sized = next(
        (t for t in one.transforms if t.size and t.word in ("esp-des", "esp-3des", "esp-null", "esp-seal")), None
    )
    if sized:
        return f"gives {sized.word} a key size"
    return "" if any(word.startswith(("esp-", "ah-")) for word in words) else "has neither an ESP nor an AH transform"


@check("CMP061", on=Scope.DEVICE)
def empty_certificate_map(case: DeviceCase) -> Findings:
    """An entry of a certificate map without criteria."""
    for entries in case.device.certificate_maps.values():
        for entry in entries:
            if not entry.criteria:
                finding = Finding(f"entry {entry.sequence} of certificate map '{entry.name}' has no criteria")
                yield from hedged(finding.at(entry.name).about(entry.name, entry.sequence), case.device, entry)


@check("CMP062", on=Scope.DEVICE)
def unapplied_crypto_map(case: DeviceCase) -> Findings:
    """A crypto map with an IKEv2 profile on no interface."""
    device = case.device
    applied = {str(one.crypto_map) for one in device.interfaces.values() if one.crypto_map is not None}
    # `crypto map NAME` alone is a line of an interface, also where the file has lost its indentation
    applied |= {
        words[2] for line in device.lines if len(words := line.text.split()) == 3 and words[:2] == ["crypto", "map"]
    }
    done: set[str] = set()
    for entry in device.crypto_maps:
        if entry.is_dynamic_map or entry.ikev2_profile is None or entry.name in applied or entry.name in done:
            continue
        done.add(str(entry.name))
        if device.version is not None:  # in a snippet the interface may simply not be shown
            finding = Finding(f"crypto map '{entry.name}' is on no interface; applied: {listed(applied) or 'none'}")
            yield finding.at(entry.name).about(entry.name)
