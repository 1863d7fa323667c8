"""Faults of choice and of config mode: overlapping profiles, attributes that cannot be applied, routes never exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from authoring.drafts import Draft, also, explained, fault, open_end
from authoring.drafts_stale import edited, harmless, put
from authoring.retell import FAILED, ended, without
from authoring.site import Author, IpsecProfile, Profile, Site, Tunnel
from authoring.sites import Scene, hub_address, hub_fqdn, hub_radius, hub_static, hub_vrf, spoke_fqdn, spoke_vrf
from authoring.trace import Said


def _overlapping() -> Scene:
    """A wide profile, with a template of its own, beside those of the branches: each peer fits two of them."""
    site, peers = hub_address()
    wide = Profile(
        "ANY-SITE",
        ["address 0.0.0.0"],
        local_id="address 192.0.2.1",
        keyring="KR-SMALL",
        lifetime=43200,
        dpd=(10, 3),
        authors=[Author("group", "psk", "FLEX", "SMALL")],
        template=3,
    )
    site.ipsec_profiles.append(IpsecProfile("IP-ANY", ["TS-AES"], "ANY-SITE"))
    site.tunnels.append(Tunnel("Virtual-Template3", "IP-ANY", "ipsec ipv4"))
    site.profiles.append(wide)
    return site, peers


@fault("overlapping-profiles-in-log", "Two profiles match the peer, and the log shows which of them was taken")
def overlap() -> Iterator[Draft]:
    wide = "crypto ikev2 profile ANY-SITE > match identity remote address 0.0.0.0"
    small = "crypto ikev2 profile SMALL-SITES > match identity remote address 198.51.100.0 255.255.255.0"
    large = "crypto ikev2 profile LARGE-SITES > match identity remote address 203.0.113.5 255.255.255.255"
    found = also(
        explained("SEL101", f"{wide} || {small} || {large}", "", "ANY-SITE", verdict="defect"),
        explained("SEL101", f"{wide} || {small} || {large}", "", "LARGE-SITES", verdict="defect"),
    )
    site, peers = _overlapping()
    was = site.copy()
    was.profiles.insert(0, was.profiles.pop())
    title = "The wider profile was taken; which one IOS takes is not settled, so that this is no contradiction"
    yield Draft(site, peers[:1], found, was=was, title=title)
    yield Draft(site, peers[2:3], found, title="The narrower profile was taken")
    site, peers = hub_fqdn()
    site.profiles.append(replace(site.profiles[0], name="OTHERS", matches=["any"], template=1))
    was = site.copy()
    was.profiles.reverse()
    at = "crypto ikev2 profile DIAL-IN > match identity remote fqdn domain example.net"
    at = f"{at} || crypto ikev2 profile OTHERS > match identity remote any"
    loop = "crypto ipsec profile PROTECT > set ikev2-profile DIAL-IN"
    found = also(
        explained("SEL101", at, "", "OTHERS", verdict="defect"),
        explained("TUN001", loop, "There was no IPSEC policy found for received TS", "OTHERS", "DIAL-IN"),
    )
    title = "The other of two profiles was taken, and its template belongs to the first one"
    yield Draft(site, peers[:1], found, was=was, allows=("REF038",), title=title)
    yield Draft(*hub_address(), title="Two profiles for different peers")


@fault("client-cannot-apply", "The client was given attributes, and nothing in its configuration can take them")
def cannot_apply() -> Iterator[Draft]:
    refused = (Said("E", "Error in settig received config mode data"), *FAILED)
    site, peers = spoke_fqdn()
    site.tunnel("Tunnel0").address = "10.77.9.2 255.255.255.0"
    tell = ended(
        "Config-type: Config-reply", Said("S", "Attrib type: ipv4-addr, length: 4, data: 10.77.1.13"), *refused
    )
    at = "interface Tunnel0 > ip address 10.77.9.2 255.255.255.0 || interface Tunnel0"
    log = "Error in settig received config mode data"
    found = explained("AZN012", at, log, "10.77.1.13", "negotiated")
    yield Draft(site, peers, found, retell=tell)
    site, peers = spoke_fqdn()
    was = site.copy()
    site.profiles[0].authors = []
    tell = ended(
        "Config-type: Config-reply", Said("S", "Attrib type: ipv4-addr, length: 4, data: 10.77.1.13"), *refused
    )
    leave = without("Using mlist", "[IKEv2 -> AAA]", "[AAA -> IKEv2]", "Received valid config mode data")
    found = explained("AZN012", "crypto ikev2 profile HUB", log, "aaa authorization group")

    def retell(lines):
        return leave(tell(lines))

    yield Draft(site, peers, found, was=was, retell=retell, allows=("REF037",), title="No authorization at the client")
    site, peers = spoke_fqdn()
    tell = ended(
        "Config-type: Config-reply", Said("S", "Attrib type: ipv4-addr, length: 4, data: 10.77.1.13"), *refused
    )
    found = open_end("NEG005", log)
    yield Draft(site, peers, found, retell=tell, title="Address negotiated and authorization there: left open")
    yield Draft(*spoke_fqdn())


@fault("routes-not-sent", "Config mode carried no route, although the authorization policy gives some")
def routes_not_sent() -> Iterator[Draft]:
    def more(site: Site) -> None:
        site.authors[0].route_interface, site.authors[0].route_acl = True, "DC-ROUTES"

    def make() -> Scene:
        site, peers = hub_fqdn()
        site.authors[0].route_interface, site.authors[0].route_acl = False, None
        return site, peers

    at = "crypto ikev2 authorization policy BRANCHES > route set interface || crypto ikev2 authorization policy BRANCHES > route set access-list DC-ROUTES"
    yield edited(make, more, "AZN010", at, "ipv4-addr, length: 4", "10.77.0.1/32", "BRANCHES")
    site, peers = hub_fqdn()
    del site.acls["DC-ROUTES"]
    at = "crypto ikev2 authorization policy BRANCHES > route set access-list DC-ROUTES"
    found = explained("REF019", at, "", "DC-ROUTES", verdict="defect")
    yield Draft(site, peers, found, title="The access list is not defined, and only the address of the tunnel was sent")

    def gone(site: Site) -> None:
        site.authors[0].route_interface = False

    at = "crypto ikev2 authorization policy CUST-POL"
    log = "ipv4-subnet, length: 8, data: 10.255.7.1 255.255.255.255"
    yield edited(hub_vrf, gone, "AZN006", at, log, "10.255.7.1/32")
    site, peers = make()
    yield Draft(site, peers, title="No `route set`, and no route was sent")


@fault("address-without-pool", "The peer was given an address, and the policy in force has no pool to take it from")
def address_without_pool() -> Iterator[Draft]:
    at = "crypto ikev2 authorization policy BRANCHES"
    log = "ipv4-addr, length: 4, data: 10.77.1.13"
    yield edited(hub_fqdn, put("authors.0.pool", None), "AZN005", at, log, "10.77.1.13", "BRANCHES")
    at = "crypto ikev2 authorization policy LARGE"
    yield edited(hub_address, put("authors.1.pool", None), "AZN005", at, "data: 172.20.2.4", "172.20.2.4", "LARGE")

    def by_dhcp(site: Site) -> None:
        site.authors[0].pool = None
        site.authors[0].extra = ["dhcp server 10.20.0.53", "def-domain example.net"]

    yield harmless(hub_fqdn, by_dhcp, "Addresses come from a DHCP server")
    yield Draft(*hub_radius(), title="Attributes come from a RADIUS server")


@fault("tunnels-with-same-ends", "Several tunnels have the same source, destination and ipsec profile")
def same_ends() -> Iterator[Draft]:
    site, peers = hub_static()
    for tunnel in site.tunnels:
        tunnel.mode = None
    twin = Tunnel("Tunnel63", "S2S", None, None, "10.201.63.1 255.255.255.252", "GigabitEthernet0/0/1", "203.0.113.62")
    site.tunnels.append(twin)
    for peer in peers:
        peer.mode = "gre ip"
    at = "interface Tunnel63 || interface Tunnel62 || interface Tunnel63 > tunnel destination 203.0.113.62 || interface Tunnel62 > tunnel destination 203.0.113.62"
    found = explained("TUN126", at, "", "Tunnel62", "Tunnel63", verdict="defect")
    yield Draft(site, peers, found, title="The peer of both comes up on one of them")
    site, peers = hub_static()
    site.tunnels.append(
        Tunnel(
            "Tunnel64", "S2S", "ipsec ipv4", None, "10.201.64.1 255.255.255.252", "GigabitEthernet0/0/1", "203.0.113.64"
        )
    )
    yield Draft(site, peers, allows=("SEL108", "SEL109"), title="One source and ipsec profile, different destinations")


@fault("refused-routes-installed", "Routes of the hub were installed at the branch, and its policy accepts none now")
def refused_routes() -> Iterator[Draft]:
    def refuse(site: Site) -> None:
        site.authors[0].accept = False
        site.authors[0].extra.append("no route accept any")

    at = "crypto ikev2 authorization policy TO-HUB > no route accept any"
    yield edited(spoke_fqdn, refuse, "AZN011", at, "VPN Route Added 10.20.0.0 255.255.255.0", "10.20.0.0")
    yield harmless(spoke_fqdn, put("authors.0.extra", ["dns 10.20.0.53"]), "Another attribute")


@fault(
    "nat-traversal-off-since", "The session runs over UDP 4500, and NAT traversal is switched off in the configuration"
)
def nat_off_since() -> Iterator[Draft]:
    off = "no crypto ipsec nat-transparency udp-encapsulation"

    def switch_off(site: Site) -> None:
        site.crypto = [off]

    yield edited(hub_radius, switch_off, "TUN009", off, "NAT", "198.51.100.77")

    def behind_nat() -> Scene:
        site, peers = spoke_vrf()
        peers[0].nat = True
        return site, peers

    yield edited(behind_nat, switch_off, "TUN009", off, "NAT", "203.0.113.129")
    yield harmless(hub_address, switch_off, "No NAT on the path")
