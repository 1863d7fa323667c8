"""Tunnels, virtual-templates and what protects them: the circle of profile, template and IPsec profile; who initiates.

Comes in: a device. Goes out: findings TUN113 to TUN121. Tunnels that get in each other's way are in `tunnel_pairs.py`,
objects that are missing in `completeness.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.edits import added
from flexlint.checks.device.templates import templates
from flexlint.checks.device.wording import doubtful, hedged
from flexlint.config.model import Device, Interface, IpsecProfile, Method, Profile
from flexlint.finding import Confidence, Finding, Severity
from flexlint.rulebook import DeviceCase, Findings, Scope, check

IKEV1 = ("crypto isakmp ", "crypto keyring ")


def protected(device: Device) -> Iterator[tuple[Interface, IpsecProfile]]:
    """Each tunnel and template with the IPsec profile that protects it, where that is defined."""
    for interface in device.interfaces.values():
        if interface.protection is not None and interface.shutdown is None:
            ipsec = device.ipsec_profiles.get(interface.protection.profile)
            if ipsec is not None:
                yield interface, ipsec


def starting_ikev1(device: Device) -> Iterator[tuple[Interface, IpsecProfile]]:
    """The tunnels whose IPsec profile names no IKEv2 profile, on a router that has such and nothing for IKEv1."""
    if not device.profiles or any(line.text.startswith(IKEV1) for line in device.lines):
        return
    for tunnel, ipsec in protected(device):
        if not tunnel.is_tunnel or tunnel.destination is None or tunnel.protection is None:
            continue
        named = (tunnel.protection.ikev2_profile, tunnel.protection.isakmp_profile)
        if not (any(named) or ipsec.ikev2_profile is not None or ipsec.isakmp_profile is not None):
            yield tunnel, ipsec


@check("TUN113", on=Scope.DEVICE)
def tunnel_that_starts_ikev1(case: DeviceCase) -> Findings:
    """R: a tunnel whose IPsec profile names no IKEv2 profile starts IKEv1."""
    device = case.device
    for tunnel, ipsec in starting_ikev1(device):
        finding = Finding(
            f"{tunnel.name} is protected by IPsec profile '{ipsec.name}', which has no `set ikev2-profile`: "
            "it starts IKEv1, for which nothing is configured"
        )
        used = tunnel.protection.profile if tunnel.protection is not None else None
        finding.at(ipsec.name).also(used).about(tunnel.name, ipsec.name)
        only = next(iter(device.profiles)) if len(device.profiles) == 1 else "NAME"
        edits = added(ipsec, f"set ikev2-profile {only}") if len(device.profiles) == 1 else []
        yield from hedged(finding.mend(f"add ` set ikev2-profile {only}`", *edits), device, ipsec, tunnel)


@check("TUN114", on=Scope.DEVICE)
def two_protocols(case: DeviceCase) -> Findings:
    """V: the model of the configuration makes `ikev2-profile` and `isakmp-profile` exclusive."""
    for ipsec in case.device.ipsec_profiles.values():
        if ipsec.ikev2_profile is not None and ipsec.isakmp_profile is not None:
            yield (
                Finding(f"IPsec profile '{ipsec.name}' names both an IKEv2 and an ISAKMP profile; only one can be set")
                .at(ipsec.isakmp_profile)
                .also(ipsec.ikev2_profile)
                .about(ipsec.name)
            )


@check("TUN115", on=Scope.DEVICE)
def template_of_other_profile(case: DeviceCase) -> Findings:
    """A clone whose IPsec profile leads to another IKEv2 profile refuses the proposals of the session."""
    device = case.device
    for profile, template in templates(device):
        protection = template.protection
        ipsec = device.ipsec_profiles.get(protection.profile) if protection is not None else None
        if protection is None or ipsec is None or profile.shutdown is not None:
            continue
        named = protection.ikev2_profile or ipsec.ikev2_profile
        if named is None or named == profile.name or named not in device.profiles:  # REF026 speaks of unknown ones
            continue
        finding = Finding(
            f"profile '{profile.name}' clones {template.name}, whose IPsec profile '{ipsec.name}' "
            f"names IKEv2 profile '{named}'"
        )
        finding.at(profile.virtual_template or profile).also(named).also(protection.profile)
        finding.about(profile.name, template.name, ipsec.name)
        other = device.profiles.get(named)
        if other is not None and other.virtual_template == profile.virtual_template:
            finding.because(f"profile '{named}' clones the same template")
            finding.lowered(Severity.WARNING)
        yield from hedged(finding, device, ipsec)


@check("TUN117", on=Scope.DEVICE)
def template_that_is_never_cloned(case: DeviceCase) -> Findings:
    """A protected template whose IKEv2 profile clones none."""
    device = case.device
    cloned = {template.name for _, template in templates(device)}
    shortcuts = {f"Virtual-Template{one.nhrp_shortcut_template}" for one in device.interfaces.values()}
    for template, ipsec in protected(device):
        profile = device.profiles.get(ipsec.ikev2_profile or "")
        if not template.is_template or template.name in cloned | shortcuts or profile is None:
            continue
        if profile.virtual_template is None and not doubtful(device, profile):
            yield (
                Finding(f"{template.name} is protected for profile '{profile.name}', which has no `virtual-template`")
                .at(template.protection.profile if template.protection else template)
                .also(profile.name)
                .about(template.name, profile.name)
            )


def _profile_of(device: Device, tunnel: Interface, ipsec: IpsecProfile) -> Profile | None:
    own = tunnel.protection.ikev2_profile if tunnel.protection is not None else None
    return device.profiles.get(own or ipsec.ikev2_profile or "")


@check("TUN118", on=Scope.DEVICE)
def initiator_that_only_answers(case: DeviceCase) -> Findings:
    """V: `responder-only` keeps the router from initiating."""
    device = case.device
    clients = {str(client.tunnel): client for client in device.clients.values() if client.tunnel is not None}
    for tunnel, ipsec in protected(device):
        if ipsec.responder_only is None or not tunnel.is_tunnel:
            continue
        needs = clients[tunnel.name].name if tunnel.name in clients else tunnel.address_negotiated
        if needs is not None:
            why = "a FlexVPN client connects it" if tunnel.name in clients else "its address comes from the peer"
            yield (
                Finding(f"{tunnel.name} has to initiate ({why}), but IPsec profile '{ipsec.name}' is responder-only")
                .at(ipsec.responder_only)
                .also(needs)
                .about(tunnel.name, ipsec.name)
            )


@check("TUN119", on=Scope.DEVICE)
def address_nobody_asks_for(case: DeviceCase) -> Findings:
    """A negotiated address is asked for by the initiator in its configuration request."""
    device = case.device
    for profile, template in templates(device):
        if template.address_negotiated is not None:
            finding = Finding(
                f"{template.name}, which profile '{profile.name}' clones, waits for a negotiated address; "
                "a responder hands out addresses and asks for none"
            )
            finding.at(template.address_negotiated).also(profile.virtual_template).about(template.name)
            yield finding.mend("`ip unnumbered Loopback...`")
    for tunnel, ipsec in protected(device):
        asking = _profile_of(device, tunnel, ipsec)
        if tunnel.address_negotiated is None or asking is None or asking.config_exchange_request:
            continue
        line = next((one for one in asking.statements if one.kind == "config_exchange_request" and one.negated), None)
        yield (
            Finding(
                f"{tunnel.name} waits for a negotiated address, which profile '{asking.name}' does not ask for: "
                "`no config-exchange request`"
            )
            .at(tunnel.address_negotiated)
            .also(line or asking.name)
            .about(tunnel.name, asking.name)
        )


@check("TUN121", on=Scope.DEVICE)
def client_software_on_gre(case: DeviceCase) -> Findings:
    """Remote-access clients offer traffic selectors from any to any, never GRE."""
    device = case.device
    for profile, template in templates(device):
        client = next((one for one in profile.remote_auth if one.method is Method.ANYCONNECT), None)
        mode = template.tunnel_mode or ""
        if client is None or mode.startswith("ipsec") or profile.mode_auto or profile.shutdown is not None:
            continue
        finding = Finding(
            f"profile '{profile.name}' serves AnyConnect clients, which cannot speak GRE, "
            f"but {template.name} has no `tunnel mode ipsec`"
        )
        finding.at(template).also(client).also(profile.virtual_template).about(profile.name, template.name)
        finding.mend("` tunnel mode ipsec ipv4` on the template, or `virtual-template N mode auto` in the profile")
        if mode:
            finding.lowered(None, Confidence.LOW)
        yield from hedged(finding, device, template)
