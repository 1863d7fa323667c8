"""Which command lines open a stanza, and with which words the lines inside each kind of stanza begin.

Comes in: the text of a line. Goes out: the kind of stanza it opens, as the grammar names its start symbols.
"""

from __future__ import annotations

from flexlint.config.names import is_interface

_HEADERS: tuple[tuple[str, str], ...] = (
    ("crypto ikev2 proposal ", "proposal"),
    ("crypto ikev2 policy ", "policy"),
    ("crypto ikev2 keyring ", "keyring"),
    ("crypto ikev2 profile ", "profile"),
    ("crypto ikev2 authorization policy ", "authorization_policy"),
    ("crypto ikev2 name-mangler ", "name_mangler"),
    ("crypto ikev2 client flexvpn ", "flexvpn_client"),
    ("crypto ikev2 cluster", "cluster"),
    ("crypto ipsec transform-set ", "transform_set"),
    ("crypto ipsec profile ", "ipsec_profile"),
    ("crypto dynamic-map ", "crypto_map"),
    ("crypto map ", "crypto_map"),
    ("crypto pki trustpoint ", "trustpoint"),
    ("crypto ca trustpoint ", "trustpoint"),
    ("crypto pki certificate map ", "certificate_map"),
    ("crypto ca certificate map ", "certificate_map"),
    ("crypto pki certificate chain ", "certificate_chain"),
    ("crypto ca certificate chain ", "certificate_chain"),
    ("crypto isakmp policy ", "isakmp"),
    ("crypto isakmp profile ", "isakmp"),
    ("crypto keyring ", "isakmp"),
    ("interface ", "interface"),
    ("vrf definition ", "vrf"),
    ("ip vrf ", "vrf"),
    ("aaa group server ", "server_group"),
    ("aaa attribute list ", "attribute_list"),
    ("aaa server radius ", "other"),
    ("radius server ", "radius_server"),
    ("ip access-list ", "access_list"),
    ("ipv6 access-list ", "access_list"),
    ("route-map ", "route_map"),
    ("router ", "router"),
    ("line ", "line"),
    ("track ", "other"),
    ("class-map ", "other"),
    ("policy-map ", "other"),
)

# First words inside a stanza, for text that has lost its indentation. `description` fits nearly everywhere.
SUBCOMMANDS: dict[str, frozenset[str]] = {
    "proposal": frozenset({"encryption", "integrity", "prf", "group", "pqc", "description"}),
    "policy": frozenset({"proposal", "match", "description"}),
    "keyring": frozenset({"peer", "description"}),
    "peer": frozenset({"address", "description", "hostname", "identity", "pre-shared-key", "ppk"}),
    "profile": frozenset(
        "description match identity authentication keyring pki aaa virtual-template ivrf lifetime dpd nat "
        "initial-contact config-exchange reconnect anyconnect redirect dynamic shutdown config-mode".split()
    ),
    "authorization_policy": frozenset(
        "aaa backup-gateway banner configuration def-domain dhcp dns include-local-lan ipsec ipv6 mobileopt- "
        "serv netmask pfs pool route session-lifetime smartcard-removal-disconnect split-dns subnet-acl wins".split()
    ),
    "name_mangler": frozenset({"fqdn", "email", "dn", "eap"}),
    "flexvpn_client": frozenset({"peer", "source", "connect", "client", "backup"}),
    "cluster": frozenset("fqdn holdtime port standby-group master primary slave secondary shutdown".split()),
    "transform_set": frozenset({"mode", "esn"}),
    "ipsec_profile": frozenset(
        "description set responder-only reverse-route redundancy dialer rri-dvti-disable virtual-template".split()
    ),
    "crypto_map": frozenset({"description", "match", "set", "reverse-route", "qos"}),
    "trustpoint": frozenset(
        "enrollment subject-name fqdn ip-address serial-number revocation-check rsakeypair eckeypair hash "
        "auto-enroll chain-validation match authorization fingerprint vrf source usage eku crl password "
        "storage subject-alt-name ocsp on primary regenerate".split()
    ),
    "certificate_map": frozenset(
        "subject-name issuer-name alt-subject-name name unstructured-subject-name serial-number valid-start "
        "expires-on".split()
    ),
    "certificate_chain": frozenset({"certificate"}),
    "isakmp": frozenset(
        "authentication encr encryption hash group lifetime match keyring self-identity virtual-template "
        "client initiate pre-shared-key ca local-address vrf".split()
    ),
    "interface": frozenset(
        "description ip ipv6 vrf tunnel crypto shutdown mtu bandwidth delay load-interval negotiation duplex "
        "speed keepalive zone-member service-policy nhrp cdp standby encapsulation switchport arp mop ppp "
        "dialer peer snmp bfd mpls nat if-state carrier-delay media-type pppoe async channel-group isis "
        "ospfv3 lldp clns hold-queue no fair-queue autostate type".split()
    ),
    "vrf": frozenset({"rd", "description", "address-family", "route-target", "vpn", "exit-address-family"}),
    "server_group": frozenset({"server", "server-private", "ip", "deadtime", "load-balance", "attribute"}),
    "attribute_list": frozenset({"attribute"}),
    "radius_server": frozenset("address key timeout retransmit automate-tester pac non-standard backoff".split()),
    "access_list": frozenset({"permit", "deny", "remark", "sequence"}) | frozenset(map(str, range(1, 500))),
    "route_map": frozenset({"match", "set", "description", "continue"}),
    "router": frozenset(
        "network neighbor redistribute address-family exit-address-family bgp passive-interface eigrp auto- "
        "summary router-id distance default-information distribute-list maximum-paths summary-address timers "
        "log-adjacency-changes area default-metric version synchronization af-interface topology".split()
    ),
    "line": frozenset(
        "login password transport exec-timeout logging privilege access-class stopbits session-timeout speed".split()
    ),
    "other": frozenset(
        {"match", "class", "client", "delay", "object", "default-state", "bandwidth", "priority", "police"}
    ),
}


