"""Sessions that came up and do not fit the configuration: how they travel, what they hang on, whom the router called."""

from __future__ import annotations

from collections.abc import Iterator

from authoring.drafts import Draft, explained, fault, open_end, replace
from authoring.drafts_stale import edited, harmless, put
from authoring.site import Site
from authoring.sites import Scene, hub_fqdn, hub_vrf, spoke_fqdn


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
