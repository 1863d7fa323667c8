"""Healthy routers to start from: one for each design that is met in the field, with the peers that call them.

Goes out: fresh `Site` and `Peer` objects at each call, which a test may change as it likes.
"""

from __future__ import annotations

from dataclasses import replace

from authoring.course import Peer
from authoring.site import (
    Author,
    AuthorPolicy,
    Block,
    IpsecProfile,
    Keyring,
    Policy,
    Profile,
    Proposal,
    Site,
    TransformSet,
    Tunnel,
)

Scene = tuple[Site, list[Peer]]


def hub_fqdn() -> Scene:
    """A hub that knows its branches by name, with keys and a local authorization policy. GCM, GRE."""
    site = Site("berlin-hub", release="17.9")
    site.lists = {"FLEX-AUTHZ": "local"}
    site.authors = [AuthorPolicy("BRANCHES", "OVERLAY", True, "DC-ROUTES", extra=["def-domain example.net"])]
    site.pools = {"OVERLAY": ("10.77.1.10", "10.77.1.200")}
    site.acls = {"DC-ROUTES": ["10 permit 10.20.0.0 0.0.0.255"]}
    site.proposals = [Proposal("GCM", ["aes-gcm-256"], [], ["20", "19"], ["sha384"])]
    site.policies = [Policy("ANY-VRF", ["GCM"], fvrf="any")]
    blocks = [
        Block("KOELN", "203.0.113.21", "fqdn koeln.example.net", "q7Rk2mVx9TzLp4Wd"),
        Block("MAINZ", "203.0.113.37", "fqdn mainz.example.net", "Hn5sYc8GdJw3Xb6Q77"),
    ]
    site.keyrings = [Keyring("BRANCH-KEYS", blocks)]
    site.profiles = [
        Profile(
            "DIAL-IN",
            ["fqdn domain example.net"],
            fvrf="any",
            local_id="fqdn berlin.example.net",
            keyring="BRANCH-KEYS",
            dpd=(30, 5),
            authors=[Author("group", "psk", "FLEX-AUTHZ", "BRANCHES")],
            template=1,
        )
    ]
    site.transform_sets = [TransformSet("ESP-GCM", "esp-gcm 256", "transport")]
    site.ipsec_profiles = [IpsecProfile("PROTECT", ["ESP-GCM"], "DIAL-IN", "group20")]
    site.tunnels = [Tunnel("Virtual-Template1", "PROTECT", source="GigabitEthernet1", extra=["ip mtu 1400"])]
    ike = [Proposal("1", ["aes-gcm-256"], [], ["20"], ["sha384"])]
    peers = [
        Peer("203.0.113.21", "koeln.example.net", key="q7Rk2mVx9TzLp4Wd", ike=ike, subnets=["10.21.0.0 255.255.255.0"]),
        Peer(
            "203.0.113.37", "mainz.example.net", key="Hn5sYc8GdJw3Xb6Q77", ike=ike, subnets=["10.22.0.0 255.255.255.0"]
        ),
    ]
    return site, peers


