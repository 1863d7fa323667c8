"""Faults of IKE_SA_INIT and of the choice of a profile."""

from __future__ import annotations

from collections.abc import Iterator

from authoring.course import Peer
from authoring.drafts import Draft, explained, fault, open_end, replace
from authoring.site import Policy, Proposal, Site
from authoring.sites import (
    hub_address,
    hub_certificates,
    hub_fqdn,
    hub_radius,
    hub_vrf,
    spoke_client,
    spoke_fqdn,
    spoke_vrf,
)


@fault("proposal-mismatch", "The proposals of both ends have no algorithm of some type in common")
def proposal_mismatch() -> Iterator[Draft]:
    site, peers = hub_address()
    peers[0].ike = [Proposal("1", ["aes-cbc-192"], ["sha256"], ["14"])]
    at = "crypto ikev2 proposal P-CBC > encryption aes-cbc-256 aes-cbc-128"
    yield Draft(site, peers, explained("SEL008", at, "AES-CBC-192", "aes-cbc-192", "aes-cbc-256, aes-cbc-128"))
    site, peers = hub_address()
    peers[2].ike = [Proposal("1", ["aes-cbc-256"], ["sha512"], ["14"])]
    at = "crypto ikev2 proposal P-CBC > integrity sha256 sha1"
    yield Draft(site, peers, explained("SEL008", at, "AES-CBC-256 SHA512", "sha512", "sha256, sha1"), interleaved=True)
    site, peers = hub_fqdn()
    peers[1].ike = [Proposal("1", ["aes-gcm-256"], [], ["14"], ["sha384"])]
    at = "crypto ikev2 proposal GCM > group 20 19"
    yield Draft(site, peers, explained("SEL008", at, "DH_GROUP_2048_MODP", "14", "20, 19"), style="merged-errors")
    site, peers = hub_fqdn()
    peers[0].ike = [Proposal("1", ["aes-gcm-256"], [], ["20"], ["sha512"])]
    yield Draft(
        site, peers, explained("SEL008", "crypto ikev2 proposal GCM > prf sha384", "SHA512", "sha512", "sha384")
    )
    site, peers = hub_vrf()
    peers[0].ike = [Proposal("1", ["aes-gcm-256"], [], ["21"], ["sha512"]), Proposal("2", ["3des"], ["md5"], ["2"])]
    yield Draft(site, peers, title="The second of two offers fits nothing, the first one does")
    site, peers = hub_address()
    peers[0].ike = [Proposal("1", ["aes-cbc-128"], ["sha1"], ["5"])]
    yield Draft(site, peers, title="The peer has the last algorithm of each list")


@fault("offer-refused-by-peer", "The responder refuses every proposal of this initiator")
def offer_refused() -> Iterator[Draft]:
    for make in (spoke_client, spoke_fqdn, spoke_vrf):
        site, peers = make()
        peers[0].ike = [Proposal("1", ["aes-cbc-128"], ["sha1"], ["2"])]
        proposal = site.proposals[0]
        yield Draft(site, peers, open_end("NEG001 SEL011", "NOTIFY(NO_PROPOSAL_CHOSEN)", proposal.encryption[0]))
    site, peers = spoke_vrf()
    peers[0].ike = [Proposal("1", ["aes-cbc-128", "aes-cbc-256"], ["sha256"], ["2", "14"])]
    yield Draft(site, peers)


@fault("silent-peer", "The peer never answers IKE_SA_INIT")
def silent_peer() -> Iterator[Draft]:
    for make in (spoke_client, spoke_fqdn, spoke_vrf):
        site, peers = make()
        peers[0].silent = True
        where = "Getting preshared key || Maximum number of retransmissions reached"
        yield Draft(site, peers, open_end("NEG007", where, peers[0].address))
        yield Draft(*make())


@fault("default-policy-in-place-of-own", "No policy of the user fits VRF and local address, so the default one is used")
def default_policy() -> Iterator[Draft]:
    site, peers = hub_address()
    site.policies = [Policy("POL", ["P-CBC"], local="192.0.2.2")]
    at = "crypto ikev2 policy POL > match address local 192.0.2.2"
    log = "Found Policy 'default'"
    yield Draft(site, peers[:1], explained("SEL007", at, log, "192.0.2.2"), allows=("AUT194",))
    site, peers = hub_vrf()
    site.policies = [Policy("INET-POL", ["MODERN"])]
    alone = ("REF036", "SEL104")  # a proposal without a policy, a profile whose VRF has no policy
    yield Draft(site, peers[:1], explained("SEL007", "crypto ikev2 policy INET-POL", log), allows=alone)
    site, peers = hub_vrf()
    site.policies = [Policy("INET-POL", ["MODERN"], fvrf="CUSTOMER")]
    at = "crypto ikev2 policy INET-POL > match fvrf CUSTOMER"
    peers[0].ike = [Proposal("1", ["aes-cbc-256"], ["sha512"], ["19"])]
    came_up = explained("SEL007", at, log, verdict="defect")
    yield Draft(
        site, peers[:1], came_up, allows=alone, title="The session comes up on the default proposal all the same"
    )
    site, peers = hub_fqdn()
    site.policies, site.proposals = [], []
    for peer in peers:
        peer.ike = [Proposal("1", ["aes-cbc-256"], ["sha384"], ["19"])]
    yield Draft(site, peers, title="There is no policy but the default one")
    yield Draft(*hub_vrf(), title="Two policies, one for each VRF")


