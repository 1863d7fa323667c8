"""What becomes of a peer at a router: the reference's rules of choice, in the plainest words.

Comes in: a `Site` and what its peer presents. Goes out: a `Course`: every object chosen on the way, and where and why
the way ends. It is written from the reference and not from flexlint, and decides only what is not contested.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from authoring.site import Author, AuthorPolicy, Block, Keyring, Policy, Profile, Proposal, Site, Tunnel

KEYWORD = {"PSK": "psk", "RSA": "cert", "ECDSA": "cert", "EAP": "eap"}
PRINTED = {"pre-share": "PSK", "rsa-sig": "RSA", "ecdsa-sig": "ECDSA", "eap": "EAP"}
TYPES = {"fqdn": "FQDN", "address": "IPv4 address", "email": "RFC822", "key-id": "key ID", "dn": "DER ASN1 DN"}
# The proposal `default` of IOS XE 17.
DEFAULT = Proposal("default", ["aes-cbc-256"], ["sha512", "sha384"], ["19", "14", "21", "5"])


@dataclass
class Peer:
    """The other end, as it shows itself on the wire."""

    address: str
    identity: str
    type: str = "FQDN"
    method: str = "PSK"
    key: str = ""  # with which it proves itself
    trusts: str = ""  # with which it verifies us; empty: the same
    ike: list[Proposal] = field(default_factory=list)
    esp: list[str] = field(default_factory=lambda: ["esp-gcm 256"])
    mode: str = "gre ip"
    wants_address: bool = True
    subnets: list[str] = field(default_factory=list)  # of its Config-set
    transport: bool = True
    nat: bool = False
    refuses_us: str = ""  # identity, method, child, selectors: what it answers an initiator with
    silent: bool = False
    user: str = ""


@dataclass
class Course:
    """`stop` is empty where the session comes up."""

    stop: str = ""
    policy: str | None = None
    proposal: Proposal | None = None
    profile: Profile | None = None
    keyring: Keyring | None = None
    block: Block | None = None
    peer_key: str | None = None
    own_key: str | None = None
    asked: list[tuple[str, str, str]] = field(default_factory=list)  # scope, list, name
    address: str | None = None
    sent: list[str] = field(default_factory=list)
    tunnel: Tunnel | None = None
    own_id: tuple[str, str] = ("", "")
    method: str = "PSK"
    own_method: str = "PSK"

    def shown(self) -> dict[str, object]:
        """What of it the log shows, by the name of the step."""
        profile = self.profile
        return {
            "stop": self.stop,
            "policy": self.policy,
            "profile": profile and profile.name,
            "keyring": self.keyring and self.keyring.name,
            "block": self.block and self.block.name,
            "peer key": self.peer_key and len(self.peer_key),
            "own key": self.own_key and len(self.own_key),
            "asked": tuple(self.asked),
            "sent": tuple(self.sent),
            "own identity": self.own_id,
            "own method": self.own_method,
            "lifetime": profile and (profile.lifetime or 86400),
            "dpd": profile and profile.dpd and profile.dpd[0],
            "vrf": self.tunnel and self.tunnel.vrf,
        }


def matches(match: str, identity: str, type_: str) -> bool:
    """Whether `match identity remote MATCH` covers an identity: type first, then value."""
    words = match.split()
    if words[0] == "any":
        return True
    if TYPES[words[0]] != type_:
        return False
    if words[0] == "address":
        if words[1] == "0.0.0.0":
            return True
        mask = words[2] if len(words) > 2 else "255.255.255.255"
        return IPv4Address(identity) in IPv4Network(f"{words[1]}/{mask}", strict=False)
    if words[0] == "key-id":
        return identity == words[1]
    if words[1] == "domain":
        return identity.lower().endswith(("." + words[2].lower(), "@" + words[2].lower()))
    return identity.lower() == words[1].lower()


def covers(block: Block, address: str) -> int:
    """How long a prefix of the address the block names; -1 when it does not cover it."""
    if not block.address:
        return -1
    host, _, mask = block.address.partition(" ")
    network = IPv4Network(f"{host}/{mask or '255.255.255.255'}", strict=False)
    return network.prefixlen if IPv4Address(address) in network else -1


def policy_of(site: Site) -> Policy | None:
    """The user policy for the router's public address and VRF, the one with more conditions first; None: default."""
    fits = [
        p
        for p in site.policies
        if p.proposals
        and (p.fvrf == "any" or (p.fvrf or None) == site.wan_vrf)
        and (p.local is None or p.local == site.local)
    ]
    return max(fits, key=lambda p: (p.fvrf is not None) + (p.local is not None), default=None)