def hub_address() -> Scene:
    """An older hub: identities are addresses, CBC, IPsec tunnels, two profiles, asymmetric keys for one branch."""
    site = Site("hq-r1", ("GigabitEthernet0/0", "192.0.2.1", "255.255.255.0"), "192.0.2.254", "15.7", "corp.example")
    site.loopback, site.lan = "172.20.0.1", "172.20.8.1 255.255.252.0"
    site.lists = {"default": "local", "FLEX": "local"}
    site.authors = [AuthorPolicy("SMALL", "P-SMALL", True), AuthorPolicy("LARGE", "P-LARGE", True, "25")]
    site.pools = {"P-SMALL": ("172.20.1.1", "172.20.1.63"), "P-LARGE": ("172.20.2.1", "172.20.2.254")}
    site.acls = {"25": ["permit 172.20.8.0 0.0.3.255", "permit 172.21.0.0 0.0.255.255"]}
    site.proposals = [Proposal("P-CBC", ["aes-cbc-256", "aes-cbc-128"], ["sha256", "sha1"], ["14", "5"])]
    site.policies = [Policy("POL", ["P-CBC"], local="192.0.2.1")]
    small = [
        Block("SITE-A", "198.51.100.17", None, "Zp4!kettle"),
        Block("SITE-B", "198.51.100.18", None, None, "Hub-side-7731", "Branch-side-1"),
        Block("REST", "198.51.100.128 255.255.255.128", None, "sharedbyall-9"),
    ]
    site.keyrings = [
        Keyring("KR-SMALL", small),
        Keyring("KR-LARGE", [Block("DC2", "203.0.113.5", None, "longer-than-the-rest-55")]),
    ]
    site.profiles = [
        Profile(
            "SMALL-SITES",
            ["address 198.51.100.0 255.255.255.0"],
            keyring="KR-SMALL",
            lifetime=43200,
            authors=[Author("group", "psk", "FLEX", "SMALL")],
            template=1,
        ),
        Profile(
            "LARGE-SITES",
            ["address 203.0.113.5 255.255.255.255", "fqdn dc2.corp.example"],
            local_id="address 192.0.2.1",
            keyring="KR-LARGE",
            dpd=(10, 3),
            authors=[Author("group", "psk", "FLEX", "LARGE")],
            template=2,
        ),
    ]
    site.transform_sets = [
        TransformSet("TS-AES", "esp-aes 256 esp-sha256-hmac"),
        TransformSet("TS-OLD", "esp-aes esp-sha-hmac"),
    ]
    site.ipsec_profiles = [
        IpsecProfile("IP-SMALL", ["TS-AES"], "SMALL-SITES"),
        IpsecProfile("IP-LARGE", ["TS-AES", "TS-OLD"], "LARGE-SITES"),
    ]
    site.tunnels = [
        Tunnel("Virtual-Template1", "IP-SMALL", "ipsec ipv4"),
        Tunnel("Virtual-Template2", "IP-LARGE", "ipsec ipv4"),
    ]
    ike = [Proposal("1", ["aes-cbc-256"], ["sha256"], ["14"])]
    base = Peer(
        "198.51.100.17", "198.51.100.17", "IPv4 address", key="Zp4!kettle", ike=ike, mode="ipsec ipv4", transport=False
    )
    base.esp = ["esp-aes 256 esp-sha256-hmac"]
    peers = [
        base,
        replace(base, address="198.51.100.18", identity="198.51.100.18", key="Branch-side-1", trusts="Hub-side-7731"),
        replace(
            base,
            address="203.0.113.5",
            identity="203.0.113.5",
            key="longer-than-the-rest-55",
            subnets=["172.30.0.0 255.255.0.0"],
        ),
        replace(base, address="198.51.100.200", identity="198.51.100.200", key="sharedbyall-9"),
    ]
    return site, peers


def hub_vrf() -> Scene:
    """A provider hub: packets in VRF INTERNET, tunnels in VRF CUSTOMER, a policy for each VRF."""
    site = Site(
        "pe7", ("TenGigabitEthernet0/0/1", "203.0.113.129", "255.255.255.192"), "203.0.113.190", "17.12", "isp.example"
    )
    site.wan_vrf, site.vrfs = "INTERNET", ["INTERNET", "CUSTOMER"]
    site.loopback, site.lan = "10.255.7.1", "10.7.0.1 255.255.0.0"
    site.lists = {"VPN": "local"}
    site.authors = [AuthorPolicy("CUST-POL", "CUST-POOL", True)]
    site.pools = {"CUST-POOL": ("10.255.8.1", "10.255.8.250")}
    site.proposals = [
        Proposal("MODERN", ["aes-gcm-256"], [], ["21"], ["sha512"]),
        Proposal("LEGACY", ["aes-cbc-256"], ["sha256"], ["14"]),
    ]
    site.policies = [Policy("INET-POL", ["MODERN", "LEGACY"], fvrf="INTERNET"), Policy("MGMT-POL", ["LEGACY"])]
    blocks = [
        Block("CPE1", "198.51.100.66", None, "cpe1-Y2Ve8s"),
        Block("CPE2", "198.51.100.67", None, "cpe2-Uw49pQx1"),
    ]
    site.keyrings = [Keyring("CPE", blocks)]
    site.profiles = [
        Profile(
            "CUSTOMER-CPE",
            ["email domain isp.example"],
            fvrf="INTERNET",
            local_address="203.0.113.129",
            local_id="email pe7@isp.example",
            keyring="CPE",
            dpd=(20, 4),
            authors=[Author("group", "psk", "VPN", "CUST-POL")],
            template=7,
        )
    ]
    site.transform_sets = [TransformSet("GCM", "esp-gcm 256")]
    site.ipsec_profiles = [IpsecProfile("CUST", ["GCM"], "CUSTOMER-CPE")]
    site.tunnels = [
        Tunnel(
            "Virtual-Template7", "CUST", "ipsec ipv4", source="TenGigabitEthernet0/0/1", vrf="CUSTOMER", fvrf="INTERNET"
        )
    ]
    ike = [Proposal("1", ["aes-gcm-256"], [], ["21"], ["sha512"])]
    one = Peer(
        "198.51.100.66",
        "cpe1@isp.example",
        "RFC822",
        key="cpe1-Y2Ve8s",
        ike=ike,
        mode="ipsec ipv4",
        transport=False,
        subnets=["10.66.0.0 255.255.255.0"],
    )
    two = replace(
        one,
        address="198.51.100.67",
        identity="cpe2@isp.example",
        key="cpe2-Uw49pQx1",
        subnets=["10.67.0.0 255.255.255.0"],
    )
    return site, [one, two]


