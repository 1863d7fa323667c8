"""Objects that lack something without which they do nothing: profiles, proposals, peers, templates, tunnels.

Comes in: a device. Goes out: findings of the family CMP. A stanza with a line that was not understood is spoken of
with low confidence, because that line may hold what seems to be missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.edits import added, removed, rewritten
from flexlint.checks.device.references import label, uses
from flexlint.checks.device.wording import hedged, listed
from flexlint.config.model import Device, Interface, Keyring, Method, Profile, Proposal, TransformSet
from flexlint.finding import Confidence, Edit, Finding, Severity
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
    """AES-GCM authenticates by itself."""
    for proposal in own_proposals(case.device):
        if proposal.encryption and proposal.integrity and all(_is_aead(one) for one in proposal.encryption):
            finding = Finding(f"proposal '{proposal.name}' names integrity {proposal.integrity[0]} beside AES-GCM only")
            finding.at(proposal.integrity[0]).also(proposal.encryption[0], "authenticates by itself")
            if proposal.prf:  # else it may be what was meant for the PRF
                said = [edit for one in proposal.said("integrity") for edit in removed(one.line)]
                finding.mend("take the integrity line out", *said, safe=True)
            yield finding.about(proposal.name)


@check("CMP046", on=Scope.DEVICE)
def mixed_gcm_and_cbc(case: DeviceCase) -> Findings:
    """RFC 7296 section 3.3 keeps combined-mode ciphers and others in separate proposals."""
    for proposal in own_proposals(case.device):
        aead = [one for one in proposal.encryption if _is_aead(one)]
        classic = [one for one in proposal.encryption if not _is_aead(one)]
        if aead and classic:
            yield (
                Finding(f"proposal '{proposal.name}' mixes {aead[0]} with {classic[0]}; they belong in two proposals")
                .at(aead[0])
                .also(classic[0])
                .about(proposal.name)
            )


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
        why = _impossible(one) if one.transforms else ""
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


def templates(device: Device) -> Iterator[tuple[Profile, Interface]]:
    """Each profile with the virtual-template it names, where that exists."""
    for profile in device.profiles.values():
        template = device.interfaces.get(f"Virtual-Template{profile.virtual_template}")
        if profile.virtual_template is not None and template is not None:
            yield profile, template


def _of_template(profile: Profile, template: Interface, what: str) -> Finding:
    return (
        Finding(f"{template.name}, which profile '{profile.name}' clones, {what}")
        .at(template)
        .also(profile.virtual_template)
        .about(template.name)
    )


@check("CMP052", on=Scope.DEVICE)
def template_of_other_type(case: DeviceCase) -> Findings:
    """IKEv2 clones templates of type tunnel only."""
    for profile, template in templates(case.device):
        if template.type is None or template.type.lower() != "tunnel":
            finding = _of_template(profile, template, f"is not of `type tunnel` ({template.type or 'no type given'})")
            edits = rewritten(template.line, f"{template.line.text} type tunnel") if template.type is None else []
            finding.mend("delete the template and make it again with `type tunnel`", *edits)
            yield from hedged(finding, case.device, template)


@check("CMP053", on=Scope.DEVICE)
def unprotected_template(case: DeviceCase) -> Findings:
    """The clone has no IPsec of its own."""
    for profile, template in templates(case.device):
        if template.protection is None:
            finding = _of_template(profile, template, "has no `tunnel protection ipsec profile`")
            available = listed(case.device.ipsec_profiles) or "none"
            own = [one for one in case.device.ipsec_profiles.values() if one.ikev2_profile == profile.name]
            command = f"tunnel protection ipsec profile {own[0].name if len(own) == 1 else 'NAME'}"
            finding.mend(f"add ` {command}`", *(added(template, command) if len(own) == 1 else []))
            yield from hedged(finding.because(f"IPsec profiles: {available}"), case.device, template)


@check("CMP054", on=Scope.DEVICE)
def template_without_address(case: DeviceCase) -> Findings:
    """A virtual-access interface without an address does not forward IP."""
    device = case.device
    for profile, template in templates(device):
        if template.unnumbered or template.ipv6_unnumbered or template.addresses or template.ipv6_addresses:
            continue
        if template.address_negotiated is not None or _aaa_may_configure(profile, device):
            continue
        finding = _of_template(profile, template, "has no `ip unnumbered`, so its sessions forward no IP")
        yield from hedged(finding, device, template)


def _aaa_may_configure(profile: Profile, device: Device) -> bool:
    """Whether the interface commands may come from RADIUS or an attribute list."""
    if device.attribute_lists:
        return True
    for line in profile.authorizations:
        one = device.aaa_lists.get(("authorization network", line.list or ""))
        if line.cached or one is None or list(one.methods) != ["local"]:
            return True
    return False


@check("CMP055", on=Scope.DEVICE)
def static_address_on_template(case: DeviceCase) -> Findings:
    """Every clone would have the same address."""
    for profile, template in templates(case.device):
        for word, _, _ in template.addresses[:1]:
            yield (
                _of_template(profile, template, "has a static address").at(word).mend("use `ip unnumbered Loopback...`")
            )


@check("CMP056", on=Scope.DEVICE)
def destination_on_template(case: DeviceCase) -> Findings:
    """The destination of a clone is its peer."""
    for profile, template in templates(case.device):
        if template.destination is not None and template.destination != "dynamic":
            what = f"has the fixed `tunnel destination {template.destination}`"
            said = [edit for one in template.said("tunnel_destination") for edit in removed(one.line)]
            finding = _of_template(profile, template, what).at(template.destination)
            yield finding.mend("take the destination out", *said)


@check("CMP057", on=Scope.DEVICE)
def tunnel_without_ends(case: DeviceCase) -> Findings:
    """A protected tunnel that lacks its source or its destination."""
    for tunnel in case.device.interfaces.values():
        if not tunnel.is_tunnel or tunnel.protection is None or tunnel.shutdown is not None:
            continue
        multipoint = "multipoint" in (tunnel.tunnel_mode or "")
        lacks = [
            *([] if tunnel.source or _says(tunnel, "tunnel source") else ["source"]),
            *([] if tunnel.destination or multipoint or _says(tunnel, "tunnel dest") else ["destination"]),
        ]
        if lacks:
            finding = Finding(f"{tunnel.name} is protected and has no tunnel {' and no tunnel '.join(lacks)}")
            yield from hedged(finding.at(tunnel).about(tunnel.name, *lacks), case.device, tunnel)


def _says(interface: Interface, words: str) -> bool:
    """Whether a line has these words, understood or not."""
    return any(words in line.text for head in interface.headers or [interface.line] for line in head.children)


@check("CMP058", on=Scope.DEVICE)
def dynamic_end_without_client(case: DeviceCase) -> Findings:
    """`dynamic` is filled in by a FlexVPN client that connects this tunnel."""
    device = case.device
    by_tunnel = {str(client.tunnel): client for client in device.clients.values() if client.tunnel is not None}
    for tunnel in device.interfaces.values():
        client = by_tunnel.get(tunnel.name)
        if tunnel.destination == "dynamic" and client is None:
            finding = Finding(
                f"{tunnel.name} has `tunnel destination dynamic`, and no FlexVPN client connects it; "
                f"clients connect: {listed(by_tunnel) or 'none'}"
            )
            finding.at(tunnel.destination).about(tunnel.name, "destination")
            yield from hedged(finding, device, tunnel)
        elif tunnel.source == "dynamic" and client is not None and not client.sources:
            # ?: templates with a single uplink are published without `source` lines
            finding = Finding(f"{tunnel.name} has `tunnel source dynamic`, and client '{client.name}' lists no source")
            finding.at(tunnel.source).also(client.name).about(tunnel.name, "source")
            yield finding.lowered(Severity.NOTE, Confidence.LOW)


@check("CMP060", on=Scope.DEVICE)
def incomplete_client(case: DeviceCase) -> Findings:
    """A FlexVPN client needs a peer and a tunnel."""
    for client in case.device.clients.values():
        lacks = [*([] if client.peers else ["peer"]), *([] if client.tunnel else ["client connect"])]
        if lacks:
            finding = Finding(f"FlexVPN client '{client.name}' has no `{'` and no `'.join(lacks)}`: it stays idle")
            yield from hedged(finding.at(client.name).about(client.name, *lacks), case.device, client)


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
    done: set[str] = set()
    for entry in device.crypto_maps:
        if entry.is_dynamic_map or entry.ikev2_profile is None or entry.name in applied or entry.name in done:
            continue
        done.add(str(entry.name))
        if device.version is not None:  # in a snippet the interface may simply not be shown
            finding = Finding(f"crypto map '{entry.name}' is on no interface; applied: {listed(applied) or 'none'}")
            yield finding.at(entry.name).about(entry.name)