def _unmatched(site: Site, peer: Peer, others: list[Peer], at: str, *says: str, style: str | None = None) -> Draft:
    log = f"Searching policy based on peer's identity '{peer.identity}'"
    finds = explained("SEL001", at, log, peer.identity, *says)
    return Draft(site, [*others[:1], peer, *others[1:]], finds, style=style, interleaved=bool(others))


@fault("unmatched-identity", "The identity of the peer fits no profile")
def unmatched_identity() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    wrong = replace(peers[0], identity="koeln.example.org", subnets=[])
    yield _unmatched(
        site, wrong, peers[1:], "crypto ikev2 profile DIAL-IN > match identity remote fqdn domain example.net"
    )
    site, peers = hub_fqdn()
    wrong = replace(peers[0], identity="10.21.0.1", type="IPv4 address")
    at = "crypto ikev2 profile DIAL-IN > match identity remote fqdn domain example.net"
    yield _unmatched(site, wrong, peers[1:], at, "FQDN", style="merged-errors")
    site, peers = hub_address()
    wrong = replace(peers[0], identity="site-a.corp.example", type="FQDN")
    at = "crypto ikev2 profile LARGE-SITES > match identity remote fqdn dc2.corp.example"
    yield _unmatched(site, wrong, peers[1:], at, "SMALL-SITES", "198.51.100.0/24")
    site, peers = hub_vrf()
    wrong = replace(peers[1], identity="cpe2", type="key ID")
    at = "crypto ikev2 profile CUSTOMER-CPE > match identity remote email domain isp.example"
    yield _unmatched(site, wrong, peers[:1], at, "key ID")
    site, peers = hub_radius()
    wrong = replace(peers[0], identity="Stores")
    yield _unmatched(site, wrong, [], "crypto ikev2 profile STORES > match identity remote key-id stores")
    site, peers = hub_fqdn()
    site.profiles[0].matches = ["fqdn koeln.example.net", "fqdn mainz.example.net"]
    wrong = replace(peers[1], identity="bonn.example.net", address="203.0.113.41")
    head = "crypto ikev2 profile DIAL-IN > match identity remote fqdn "
    yield _unmatched(site, wrong, peers, f"{head}koeln.example.net || {head}mainz.example.net")
    yield Draft(*hub_fqdn(), interleaved=True)
    site, peers = hub_fqdn()
    peers[0].identity = "KOELN.Example.NET"
    site.keyrings[0].blocks[0].identity = "fqdn koeln.example.net"
    yield Draft(site, peers, title="Names compare without case")
    site, peers = hub_address()
    yield Draft(site, peers[::-1], interleaved=True, title="Addresses in a network and one address alone")


@fault("profile-of-other-place", "A profile would take the identity, but not in this VRF or at this local address")
def profile_elsewhere() -> Iterator[Draft]:
    site, peers = hub_vrf()
    site.profiles[0].fvrf = None
    at = "crypto ikev2 profile CUSTOMER-CPE"
    alone = ("SEL103", "SEL104", "AUT194")  # what the configuration shows of it by itself
    yield replace(_unmatched(site, peers[0], [], at, "VRF"), allows=alone)
    site, peers = hub_vrf()
    site.profiles[0].fvrf = "CUSTOMER"
    at = "crypto ikev2 profile CUSTOMER-CPE > match fvrf CUSTOMER"
    yield replace(_unmatched(site, peers[0], [], at, "CUSTOMER"), allows=alone)
    site, peers = hub_vrf()
    site.profiles[0].local_address = "203.0.113.130"
    at = "crypto ikev2 profile CUSTOMER-CPE > match address local 203.0.113.130"
    yield replace(_unmatched(site, peers[1], [], at, "203.0.113.130"), allows=alone)
    yield Draft(*hub_vrf())


@fault("incomplete-profile", "A profile would take the identity, but it is incomplete, so it is never chosen")
def incomplete_profile() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.profiles[0].local = None
    yield replace(
        _unmatched(site, peers[0], [], "crypto ikev2 profile DIAL-IN", "incomplete", "authentication local"),
        allows=("CMP040",),
    )
    site, peers = hub_address()
    site.profiles[0].remote = []
    draft = _unmatched(site, peers[0], [], "crypto ikev2 profile SMALL-SITES", "incomplete", "authentication remote")
    yield replace(draft, allows=("CMP040",))
    yield Draft(*hub_address(), title="Methods differ from profile to profile, each is complete")


