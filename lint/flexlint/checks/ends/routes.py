"""Whether the routes one end sends leave the other one a way to it.

Comes in: two devices. Goes out: findings TUN205. Routes of routing protocols are not known.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from flexlint.checks.device.routing import static_routes
from flexlint.checks.device.wording import doubtful
from flexlint.checks.ends.links import Link, links
from flexlint.config.model import AuthorizationPolicy, RouteSet
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
        accepting = _accepting(link)
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


def _sends_default(link: Link, policy: AuthorizationPolicy) -> RouteSet | None:
    """The line of the policy that sends 0.0.0.0/0."""
    for line in policy.route_sets:
        if line.kind == "remote" and line.network == DEFAULT:
            return line
        if line.kind == "access-list":
            one = AuthorizationPolicy(policy.name, policy.line, route_sets=[line])
            if DEFAULT in (routes_sent(link.other, one, link.end) or ()):
                return line
    return None


def _accepting(link: Link) -> AuthorizationPolicy | None:
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
    return policy if policy.implicit or policy.route_accept is not None else None


def _has_way(link: Link) -> bool:
    """Whether a route of the initiator stands beside the one it learns, or the file is too short to say.

    A static default route may be preferred: the distance of a learnt one is 1 or 2 by release (R)."""
    address, device = link.start.address, link.device
    if device.version is None or any(address in one.network and not one.vrf for one in static_routes(device)):
        return True
    return any(address in network for i in device.interfaces.values() for _, _, network in i.addresses)
