"""Virtual-templates, tunnels and FlexVPN clients that lack something, or have what a clone cannot use.

Comes in: a device. Goes out: findings CMP052 to CMP060. What protects a tunnel is judged in `tunnels.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.edits import added, removed, rewritten
from flexlint.checks.device.wording import hedged, listed
from flexlint.config.model import Device, Interface, Profile
from flexlint.finding import Confidence, Finding, Severity
from flexlint.rulebook import DeviceCase, Findings, Scope, check


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
        if len(lacks) > 1 and case.device.version is None and not _has_address(tunnel):
            continue  # a change to a tunnel that is configured elsewhere
        if lacks:
            finding = Finding(f"{tunnel.name} is protected and has no tunnel {' and no tunnel '.join(lacks)}")
            yield from hedged(finding.at(tunnel).about(tunnel.name, *lacks), case.device, tunnel)


def _has_address(tunnel: Interface) -> bool:
    """Whether the tunnel has an address of its own, borrowed or to be learnt, as the whole of one has."""
    return bool(
        tunnel.addresses
        or tunnel.ipv6_addresses
        or tunnel.unnumbered
        or tunnel.ipv6_unnumbered
        or tunnel.address_dhcp
        or tunnel.address_negotiated
    )


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
    """A FlexVPN client needs a peer and a protected tunnel."""
    for client in case.device.clients.values():
        lacks = [*([] if client.peers else ["peer"]), *([] if client.tunnel else ["client connect"])]
        if lacks:
            finding = Finding(f"FlexVPN client '{client.name}' has no `{'` and no `'.join(lacks)}`: it stays idle")
            yield from hedged(finding.at(client.name).about(client.name, *lacks), case.device, client)
        tunnel = case.device.interfaces.get(client.tunnel or "")
        if client.tunnel is not None and tunnel is not None and tunnel.protection is None:
            finding = Finding(
                f"FlexVPN client '{client.name}' connects {tunnel.name}, which has no `tunnel protection`"
            )
            finding.at(tunnel).also(client.tunnel, "connected here").about(client.name, "protection")
            yield from hedged(finding, case.device, tunnel)