def proposals_of(site: Site) -> list[Proposal]:
    policy = policy_of(site)
    if policy is None:
        return [DEFAULT]
    return [p for name in policy.proposals for p in site.proposals if p.name == name]


def common(ours: list[Proposal], theirs: list[Proposal]) -> Proposal | None:
    """The first proposal of ours that shares an algorithm of every type with one of theirs."""
    for mine in ours:
        for other in theirs:
            shared = [
                [a for a in x if a in y]
                for x, y in (
                    (mine.encryption, other.encryption),
                    (mine.integrity, other.integrity),
                    (mine.prf or mine.integrity, other.prf or other.integrity),
                    (mine.group, other.group),
                )
            ]
            aead = all("gcm" in e for e in mine.encryption)
            if shared[0] and shared[2] and shared[3] and (shared[1] or aead):
                return Proposal(mine.name, shared[0][:1], shared[1][:1], shared[3][:1], shared[2][:1])
    return None


def profile_of(site: Site, peer: Peer) -> Profile | None:
    """The one complete profile that fits VRF, local address and identity (or certificate)."""
    for profile in site.profiles:
        if not (profile.local and profile.remote and (profile.matches or profile.certificate_map)):
            continue
        if not (profile.fvrf == "any" or (profile.fvrf or None) == site.wan_vrf):
            continue
        if profile.local_address and profile.local_address != site.local:
            continue
        if any(matches(m, peer.identity, peer.type) for m in profile.matches) or certified(site, profile, peer):
            return profile
    return None


def certified(site: Site, profile: Profile, peer: Peer) -> bool:
    lines = site.certificate_maps.get(profile.certificate_map or "", [])
    subject = [line.split(" co ")[1].replace(" = ", "=") for line in lines if line.startswith("subject-name co ")]
    return peer.method == "RSA" and bool(subject) and all(s.lower() in peer.identity.lower() for s in subject)


def own_identity(site: Site, profile: Profile) -> tuple[str, str]:
    if profile.local_id is None:
        return site.local, "IPv4 address"
    kind, _, value = profile.local_id.partition(" ")
    return value, TYPES[kind]


def block_of(keyring: Keyring, peer: Peer, initiator: bool) -> Block | None:
    """A responder looks up by identity, then by address; an initiator by address only."""
    if not initiator:
        for block in keyring.blocks:
            if block.identity and matches(block.identity, peer.identity, peer.type):
                return block
    best = max(keyring.blocks, key=lambda b: covers(b, peer.address), default=None)
    return best if best is not None and covers(best, peer.address) >= 0 else None


def mangled(site: Site, name: str, peer: Peer) -> str | None:
    kind = {v: k for k, v in TYPES.items()}[peer.type]
    rule = next((r.split() for r in site.manglers.get(name, []) if r.split()[0] == kind), None)
    if rule is None:
        return None
    part = rule[-1]
    cut = "@" if kind == "email" else "."
    head, _, tail = peer.identity.partition(cut)
    return {"all": peer.identity, "hostname": head, "username": head, "domain": tail}.get(part)


def asked_of(site: Site, profile: Profile, peer: Peer) -> tuple[Author | None, str | None]:
    author = next((a for a in profile.authors if a.scope == "group" and a.method == KEYWORD[peer.method]), None)
    if author is None:
        return None, None
    return author, mangled(site, author.mangler, peer) if author.mangler else author.name


def respond(site: Site, peer: Peer) -> Course:
    """The course of a peer that calls this router."""
    out = Course(method=peer.method)
    policy = policy_of(site)
    out.policy = policy.name if policy else "default"
    out.proposal = common(proposals_of(site), peer.ike)
    if out.proposal is None:
        return _ends(out, "proposal")
    out.profile = profile_of(site, peer)
    if out.profile is None:
        return _ends(out, "certificate-map" if peer.type == TYPES["dn"] else "profile")
    stop = _authenticates(site, peer, out, initiator=False)
    if stop and stop != "refused":  # what the peer makes of our proof comes last
        return _ends(out, stop)
    return _ends(out, _authorizes(site, peer, out) or _clones(site, peer, out) or stop)


def _ends(course: Course, stop: str) -> Course:
    course.stop = stop
    return course