def hub_certificates() -> Scene:
    """A hub that authenticates by certificate: some branches by name, some by the subject of their certificate."""
    site = Site(
        "hub-lyon",
        ("GigabitEthernet0/0/0", "198.51.100.130", "255.255.255.128"),
        "198.51.100.129",
        "16.12",
        "acme.example",
    )
    site.loopback, site.lan = "10.130.0.1", "10.131.0.1 255.255.255.0"
    site.lists = {"PKI-AUTHZ": "local"}
    site.authors = [AuthorPolicy("acme.example", "CERT-POOL", True), AuthorPolicy("PARTNERS", "PARTNER-POOL", True)]
    site.pools = {"CERT-POOL": ("10.130.1.1", "10.130.1.100"), "PARTNER-POOL": ("10.130.2.1", "10.130.2.100")}
    site.manglers = {"BY-DOMAIN": ["fqdn domain"]}
    site.trustpoints = {
        "ACME-CA": [
            "enrollment terminal",
            "subject-name cn=hub-lyon.acme.example, o=ACME",
            "revocation-check crl",
            "rsakeypair ACME 3072",
        ]
    }
    site.certificate_maps = {"PARTNER-MAP": ["subject-name co ou = partners"]}
    site.proposals = [Proposal("S-CBC", ["aes-cbc-256"], ["sha384"], ["20"])]
    site.policies = [Policy("S-POL", ["S-CBC"])]
    site.profiles = [
        Profile(
            "BY-NAME",
            ["fqdn domain acme.example"],
            local_id="fqdn hub-lyon.acme.example",
            remote=["rsa-sig"],
            local="rsa-sig",
            trustpoint="ACME-CA",
            authors=[Author("group", "cert", "PKI-AUTHZ", mangler="BY-DOMAIN")],
            template=3,
        ),
        Profile(
            "BY-CERT",
            [],
            certificate_map="PARTNER-MAP",
            local_id="fqdn hub-lyon.acme.example",
            remote=["rsa-sig"],
            local="rsa-sig",
            trustpoint="ACME-CA",
            authors=[Author("group", "cert", "PKI-AUTHZ", "PARTNERS")],
            template=4,
        ),
    ]
    site.transform_sets = [TransformSet("S-ESP", "esp-aes 256 esp-sha384-hmac")]
    site.ipsec_profiles = [IpsecProfile("S-NAME", ["S-ESP"], "BY-NAME"), IpsecProfile("S-CERT", ["S-ESP"], "BY-CERT")]
    site.tunnels = [
        Tunnel("Virtual-Template3", "S-NAME", "ipsec ipv4"),
        Tunnel("Virtual-Template4", "S-CERT", "ipsec ipv4"),
    ]
    ike = [Proposal("1", ["aes-cbc-256"], ["sha384"], ["20"])]
    esp = ["esp-aes 256 esp-sha384-hmac"]
    named = Peer(
        "203.0.113.88", "nice.acme.example", method="RSA", ike=ike, esp=esp, mode="ipsec ipv4", transport=False
    )
    subject = "hostname=gw.partner.example,cn=gw7,ou=partners,o=Initech"
    return site, [named, replace(named, address="203.0.113.99", identity=subject, type="DER ASN1 DN")]


