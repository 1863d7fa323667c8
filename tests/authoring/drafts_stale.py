"""Configurations edited after the log was taken: the session came up, and the configuration says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from authoring.drafts import Draft, denied, fault, replace
from authoring.site import Author, Block, Site, config
from authoring.sites import (
    Scene,
    hub_address,
    hub_certificates,
    hub_fqdn,
    hub_radius,
    hub_vrf,
    spoke_fqdn,
    spoke_vrf,
)


def edited(
    make: Callable[[], Scene],
    change: Callable[[Site], object],
    rules: str,
    at: str,
    log: str = "",
    *says: str,
    allows: str = "",
) -> Draft:
    """The pair of a site that was changed since, where the change contradicts the log."""
    was, peers = make()
    site = was.copy()
    change(site)
    assert config(site) != config(was)
    return Draft(
        site, peers, denied(rules, at, log, *says), was=was, allows=tuple(allows.split()), interleaved=len(peers) > 2
    )


def harmless(make: Callable[[], Scene], change: Callable[[Site], object], title: str, allows: str = "") -> Draft:
    """A change that the sessions of the log have nothing to do with."""
    return replace(edited(make, change, "X", "", allows=allows), finds=(), title=title)


def in_log(draft: Draft) -> Draft:
    return replace(draft, finds=tuple(replace(one, file="router.log") for one in draft.finds))


def put(target: str, value: object) -> Callable[[Site], None]:
    """Sets an attribute given by a path: `profiles.0.template`."""

    def change(site: Site) -> None:
        *path, last = target.split(".")
        at: object = site
        for step in path:
            at = at[int(step)] if step.isdecimal() else getattr(at, step)  # type: ignore[index]
        if isinstance(at, list):
            at[int(last)] = value
        else:
            setattr(at, last, value)

    return change


@fault("stale-profile", "The profile that was found does not match the identity any more, or is gone")
def stale_profile() -> Iterator[Draft]:
    log = "found matching IKEv2 profile 'DIAL-IN'"
    at = "crypto ikev2 profile DIAL-IN > match identity remote fqdn domain example.com"
    yield edited(
        hub_fqdn, put("profiles.0.matches", ["fqdn domain example.com"]), "SEL002", at, log, "koeln.example.net"
    )
    at = "crypto ikev2 profile CUSTOMER-CPE > match fvrf CUSTOMER"
    log = "found matching IKEv2 profile 'CUSTOMER-CPE'"
    yield edited(hub_vrf, put("profiles.0.fvrf", "CUSTOMER"), "SEL002", at, log, allows="SEL103 SEL104 AUT194")

    def renamed(site: Site) -> None:
        site.profiles[0].name = "DIALIN"
        site.ipsec_profiles[0].profile = "DIALIN"

    yield in_log(edited(hub_fqdn, renamed, "SEL004", log.replace("CUSTOMER-CPE", "DIAL-IN"), "", "DIALIN"))
    change = put("certificate_maps", {"PARTNER-MAP": ["subject-name co ou = suppliers"]})
    at = "crypto ikev2 profile BY-CERT > match certificate PARTNER-MAP"
    yield edited(hub_certificates, change, "SEL002", at, "found matching IKEv2 profile 'BY-CERT'", "ou=partners")
    yield harmless(
        hub_address,
        put("profiles.1.matches", ["address 203.0.113.0 255.255.255.0", "fqdn dc3.corp.example"]),
        "A match line that still covers the peer",
    )
    change = put("certificate_maps", {"PARTNER-MAP": ["subject-name co O = initech", "issuer-name co cn = acme root"]})
    yield harmless(hub_certificates, change, "A map that still covers the subject, and asks for what no log shows")


@fault("stale-keyring", "The key came from another keyring than the profile names now")
def stale_keyring() -> Iterator[Draft]:
    log = "Getting preshared key from profile keyring KR-SMALL"
    at = "crypto ikev2 profile SMALL-SITES > keyring local KR-LARGE"
    yield edited(
        hub_address, put("profiles.0.keyring", "KR-LARGE"), "AUT002", at, log, "KR-SMALL", allows="REF037 SEL110"
    )

    def renamed(site: Site) -> None:
        site.keyrings[0].name = site.profiles[0].keyring = "HUB-KEYS"

    at = "crypto ikev2 profile HUB > keyring local HUB-KEYS"
    yield edited(
        spoke_fqdn, renamed, "AUT001 AUT002", at, "Getting preshared key from profile keyring HUBS", "HUB-KEYS"
    )
    yield harmless(hub_address, lambda s: s.keyrings.reverse(), "Keyrings in another order")


@fault("stale-peer-block", "The peer block that was used is gone, or does not fit this peer any more")
def stale_block() -> Iterator[Draft]:
    log = "Matched peer block 'MAINZ'"
    yield edited(
        hub_fqdn,
        put("keyrings.0.blocks.1.name", "MZ"),
        "AUT003",
        "crypto ikev2 keyring BRANCH-KEYS",
        log,
        "MAINZ",
        "MZ",
    )

    def moved(site: Site) -> None:
        site.block("MAINZ").identity = "fqdn mainz2.example.net"
        site.block("MAINZ").address = "203.0.113.38"

    at = "crypto ikev2 keyring BRANCH-KEYS > peer MAINZ > identity fqdn mainz2.example.net || crypto ikev2 keyring BRANCH-KEYS > peer MAINZ > address 203.0.113.38"
    yield edited(hub_fqdn, moved, "AUT004", at, log, "MAINZ")

    def narrower(site: Site) -> None:
        site.keyrings[0].blocks.append(Block("NEW-SITE", "198.51.100.200", None, "a-key-of-its-own"))

    at = "crypto ikev2 keyring KR-SMALL > peer REST > address 198.51.100.128 255.255.255.128"
    yield edited(hub_address, narrower, "AUT004", at, "Matched peer block 'REST'", "NEW-SITE")
    yield harmless(
        hub_fqdn,
        lambda s: s.keyrings[0].blocks.append(Block("ANY", "0.0.0.0 0.0.0.0", None, "for-all-the-others")),
        "A wildcard block beside the blocks of the peers",
        "SEC004",
    )


@fault("key-length", "The key in use had another length than the configured one")
def key_length() -> Iterator[Draft]:
    log = "Use preshared key for id mainz.example.net, key len 18"
    at = "crypto ikev2 keyring BRANCH-KEYS > peer MAINZ > pre-shared-key Hn5sYc8GdJw3Xb6Q"
    yield edited(hub_fqdn, put("keyrings.0.blocks.1.key", "Hn5sYc8GdJw3Xb6Q"), "AUT005", at, log, "18", "16")
    log = "Use preshared key for id 198.51.100.18, key len 13"
    at = "crypto ikev2 keyring KR-SMALL > peer SITE-B > pre-shared-key remote Branch-side-10"
    yield edited(hub_address, put("keyrings.0.blocks.1.remote_key", "Branch-side-10"), "AUT005", at, log, "13", "14")
    log = "Use preshared key for id cpe1@isp.example, key len 11"
    at = "crypto ikev2 keyring PE > peer PE7 > pre-shared-key cpe1-Y2Ve8sXX"
    yield edited(spoke_vrf, put("keyrings.0.blocks.0.key", "cpe1-Y2Ve8sXX"), "AUT005", at, log, "11", "13")
    yield harmless(hub_fqdn, put("keyrings.0.blocks.1.key", "XXXXXXXXXXXXXXXXXX"), "Another key of the same length")


@fault("stale-method", "The methods of the profile are not those that were used")
def stale_method() -> Iterator[Draft]:
    def by_certificate(site: Site) -> None:
        site.profiles[0].local = "rsa-sig"
        site.profiles[0].trustpoint = "CA"
        site.trustpoints = {"CA": ["enrollment terminal", "revocation-check crl"]}

    at = "crypto ikev2 profile DIAL-IN > authentication local rsa-sig"
    yield edited(hub_fqdn, by_certificate, "AUT007", at, "My authentication method is 'PSK'", "PSK", "rsa-sig")
    at = "crypto ikev2 profile BY-NAME > authentication remote ecdsa-sig"
    yield edited(
        hub_certificates,
        put("profiles.0.remote", ["ecdsa-sig"]),
        "AUT006",
        at,
        "Peer's authentication method is 'RSA'",
        "ecdsa-sig",
    )
    yield harmless(hub_certificates, put("profiles.0.remote", ["ecdsa-sig", "rsa-sig"]), "One more method")


@fault("stale-policy", "Another IKEv2 policy was found than the configuration gives")
def stale_policy() -> Iterator[Draft]:
    yield in_log(edited(hub_fqdn, put("policies.0.name", "POL"), "SEL005", "Found Policy 'ANY-VRF'", "", "POL"))
    at = "crypto ikev2 policy POL > match address local 192.0.2.9"
    log = "Found Policy 'POL'"
    yield edited(hub_address, put("policies.0.local", "192.0.2.9"), "SEL006", at, log, "default", allows="AUT194")

    def swapped(site: Site) -> None:
        site.policies[0].fvrf, site.policies[1].fvrf = None, "INTERNET"

    at = "crypto ikev2 policy INET-POL"
    yield edited(hub_vrf, swapped, "SEL006", at, "Found Policy 'INET-POL'", "MGMT-POL")
    yield harmless(hub_vrf, put("policies.1.proposals", ["LEGACY", "MODERN"]), "The policy of another VRF")


@fault("stale-proposal", "The algorithms that were agreed on are in no proposal any more")
def stale_proposal() -> Iterator[Draft]:
    at = "crypto ikev2 proposal GCM > group 19 21"
    draft = edited(hub_fqdn, put("proposals.0.group", ["19", "21"]), "SEL009", at, "", "20", "19, 21")
    yield draft
    at = "crypto ikev2 proposal P-CBC > integrity sha384"
    yield edited(hub_address, put("proposals.0.integrity", ["sha384"]), "SEL009", at, "", "sha256", "sha384")
    at = "crypto ikev2 proposal P1 > encryption aes-gcm-128"

    def to_gcm(site: Site) -> None:
        site.proposals[0].encryption, site.proposals[0].integrity, site.proposals[0].prf = (
            ["aes-gcm-128"],
            [],
            ["sha256"],
        )

    yield edited(spoke_vrf, to_gcm, "SEL009", at, "", "aes-cbc", "aes-gcm-128")
    yield harmless(hub_address, put("proposals.0.group", ["21", "14"]), "A group before the one that was agreed on")
    yield harmless(
        hub_address, put("proposals.0.encryption", ["aes-cbc-192"]), "Key lengths are not printed: nothing to be said"
    )


@fault("stale-list", "Another AAA list or name was asked than the profile names now")
def stale_list() -> Iterator[Draft]:
    def other(site: Site) -> None:
        site.lists["NEW-AUTHZ"] = "local"
        site.profiles[0].authors[0].list = "NEW-AUTHZ"

    at = "crypto ikev2 profile DIAL-IN > aaa authorization group psk list NEW-AUTHZ BRANCHES"
    yield edited(
        hub_fqdn,
        other,
        "AZN004",
        at,
        "Using mlist FLEX-AUTHZ and username BRANCHES",
        "FLEX-AUTHZ",
        "NEW-AUTHZ",
        allows="REF037",
    )
    at = "crypto ikev2 profile LARGE-SITES > aaa authorization group psk list FLEX SMALL"
    yield edited(
        hub_address,
        put("profiles.1.authors.0.name", "SMALL"),
        "AZN004",
        at,
        "username LARGE",
        "LARGE",
        "SMALL",
        allows="REF037",
    )
    at = "crypto ikev2 profile HUB"
    yield edited(
        spoke_fqdn,
        put("profiles.0.authors", []),
        "AZN004",
        at,
        "Using mlist FLEX-AUTHZ",
        "FLEX-AUTHZ",
        allows="REF037 TUN119",
    )
    at = "crypto ikev2 profile BY-NAME > aaa authorization group cert list PKI-AUTHZ name-mangler BY-DOMAIN"
    draft = edited(
        hub_certificates,
        put("manglers", {"BY-DOMAIN": ["fqdn hostname"]}),
        "AZN004",
        at,
        "username acme.example",
        "nice",
        allows="REF037",
    )
    yield draft
    at = "crypto ikev2 profile CUSTOMER-CPE > aaa authorization group cert list VPN CUST-POL"
    yield edited(
        hub_vrf,
        put("profiles.0.authors", [Author("group", "cert", "VPN", "CUST-POL")]),
        "AZN004 AZN003",
        at,
        "",
        "cert",
        allows="AZN178 REF037",
    )
    yield harmless(
        hub_fqdn,
        lambda s: s.profiles[0].authors.append(Author("group", "cert", "FLEX-AUTHZ", "BRANCHES")),
        "A line for another method",
        "AZN178",
    )


@fault("missing-list-of-live-session", "A session that came up asked a AAA list or a policy that is gone since")
def gone_list() -> Iterator[Draft]:
    at = "crypto ikev2 profile DIAL-IN > aaa authorization group psk list FLEX-AUTHZ BRANCHES"
    yield edited(
        hub_fqdn,
        put("lists", {"FLEX": "local"}),
        "AZN001",
        at,
        "Using mlist FLEX-AUTHZ and username BRANCHES",
        "FLEX",
    )
    at = "crypto ikev2 profile CUSTOMER-CPE > aaa authorization group psk list VPN CUST-POL"
    yield edited(
        hub_vrf, put("authors.0.name", "CUST"), "AZN002", at, "username CUST-POL", "CUST", allows="REF037 REF015"
    )
    at = "crypto ikev2 profile STORES > aaa authorization group psk list RAD stores-group"
    yield edited(hub_radius, put("lists", {}), "AZN001", at, "Using mlist RAD", "RAD", allows="REF037")
    yield harmless(hub_fqdn, put("lists", {"FLEX-AUTHZ": "local", "OTHER": "local"}), "One list more", "REF037")


@fault("address-outside-pool", "The address that was given out lies in no range of the pool")
def outside_pool() -> Iterator[Draft]:
    at = "ip local pool OVERLAY 10.77.3.10 10.77.3.200"
    yield edited(
        hub_fqdn,
        put("pools", {"OVERLAY": ("10.77.3.10", "10.77.3.200")}),
        "AZN005",
        at,
        "ipv4-addr, length: 4, data: 10.77.1.13",
        "10.77.1.13",
    )
    at = "ip local pool P-LARGE 172.20.2.100 172.20.2.254"
    pools = {"P-SMALL": ("172.20.1.1", "172.20.1.63"), "P-LARGE": ("172.20.2.100", "172.20.2.254")}
    yield edited(hub_address, put("pools", pools), "AZN005", at, "data: 172.20.2.4", "172.20.2.4")
    yield harmless(
        hub_fqdn, put("pools", {"OVERLAY": ("10.77.1.13", "10.77.1.14")}), "The pool has just enough addresses"
    )


@fault("stale-route-set", "The prefixes that were sent are not those that the policy sends now")
def stale_routes() -> Iterator[Draft]:
    at = "crypto ikev2 authorization policy BRANCHES > route set access-list DC-ROUTES || crypto ikev2 authorization policy BRANCHES > route set interface || ip access-list standard DC-ROUTES"
    log = "ipv4-subnet, length: 8, data: 10.20.0.0 255.255.255.0"
    yield edited(
        hub_fqdn, put("acls", {"DC-ROUTES": ["10 permit 10.30.0.0 0.0.0.255"]}), "AZN006", at, log, "10.20.0.0/24"
    )
    at = "crypto ikev2 authorization policy LARGE || crypto ikev2 authorization policy LARGE > route set interface"
    log = "data: 172.21.0.0 255.255.0.0 || data: 172.20.8.0 255.255.252.0"
    yield edited(hub_address, put("authors.1.route_acl", None), "AZN006", at, "", "172.20.8.0/22", allows="REF037")
    at = "crypto ikev2 authorization policy CUST-POL > route set access-list MORE || ip access-list standard MORE > permit 10.99.0.0 0.0.255.255"

    def more(site: Site) -> None:
        site.authors[0].route_acl = "MORE"
        site.acls["MORE"] = ["permit 10.99.0.0 0.0.255.255"]

    yield edited(hub_vrf, more, "AZN006 AZN010", at, "", "10.99.0.0/16")
    del log
    yield harmless(
        hub_fqdn,
        put("acls", {"DC-ROUTES": ["20 permit 10.20.0.0 0.0.0.255"], "X": ["permit 10.1.1.0 0.0.0.255"]}),
        "Another number, another list",
    )


@fault("route-in-other-vrf", "Routes of the peer were added in another VRF than that of the virtual-template")
def other_vrf() -> Iterator[Draft]:
    at = "interface Virtual-Template7 type tunnel"
    yield edited(
        hub_vrf,
        put("tunnels.0.vrf", None),
        "TUN002",
        at,
        "VPN Route Added 10.66.0.0 255.255.255.0",
        "CUSTOMER",
        "global",
    )

    def moved(site: Site) -> None:
        site.vrfs.append("GOLD")
        site.tunnels[0].vrf = "GOLD"

    at = "interface Virtual-Template7 type tunnel > vrf forwarding GOLD"
    yield edited(
        hub_vrf, moved, "TUN002", at, "VPN Route Added 10.66.0.0 255.255.255.0", "CUSTOMER", "GOLD", allows="TUN131"
    )
    yield harmless(hub_vrf, lambda s: s.vrfs.append("GOLD"), "One VRF more", "REF037")


@fault("unaccepted-routes", "Routes of the peer were installed, and the policy accepts none now")
def unaccepted() -> Iterator[Draft]:
    at = (
        "crypto ikev2 authorization policy BRANCHES > no route accept any || crypto ikev2 authorization policy BRANCHES"
    )

    def refuse(site: Site) -> None:
        site.authors[0].accept = False
        site.authors[0].extra.append("no route accept any")

    yield edited(hub_fqdn, refuse, "AZN011", at, "VPN Route Added 10.21.0.0 255.255.255.0", "10.21.0.0")
    yield harmless(hub_vrf, put("authors.0.extra", ["route accept any distance 20"]), "Another distance")


@fault("stale-own-identity", "This router showed another identity than `identity local` gives now")
def own_identity() -> Iterator[Draft]:
    at = "crypto ikev2 profile DIAL-IN > identity local fqdn hub.example.net"
    log = "Constructing IDr payload: 'berlin.example.net'"
    yield edited(hub_fqdn, put("profiles.0.local_id", "fqdn hub.example.net"), "AUT010", at, log, "hub.example.net")
    at = "crypto ikev2 profile HUB"
    log = "Constructing IDi payload: 'koeln.example.net'"
    yield edited(spoke_fqdn, put("profiles.0.local_id", None), "AUT010", at, log, "203.0.113.21")
    at = "crypto ikev2 profile TO-PE > identity local key-id cpe1@isp.example"
    log = "Constructing IDi payload: 'cpe1@isp.example'"
    yield edited(spoke_vrf, put("profiles.0.local_id", "key-id cpe1@isp.example"), "AUT010", at, log, "key")
    yield harmless(hub_address, put("profiles.0.local_id", "address 192.0.2.1"), "The default, written out")


@fault("stale-lifetime", "The lifetime of the IKE SA or the DPD interval is another one now")
def stale_timers() -> Iterator[Draft]:
    at = "crypto ikev2 profile SMALL-SITES > lifetime 3600"
    yield edited(
        hub_address, put("profiles.0.lifetime", 3600), "AUT011", at, "SA lifetime timer (43200 sec)", "43200", "3600"
    )
    at = "crypto ikev2 profile SMALL-SITES"
    yield edited(
        hub_address, put("profiles.0.lifetime", None), "AUT011", at, "SA lifetime timer (43200 sec)", "43200", "86400"
    )
    at = "crypto ikev2 profile HUB > dpd 60 5 on-demand"
    yield edited(
        spoke_fqdn,
        put("profiles.0.dpd", (60, 5)),
        "AUT012",
        at,
        "Initializing DPD, configured for 30 seconds",
        "30",
        "60",
    )
    yield harmless(spoke_fqdn, put("profiles.0.dpd", (30, 2)), "Another retry interval")


@fault("stale-ipsec-profile", "The virtual-template that was cloned belongs to another IKEv2 profile now, or is gone")
def stale_ipsec() -> Iterator[Draft]:
    at = "crypto ipsec profile IP-SMALL > set ikev2-profile LARGE-SITES"
    yield edited(hub_address, put("ipsec_profiles.0.profile", "LARGE-SITES"), "TUN001", at, "", "SMALL-SITES")
    at = "crypto ikev2 profile CUSTOMER-CPE > virtual-template 8"
    yield edited(hub_vrf, put("profiles.0.template", 8), "TUN001", at, "", "Virtual-Template7", allows="TUN117")
    yield harmless(hub_address, put("ipsec_profiles.0.pfs", "group14"), "PFS counts only when the SA is rekeyed")


@fault("stale-transform-set", "What was offered for ESP is in no transform-set of the ipsec profile now")
def stale_esp() -> Iterator[Draft]:
    at = "crypto ipsec transform-set ESP-GCM esp-aes 256 esp-sha256-hmac"
    log = "AES-GCM   Don't use ESN"
    yield edited(
        hub_fqdn,
        put("transform_sets.0.words", "esp-aes 256 esp-sha256-hmac"),
        "TUN008",
        at,
        log,
        "aes-gcm",
        "aes-cbc-256",
    )
    at = "crypto ipsec transform-set TS1 esp-aes 256 esp-sha512-hmac"
    yield edited(
        spoke_vrf,
        put("transform_sets.0.words", "esp-aes 256 esp-sha512-hmac"),
        "TUN008",
        at,
        "AES-CBC   SHA256   Don't use ESN",
        "sha256",
        "sha512",
    )
    yield harmless(
        hub_fqdn, put("transform_sets.0.words", "esp-gcm"), "Key lengths are not printed: nothing to be said"
    )


@fault("foreign-log", "No name of the log is in the configuration: the two are not of one router")
def foreign() -> Iterator[Draft]:
    was, peers = hub_fqdn()
    site, _ = hub_vrf()
    draft = Draft(site, peers, denied("LOG001", "x", "", "KOELN"), was=was)
    yield replace(
        draft, finds=tuple(replace(one, at=("VRF i0:f0",), file="router.log", verdict="") for one in draft.finds)
    )
    yield Draft(*hub_fqdn())