@fault("no-certificate-map", "The peer sends a distinguished name, and no certificate map accepts its certificate")
def no_map() -> Iterator[Draft]:
    site, peers = hub_certificates()
    wrong = replace(peers[1], identity="hostname=gw.partner.example,cn=gw7,ou=suppliers,o=Initech")
    at = "crypto ikev2 profile BY-CERT > match certificate PARTNER-MAP"
    yield _unmatched(site, wrong, peers[:1], at, "PARTNER-MAP")
    site, peers = hub_certificates()
    site.profiles, site.tunnels = site.profiles[:1], site.tunnels[:1]
    site.ipsec_profiles = site.ipsec_profiles[:1]
    site.certificate_maps = {}
    at = "crypto ikev2 profile BY-NAME > match identity remote fqdn domain acme.example"
    draft = _unmatched(site, peers[1], peers[:1], at)
    yield replace(draft)
    yield Draft(*hub_certificates())


@fault(
    "private-identity-behind-nat",
    "The peer is behind NAT and sends its private address, the profile wants the public one",
)
def nat_identity() -> Iterator[Draft]:
    site, peers = hub_address()
    wrong = replace(peers[0], address="198.51.100.17", identity="192.168.7.2", nat=True)
    at = "crypto ikev2 profile SMALL-SITES > match identity remote address 198.51.100.0 255.255.255.0"
    yield _unmatched(site, wrong, peers[2:3], at, "NAT")
    yield Draft(*hub_radius(), title="Behind NAT, but known by key-id")


@fault("responder-identity", "The responder's identity does not fit the profile of the tunnel: a half-open session")
def responder_identity() -> Iterator[Draft]:
    site, peers = spoke_fqdn()
    peers[0].identity = "hub1.example.net"
    at = "crypto ikev2 profile HUB > match identity remote fqdn berlin.example.net"
    log = "Searching policy based on peer's identity 'hub1.example.net'"
    yield Draft(site, peers, explained("SEL010", at, log, "hub1.example.net", "half-open"))
    site, peers = spoke_vrf()
    peers[0].identity, peers[0].type = "pe7@isp.example", "RFC822"
    at = "crypto ikev2 profile TO-PE > match identity remote address 203.0.113.129 255.255.255.255"
    log = "Searching policy based on peer's identity 'pe7@isp.example'"
    yield Draft(site, peers, explained("SEL010", at, log, "RFC822"))
    yield Draft(*spoke_fqdn())


@fault("initiator-without-key", "The keyring of the initiator has no block for the address of its hub")
def initiator_without_key() -> Iterator[Draft]:
    site, peers = spoke_fqdn()
    site.keyrings[0].blocks[0].address = "198.51.100.11"
    log = "Getting preshared key from profile keyring HUBS"
    yield Draft(site, peers, explained("AUT009", "crypto ikev2 keyring HUBS", log, "BERLIN"), allows=("SEL108",))
    site, peers = spoke_fqdn()
    site.keyrings[0].blocks[0].address = None
    site.keyrings[0].blocks[0].identity = "fqdn berlin.example.net"
    finds = explained("AUT009", "crypto ikev2 keyring HUBS", log, "initiator")
    yield Draft(
        site,
        peers,
        finds,
        allows=("SEL108",),
        title="The only block has an identity, at which an initiator does not look",
    )
    yield Draft(*spoke_vrf(), title="Two blocks, one of them for this hub")
    yield Draft(*spoke_client(), title="A FlexVPN client with two hubs and a block for each")


@fault("harmless-message", "Messages that look like failures and are none")
def harmless() -> Iterator[Draft]:
    def noise(files: dict[str, str]) -> dict[str, str]:
        lines = files["router.log"].split("\n")
        up = next(i for i, line in enumerate(lines) if "is UP" in line)
        head = lines[up].partition("IKEv2:")[0]
        lines[up + 1 : up + 1] = [
            f"{head}IKEv2-ERROR:% IKEv2 profile not found",
            f"{head}IKEv2-ERROR:Error constructing config reply",
        ]
        return files | {"router.log": "\n".join(lines)}

    yield Draft(*spoke_vrf(), style="console", edit=noise)
    yield Draft(*hub_radius(), style="console", edit=noise)
    site, peers = hub_fqdn()
    peers[0].identity = "koeln.example.org"
    draft = _unmatched(
        site, peers[0], peers[1:], "crypto ikev2 profile DIAL-IN > match identity remote fqdn domain example.net"
    )
    yield replace(draft, edit=noise, style="console", title="Noise in one session, a real failure in another")
