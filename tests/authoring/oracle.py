"""What must be said of a router's configuration that was changed after a log of it was taken.

Comes in: the changed `Site`, a peer, and the `Course` that the log shows. Goes out: the steps at which the
configuration denies the log. It follows the log: what the log names is taken as chosen, and the next step judged from
there. Written from the reference; it shares nothing with flexlint.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from authoring.course import (
    PRINTED,
    Course,
    Peer,
    asked_of,
    block_of,
    certified,
    covers,
    matches,
    own_identity,
    policy_of,
    profile_of,
    proposals_of,
    routes,
)
from authoring.site import Block, IpsecProfile, Profile, Proposal, Site, Tunnel

# The rules that may say it, by step.
RULES = {
    "profile": {"SEL002", "SEL004", "SEL010"},
    "policy": {"SEL005", "SEL006", "SEL007"},
    "proposal": {"SEL009"},
    "keyring": {"AUT001", "AUT002"},
    "block": {"AUT003", "AUT004"},
    "key length": {"AUT005"},
    "peer method": {"AUT006"},
    "own method": {"AUT007"},
    "login list": {"AUT019"},
    "own identity": {"AUT010"},
    "lifetime": {"AUT011"},
    "dpd": {"AUT012"},
    "list": {"AZN001"},
    "author policy": {"AZN002"},
    "asked": {"AZN003", "AZN004"},
    "pool": {"AZN005"},
    "sent": {"AZN006", "AZN010"},
    "routes": {"AZN011"},
    "template": {"TUN001", "TUN005", "TUN011"},
    "vrf": {"TUN002"},
    "esp": {"TUN008"},
    "mode": {"TUN012"},
    "called": {"TUN013"},
    "child": {"TUN001", "TUN004", "TUN011"},
}


def denied(site: Site, peer: Peer, seen: Course, initiator: bool) -> set[str]:
    """The steps at which this configuration denies what the log shows."""
    return set(_denied(site, peer, seen, initiator))


def _denied(site: Site, peer: Peer, seen: Course, initiator: bool) -> Iterator[str]:
    yield from _policy(site, seen)
    assert seen.profile is not None
    profile = next((p for p in site.profiles if p.name == seen.profile.name), None)
    tunnel = next((t for t in site.tunnels if t.name == "Tunnel0"), None) if initiator else None
    if initiator:
        if tunnel is not None and tunnel.destination not in (peer.address, "dynamic"):
            tunnel = None  # nothing leads to this peer any more
            yield "called"
        ipsec = _ipsec(site, tunnel)
        profile = next((p for p in site.profiles if ipsec and p.name == ipsec.profile), None)
        if tunnel is None and not any(_accepts(p, peer) for p in site.profiles):
            yield "profile?"  # whichever it was
    elif profile is None or profile_of(site, peer) is not profile:
        yield "profile"  # at an initiator nothing of the log names the profile
    yield from _key(site, peer, seen, initiator)
    yield from _authorization(site, seen)
    if profile is None:
        if tunnel is not None:  # an initiator's tunnel has its transform-sets all the same
            yield from ("mode?", "esp?", "vrf?")
        return
    yield from _authentication(site, peer, seen, profile)
    if initiator and not _accepts(profile, peer):
        yield "profile"
    yield from _asked(site, peer, seen, profile)
    yield from _tunnel(site, peer, seen, profile, tunnel)


def _accepts(profile: Profile, peer: Peer) -> bool:
    is_complete = bool(profile.local and profile.remote)
    return is_complete and any(matches(m, peer.identity, peer.type) for m in profile.matches)


def _policy(site: Site, seen: Course) -> Iterator[str]:
    policy = policy_of(site)
    if (policy.name if policy else "default") != seen.policy:
        yield "policy"
    named = next((p for p in site.policies if p.name == seen.policy), None)
    if named is None or not named.proposals:
        return
    proposals = [p for name in named.proposals for p in site.proposals if p.name == name]
    if len(proposals) < len(named.proposals):
        return
    if seen.proposal is not None and not _has(proposals, seen.proposal):
        yield "proposal"
    if all(p.pqc and not p.pqc.endswith("optional") for p in proposals):
        yield "proposal"  # RFC 9370: the session would show a further exchange


def _has(proposals: list[Proposal], used: Proposal) -> bool:
    """Whether every algorithm that was used is in some proposal, key lengths aside."""

    def family(names: list[str]) -> set[str]:
        return {n.rpartition("-")[0] or n for n in names}

    return (
        family(used.encryption) <= {f for p in proposals for f in family(p.encryption)}
        and set(used.prf) <= {a for p in proposals for a in p.prf or p.integrity}
        and set(used.group) <= {g for p in proposals for g in p.group}
    )


def _authentication(site: Site, peer: Peer, seen: Course, profile: Profile) -> Iterator[str]:
    if seen.keyring is not None and profile.keyring != seen.keyring.name:
        yield "keyring"
    if peer.method not in {PRINTED[m.split()[0]] for m in profile.remote} and profile.remote:
        yield "peer method"
    if profile.local and PRINTED[profile.local.split()[0]] != seen.own_method:
        yield "own method"
    has_default = (profile.local or "").startswith("pre-share")
    if (profile.local_id or has_default) and own_identity(site, profile) != seen.own_id:
        yield "own identity"
    if peer.method == "EAP" and profile.eap_list and seen.profile and profile.eap_list != seen.profile.eap_list:
        yield "login list"
    if (profile.lifetime or 86400) != (seen.profile.lifetime or 86400 if seen.profile else 86400):
        yield "lifetime"
    if seen.profile is not None and seen.profile.dpd and (not profile.dpd or profile.dpd[0] != seen.profile.dpd[0]):
        yield "dpd"


def _key(site: Site, peer: Peer, seen: Course, initiator: bool) -> Iterator[str]:
    if seen.keyring is None:
        return
    keyring = next((k for k in site.keyrings if k.name == seen.keyring.name), None)
    if keyring is None:
        yield "keyring"
    elif seen.block is not None:
        block = next((b for b in keyring.blocks if b.name == seen.block.name), None)
        if block is None or block_of(keyring, peer, initiator) is not block:
            yield "block"
        if block is not None:
            yield from _keys(block, seen)


def _keys(block: Block, seen: Course) -> Iterator[str]:
    for configured, used in (
        (block.local_key or block.key, seen.own_key),
        (block.remote_key or block.key, seen.peer_key),
    ):
        if configured is not None and used is not None and len(configured) != len(used):
            yield "key length"


def _asked(site: Site, peer: Peer, seen: Course, profile: Profile) -> Iterator[str]:
    author, name = asked_of(site, profile, peer)
    expected = [(author.scope, author.list, name)] if author is not None else []
    if seen.asked and expected != seen.asked and not (author is not None and name is None):
        yield "asked"


def _authorization(site: Site, seen: Course) -> Iterator[str]:
    yield from _lists(site, seen)
    if not seen.asked or site.lists.get(seen.asked[0][1]) != "local":
        return
    doubt = "?" if seen.method == "EAP" else ""  # what the server said of the user may go before it
    user = seen.asked[0][2]
    policy = next((p for p in site.authors if p.name == user), None)
    if policy is None:
        return
    if seen.address and policy.pool is None:
        yield f"pool{doubt}"
    if seen.address and policy.pool in site.pools:
        low, high = map(IPv4Address, site.pools[policy.pool])
        if not low <= IPv4Address(seen.address) <= high:
            yield f"pool{doubt}"
    if policy.route_acl and policy.route_acl not in site.acls:
        return  # what a list that is not there permits is not known
    negotiated = not site.tunnels or any(t.address == "negotiated" for t in site.tunnels)
    unknown = negotiated and policy.route_interface
    own, before = (_surely(some, unknown) for some in (routes(site, policy), seen.sent))
    if (seen.sent or seen.address) and own != before:
        yield f"sent{doubt}"


def _lists(site: Site, seen: Course) -> Iterator[str]:
    for _, name, user in seen.asked:
        if name not in site.lists or not site.new_model:
            yield "list"
        elif site.lists[name] == "local" and not any(p.name == user for p in site.authors):
            yield "author policy"


def _surely(sent: list[str], unknown: bool) -> set[str]:
    """Without the address of the tunnel, where it is negotiated and thus unknown."""
    return {one for one in sent if not (unknown and one.endswith(" 255.255.255.255"))}


def _ipsec(site: Site, tunnel: Tunnel | None) -> IpsecProfile | None:
    return next((p for p in site.ipsec_profiles if tunnel and p.name == tunnel.protection), None)


def _tunnel(site: Site, peer: Peer, seen: Course, profile: Profile, tunnel: Tunnel | None) -> Iterator[str]:
    initiator = tunnel is not None
    if tunnel is None and profile.template is None:
        tunnel = next((t for t in site.tunnels if t.destination == peer.address), None)
        ipsec = _ipsec(site, tunnel)
        defined = {t.name for t in site.transform_sets}
        if ipsec is None or ipsec.profile != profile.name or (ipsec.sets and not defined & set(ipsec.sets)):
            yield "template?"
            return
    elif tunnel is None:
        tunnel = next((t for t in site.tunnels if t.name == f"Virtual-Template{profile.template}"), None)
        ipsec = _ipsec(site, tunnel)
        defined = {t.name for t in site.transform_sets}
        if tunnel is None or ipsec is None or (ipsec.sets and not defined & set(ipsec.sets)):
            yield "template"
            return
        if ipsec is not None and ipsec.profile and ipsec.profile != profile.name:
            yield "child"
        if peer.subnets and seen.asked and (tunnel.vrf or None) != (seen.tunnel.vrf if seen.tunnel else None):
            yield "vrf"
    elif (tunnel.vrf or None) != (seen.tunnel.vrf if seen.tunnel else None):
        yield "vrf?"  # where it had installed routes
    ipsec = _ipsec(site, tunnel)
    if ipsec is None or any(name not in {t.name for t in site.transform_sets} for name in ipsec.sets) or not ipsec.sets:
        return
    words = [t.words for t in site.transform_sets if t.name in ipsec.sets]
    if not any(_family(seen_words) <= {f for w in words for f in _family(w)} for seen_words in peer.esp[:1]):
        yield "esp"
    modes = {t.mode or "tunnel" for t in site.transform_sets if t.name in ipsec.sets}
    if tunnel is not None and tunnel.mode is None and len(modes) == 1:
        if initiator:
            yield "mode?"  # what it had asked for is not in the course
        elif peer.transport and modes == {"tunnel"}:
            yield "mode"


def _family(words: str) -> set[str]:
    return {w for w in words.split() if not w.isdecimal()}


def contested(site: Site, peer: Peer, initiator: bool) -> bool:
    """Whether the sources do not agree on what this configuration does with the peer."""
    fits = [
        p
        for p in site.profiles
        if any(matches(m, peer.identity, peer.type) for m in p.matches) or certified(site, p, peer)
    ]
    blocks = [
        b.address
        for k in site.keyrings
        for b in k.blocks
        if covers(b, peer.address) >= 0 or (b.identity and matches(b.identity, peer.identity, peer.type))
    ]
    # A FlexVPN client that connects a tunnel with a destination of its own.
    pinned = any("client connect" in line for line in site.crypto) and any(
        tunnel.destination not in (None, "dynamic") for tunnel in site.tunnels
    )
    return (not initiator and len(fits) > 1) or len(blocks) != len(set(blocks)) or pinned


# Which rule must explain it, by where the course of a negotiation ends.
EXPLAINS = {
    "proposal": {"SEL007", "SEL008", "SEL011", "SEL012"},
    "profile": {"SEL001"},
    "certificate-map": {"SEL001"},
    "responder-identity": {"SEL010"},
    "method": {"AUT006"},
    "key": {"AUT008"},
    "keyring": {"AUT001", "AUT013"},
    "block": {"AUT009"},
    "trustpoint": {"AUT013"},
    "refused": {"AUT014"},
    "no-key": {"AUT001", "AUT009"},
    "list": {"AZN001"},
    "author-policy": {"AZN002"},
    "pool": {"AZN007"},
    "mangler": {"AZN009"},
    "template": {"TUN001", "TUN005"},
    "protection": {"TUN001", "TUN011"},
    "loop": {"TUN001", "TUN011"},
    "selectors": {"TUN006"},
    "esp": {"TUN001", "TUN003", "TUN007", "TUN011"},
}


def unreliable(site: Site, peers: list[Peer], initiator: bool) -> bool:
    """Whether a trace of this site would show what nobody has seen a router print."""
    if any(not profile.sets for profile in site.ipsec_profiles):
        return True  # whether the default transform-set is used then is open
    if any(0 < sum("gcm" in e for e in p.encryption) < len(p.encryption) for p in site.proposals):
        return True  # GCM and CBC in one proposal: accepted or refused, by release
    if any(p.pqc and not p.pqc.endswith("optional") for p in site.proposals):
        return True  # the trace has no further exchange of keys
    if not initiator:
        return False
    if any(tunnel.destination not in {"dynamic", *(peer.address for peer in peers)} for tunnel in site.tunnels):
        return True
    proposals = proposals_of(site)
    complete = [p for p in proposals if p.encryption and p.group and (p.prf or p.integrity)]
    usable = [p for p in site.profiles if p.remote and p.local and p.keyring]
    return not proposals or len(complete) < len(proposals) or len(usable) < len(site.profiles)


def side_effects(site: Site, courses: list[Course]) -> set[str]:
    """Rules that may speak of sessions that come up all the same."""
    out = {"SEL007"} if any(course.policy == "default" for course in courses) else set()
    if any(p.authors and all(a.method != "psk" for a in p.authors) for p in site.profiles):
        out.add("AZN003")
    if not any(one.mode == "transport" for one in site.transform_sets):
        out.add("TUN012")
    if any(not course.stop and course.asked and course.address is None for course in courses):
        out.add("AZN014")  # where the peer asked for one
    return out
