"""Both ends of one tunnel: what each shows the other on the wire, and the files of both.

Comes in: two sites, a hub and a spoke that calls it. Goes out: the two as each other's `Peer`, and a case's files: the
router's configuration and log, the peer's configuration and, if wanted, its log. Both logs have the SPIs of one IKE SA.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from authoring.course import PRINTED, Peer, block_of, initiate, own_identity, proposals_of, respond, routes
from authoring.framing import spis
from authoring.scene import Lines, Retelling, framed
from authoring.site import Author, AuthorPolicy, Block, Profile, Site, Tunnel, config
from authoring.sites import hub_certificates, hub_fqdn, hub_vrf, spoke_fqdn, spoke_vrf
from authoring.trace import Ids, initiate_trace, respond_trace

# What an initiator sees of a refusal, by where the course ends at the responder.
SEEN = {"profile": "identity", "certificate-map": "identity", "method": "method", "key": "identity"}
SEEN |= {"keyring": "identity", "block": "identity", "esp": "child", "selectors": "selectors"}
# Nobody has seen what the initiator is told of these.
UNSEEN = frozenset({"list", "author-policy", "pool", "mangler", "template", "protection", "loop", "trustpoint"})


@dataclass
class Pair:
    """`profile` is the hub's profile for this spoke: it is what the hub shows, whatever it looks up."""

    hub: Site
    spoke: Site
    profile: str
    tunnel: str = "Tunnel0"

    def copy(self) -> Pair:
        return replace(self, hub=self.hub.copy(), spoke=self.spoke.copy())

    def calling(self) -> Peer:
        """The spoke, as the hub sees it."""
        tunnel = self.spoke.tunnel(self.tunnel)
        profile = _profile_of(self.spoke, tunnel)
        peer = _shown(self.spoke, profile, self.hub.local, tunnel)
        peer.wants_address = tunnel.address == "negotiated"
        peer.subnets = _sent(self.spoke, profile)
        return peer

    def answering(self) -> Peer:
        """The hub, as the spoke sees it."""
        profile = self.hub.profile(self.profile)
        tunnel = next(t for t in self.hub.tunnels if t.name == f"Virtual-Template{profile.template}")
        peer = _shown(self.hub, profile, self.spoke.local, tunnel, self.calling())
        peer.wants_address = False
        peer.subnets = _sent(self.hub, profile)
        return peer

    def lines(self, ids: tuple[Ids, Ids]) -> tuple[Lines, Lines]:
        """What the hub and the spoke print of one call."""
        calling, answering = self.calling(), self.answering()
        at_hub = respond(self.hub, calling)
        if at_hub.stop in UNSEEN:
            raise ValueError(f"nobody has seen what the initiator is told of a stop at {at_hub.stop}")
        answering.refuses_us = SEEN.get(at_hub.stop, "")
        at_spoke = initiate(self.spoke, answering, self.tunnel)
        if at_spoke.stop:
            calling.subnets = []  # the spoke sends none: it has not come so far
        hub = [(ids[0], said) for said in respond_trace(self.hub, calling, at_hub, ids[0])]
        spoke = [(ids[1], said) for said in initiate_trace(self.spoke, answering, at_spoke, ids[1])]
        return hub, spoke

    def files(
        self,
        seed: int,
        styles: tuple[str, str] = ("console", "ntp"),
        at_spoke: bool = False,
        peer_log: bool = True,
        now: Pair | None = None,
        retell: Retelling | None = None,
    ) -> dict[str, str]:
        """`router.*` are the hub's, or the spoke's with `at_spoke`. `now` is what the configurations are today."""
        a, b = next(spis(seed)), next(spis(seed + 1))
        ids = a, Ids(b.session, b.sa, a.ispi, a.rspi)
        lines = [*self.lines(ids)]
        sites, today = [self.hub, self.spoke], now or self
        configurations = [config(today.hub), config(today.spoke)]
        if at_spoke:
            lines, sites, configurations = lines[::-1], sites[::-1], configurations[::-1]
        if retell is not None:
            lines[0] = retell(lines[0])
        logs = [framed(one, site, style, seed) for one, site, style in zip(lines, sites, styles, strict=True)]
        files = {"router.cfg": configurations[0], "router.log": logs[0], "peer.cfg": configurations[1]}
        return files | ({"peer.log": logs[1]} if peer_log else {})


def _profile_of(site: Site, tunnel: Tunnel) -> Profile:
    ipsec = next(p for p in site.ipsec_profiles if p.name == tunnel.protection)
    return site.profile(ipsec.profile)