def hub_radius() -> Scene:
    """A hub whose group attributes come from a RADIUS server; a wildcard block for branches with changing addresses."""
    site = Site("edge-4", ("GigabitEthernet1", "192.0.2.130", "255.255.255.128"), "192.0.2.129", "17.6", "shop.example")
    site.loopback, site.lan = "10.4.0.1", "10.4.1.1 255.255.255.0"
    site.lists = {"RAD": "group RADGROUP"}
    site.radius = [
        "radius server RAD1",
        " address ipv4 10.4.1.20 auth-port 1812 acct-port 1813",
        " key 7 14141B180F0B7B7977",
        "!",
        "aaa group server radius RADGROUP",
        " server name RAD1",
        "!",
    ]
    site.proposals = [Proposal("PQ", ["aes-gcm-256", "aes-gcm-128"], [], ["19"], ["sha256"])]
    site.policies = [Policy("PQ-POL", ["PQ"])]
    site.keyrings = [Keyring("STORES", [Block("ANY-STORE", "0.0.0.0 0.0.0.0", None, "stores-2026-Kx81")])]
    site.profiles = [
        Profile(
            "STORES",
            ["key-id stores"],
            local_id="key-id edge-4",
            keyring="STORES",
            authors=[Author("group", "psk", "RAD", "stores-group")],
            template=40,
        )
    ]
    site.transform_sets = [TransformSet("T128", "esp-gcm")]
    site.ipsec_profiles = [IpsecProfile("STORES-IPSEC", ["T128"], "STORES")]
    site.tunnels = [Tunnel("Virtual-Template40", "STORES-IPSEC")]
    ike = [Proposal("1", ["aes-gcm-256", "aes-gcm-128"], [], ["19"], ["sha256"])]
    one = Peer(
        "198.51.100.77", "stores", "key ID", key="stores-2026-Kx81", ike=ike, esp=["esp-gcm"], nat=True, transport=False
    )
    return site, [one]


def spoke_fqdn() -> Scene:
    """A branch that calls its hub: static GRE tunnel, keys, routes by config mode."""
    site = Site("koeln", ("GigabitEthernet0/0/0", "203.0.113.21", "255.255.255.252"), "203.0.113.22", "17.9")
    site.loopback, site.lan = "10.21.255.1", "10.21.0.1 255.255.255.0"
    site.lists = {"FLEX-AUTHZ": "local"}
    site.authors = [AuthorPolicy("TO-HUB", None, True, "LAN")]
    site.acls = {"LAN": ["permit 10.21.0.0 0.0.0.255"]}
    site.proposals = [Proposal("GCM", ["aes-gcm-256"], [], ["20"], ["sha384"])]
    site.policies = [Policy("GCM-POL", ["GCM"])]
    site.keyrings = [Keyring("HUBS", [Block("BERLIN", "198.51.100.10", None, "q7Rk2mVx9TzLp4Wd")])]
    site.profiles = [
        Profile(
            "HUB",
            ["fqdn berlin.example.net"],
            local_id="fqdn koeln.example.net",
            keyring="HUBS",
            dpd=(30, 5),
            authors=[Author("group", "psk", "FLEX-AUTHZ", "TO-HUB")],
        )
    ]
    site.transform_sets = [TransformSet("ESP-GCM", "esp-gcm 256", "transport")]
    site.ipsec_profiles = [IpsecProfile("PROTECT", ["ESP-GCM"], "HUB", "group20")]
    site.tunnels = [Tunnel("Tunnel0", "PROTECT", None, None, "negotiated", "GigabitEthernet0/0/0", "198.51.100.10")]
    hub = Peer(
        "198.51.100.10", "berlin.example.net", key="q7Rk2mVx9TzLp4Wd", ike=list(site.proposals), wants_address=False
    )
    hub.subnets = ["10.20.0.0 255.255.255.0"]
    return site, [hub]


