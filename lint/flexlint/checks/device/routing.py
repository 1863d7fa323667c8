"""Static routes that lead a tunnel into itself.

Comes in: a device, with the text of its `ip route` lines. Goes out: findings TUN133. What a routing protocol would add
is not known, so only the routes that the configuration shows are weighed.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from flexlint.config.model import Device, Interface, Line
from flexlint.config.names import canonical, is_interface
from flexlint.finding import Finding
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


@check("TUN133", on=Scope.DEVICE)
def tunnel_into_itself(case: DeviceCase) -> Findings:
    """R: a tunnel whose destination is best reached through itself goes down (%TUN-5-RECURDOWN)."""
    device = case.device
    routes = list(static_routes(device))
    through = {route.exit for route in routes if route.exit.startswith("Tunnel")}
    for tunnel in device.interfaces.values():
        address = _destination(tunnel)
        if tunnel.name not in through or address is None or tunnel.shutdown is not None:
            continue
        vrf = str(tunnel.tunnel_vrf or "")
        fitting = [route for route in routes if route.vrf == vrf and address in route.network]
        if not fitting or _is_connected(device, vrf, address):
            continue
        longest = max(route.network.prefixlen for route in fitting)
        best = min((route for route in fitting if route.network.prefixlen == longest), key=lambda route: route.distance)
        if all(r.exit == tunnel.name for r in fitting if (r.network, r.distance) == (best.network, best.distance)):
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
