"""What a profile says of itself and of its place: identities that cannot be, addresses of other routers, lifetimes.

Comes in: a device. Goes out: findings AUT190 to AUT196. Methods and their keys are judged in `authentication.py`.
"""

from __future__ import annotations

from flexlint.checks.device.authentication import first_of
from flexlint.checks.device.wording import is_placeholder
from flexlint.config.model import Device, IdentityKind, Interface, Method
from flexlint.finding import Confidence, Finding, Severity
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check


@check("AUT190", on=Scope.DEVICE)
def dynamic_profile_conflict(case: DeviceCase) -> Findings:
    """V: a `dynamic` profile refuses what AAA is to tell it."""
    for profile in case.device.profiles.values():
        if profile.dynamic is None:
            continue
        psk = first_of((*profile.local_auth, *profile.remote_auth), Method.PSK)
        clash = psk or profile.identity_local_line or (profile.identities[0] if profile.identities else None)
        if clash is not None:
            yield (
                Finding(f"profile '{profile.name}' is `dynamic` and sets what only AAA may tell it")
                .at(clash)
                .also(profile.dynamic)
                .about(profile.name)
            )


@check("AUT191", on=Scope.DEVICE)
def dn_without_certificate(case: DeviceCase) -> Findings:
    """`identity local dn` takes the name from a certificate."""
    for profile in case.device.profiles.values():
        own = profile.local_auth[-1] if profile.local_auth else None
        line = profile.identity_local_line
        if profile.identity_local_kind is not IdentityKind.DN or own is None or line is None:
            continue
        if own.method in (Method.PSK, Method.EAP) and not profile.trustpoints:
            yield (
                Finding(f"profile '{profile.name}' presents a DN, but proves itself by {own.word}")
                .at(line)
                .also(own)
                .about(profile.name)
            )


def own_addresses(device: Device) -> dict[str, list[Interface]]:
    """Every address of the router, with the interfaces that have it."""
    found: dict[str, list[Interface]] = {}
    for interface in device.interfaces.values():
        for _, address, _ in interface.addresses:
            found.setdefault(str(address), []).append(interface)
    return found


def _shows_all_addresses(device: Device) -> bool:
    """A whole file in which no address is learnt elsewhere, so that one not written here is not this router's."""
    return device.version is not None and not any(
        one.address_dhcp or one.address_negotiated for one in device.interfaces.values()
    )


@check("AUT193", on=Scope.DEVICE)
def identity_of_other_device(case: DeviceCase) -> Findings:
    """`identity local address` of an address this router does not have: right behind NAT, else a slip."""
    device = case.device
    if not _shows_all_addresses(device):
        return
    mine = own_addresses(device)
    for profile in device.profiles.values():
        own = profile.identity_local
        if profile.identity_local_kind is not IdentityKind.ADDRESS or own is None or ":" in own or is_placeholder(own):
            continue
        if own not in mine:
            yield (
                Finding(f"profile '{profile.name}' presents address {own}, which is on no interface of this router")
                .at(own)
                .about(profile.name, own)
            )


@check("AUT194", on=Scope.DEVICE)
def local_address_of_other_device(case: DeviceCase) -> Findings:
    """`match address local` of an address this router does not have never matches."""
    device = case.device
    if not _shows_all_addresses(device):
        return
    mine = own_addresses(device)
    for kind, holders in (("profile", device.profiles.values()), ("policy", device.policies.values())):
        for holder in holders:
            for local in holder.local_addresses:
                if local.address is None or local.address.version == 6:
                    continue
                having = mine.get(str(local.address), [])
                told = f"{kind} '{holder.name}' matches local address {local.word}"
                if not having:
                    yield (
                        Finding(f"{told}, which is on no interface").at(local.word).about(kind, holder.name, local.word)
                    )
                elif (vrf := str(holder.fvrf or "")).lower() != "any" and all(str(i.vrf or "") != vrf for i in having):
                    yield (
                        Finding(f"{told} in {_vrf(vrf)}, but it is in {_vrf(str(having[0].vrf or ''))}")
                        .at(local.word)
                        .also(having[0].vrf or having[0], "its interface")
                        .about(kind, holder.name, local.word)
                    )


def _vrf(name: str) -> str:
    return f"VRF '{name}'" if name else "the global VRF"


@check("AUT195", on=Scope.DEVICE)
def own_identity_expected_of_peer(case: DeviceCase) -> Findings:
    """The profile expects of its peer exactly the identity it presents itself."""
    for profile in case.device.profiles.values():
        own = profile.identity_local
        for one in profile.identities:
            if own is None or one.domain or one.kind is not profile.identity_local_kind or one.value is None:
                continue
            if str(one.value).split()[0:1] == [str(own)] and (one.network is None or one.network.num_addresses == 1):
                yield (
                    Finding(f"profile '{profile.name}' presents {one.kind} '{own}' and expects the same of its peer")
                    .at(one)
                    .also(own, "our own identity")
                    .about(profile.name, own)
                )


DEFAULT_IKE_LIFETIME = 86400  # seconds, V: Cisco-IOS-XE-crypto.yang


@check("AUT196", on=Scope.DEVICE)
def child_outlives_ike(case: DeviceCase) -> Findings:
    """An IPsec SA that lives longer than the IKE SA above it."""
    device = case.device
    for one in device.ipsec_profiles.values():
        profile = device.profiles.get(one.ikev2_profile or "")
        if profile is None or one.lifetime_seconds is None or not one.lifetime_seconds.isdecimal():
            continue
        ike: Word | None = profile.lifetime
        seconds = ike.number if ike is not None and ike.isdecimal() else DEFAULT_IKE_LIFETIME
        if one.lifetime_seconds.number > seconds:
            yield (
                Finding(
                    f"IPsec profile '{one.name}' keeps its SAs {one.lifetime_seconds} s, "
                    f"IKEv2 profile '{profile.name}' {seconds} s{'' if ike is not None else ' (the default)'}"
                )
                .at(one.lifetime_seconds)
                .also(ike or profile.name)
                .about(one.name, profile.name)
                .lowered(Severity.NOTE, Confidence.MEDIUM)
            )
