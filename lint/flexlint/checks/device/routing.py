"""Static routes that lead a tunnel into itself, and sources in another table than the packets of their tunnel.

Comes in: a device, with the text of its `ip route` lines. Goes out: findings TUN133 and TUN134. What a routing protocol
would add is not known, so only the routes that the configuration shows are weighed.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from flexlint.checks.device.edits import added, rewritten
from flexlint.checks.device.wording import hedged
from flexlint.config.model import Device, Interface, Line
from flexlint.config.names import canonical, is_interface
from flexlint.finding import Finding
from flexlint.predict.locality import vrf_fits
from flexlint.predict.tunnel import ikev2_profile_of
from flexlint.rulebook import DeviceCase, Findings, Scope, check


class Route(NamedTuple):
    """One `ip route`: `exit` is the interface it leaves by, empty for a next hop alone."""

    vrf: str
    network: IPv4Network
    exit: str
    distance: int
    line: Line


def static_routes(device: Device) -> Iterator[Route]:
    """The IPv4 routes written in full; one with words that are not understood is left out."""
    for line in device.lines:
        words = line.text.split()
        if words[:2] != ["ip", "route"]:
            continue
        vrf, words = (words[3], words[4:]) if words[2:3] == ["vrf"] and len(words) > 4 else ("", words[2:])
        try:
            network = IPv4Network(f"{words[0]}/{words[1]}", strict=False)
        except (ValueError, IndexError):
            continue
        rest = words[2:]
        if not rest:
            continue
        leaves = canonical(rest[0]) if is_interface(rest[0]) and rest[0][-1].isdigit() else ""
        numbers = [int(word) for word in rest[1:2] + rest[2:3] if word.isdecimal() and len(word) < 4]
        yield Route(vrf, network, leaves, numbers[0] if numbers else 1, line)


def outside_of(device: Device, route: Route) -> str:
    """The interface by which a route certainly leads past every tunnel; empty where it may lead into one."""
    words = route.line.text.split()
    interface = device.interfaces.get(route.exit) if route.exit else None
    if interface is None and not route.exit:
        hop = words[6 if words[2] == "vrf" else 4]
        try:
            address = IPv4Address(hop)
        except ValueError:
            return ""
        there = (i for i in device.interfaces.values() if str(i.vrf or "") == route.vrf)
        interface = next((i for i in there if any(address in network for _, _, network in i.addresses)), None)
    if interface is None or interface.is_tunnel or interface.is_template or interface.name.startswith(("Lo", "Nu")):
        return ""
    return str(interface.name) if interface.shutdown is None else ""


def route_into_itself(device: Device, tunnel: Interface) -> tuple[IPv4Address, Route] | None:
    """The destination of a tunnel, and the static route to it that is best and leads through the tunnel itself."""
    address = _destination(tunnel)
    if address is None or tunnel.shutdown is not None:
        return None
    vrf = str(tunnel.tunnel_vrf or "")
    fitting = [route for route in static_routes(device) if route.vrf == vrf and address in route.network]
    if not any(route.exit == tunnel.name for route in fitting) or _is_connected(device, vrf, address):
        return None
    longest = max(route.network.prefixlen for route in fitting)
    best = min((route for route in fitting if route.network.prefixlen == longest), key=lambda route: route.distance)
    alike = [r for r in fitting if (r.network, r.distance) == (best.network, best.distance)]
    return (address, best) if all(route.exit == tunnel.name for route in alike) else None


@check("TUN133", on=Scope.DEVICE)
def tunnel_into_itself(case: DeviceCase) -> Findings:
    """R: a tunnel whose destination is best reached through itself goes down (%TUN-5-RECURDOWN)."""
    device = case.device
    through = {route.exit for route in static_routes(device) if route.exit.startswith("Tunnel")}
    for tunnel in device.interfaces.values():
        found = route_into_itself(device, tunnel) if tunnel.name in through else None
        if found is not None:
            address, best = found
            yield (
                Finding(
                    f"{tunnel.name} leads to {address}, and the best route of this configuration to that address "
                    f"goes through {tunnel.name} itself: it goes down as soon as it is up"
                )
                .at(best.line)
                .also(tunnel.destination, "the tunnel's destination")
                .about(tunnel.name, best.network)
                .mend(f"add a route to {address} by way of the outside interface")
            )


@check("TUN134", on=Scope.DEVICE)
def source_in_other_vrf(case: DeviceCase) -> Findings:
    """R: the packets of a tunnel leave by the table of `tunnel vrf`, where its source must be."""
    device = case.device
    for tunnel in device.interfaces.values():
        source = device.interfaces.get(tunnel.source or "")
        if not (tunnel.is_tunnel or tunnel.is_template) or source is None or tunnel.source is None:
            continue
        there, here = str(source.vrf or ""), str(tunnel.tunnel_vrf or "")
        if there == here or tunnel.shutdown is not None or (tunnel.is_template and not here):
            continue  # the session may tell a clone its VRF
        profile = device.profiles.get(ikev2_profile_of(device, tunnel) or "")
        if profile is not None and vrf_fits(profile.fvrf, here) is False:
            continue  # SEL103
        finding = Finding(
            f"the packets of {tunnel.name} travel in {_vrf(here)}, but its source {source.name} is in {_vrf(there)}"
        )
        finding.at(tunnel.source).also(tunnel.tunnel_vrf).also(source.vrf or source, "its VRF")
        finding.about(tunnel.name, source.name)
        if there:
            command = f"tunnel vrf {there}"
            said = tunnel.said("tunnel_vrf")
            edits = rewritten(said[0].line, command) if len(said) == 1 else added(tunnel, command) if not said else []
            finding.mend(f"` {command}` on {tunnel.name}", *edits)
        yield from hedged(finding, device, tunnel, source)


def _vrf(name: str) -> str:
    return f"VRF '{name}'" if name else "the global VRF"


def _destination(tunnel: Interface) -> IPv4Address | None:
    try:
        return IPv4Address(tunnel.destination) if tunnel.destination is not None else None
    except ValueError:
        return None


def _is_connected(device: Device, vrf: str, address: IPv4Address) -> bool:
    return any(
        str(interface.vrf or "") == vrf and address in network and not interface.is_tunnel
        for interface in device.interfaces.values()
        for _, _, network in interface.addresses
    )
