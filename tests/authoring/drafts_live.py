"""Sessions that came up and do not fit the configuration: how they travel, what they hang on, whom the router called."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from authoring.course import Peer
from authoring.drafts import Draft, explained, fault, open_end, replace
from authoring.drafts_stale import edited, harmless, put
from authoring.site import Site
from authoring.sites import Scene, hub_certificates, hub_fqdn, hub_vrf, spoke_client, spoke_fqdn, spoke_vrf


@fault("other-transport-mode", "Transport mode was asked for, and the transform-sets are in tunnel mode")
def transport_mode() -> Iterator[Draft]:
    at = "crypto ipsec transform-set ESP-GCM esp-gcm 256"
    site, peers = hub_fqdn()
    site.transform_sets[0].mode = None
    found = explained("TUN012", at, "NOTIFY(USE_TRANSPORT_MODE)", "tunnel mode", verdict="defect")
    yield Draft(site, peers[:1], found)
    yield edited(
        spoke_fqdn,
        put("transform_sets.0.mode", "tunnel"),
        "TUN012",
        f"{at} > mode tunnel",
        "NOTIFY(USE_TRANSPORT_MODE)",
    )
    yield Draft(*hub_fqdn())
    site, peers = hub_fqdn()
    site.transform_sets[0].mode = None
    for peer in peers:
        peer.transport = False
    yield Draft(site, peers, title="Both ends are in tunnel mode")


@fault("call-to-unconfigured-peer", "The router called an address to which nothing leads any more")
def unconfigured_peer() -> Iterator[Draft]:
    at = "interface Tunnel0 > tunnel destination 198.51.100.11"
    to = "Sending Packet [To 198.51.100.10"
    change = put("tunnels.0.destination", "198.51.100.11")
    yield edited(spoke_fqdn, change, "TUN013", at, to, "198.51.100.10", "198.51.100.11", allows="SEL108 AUT004")

    def learns(site: Site) -> None:
        change(site)
        site.tunnels[0].extra.append("ip nhrp shortcut virtual-template 9")

    allowed = "SEL108 AUT004 REF023"
    yield harmless(spoke_fqdn, learns, "A spoke that learns its peers by NHRP may call them", allowed)
    yield Draft(*spoke_fqdn())


@fault("clone-without-template", "The session has an interface that the profile does not clone any more")
def unexpected_clone() -> Iterator[Draft]:
    at = "crypto ikev2 profile CUSTOMER-CPE"
    change = put("profiles.0.template", None)
    yield edited(hub_vrf, change, "TUN014", at, "via Virtual-Access", "virtual-template", allows="TUN117 TUN118")
    yield Draft(*hub_vrf())


@fault("address-in-other-vrf", "The outside interface was moved into a VRF after the log was taken")
def moved_interface() -> Iterator[Draft]:
    def moved(site: Site) -> None:
        site.vrfs.append("INET")
        site.wan_vrf = "INET"

    at = "interface GigabitEthernet1 > vrf forwarding INET"
    yield edited(hub_fqdn, moved, "SEL013", at, "VRF i0:f0", "INET", "global", allows="TUN134")
    yield harmless(hub_fqdn, lambda site: site.vrfs.append("INET"), "A VRF with no interface in it")


@fault("authentication-header-through-nat", "AH is configured, and there is NAT on the path")
def header_through_nat() -> Iterator[Draft]:
    def scene(nat: bool) -> Scene:
        site, peers = hub_fqdn()
        site.transform_sets[0].words = "ah-sha256-hmac esp-aes 256"
        for peer in peers:
            peer.nat, peer.esp = nat, ["ah-sha256-hmac esp-aes 256"]
        return site, peers[:1]

    at = "crypto ipsec transform-set ESP-GCM ah-sha256-hmac esp-aes 256"
    yield Draft(*scene(True), explained("TUN015", at, "NAT", "ah-sha256-hmac", verdict="defect"))
    yield Draft(*scene(False))


@fault("address-given-twice", "Two peers have one address at the same time")
def twice() -> Iterator[Draft]:
    def same(files: dict[str, str]) -> dict[str, str]:
        return {name: text.replace("10.77.1.14", "10.77.1.13") for name, text in files.items()}

    found = open_end("NEG018", "ipv4-addr, length: 4, data: 10.77.1.13", "koeln.example.net", "mainz.example.net")
    both = Draft(*hub_fqdn(), found)
    yield replace(both, edit=same)
    yield Draft(*hub_fqdn())
    yield Draft(*hub_fqdn(), interleaved=True)


@fault(
    "subject-written-anew", "The router sends the name of its certificate, and the trustpoint says another one since"
)
def other_subject() -> Iterator[Draft]:
    sent = "hostname=hub-lyon.acme.example,cn=hub-lyon.acme.example,o=ACME"
    at = "crypto pki trustpoint ACME-CA > subject-name"

    def named(subject: str) -> tuple[Site, Site, list[Peer]]:
        was, peers = hub_certificates()
        for profile in was.profiles:
            profile.local_id = f"dn {sent}"
        site = was.copy()
        for profile in site.profiles:
            profile.local_id = "dn"
        site.trustpoints["ACME-CA"][1] = f"subject-name {subject}"
        return site, was, peers

    site, was, peers = named("cn=hub-lyon.acme.example, ou=VPN, o=ACME")
    found = explained("AUT018", at, "Constructing IDr payload: 'hostname=", "ou=vpn", verdict="contradiction")
    yield Draft(site, peers, found, was=was)
    site, was, peers = named("CN=hub-lyon-2.acme.example, O=ACME")
    found = explained("AUT018", at, "Constructing IDr payload: 'hostname=", "hub-lyon-2", verdict="contradiction")
    yield Draft(site, peers[1:], found, was=was, title="Another common name")
    site, was, peers = named("O=Acme,  CN=hub-lyon.acme.example")
    yield Draft(site, peers, was=was, title="In another order, and in capitals")
    site, was, peers = named("cn=hub-lyon.acme.example, o=ACME")
    site.trustpoints["NEXT-CA"] = ["enrollment terminal", "subject-name cn=next.acme.example", "revocation-check none"]
    yield Draft(site, peers[:1], was=was, allows=("REF037",), title="A trustpoint that no profile signs with")


@fault("route-beside-static-one", "A static route leads to a prefix of the peer, outside the tunnel")
def static_route() -> Iterator[Draft]:
    at = "ip route 10.21.0.0 255.255.255.0 198.51.100.1"
    site, peers = hub_fqdn()
    site.globals = [at]
    yield Draft(
        site, peers, explained("TUN016", at, "VPN Route Added 10.21.0.0", "10.21.0.0/24", verdict="contradiction")
    )
    site, peers = spoke_fqdn()
    site.globals = [at := "ip route 10.20.0.0 255.255.255.0 GigabitEthernet0/0/0 203.0.113.22"]
    found = explained("TUN016", at, "VPN Route Added 10.20.0.0", "Tunnel0", verdict="contradiction")
    yield Draft(site, peers, found, title="At the initiator, with the interface named")
    site, peers = hub_fqdn()
    site.globals = [
        "ip route 10.21.0.0 255.255.255.0 198.51.100.1 250",
        "ip route 10.22.0.0 255.255.0.0 198.51.100.1",
        "ip route 10.22.0.0 255.255.255.0 Null0 254",
    ]
    yield Draft(site, peers, title="A greater distance, and a wider prefix")
    site, peers = hub_vrf()
    site.globals = ["ip route 10.66.0.0 255.255.255.0 203.0.113.190"]
    yield Draft(site, peers, title="The same prefix in another VRF")


@fault("call-of-responder", "The router called its peer, and may only respond")
def responder_only() -> Iterator[Draft]:
    def only_responds(profile: str) -> Callable[[dict[str, str]], dict[str, str]]:
        line = f" set ikev2-profile {profile}\n"

        def edit(files: dict[str, str]) -> dict[str, str]:
            assert line in files["router.cfg"]
            return files | {"router.cfg": files["router.cfg"].replace(line, f"{line} responder-only\n")}

        return edit

    at = "crypto ipsec profile PROTECT > responder-only"
    found = explained("TUN017", at, "Sending Packet [To 198.51.100.10", "Tunnel0", verdict="contradiction")
    yield Draft(*spoke_fqdn(), found, edit=only_responds("HUB"), allows=("TUN118",))
    at = "crypto ipsec profile TO-PE-IPSEC > responder-only"
    found = explained("TUN017", at, "Sending Packet [To 203.0.113.129", "Tunnel0", verdict="contradiction")
    yield Draft(*spoke_vrf(), found, edit=only_responds("TO-PE"), allows=("TUN118",))
    yield Draft(*hub_fqdn(), edit=only_responds("DIAL-IN"), title="A hub that only responds")

    def another(files: dict[str, str]) -> dict[str, str]:
        spare = "crypto ipsec profile SPARE\n set transform-set ESP-GCM\n set ikev2-profile HUB\n responder-only\n!\n"
        return files | {"router.cfg": files["router.cfg"].replace("interface Loopback0", f"{spare}interface Loopback0")}

    yield Draft(*spoke_client(), edit=another, allows=("REF037",), title="Another profile than that of the tunnel")
