"""Objects behind a name that is right: servers of a list, the policy a list looks up, VRFs, sources, objects unused.

Comes in: a device and the uses of names `references.py` gathers. Goes out: findings REF013 to REF015 and REF029 to
REF038.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.edits import added, renamed
from flexlint.checks.device.references import NETWORK, severity_of_missing, uses
from flexlint.checks.device.templates import templates
from flexlint.checks.device.wording import (
    available,
    doubtful,
    hedged,
    is_placeholder,
    listed,
    probably_meant,
)
from flexlint.config.model import AaaList, Authorization, Device, Interface, Profile
from flexlint.finding import Confidence, Finding, Severity
from flexlint.place import Word
from flexlint.predict.tunnel import ikev2_profile_of
from flexlint.rulebook import DeviceCase, Findings, Scope, check


def used_lists(device: Device) -> Iterator[AaaList]:
    """The AAA lists IKEv2 profiles name, each once."""
    seen: set[tuple[str, str]] = set()
    for use in uses(device):
        key = (use.reference.kind.removesuffix(" list"), str(use.name))
        one = device.aaa_lists.get(key)
        if one is not None and key not in seen:
            seen.add(key)
            yield one


@check("REF013", on=Scope.DEVICE)
def undefined_server_group(case: DeviceCase) -> Findings:
    """A list that IKEv2 uses asks a server group which does not exist."""
    device = case.device
    for one in used_lists(device):
        for group in one.groups:
            if group in ("radius", "tacacs+", "ldap") or group in device.server_groups or is_placeholder(group):
                continue  # V: the three built-in groups hold every server of their protocol
            yield (
                Finding(
                    f"`aaa {one.service}` list '{one.name}' asks server group '{group}', which is not defined; "
                    f"{available(group, device.server_groups)}"
                )
                .at(group)
                .about(one.service, one.name, group)
                .lowered(severity_of_missing(device, device.server_groups))
            )


@check("REF014", on=Scope.DEVICE)
def undefined_radius_server(case: DeviceCase) -> Findings:
    """A RADIUS group names a server which does not exist."""
    device = case.device
    for group in device.server_groups.values():
        if group.protocol != "radius":
            continue
        for server in group.servers:
            if server not in device.radius_servers and not is_placeholder(server):
                yield (
                    Finding(
                        f"server group '{group.name}' names RADIUS server '{server}', which is not defined; "
                        f"{available(server, device.radius_servers)}"
                    )
                    .at(server)
                    .about(group.name, server)
                    .lowered(severity_of_missing(device, device.radius_servers))
                )


@check("AZN151", on=Scope.DEVICE)
def group_without_server(case: DeviceCase) -> Findings:
    """R: a group that IKEv2 asks and that has no server, or one without an address, never answers."""
    device = case.device
    if device.is_partial:
        return
    asked = {str(group): one for one in used_lists(device) for group in one.groups}
    for name, listing in asked.items():
        group = device.server_groups.get(name)
        if group is None or group.protocol != "radius" or group.private_servers or doubtful(device, group):
            continue
        if not group.servers:
            finding = Finding(
                f"server group '{name}', which `aaa {listing.service}` list '{listing.name}' asks, has no server"
            )
            yield finding.at(group.name).also(listing, "asked here").about(name)
        for word in group.servers:
            server = device.radius_servers.get(word)
            if server is not None and server.address is None and not doubtful(device, server):
                finding = Finding(f"RADIUS server '{server.name}' of server group '{name}' has no address")
                yield finding.at(server.name).also(word, "the group").about(name, server.name)


@check("REF015", on=Scope.DEVICE)
def undefined_authorization_policy(case: DeviceCase) -> Findings:
    """A fixed name is looked up locally, and no authorization policy has it."""
    device = case.device
    known = device.authorization_policies
    for profile, line, name, one in _looked_up_locally(device):
        if name in known or is_placeholder(name):
            continue
        if name == "default" and "authorization policy" not in device.disabled_defaults:
            continue
        first = one.methods[0] == "local"
        finding = Finding(
            f"profile '{profile.name}' authorizes {line.scope} '{name}' by list '{one.name}'"
            f"{'' if first else ' (after ' + one.methods[0] + ')'}, but there is no authorization policy '{name}'; "
            f"{available(name, known)}"
        )
        near = probably_meant(name, known)
        edits = renamed(name, known, [str(other) for _, _, other, _ in _looked_up_locally(device)]) if near else []
        finding.at(name).also(one, "looks the name up locally").about(profile.name, line.scope, name)
        either = f"name '{near}', or " if near else ""
        finding.mend(f"{either}define `crypto ikev2 authorization policy {name}`", *edits, safe=True)
        yield finding.lowered(severity_of_missing(device, known) or (None if first else Severity.WARNING))


def _looked_up_locally(device: Device) -> Iterator[tuple[Profile, Authorization, Word, AaaList]]:
    for profile in device.profiles.values():
        for line in profile.authorizations:
            one = device.aaa_lists.get((NETWORK, line.list or ""))
            if line.name is not None and one is not None and "local" in one.methods:
                yield profile, line, line.name, one


@check("REF029", on=Scope.DEVICE)
def vrf_without_address_family(case: DeviceCase) -> Findings:
    """A `vrf definition` without `address-family ipv4` where IPv4 is used in it."""
    device = case.device
    for interface in device.interfaces.values():
        vrf = device.vrfs.get(interface.vrf or "")
        if vrf is None or not vrf.is_definition or vrf.ipv4 or not (interface.addresses or interface.unnumbered):
            continue
        finding = (
            Finding(f"VRF '{vrf.name}' of {interface.name} has an IPv4 address but no `address-family ipv4`")
            .at(vrf)
            .also(interface.vrf, "used with IPv4 here")
            .about(vrf.name)
            .mend(
                "add ` address-family ipv4` to the VRF",
                *added(vrf, "address-family ipv4", "exit-address-family"),
                safe=True,
            )
        )
        yield from hedged(finding, device, vrf)


@check("REF030", on=Scope.DEVICE)
def unusable_tunnel_source(case: DeviceCase) -> Findings:
    """The interface a tunnel starts from or borrows its address of is shut down or has no address."""
    device = case.device
    for tunnel in device.interfaces.values():
        if tunnel.shutdown is not None:
            continue
        for name in (tunnel.source, tunnel.unnumbered):
            source = device.interfaces.get(name or "")
            why = _unusable(source) if source is not None else ""
            if name is None or source is None or not why:
                continue
            finding = Finding(f"{tunnel.name} takes its address from {source.name}, which {why}").at(name)
            finding.also(source.shutdown or source).about(tunnel.name, source.name, why)
            if why != "is shut down":  # an address may be learnt in ways this file does not show
                finding.lowered(Severity.WARNING, Confidence.MEDIUM)
            yield from hedged(finding, device, source)


def _unusable(source: Interface) -> str:
    if source.shutdown is not None:
        return "is shut down"
    addressed = (
        source.addresses
        or source.ipv6_addresses
        or source.unnumbered
        or source.ipv6_unnumbered
        or source.address_dhcp
        or source.address_negotiated
    )
    open_ = any(is_placeholder(word) for one in source.statements for word in one.words)
    return "" if addressed or open_ or not source.statements else "has no address"


# Objects that do nothing unless something names them, and where they are named.
UNUSED = {
    "keyrings": "keyring",
    "manglers": "name-mangler",
    "transform_sets": "transform-set",
    "ipsec_profiles": "IPsec profile",
    "certificate_maps": "certificate map",
}


@check("REF036", on=Scope.DEVICE)
def unattached_proposal(case: DeviceCase) -> Findings:
    """A proposal that no policy names is never offered nor accepted."""
    device = case.device
    attached = {str(name) for policy in device.policies.values() for name in policy.proposals}
    for proposal in device.proposals.values():
        if (
            proposal.name in attached
            or proposal.name == "default"
            or proposal.implicit
            or is_placeholder(proposal.name)
        ):
            continue
        finding = Finding(
            f"proposal '{proposal.name}' belongs to no policy and is never used; "
            f"policies: {listed(device.policies) or 'none'}"
        )
        finding.at(proposal.name).about(proposal.name)
        own = [one for one in device.policies.values() if one.name != "default"]
        only = len(own) == 1 and not own[0].proposals  # the one place where it can have been meant to stand
        edits = added(own[0], f"proposal {proposal.name}") if only else []
        finding.mend(f"add ` proposal {proposal.name}` to a policy", *edits)
        if not doubtful(device, *device.policies.values()):
            yield finding.lowered(Severity.NOTE if device.is_partial and not device.policies else None)


@check("REF037", on=Scope.DEVICE)
def unused_object(case: DeviceCase) -> Findings:
    """A keyring, mangler, transform-set, IPsec profile or certificate map that nothing names."""
    device = case.device
    if device.version is None:  # a snippet shows an object for its own sake
        return
    named = {(use.reference.kind, str(use.name)) for use in uses(device)}
    for collection, kind in UNUSED.items():
        for name, held in getattr(device, collection).items():
            one = held[0] if isinstance(held, list) else held
            if (kind, str(name)) not in named and name != "default" and not one.implicit:
                yield Finding(f"{kind} '{name}' is defined and nothing names it").at(one.name).about(kind, name)


@check("REF038", on=Scope.DEVICE)
def unnamed_profile(case: DeviceCase) -> Findings:
    """No IPsec profile, tunnel or crypto map names the IKEv2 profile: this router cannot initiate with it."""
    device = case.device
    if not (device.ipsec_profiles or device.crypto_maps):
        return
    named = {str(use.name) for use in uses(device) if use.reference.kind == "IKEv2 profile"}
    # Where its own template leads to another profile, that is the fault, and other rules say it.
    named.update(str(profile.name) for profile, template in templates(device) if ikev2_profile_of(device, template))
    for profile in device.profiles.values():
        if profile.name not in named and profile.shutdown is None:
            yield (
                Finding(
                    f"no IPsec profile and no crypto map names IKEv2 profile '{profile.name}': "
                    "this router can answer with it but never initiate"
                )
                .at(profile.name)
                .about(profile.name)
            )
