"""Whether the routes and addresses one end gives leave the other one a way to it.

Comes in: two devices. Goes out: findings TUN205, TUN207 and TUN208. Routes of routing protocols are not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network

from flexlint.checks.device.routing import static_routes
from flexlint.checks.device.wording import doubtful
from flexlint.checks.ends.links import Link, links
from flexlint.config.model import AuthorizationPolicy, Device, Interface, PoolRange, RouteSet
from flexlint.finding import Finding
from flexlint.predict.authorization import (
    aaa_list_of,
    authorization_name,
    authorization_policy_of,
    routes_sent,
    select_authorization,
)
from flexlint.predict.model import Sureness
from flexlint.rulebook import EndsCase, Findings, Scope, check

DEFAULT = IPv4Network("0.0.0.0/0")


@check("TUN205", on=Scope.ENDS)
def default_route_into_tunnel(case: EndsCase) -> Findings:
    """R: a default route learnt through the tunnel leads the tunnel's own packets into it, unless the outside has a
    VRF or a narrower route."""
    for link in links(case):
        tunnel, answer = link.start.tunnel, link.answer.authorization_policy
        policy = answer.chosen
        if tunnel is None or tunnel.tunnel_vrf is not None or policy is None or answer.sureness is not Sureness.SURE:
            continue
        sent = _sends_default(link, policy)
        accepting = _accepting(link, case.settings.assumptions)
        if sent is None or accepting is None or doubtful(link.device, tunnel) or _has_way(link):
            continue
        finding = Finding(
            f"the other end's authorization policy '{policy.name}' sends a default route, which {tunnel.name} accepts "
            f"without a VRF of its own for the outside: its packets to {link.start.address} would go into the tunnel"
        )
        finding.at(tunnel.destination or tunnel.name).also(sent.line, "sent there")
        finding.also(None if accepting.implicit else accepting.route_accept, "accepted here")
        finding.mend("name a VRF of the outside by `tunnel vrf`, or add a route to the other end")
        yield finding.about(*link.name, policy.name)


@check("TUN207", on=Scope.ENDS)
def pool_with_address_of_peer(case: EndsCase) -> Findings:
    """I: an address the initiator has itself may be handed to another peer, or back to it."""
    for link in links(case):
        choice, tunnel = link.answer.pool, link.start.tunnel
        pool = choice.chosen
        if pool is None or tunnel is None or link.answer.authorization_policy.sureness is not Sureness.SURE:
            continue
        for interface in link.device.interfaces.values():
            if interface.vrf != tunnel.vrf or interface.shutdown is not None:
                continue
            held = next(((w, a) for w, a, _ in interface.addresses if any(_in(r, a) for r in pool.ranges)), None)
            if held is not None:
                yield (
                    Finding(
                        f"pool '{pool.name}' of the other end hands out {held[1]}, "
                        f"which {interface.name} of this router has"
                    )
                    .at(held[0])
                    .also(pool.ranges[0].first, "handed out there")
                    .about(*link.name, interface.name)
                )


def _in(one: PoolRange, address: IPv4Address) -> bool:
    return one.low.version == 4 and int(one.low) <= int(address) <= int(one.high)


@check("TUN208", on=Scope.ENDS)
def same_route_both_ways(case: EndsCase) -> Findings:
    """I: both ends send one prefix, so each of them looks for it behind the other."""
    for link in links(case):
        theirs, ours = link.answer.authorization_policy.chosen, _accepting(link, case.settings.assumptions)
        if theirs is None or ours is None or link.answer.authorization_policy.sureness is not Sureness.SURE:
            continue
        mine = {network: line for line, network in _sent(link.device, ours, link.start.tunnel)}
        for line, network in _sent(link.other, theirs, link.end):
            if network in mine and line.kind != "interface":
                finding = Finding(f"both ends send {network} to each other, so that each looks for it behind the other")
                finding.at(mine[network].line).also(line.line, "sent there too").about(*link.name, network)
                yield finding


def _sent(
    device: Device, policy: AuthorizationPolicy, tunnel: Interface | None
) -> Iterator[tuple[RouteSet, IPv4Network]]:
    """The prefixes each `route set` line sends, as far as they are known."""
    for line in policy.route_sets:
        one = AuthorizationPolicy(policy.name, policy.line, route_sets=[line])
        for network in routes_sent(device, one, tunnel) or ():
            yield line, network


def _sends_default(link: Link, policy: AuthorizationPolicy) -> RouteSet | None:
    """The line of the policy that sends 0.0.0.0/0."""
    return next((line for line, network in _sent(link.other, policy, link.end) if network == DEFAULT), None)


def _accepting(link: Link, assumptions: Mapping[str, str]) -> AuthorizationPolicy | None:
    """The initiator's own authorization policy, when it accepts routes by what is written, or as the built-in one
    does (R)."""
    line = select_authorization(link.profile, link.facts.method, "group").chosen
    if line is None or not link.profile.config_exchange_set_accept:
        return None
    name, _ = authorization_name(link.device, line, None)
    choice = authorization_policy_of(link.device, aaa_list_of(link.device, line).chosen, name)
    policy = choice.chosen
    if policy is None or choice.sureness is not Sureness.SURE or policy.route_accept_map is not None:
        return None
    accepts = policy.route_accept is not None or assumptions.get("route-accept") == "accepted"
    return policy if policy.implicit or accepts else None


def _has_way(link: Link) -> bool:
    """Whether a route of the initiator stands beside the one it learns, or the file is too short to say.

    A static default route may be preferred: the distance of a learnt one is 1 or 2 by release (R)."""
    address, device = link.start.address, link.device
    if device.version is None or any(address in one.network and not one.vrf for one in static_routes(device)):
        return True
    return any(address in network for i in device.interfaces.values() for _, _, network in i.addresses)