def _authenticates(site: Site, peer: Peer, out: Course, initiator: bool) -> str:
    profile = out.profile
    assert profile is not None
    out.own_id = own_identity(site, profile)
    out.own_method = PRINTED[(profile.local or "pre-share").split()[0]]
    out.keyring = next((k for k in site.keyrings if k.name == profile.keyring), None)
    if out.keyring is not None:
        out.block = block_of(out.keyring, peer, initiator)
        if out.block is not None:
            out.own_key = out.block.local_key or out.block.key
            out.peer_key = out.block.remote_key or out.block.key
    if peer.method not in {PRINTED[m.split()[0]] for m in profile.remote}:
        return "method"
    if peer.method != "PSK":
        return "" if profile.trustpoint else "trustpoint"
    if out.keyring is None:
        return "keyring"
    if out.block is None:
        return "block"
    if peer.key != out.peer_key:
        return "key"
    return "refused" if (peer.trusts or peer.key) != out.own_key else ""


def _authorizes(site: Site, peer: Peer, out: Course) -> str:
    assert out.profile is not None
    author, name = asked_of(site, out.profile, peer)
    if author is None:
        return ""
    if name is None:
        return "mangler"
    out.asked.append((author.scope, author.list, name))
    methods = site.lists.get(author.list)
    if methods is None or not site.new_model:
        return "list"
    if not methods.startswith("local"):
        return ""
    policy = next((p for p in site.authors if p.name == name), None)
    if policy is None:
        return "author-policy"
    if policy.pool and peer.wants_address:
        if policy.pool not in site.pools:
            return "pool"
        out.address = str(IPv4Address(site.pools[policy.pool][0]) + 3)
    out.sent = routes(site, policy)
    return ""


def routes(site: Site, policy: AuthorPolicy) -> list[str]:
    """The prefixes that the `route set` lines give: the address of the tunnel, and what the list permits."""
    own = next((t.address for t in site.tunnels if t.address), f"{site.loopback} 255.255.255.255").partition(" ")[0]
    out = [f"{'10.77.1.13' if own == 'negotiated' else own} 255.255.255.255"] if policy.route_interface else []
    for line in site.acls.get(policy.route_acl or "", []):
        host, _, wild = line.partition("permit ")[2].partition(" ")
        out.append(f"{host} {IPv4Address(~int(IPv4Address(wild or '0.0.0.0')) & 0xFFFFFFFF)}")
    return out


def _clones(site: Site, peer: Peer, out: Course) -> str:
    assert out.profile is not None
    if out.profile.template is None:
        out.tunnel = next((t for t in site.tunnels if t.destination == peer.address), None)
        return "template" if out.tunnel is None else _child(site, peer, out)
    out.tunnel = next((t for t in site.tunnels if t.name == f"Virtual-Template{out.profile.template}"), None)
    if out.tunnel is None or out.tunnel.type != "tunnel":
        return "template"
    return _child(site, peer, out)


def _child(site: Site, peer: Peer, out: Course) -> str:
    tunnel, profile = out.tunnel, out.profile
    assert tunnel is not None
    assert profile is not None
    ipsec = next((p for p in site.ipsec_profiles if p.name == tunnel.protection), None)
    if ipsec is None:
        return "protection"
    if ipsec.profile and ipsec.profile != profile.name:
        return "loop"
    words = {t.words for t in site.transform_sets if t.name in ipsec.sets}
    if not words:
        return "esp"
    if (tunnel.mode or "gre ip") != peer.mode:
        return "selectors"
    return "" if words & set(peer.esp) else "esp"


def initiate(site: Site, peer: Peer, tunnel: str = "Tunnel0") -> Course:
    """The course of this router calling its peer through a tunnel."""
    out = Course(method=peer.method)
    out.tunnel = site.tunnel(tunnel)
    ipsec = next((p for p in site.ipsec_profiles if p.name == out.tunnel.protection), None)
    out.profile = next((p for p in site.profiles if ipsec and p.name == ipsec.profile), None)
    policy = policy_of(site)
    out.policy = policy.name if policy else "default"
    out.proposal = common(proposals_of(site), peer.ike)
    if out.profile is None:
        return _ends(out, "unprotected")
    stop = _authenticates(site, peer, out, initiator=True)
    if (out.profile.local or "").startswith("pre-share") and out.block is None:
        return _ends(out, "no-key")
    if peer.silent:
        return _ends(out, "silent")
    if out.proposal is None:
        return _ends(out, "proposal")
    if peer.refuses_us in ("identity", "method") or stop == "refused":
        return _ends(out, "refused")
    if not any(matches(m, peer.identity, peer.type) for m in out.profile.matches):
        return _ends(out, "responder-identity")
    if stop:
        return _ends(out, stop)
    if (stop := _authorizes(site, peer, out)) or (stop := _child(site, peer, out)):
        return _ends(out, stop)
    return _ends(out, {"child": "esp", "selectors": "selectors"}.get(peer.refuses_us, ""))
