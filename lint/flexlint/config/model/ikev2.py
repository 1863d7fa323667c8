"""The objects of `crypto ikev2`: proposals, policies, keyrings, profiles, authorization policies, clients.

Comes in: statements, through the builders. Goes out: objects that hold what was said, None or empty where nothing was.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import NamedTuple

from flexlint.config.model.base import Address, Line, Network, Secret, Stanza, Statement
from flexlint.fact import fact
from flexlint.place import Place, Word


@fact
class Proposal(Stanza):
    """`crypto ikev2 proposal`: transforms, each list in order of preference (config reference 1.1)."""

    encryption: list[Word] = field(default_factory=list)
    integrity: list[Word] = field(default_factory=list)
    prf: list[Word] = field(default_factory=list)
    group: list[Word] = field(default_factory=list)
    pqc: list[Word] = field(default_factory=list)
    pqc_optional: bool = False


@fact
class LocalMatch:
    """`match address local A` or `match address local interface IF`."""

    word: Word
    is_interface: bool
    address: Address | None


@fact
class Policy(Stanza):
    """`crypto ikev2 policy`. `fvrf` None means the global VRF only, "any" every VRF (V)."""

    proposals: list[Word] = field(default_factory=list)
    fvrf: Word | None = None
    local_addresses: list[LocalMatch] = field(default_factory=list)


class IdentityKind(StrEnum):
    """The identity types of IKEv2 as the commands name them (RFC 7296 section 3.5 for the wire types)."""

    ADDRESS = "address"  # ID_IPV4_ADDR, ID_IPV6_ADDR
    FQDN = "fqdn"  # ID_FQDN
    EMAIL = "email"  # ID_RFC822_ADDR
    KEY_ID = "key-id"  # ID_KEY_ID
    DN = "dn"  # ID_DER_ASN1_DN
    ANY = "any"


@fact
class IdentityMatch:
    """A statement that accepts identities: `match identity remote ...` of a profile, `identity ...` of a peer block.

    `domain` is true for `fqdn domain D` and `email domain D`. `network` is set for addresses (host routes included)."""

    kind: IdentityKind
    domain: bool
    value: Word | None
    network: Network | None
    line: Line

    def place(self, note: str = "") -> Place:
        return self.value.place(note) if self.value is not None else self.line.place(note)


@fact
class Ppk:
    """A post-quantum key of a peer block (RFC 8784): `ppk manual id ID key KEY [required]`, or `ppk dynamic CLIENT
    [required]`, which has neither id nor key."""

    id: Word | None
    key: Secret | None
    required: bool
    line: Line

    def place(self, note: str = "") -> Place:
        return self.line.place(note)


@fact
class PeerBlock(Stanza):
    """`peer NAME` inside an IKEv2 keyring. A block has one address and one identity at most."""

    keyring: str = ""
    address: Word | None = None
    network: Network | None = None
    hostname: Word | None = None
    identity: IdentityMatch | None = None
    key: Secret | None = None  # symmetric: `pre-shared-key K`
    local_key: Secret | None = None
    remote_key: Secret | None = None
    ppk: Ppk | None = None


@fact
class Keyring(Stanza):
    """`crypto ikev2 keyring`: the peer blocks, in file order."""

    peers: list[PeerBlock] = field(default_factory=list)


class Method(StrEnum):
    """Authentication methods as the configuration spells them."""

    PSK = "pre-share"
    RSA = "rsa-sig"
    ECDSA = "ecdsa-sig"
    EAP = "eap"
    ANYCONNECT = "anyconnect-eap"
    DYNAMIC = "dynamic"
    OTHER = "other"  # a signature method newer than this table; `word` has its spelling


# The keyword of an authorization line for each method of the peer (V: Cisco-IOS-XE-crypto.yang).
AUTHORIZATION_KEYWORD = {
    Method.PSK: "psk",
    Method.RSA: "cert",
    Method.ECDSA: "cert",
    Method.EAP: "eap",
    Method.ANYCONNECT: "anyconnect-eap",
}


@fact
class Authentication:
    """One `authentication local|remote METHOD` line of a profile."""

    method: Method
    word: Word
    key: Secret | None
    query_identity: bool
    line: Line

    def place(self, note: str = "") -> Place:
        return self.word.place(note)


@fact
class Authorization:
    """One `aaa authorization group|user METHOD ...` line of a profile.

    `method` is the keyword `psk`, `eap`, `cert`, `anyconnect-eap`, or None where the line has none (any method)."""

    scope: str  # "group" or "user"
    method: Word | None
    list: Word | None
    name: Word | None
    mangler: Word | None
    override: bool
    cached: bool
    has_password: bool
    line: Line

    def place(self, note: str = "") -> Place:
        return self.line.place(note)


@fact
class MethodList:
    """An `aaa authentication METHOD LIST` or `aaa accounting METHOD LIST` line of a profile; method None is all."""

    method: Word | None
    list: Word
    line: Line


@fact
class Dpd:
    """`dpd INTERVAL RETRY MODE` of a profile; both times in seconds."""

    interval: Word  # seconds
    retry: Word  # seconds
    mode: Word  # periodic or on-demand
    line: Line


@fact
class TrustpointUse:
    """`pki trustpoint NAME [sign|verify]` of a profile."""

    name: Word
    role: str  # "sign", "verify" or "both"
    line: Line


@fact
class Profile(Stanza):
    """`crypto ikev2 profile` (config reference 1.4)."""

    fvrf: Word | None = None
    local_addresses: list[LocalMatch] = field(default_factory=list)
    identities: list[IdentityMatch] = field(default_factory=list)
    certificate_maps: list[Word] = field(default_factory=list)
    identity_local_kind: IdentityKind | None = None
    identity_local: Word | None = None  # None for `identity local dn`
    identity_local_line: Line | None = None
    local_auth: list[Authentication] = field(default_factory=list)  # the last one is in force (R, 2.6)
    remote_auth: list[Authentication] = field(default_factory=list)
    keyring: Word | None = None  # `keyring local NAME` or the old `keyring NAME`
    keyring_aaa: Word | None = None  # `keyring aaa LIST`
    keyring_aaa_mangler: Word | None = None
    keyring_aaa_password: bool = False
    keyring_ppk: Word | None = None
    trustpoints: list[TrustpointUse] = field(default_factory=list)
    authentication_lists: list[MethodList] = field(default_factory=list)
    accounting_lists: list[MethodList] = field(default_factory=list)
    authorizations: list[Authorization] = field(default_factory=list)
    virtual_template: Word | None = None
    mode_auto: bool = False
    ivrf: Word | None = None
    lifetime: Word | None = None  # seconds
    dpd: Dpd | None = None
    anyconnect_profile: Word | None = None
    shutdown: Statement | None = None
    dynamic: Statement | None = None
    inbound_only: bool = False
    config_exchange_request: bool = True
    config_exchange_set_send: bool = True
    config_exchange_set_accept: bool = True


@fact
class RouteSet:
    """`route set ...` of an authorization policy. `kind`: interface, access-list, access-list-ipv6, remote, local."""

    kind: str
    word: Word | None  # interface or access list, None for the bare `route set interface`
    network: Network | None  # for remote and local
    line: Line


@fact
class AuthorizationPolicy(Stanza):
    """`crypto ikev2 authorization policy` (config reference 1.5)."""

    pool: Word | None = None
    ipv6_pool: Word | None = None
    netmask: Word | None = None
    attribute_list: Word | None = None
    route_sets: list[RouteSet] = field(default_factory=list)
    route_accept: Statement | None = None
    route_accept_map: Word | None = None
    dns: list[Word] = field(default_factory=list)
    def_domain: Word | None = None


@fact
class NameMangler(Stanza):
    """`crypto ikev2 name-mangler`: kind of identity (fqdn, email, dn, eap) to the part taken, as written."""

    rules: dict[str, Statement] = field(default_factory=dict)


class ClientPeer(NamedTuple):
    sequence: Word
    target: Word  # address or, with `is_fqdn`, a name
    is_fqdn: bool
    track: Word | None
    line: Line


class ClientSource(NamedTuple):
    sequence: Word
    interface: Word
    track: Word | None
    line: Line


@fact
class FlexClient(Stanza):
    """`crypto ikev2 client flexvpn`."""

    peers: list[ClientPeer] = field(default_factory=list)
    sources: list[ClientSource] = field(default_factory=list)
    tunnel: Word | None = None  # canonical interface name of `client connect`
    inside: list[Word] = field(default_factory=list)
    connect: str = "auto"
    connect_track: Word | None = None