# First words of the top level that are the beginning of a sub-command of some stanza.
_GLOBAL_WORDS = frozenset(
    "key ip ipv6 line router radius ntp logging login enable service version boot clock banner track vrf aaa crypto "
    "interface show sh end en ex exit quit do no wr te ser int cry cla pol access dial default".split()
)


def is_subcommand(word: str, kind: str) -> bool:
    """Whether a line that begins with this word, in lower case and maybe abbreviated, may stand in such a stanza."""
    known = SUBCOMMANDS.get(kind, _NONE)
    if word in known:
        return True
    return len(word) > 1 and word not in _GLOBAL_WORDS and any(full.startswith(word) for full in known)


_NONE: frozenset[str] = frozenset()


def _spelled_out(text: str) -> str:
    """A header with the words spelled out that were abbreviated: `cry ike prof X`, `int gi1`; empty when it is none."""
    words = text.split(None, 4)
    if not words or len(words) < 2:
        return ""
    if "interface".startswith(words[0]):
        return f"interface {words[1]}" if len(words[0]) > 1 and is_interface(words[1]) else ""
    if not "crypto".startswith(words[0]) or len(words[0]) < 2:
        return ""
    full = ["crypto"]
    for word in words[1:]:
        begun = " ".join(full) + " "
        following = {p[len(begun) :].split(" ", 1)[0] for p, _ in _HEADERS if p.startswith(begun)}
        near = [one for one in following if one.startswith(word)]
        if word in near:
            near = [word]
        if following and len(near) != 1:
            break
        full.append(near[0] if near else word)
    return " ".join(full) + " "


def _by_first_word() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for prefix, kind in _HEADERS:
        found.setdefault(prefix.partition(" ")[0], []).append((prefix, kind))
    return found


_HEADERS_OF = _by_first_word()


def stanza_of(text: str, inside: bool = False) -> str:
    """The kind of stanza a command line opens, or empty. `inside` also knows `peer NAME` of a keyring."""
    lowered = text[:48].lower()
    first = lowered.partition(" ")[0]
    for prefix, kind in _HEADERS_OF.get(first, ()):
        if lowered.startswith(prefix):
            return kind
    if first not in _HEADERS_OF and first.startswith(("cr", "in")) and (spelled := _spelled_out(lowered)):
        for prefix, kind in _HEADERS_OF[spelled.partition(" ")[0]]:
            if spelled.startswith(prefix):
                return kind
    if inside and first == "peer" and lowered != "peer":
        return "peer"
    if inside and first == "address-family":
        return "vrf"
    return ""
