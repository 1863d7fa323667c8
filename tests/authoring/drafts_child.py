"""Faults of virtual-templates, IPsec and routes."""

from __future__ import annotations

from collections.abc import Iterator

from authoring.drafts import Draft, explained, fault, open_end
from authoring.sites import hub_address, hub_certificates, hub_fqdn, hub_static, hub_vrf, spoke_fqdn, spoke_vrf


@fault("undefined-virtual-template", "The profile clones a virtual-template that is not defined")
def undefined_template() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.profiles[0].template = 2
    at = "crypto ikev2 profile DIAL-IN > virtual-template 2"
    yield Draft(site, peers[:1], explained("TUN001", at, "", "Virtual-Template1"))
    yield Draft(*hub_fqdn())


@fault("profile-without-virtual-template", "The profile of a dynamic peer names no virtual-template")
def no_template() -> Iterator[Draft]:
    site, peers = hub_vrf()
    site.profiles[0].template = None
    at = "crypto ikev2 profile CUSTOMER-CPE"
    yield Draft(
        site,
        peers[:1],
        explained("TUN005", at, "", "virtual-template"),
        allows=("TUN117", "REF037", "REF038", "AZN186", "TUN118"),
    )
    yield Draft(*hub_vrf())


@fault("template-of-other-type", "The virtual-template is not of type tunnel")
def template_type() -> Iterator[Draft]:
    site, peers = hub_address()
    site.tunnel("Virtual-Template1").type = ""
    at = "interface Virtual-Template1"
    yield Draft(site, peers[:1], explained("TUN001", at, "", "type tunnel"))
    yield Draft(*hub_address())


@fault("template-without-protection", "The virtual-template has no tunnel protection")
def no_protection() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.tunnels[0].protection = None
    at = "interface Virtual-Template1 type tunnel"
    yield Draft(site, peers[:1], explained("TUN001", at, "", "protection"))
    yield Draft(*hub_fqdn())


@fault("template-of-other-profile", "The ipsec profile of the virtual-template belongs to another IKEv2 profile")
def other_profile() -> Iterator[Draft]:
    site, peers = hub_address()
    site.tunnel("Virtual-Template1").protection = "IP-LARGE"
    at = "crypto ipsec profile IP-LARGE > set ikev2-profile LARGE-SITES"
    found = explained("TUN001", at, "", "SMALL-SITES", "LARGE-SITES")
    yield Draft(site, peers[:1], found)
    site, peers = hub_certificates()
    site.ipsec_profiles[0].profile = "BY-CERT"
    at = "crypto ipsec profile S-NAME > set ikev2-profile BY-CERT"
    yield Draft(site, peers, explained("TUN001", at, "", "BY-NAME"), interleaved=True)
    yield Draft(*hub_certificates())


@fault("wrong-tunnel", "The static tunnel that leads to the peer is not protected by what belongs to the session")
def wrong_tunnel() -> Iterator[Draft]:
    site, peers = hub_static()
    site.tunnel("Tunnel62").protection = None
    log = "There was no IPSEC policy found for received TS"
    yield Draft(site, peers, explained("TUN011", "interface Tunnel62", "", "203.0.113.62"), interleaved=True)
    site, peers = hub_static()
    site.ipsec_profiles[0].sets = ["S2S-NEW"]
    at = "crypto ipsec profile S2S > set transform-set S2S-NEW"
    yield Draft(site, peers[:1], explained("TUN011", at, "", "S2S"))
    site, peers = hub_static()
    site.tunnel("Tunnel61").destination = "203.0.113.99"
    at = "crypto ikev2 profile NORTH-SOUTH"
    alone = ("SEL108", "SEL109")  # where the tunnel leads instead, nothing is set for
    found = explained("TUN005", at, log, "203.0.113.61")
    yield Draft(site, peers[:1], found, allows=alone, title="No tunnel leads to this peer")
    yield Draft(*hub_static(), interleaved=True)


@fault("transform-mismatch", "The transform-sets of both ends have nothing in common")
def transform_mismatch() -> Iterator[Draft]:
    site, peers = hub_address()
    peers[0].esp = ["esp-aes 256 esp-sha512-hmac"]
    at = "crypto ipsec transform-set TS-AES esp-aes 256 esp-sha256-hmac"
    log = "ESP: Proposal 1:  AES-CBC-256 SHA512"
    yield Draft(site, peers, explained("TUN003", at, log, "sha512", "sha256"), style="console")
    site, peers = hub_fqdn()
    peers[1].esp = ["esp-gcm"]
    at = "crypto ipsec transform-set ESP-GCM esp-gcm 256"
    yield Draft(site, peers, explained("TUN003", at, "ESP: Proposal 1:  AES-GCM-128", "aes-gcm-128", "aes-gcm-256"))
    site, peers = hub_address()
    peers[2].esp = ["esp-aes 256 esp-sha-hmac"]
    at = (
        "crypto ipsec transform-set TS-AES esp-aes 256 esp-sha256-hmac || crypto ipsec profile IP-LARGE"
        " || crypto ipsec profile IP-LARGE > set transform-set TS-AES TS-OLD"
    )
    found = explained("TUN003", at, "ESP: Proposal 1:  AES-CBC-256 SHA96", "TS-AES", "TS-OLD")
    yield Draft(site, peers, found, title="Each algorithm is in some set, but not both in one")
    site, peers = hub_address()
    peers[2].esp = ["esp-aes esp-sha-hmac"]
    yield Draft(site, peers, title="The second transform-set fits")


@fault("child-refused-by-peer", "The responder brings the IKE SA up and refuses the child SA")
def child_refused() -> Iterator[Draft]:
    site, peers = spoke_fqdn()
    peers[0].refuses_us = "child"
    found = open_end("TUN007", "NOTIFY(NO_PROPOSAL_CHOSEN)", "ESP-GCM", "transport")
    yield Draft(site, peers, found)
    site, peers = spoke_vrf()
    peers[0].esp = ["esp-aes esp-sha-hmac"]
    yield Draft(site, peers, open_end("TUN007", "NOTIFY(NO_PROPOSAL_CHOSEN)", "TS1"))
    yield Draft(*spoke_vrf())


@fault("other-tunnel-mode", "One end speaks GRE, the other IPsec: the traffic selectors are refused")
def tunnel_mode() -> Iterator[Draft]:
    site, peers = hub_address()
    peers[0].mode = "gre ip"
    at = "interface Virtual-Template1 type tunnel > tunnel mode ipsec ipv4"
    yield Draft(site, peers[:1], explained("TUN006", at, "", "ipsec ipv4", "GRE"))
    site, peers = hub_fqdn()
    peers[1].mode = "ipsec ipv4"
    at = "interface Virtual-Template1 type tunnel"
    yield Draft(site, peers, explained("TUN006", at, "", "gre ip", "IPsec"), interleaved=True)
    site, peers = spoke_vrf()
    peers[0].refuses_us = "selectors"
    at = "interface Tunnel0 > tunnel mode ipsec ipv4"
    yield Draft(site, peers, explained("TUN006", at, "NOTIFY(TS_UNACCEPTABLE)", "ipsec ipv4"))
    yield Draft(*hub_vrf())
