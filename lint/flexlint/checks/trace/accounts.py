"""What of the configuration accounts for something the router said outside a negotiation.

Comes in: a finding on the log, the configuration where there is one, and the incident. Goes out: the same finding,
moved to the configuration line that explains it, or with the lines that one has to look at. Without a configuration it
stays as it is.
"""

from __future__ import annotations

from ipaddress import ip_address

from flexlint.config.model import Device, PoolRange
from flexlint.finding import Finding, Severity, Verdict
from flexlint.log.model import Incident, Negotiation
from flexlint.place import Located
from flexlint.rulebook import LogCase


def _moved(finding: Finding, line: Located, seen: Located, note: str = "") -> Finding:
    """The log line becomes evidence for the configuration line."""
    return finding.at(line, note).saw(seen).judged(Verdict.EXPLANATION)


def of_recursion(finding: Finding, device: Device | None, incident: Incident) -> Finding:
    """A static route through the tunnel; else the destination, which the routing then must have learned."""
    tunnel = device.interfaces.get(incident.about) if device is not None else None
    if device is None or tunnel is None or tunnel.destination is None:
        return finding
    from flexlint.checks.device.routing import route_into_itself  # a log alone needs no rules of configurations

    finding.also(tunnel.destination, "its destination")
    found = route_into_itself(device, tunnel)
    if found is None:
        where = "its destination" if tunnel.destination == "dynamic" else tunnel.destination
        return finding.because(
            f"no static route leads to {where} through it: a prefix that the peer sends, or a routing "
            "protocol over the tunnel, has that address in it"
        )
    address, route = found
    _moved(finding, route.line, incident.seen, f"the way to {address}")
    return finding.mend(f"add a route to {address} by way of the outside interface")


def of_admission(finding: Finding, device: Device | None, incident: Incident) -> Finding:
    """R: the limits that the configuration sets."""
    if device is None:
        return finding
    other = "outgoing" if "INCOMING" in incident.seen else "incoming"
    limits: list[Located] = [
        one.line
        for one in device.globals
        if one.kind == "limit" and not one.negated and "queue" not in one.line.text and other not in one.line.text
    ]
    limits += [line for line in device.lines if line.text.startswith("call admission limit ")]
    if not limits:
        return finding.because("the configuration sets no such limit: it is one of the platform, or set since")
    _moved(finding, limits[0], incident.seen)
    for line in limits[1:]:
        finding.also(line, "a limit too")
    return finding


def of_client(finding: Finding, device: Device | None, incident: Incident) -> Finding:
    """A client without a peer, or with one that waits for a track that is not defined."""
    client = device.clients.get(incident.about) if device is not None else None
    if device is None or client is None:
        return finding
    if not client.peers:
        return _moved(finding, client, incident.seen, "it has no peer").lowered(Severity.ERROR)
    listed = ", ".join(f"{peer.sequence} {peer.target}" for peer in client.peers)
    finding.because(f"its peers are {listed}")
    for peer in client.peers:
        if peer.track is not None and peer.track not in device.tracks and not device.is_partial:
            waits = f"waits for track {peer.track}, which is not defined"
            finding.message += f": its peer {peer.sequence} {peer.target} {waits}"
            _moved(finding, peer.track, incident.seen, waits)
            return finding.lowered(Severity.WARNING)
    return finding.also(client, "configured here")


def of_ikev1(finding: Finding, device: Device | None, incident: Incident) -> Finding:
    """R: a tunnel that starts IKEv1, for its IPsec profile names no IKEv2 profile."""
    if device is None:
        return finding
    from flexlint.checks.device.tunnels import starting_ikev1

    for tunnel, ipsec in starting_ikev1(device):
        finding.message += f": {tunnel.name} is protected by IPsec profile '{ipsec.name}', which names no IKEv2 profile"
        finding.notes.clear()
        _moved(finding, ipsec.name, incident.seen, "lacks `set ikev2-profile`").lowered(Severity.ERROR)
        name = next(iter(device.profiles)) if len(device.profiles) == 1 else "NAME"
        return finding.also(tunnel, "starts IKEv1").mend(f"add ` set ikev2-profile {name}`")
    return finding


def of_ending(finding: Finding, case: LogCase, incident: Incident) -> Finding:
    """What this router had shown of itself when the peer deleted the session."""
    device, n = case.device, incident.negotiation
    if device is None or device.not_ios or n is None or not _is_of(n, device):
        return finding
    from flexlint.judging.pairs import pair_case

    followed = pair_case(device, n, case.coverage, case.settings).followed
    profile = followed.profile.chosen
    if profile is None or n.profile != profile.name:
        return finding
    finding.also(profile.identity_local or n.own_identity, "shown as its identity")
    if n.own_identity is not None:
        finding.because(f"does the peer's profile accept identity '{n.own_identity}'?")
        if n.nat_found and (n.own_identity_type or "").endswith("address"):
            finding.because("there is NAT on the path: the peer may know this router by another address")
    asked = any(a.config_type == "request" and a.sent is False and a.name == "ipv4-addr" for a in n.attributes)
    if asked and not n.assigned_addresses():
        policy = followed.authorization_policy.chosen
        finding.also(policy if policy is not None and not policy.implicit else profile, "gives no address")
        finding.because("it asked for an address and was given none")
    sets, template = followed.transform_sets, followed.template.chosen
    for one in sets[:3]:
        finding.also(one, "a transform-set of the child SA")
    if "USE_TRANSPORT_MODE" in n.notifies_received and sets and all(one.mode == "tunnel" for one in sets):
        finding.because("it asked for transport mode, and the transform-sets here are in tunnel mode")
    if template is not None:
        finding.also(template.tunnel_mode or template, f"tunnel mode {template.tunnel_mode or 'gre ip'}")
    return finding


def _is_of(negotiation: Negotiation, device: Device) -> bool:
    """Whether the negotiation is this router's, where a relay wrote several routers into one log."""
    name = negotiation.device.partition(".")[0].lower()
    return not name or name == str(device.hostname or "").partition(".")[0].lower()


def may_be_in_two_vrfs(case: LogCase, incident: Incident) -> bool:
    """Whether the authorization may put each session into a VRF of its own, where no route says in which it is."""
    device, n = case.device, incident.negotiation
    if device is None or device.not_ios or n is None or n.routes or not _is_of(n, device):
        return False
    from flexlint.checks.pair.tunnels import aaa_moves
    from flexlint.judging.pairs import pair_case

    return aaa_moves(pair_case(device, n, case.coverage, case.settings))


def of_address(finding: Finding, device: Device | None, incident: Incident) -> Finding:
    """The pools that hold an address which two peers have."""
    if device is None or not device.pools:
        return finding
    pools = [(p.name, r) for p in device.pools.values() for r in p.ranges if _holds(r, incident.about)]
    for name, one in pools[:2]:
        finding.also(one.first, f"pool '{name}' holds it")
    if len(pools) > 1:
        return finding.because("several pools hold it: each gives it out by itself")
    if pools:
        return finding.because(
            "the pool gives it out once: the other session got it from elsewhere, such as a server's attributes"
        )
    return finding.because("no pool of the configuration holds it: it comes from a server, or from DHCP")


def _holds(one: PoolRange, address: str) -> bool:
    """Whether a range of a pool has this address."""
    try:
        wanted = ip_address(address)
    except ValueError:
        return False
    return one.low.version == wanted.version and int(one.low) <= int(wanted) <= int(one.high)