def spoke_vrf() -> Scene:
    """A branch behind a front-door VRF with an IPsec tunnel to a hub known by address."""
    site = Site(
        "branch-66", ("Cellular0/1/0", "198.51.100.66", "255.255.255.252"), "198.51.100.65", "16.9", "isp.example"
    )
    site.wan_vrf, site.vrfs = "LTE", ["LTE"]
    site.loopback, site.lan = "10.66.255.1", "10.66.0.1 255.255.255.0"
    site.proposals = [Proposal("P1", ["aes-cbc-256"], ["sha256"], ["14"])]
    site.policies = [Policy("LTE-POL", ["P1"], fvrf="LTE")]
    site.keyrings = [
        Keyring(
            "PE",
            [Block("PE7", "203.0.113.129", None, "cpe1-Y2Ve8s"), Block("PE8", "203.0.113.130", None, "pe8-000000")],
        )
    ]
    site.profiles = [
        Profile(
            "TO-PE",
            ["address 203.0.113.129 255.255.255.255"],
            fvrf="LTE",
            local_id="email cpe1@isp.example",
            keyring="PE",
        )
    ]
    site.transform_sets = [TransformSet("TS1", "esp-aes 256 esp-sha256-hmac")]
    site.ipsec_profiles = [IpsecProfile("TO-PE-IPSEC", ["TS1"], "TO-PE")]
    tunnel = Tunnel(
        "Tunnel0", "TO-PE-IPSEC", "ipsec ipv4", None, "10.255.8.9 255.255.255.252", "Cellular0/1/0", "203.0.113.129"
    )
    tunnel.fvrf = "LTE"
    site.tunnels = [tunnel]
    pe = Peer(
        "203.0.113.129",
        "203.0.113.129",
        "IPv4 address",
        key="cpe1-Y2Ve8s",
        ike=list(site.proposals),
        wants_address=False,
    )
    pe.esp, pe.mode, pe.transport = ["esp-aes 256 esp-sha256-hmac"], "ipsec ipv4", False
    return site, [pe]


def hub_static() -> Scene:
    """Two static tunnels of a site-to-site router; own proof by certificate, the peers' by keys."""
    site = Site(
        "dc-west", ("GigabitEthernet0/0/1", "192.0.2.200", "255.255.255.0"), "192.0.2.254", "17.3", "west.example"
    )
    site.loopback, site.lan = "10.200.0.1", "10.200.1.1 255.255.255.0"
    site.trustpoints = {"WEST-CA": ["enrollment terminal", "subject-name cn=dc-west, o=West", "revocation-check none"]}
    site.proposals = [Proposal("S2S", ["aes-cbc-256", "aes-cbc-192"], ["sha512", "sha384"], ["16", "14"])]
    site.policies = [Policy("S2S", ["S2S"], fvrf="any", local="192.0.2.200")]
    blocks = [
        Block("NORTH", "203.0.113.61", "address 203.0.113.61", "north-Xk29vW"),
        Block("SOUTH", "203.0.113.62", "address 203.0.113.62", "south-Qp83hZ77"),
    ]
    site.keyrings = [Keyring("S2S", blocks)]
    site.profiles = [
        Profile(
            "NORTH-SOUTH",
            ["address 203.0.113.60 255.255.255.252"],
            fvrf="any",
            local_id="fqdn dc-west.west.example",
            remote=["pre-share", "rsa-sig"],
            local="rsa-sig",
            keyring="S2S",
            trustpoint="WEST-CA",
            lifetime=7200,
        )
    ]
    site.transform_sets = [TransformSet("S2S", "esp-aes 256 esp-sha512-hmac")]
    site.ipsec_profiles = [IpsecProfile("S2S", ["S2S"], "NORTH-SOUTH")]
    site.tunnels = [
        Tunnel(f"Tunnel{n}", "S2S", "ipsec ipv4", None, f"10.201.{n}.1 255.255.255.252", "GigabitEthernet0/0/1", peer)
        for n, peer in ((61, "203.0.113.61"), (62, "203.0.113.62"))
    ]
    ike = [Proposal("1", ["aes-cbc-256"], ["sha512"], ["16"])]
    esp = ["esp-aes 256 esp-sha512-hmac"]
    one = Peer("203.0.113.61", "203.0.113.61", "IPv4 address", key="north-Xk29vW", ike=ike, esp=esp, mode="ipsec ipv4")
    one.wants_address = one.transport = False
    return site, [one, replace(one, address="203.0.113.62", identity="203.0.113.62", key="south-Qp83hZ77")]


def spoke_client() -> Scene:
    """A FlexVPN client: the hub's address comes from the client's list."""
    site, peers = spoke_fqdn()
    site.hostname = "bonn"
    site.tunnels[0].destination = "dynamic"
    site.crypto = [
        "crypto ikev2 client flexvpn TO-HUBS",
        " peer 1 198.51.100.10",
        " peer 2 198.51.100.11",
        " client connect Tunnel0",
        "!",
    ]
    site.keyrings[0].blocks.append(Block("POTSDAM", "198.51.100.11", None, "another-hub-key-2"))
    return site, peers


HUBS = {
    "fqdn": hub_fqdn,
    "address": hub_address,
    "vrf": hub_vrf,
    "certificates": hub_certificates,
    "radius": hub_radius,
    "static": hub_static,
}
SPOKES = {"spoke": spoke_fqdn, "spoke-vrf": spoke_vrf, "client": spoke_client}
