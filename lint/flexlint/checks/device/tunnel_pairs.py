"""Tunnels that get in each other's way: the same ends twice, one IPsec SA for several, shortcuts that lead nowhere.

Comes in: a device. Goes out: findings TUN124 to TUN137. A single tunnel and its profile are judged in `tunnels.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from flexlint.checks.device.edits import added, rewritten
from flexlint.checks.device.tunnels import protected
from flexlint.checks.device.wording import hedged, listed
from flexlint.config.defaults import transform_sets_of
from flexlint.config.model import Device, Interface, TransformSet
from flexlint.finding import Confidence, Edit, Finding, Severity
from flexlint.rulebook import DeviceCase, Findings, Scope, check


def _tunnels(device: Device) -> Iterator[Interface]:
    return (one for one in device.interfaces.values() if one.is_tunnel and one.shutdown is None)


def _is_gre(tunnel: Interface) -> bool:
    return (tunnel.tunnel_mode or "gre ip").startswith("gre")


def _is_multipoint(tunnel: Interface) -> bool:
    return (tunnel.tunnel_mode or "").startswith("gre multipoint")


@check("TUN124", on=Scope.DEVICE)
def transport_for_vti(case: DeviceCase) -> Findings:
    """A tunnel that carries IP in ESP needs tunnel mode; `require` leaves it no choice."""
    device = case.device
    for tunnel, ipsec in protected(device):
        sets = transform_sets_of(device, ipsec)
        if not (tunnel.tunnel_mode or "").startswith("ipsec") or not sets:
            continue
        if all(one.mode == "transport" and one.mode_require and one.mode_line is not None for one in sets):
            yield (
                Finding(
                    f"{tunnel.name} is an IPsec tunnel, and transform-set '{sets[0].name}' insists on transport mode"
                )
                .at(sets[0].mode_line or sets[0])
                .also(tunnel.tunnel_mode)
                .about(tunnel.name, sets[0].name)
                .mend("`mode tunnel`", *_tunnel_mode(device, sets))
            )


def _tunnel_mode(device: Device, sets: list[TransformSet]) -> list[Edit]:
    """`mode tunnel` where only IPsec tunnels use the one transform-set."""
    names = {str(one.name) for one in sets}
    users = [tunnel for tunnel, ipsec in protected(device) if names & {str(name) for name in ipsec.transform_sets}]
    line = sets[0].mode_line
    if line is None or len(sets) != 1 or not all((one.tunnel_mode or "").startswith("ipsec") for one in users):
        return []
    return rewritten(line, "mode tunnel")


@check("TUN126", on=Scope.DEVICE)
def same_ends_twice(case: DeviceCase) -> Findings:
    """R: IOS tells GRE tunnels apart by source, destination, VRF and key."""
    first: dict[tuple[str, ...], Interface] = {}
    for tunnel in _tunnels(case.device):
        if not _is_gre(tunnel) or _is_multipoint(tunnel) or tunnel.source is None or tunnel.destination is None:
            continue
        if "dynamic" in (tunnel.source, tunnel.destination):
            continue
        mode = tunnel.tunnel_mode or "gre ip"
        ends = tuple(
            str(w or "") for w in (mode, tunnel.source, tunnel.destination, tunnel.tunnel_vrf, tunnel.tunnel_key)
        )
        other = first.setdefault(ends, tunnel)
        if other is not tunnel:
            finding = Finding(
                f"{tunnel.name} has the source and destination of {other.name}, and no other `tunnel key`"
            )
            finding.at(tunnel.destination).also(other.destination).about(tunnel.name, other.name)
            yield from hedged(finding, case.device, tunnel, other)


def _sharing(device: Device) -> Iterator[list[Interface]]:
    """GRE tunnels of one source, VRF and IPsec profile, where there are several."""
    groups: dict[tuple[str, ...], list[Interface]] = defaultdict(list)
    for tunnel in _tunnels(device):
        if tunnel.protection is not None and tunnel.source not in (None, "dynamic") and _is_gre(tunnel):
            key = (str(tunnel.source), str(tunnel.tunnel_vrf or ""), str(tunnel.protection.profile))
            groups[key].append(tunnel)
    return (group for group in groups.values() if len(group) > 1)


def _shared(tunnel: Interface) -> list[Edit]:
    line = tunnel.protection.line if tunnel.protection is not None else None
    return rewritten(line, f"{line.text} shared") if line is not None else []


@check("TUN127", on=Scope.DEVICE)
def multipoint_without_shared(case: DeviceCase) -> Findings:
    """V: tunnels that share source and IPsec profile share the SAs, and `shared` says so."""
    for group in _sharing(case.device):
        alone = [one for one in group if _is_multipoint(one) and one.protection and not one.protection.shared]
        if len(alone) < 2 or len(alone) < len(group):  # where some are shared TUN128 speaks
            continue
        protection = alone[0].protection
        finding = Finding(
            f"{listed(str(one.name) for one in alone)} use one source and one IPsec profile without `shared`"
        )
        finding.at(protection.line if protection else alone[0]).about(*(one.name for one in alone))
        for one in alone[1:4]:
            finding.also(one.protection.line if one.protection else one)
        yield finding.mend("add `shared` to all of them", *(edit for one in alone for edit in _shared(one)))


@check("TUN128", on=Scope.DEVICE)
def shared_by_some(case: DeviceCase) -> Findings:
    """V: `shared` belongs on all tunnels of one source and IPsec profile, or on none; the source is an interface."""
    for tunnel in _tunnels(case.device):
        protection, source = tunnel.protection, tunnel.source
        if protection is not None and protection.shared and source is not None and source[:1].isdigit():
            finding = Finding(f"{tunnel.name} is `shared` and has address {source} for a source, not an interface")
            finding.at(source).also(protection.line).about(tunnel.name, "source")
            yield finding.lowered(Severity.WARNING, Confidence.MEDIUM)
    for group in _sharing(case.device):
        shared = [one for one in group if one.protection and one.protection.shared]
        if not shared or shared[0].protection is None:
            continue
        for one in group:
            if one.protection is not None and not one.protection.shared:
                yield (
                    Finding(
                        f"{one.name} is not `shared` and has the source and IPsec profile of {shared[0].name}, which is"
                    )
                    .at(one.protection.line)
                    .also(shared[0].protection.line)
                    .about(one.name, shared[0].name)
                    .mend("add `shared`", *_shared(one))
                )


@check("TUN125", on=Scope.DEVICE)
def multipoint_tunnels_alike(case: DeviceCase) -> Findings:
    """R: multipoint tunnels of one source are told apart by their keys, for they have no destination."""
    groups: dict[tuple[str, str], list[Interface]] = defaultdict(list)
    for tunnel in _tunnels(case.device):
        if _is_multipoint(tunnel) and tunnel.source not in (None, "dynamic"):
            groups[str(tunnel.source), str(tunnel.tunnel_vrf or "")].append(tunnel)
    for group in groups.values():
        first: dict[str, Interface] = {}
        keyed = any(one.tunnel_key is not None for one in group)
        for tunnel in group:
            key = str(tunnel.tunnel_key or "")
            other = first.setdefault(key, tunnel)
            if other is tunnel and (key or not keyed or len(group) == 1):
                continue
            other = next(one for one in group if one is not tunnel) if other is tunnel else other
            what = f"has `tunnel key {key}` as {other.name} has" if key else "has no `tunnel key`"
            finding = Finding(
                f"{tunnel.name} {what}, and both are multipoint tunnels of source {tunnel.source}: "
                "nothing tells their packets apart"
            )
            finding.at(tunnel.tunnel_key or tunnel).also(other.tunnel_key or other).about(tunnel.name, other.name)
            yield from hedged(finding, case.device, tunnel, other)


@check("TUN129", on=Scope.DEVICE)
def shared_on_vti(case: DeviceCase) -> Findings:
    """R: only GRE tunnels can share their SAs."""
    for tunnel in _tunnels(case.device):
        if (
            tunnel.protection is not None
            and tunnel.protection.shared
            and (tunnel.tunnel_mode or "").startswith("ipsec")
        ):
            yield (
                Finding(f"{tunnel.name} is an IPsec tunnel with `shared` protection, which only GRE tunnels can have")
                .at(tunnel.protection.line)
                .also(tunnel.tunnel_mode)
                .about(tunnel.name)
                .mend("take `shared` out", *rewritten(tunnel.protection.line, _unshared(tunnel.protection.line.text)))
            )


def _unshared(text: str) -> str:
    return " ".join(word for word in text.split() if word.lower() != "shared")


@check("TUN130", on=Scope.DEVICE)
def protected_twice(case: DeviceCase) -> Findings:
    """A tunnel with `tunnel protection` and a crypto map."""
    for tunnel in case.device.interfaces.values():
        if tunnel.protection is not None and tunnel.crypto_map is not None:
            yield (
                Finding(f"{tunnel.name} has both `tunnel protection` and crypto map '{tunnel.crypto_map}'")
                .at(tunnel.crypto_map)
                .also(tunnel.protection.line)
                .about(tunnel.name)
            )


@check("TUN132", on=Scope.DEVICE)
def ipv6_in_legacy_vrf(case: DeviceCase) -> Findings:
    """V: a VRF made by `ip vrf` has no IPv6."""
    device = case.device
    for interface in device.interfaces.values():
        vrf = device.vrfs.get(interface.vrf or "")
        if not (interface.is_tunnel or interface.is_template):
            continue  # other interfaces keep their IPv6 in the global table, as published routers have it
        if vrf is None or vrf.is_definition or not (interface.ipv6_addresses or interface.ipv6_unnumbered):
            continue
        used = interface.ipv6_addresses[0][0] if interface.ipv6_addresses else interface.ipv6_unnumbered
        finding = Finding(
            f"{interface.name} has an IPv6 address in VRF '{vrf.name}', which `ip vrf` makes for IPv4 only"
        )
        yield finding.at(interface.vrf or interface).also(used).also(vrf).about(interface.name, vrf.name)


def _shortcuts(device: Device) -> Iterator[tuple[Interface, Interface]]:
    """Each tunnel with the template that its shortcuts are cloned from."""
    for tunnel in _tunnels(device):
        template = device.interfaces.get(f"Virtual-Template{tunnel.nhrp_shortcut_template}")
        if tunnel.nhrp_shortcut_template is not None and template is not None:
            yield tunnel, template


@check("TUN135", on=Scope.DEVICE)
def shortcut_in_other_network(case: DeviceCase) -> Findings:
    """V: NHRP answers only within one network id."""
    for tunnel, template in _shortcuts(case.device):
        ours, theirs = tunnel.nhrp_network_id, template.nhrp_network_id
        if ours == theirs:
            continue
        finding = Finding(
            f"{tunnel.name} has NHRP network-id {ours or 'none'}, {template.name}, "
            f"from which its shortcuts are cloned, {theirs or 'none'}"
        )
        finding.at(theirs or template).also(ours or tunnel).about(tunnel.name, template.name)
        lacking, number = (template, ours) if theirs is None else (tunnel, theirs)
        if ours is None or theirs is None:
            command = f"ip nhrp network-id {number}"
            finding.mend(f"add ` {command}` to {lacking.name}", *added(lacking, command))
        yield from hedged(finding, case.device, tunnel, template)


@check("TUN137", on=Scope.DEVICE)
def shortcut_with_other_address(case: DeviceCase) -> Findings:
    """V: the shortcut borrows the address of the tunnel that the peer knows."""
    for tunnel, template in _shortcuts(case.device):
        borrowed = template.unnumbered
        if borrowed is None or borrowed in (tunnel.name, tunnel.unnumbered):
            continue
        yield (
            Finding(
                f"{template.name}, from which the shortcuts of {tunnel.name} are cloned, "
                f"has the address of {borrowed} and not of {tunnel.name}"
            )
            .at(borrowed)
            .also(tunnel.nhrp_shortcut_template)
            .about(tunnel.name, template.name)
            .mend(f"`ip unnumbered {tunnel.name}`", *_borrowing(template, tunnel))
        )


def _borrowing(template: Interface, tunnel: Interface) -> list[Edit]:
    said = template.said("unnumbered")
    return rewritten(said[0].line, f"ip unnumbered {tunnel.name}") if len(said) == 1 else []