def _shown(site: Site, profile: Profile, other: str, tunnel: Tunnel, caller: Peer | None = None) -> Peer:
    """A router as its tunnel's other end sees it."""
    identity, kind = own_identity(site, profile)
    keyring = next((k for k in site.keyrings if k.name == profile.keyring), None)
    looked_up = caller or Peer(other, "")
    block = block_of(keyring, looked_up, initiator=caller is None) if keyring else None
    ipsec = next((p for p in site.ipsec_profiles if p.name == tunnel.protection), None)
    sets = [t for t in site.transform_sets if ipsec and t.name in ipsec.sets]
    return Peer(
        site.local,
        identity,
        kind,
        PRINTED[(profile.local or "pre-share").split()[0]],
        key=(block.local_key or block.key or "") if block else "",
        trusts=(block.remote_key or block.key or "") if block else "",
        ike=proposals_of(site),
        esp=[t.words for t in sets],
        mode=tunnel.mode or "gre ip",
        transport=any(t.mode == "transport" for t in sets),
    )


def _sent(site: Site, profile: Profile) -> list[str]:
    author = next((a for a in profile.authors if a.scope == "group"), None)
    policy = next((p for p in site.authors if author and p.name == author.name), None)
    return routes(site, policy) if policy else []


# ---- healthy pairs ---------------------------------------------------------------------------------------------------


def names() -> Pair:
    """Hub and branch that know each other by name: one key, GCM, GRE, routes both ways."""
    return Pair(hub_fqdn()[0], spoke_fqdn()[0], "DIAL-IN")


def asymmetric() -> Pair:
    """A provider and a branch with front-door VRFs: a key for each direction, IPsec tunnels, e-mail identities."""
    hub, spoke = hub_vrf()[0], spoke_vrf()[0]
    hub.profiles[0].matches = ["email domain isp.example"]
    hub.keyrings[0].blocks[0] = Block("CPE1", "198.51.100.66", None, None, "from-pe7-Lk42", "from-cpe1-99Xw")
    hub.proposals, hub.policies = hub.proposals[1:], [replace(hub.policies[0], proposals=["LEGACY"])]
    hub.transform_sets[0].words = "esp-aes 256 esp-sha256-hmac"
    spoke.keyrings[0].blocks[0] = Block("PE7", "203.0.113.129", None, None, "from-cpe1-99Xw", "from-pe7-Lk42")
    spoke.profiles[0].matches = ["email pe7@isp.example"]
    spoke.lists = {"UPLINK": "local"}
    spoke.authors = [AuthorPolicy("UPLINK", None, True, "OWN-NETS")]
    spoke.acls = {"OWN-NETS": ["permit 10.66.0.0 0.0.0.255"]}
    spoke.profiles[0].authors = [Author("group", "psk", "UPLINK", "UPLINK")]
    spoke.tunnel("Tunnel0").address = "negotiated"
    return Pair(hub, spoke, "CUSTOMER-CPE")


def certificates() -> Pair:
    """Hub and branch with certificates of one CA, identities by name, IPsec tunnels."""
    hub, spoke = hub_certificates()[0], spoke_fqdn()[0]
    spoke.hostname, spoke.domain, spoke.release = "nice", "acme.example", "16.12"
    spoke.wan, spoke.gateway = ("GigabitEthernet0/0/0", "203.0.113.88", "255.255.255.248"), "203.0.113.89"
    spoke.loopback, spoke.lan = "10.132.255.1", "10.132.0.1 255.255.255.0"
    spoke.proposals = [replace(hub.proposals[0], name="NICE-IKE")]
    spoke.policies[0].proposals = ["NICE-IKE"]
    spoke.keyrings = []
    spoke.trustpoints = {
        "ACME": ["enrollment terminal", "subject-name cn=nice.acme.example, o=ACME", "revocation-check crl"]
    }
    spoke.acls = {"LAN": ["permit 10.132.0.0 0.0.0.255"]}
    profile = spoke.profiles[0]
    profile.name, profile.matches = "LYON", ["fqdn hub-lyon.acme.example"]
    profile.local_id, profile.keyring, profile.trustpoint = "fqdn nice.acme.example", None, "ACME"
    profile.remote, profile.local = ["rsa-sig"], "rsa-sig"
    profile.authors = [Author("group", "cert", "FLEX-AUTHZ", "TO-HUB")]
    spoke.transform_sets[0].words, spoke.transform_sets[0].mode = "esp-aes 256 esp-sha384-hmac", None
    spoke.ipsec_profiles[0].profile, spoke.ipsec_profiles[0].pfs = "LYON", None
    tunnel = spoke.tunnel("Tunnel0")
    tunnel.mode, tunnel.destination = "ipsec ipv4", hub.local
    return Pair(hub, spoke, "BY-NAME")


PAIRS: dict[str, Callable[[], Pair]] = {"names": names, "asymmetric": asymmetric, "certificates": certificates}
