"""The typed model of one device: what its configuration says, every value with its line and column.

Comes in: statements (`parse.py` builds these objects from them). Goes out: `Device`. Nothing here reads text, knows a
log, or judges. A value that is absent is None or an empty list; defaults of IOS are applied by `defaults.py` and by
`predict`, never stored here, so that "not configured" and "configured to the default" stay apart. No object prints its
values: a configuration is full of keys, and what is not generated need not be generated at every start.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

from flexlint.place import Place, TextFile, Word

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


class LineKind(StrEnum):
    """What a physical line of a configuration file is."""

    COMMAND = "command"
    COMMENT = "comment"
    BLANK = "blank"
    BANNER = "banner"
    CERTIFICATE = "certificate"
    NOISE = "noise"  # prompts alone, pager text, syslog lines, answers of the CLI in a terminal capture


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Line:
    """One physical line and the lines below it. `text` is stripped of indentation, prompt and trailing blanks;
    `column` is the 1-based column at which `text` begins in the file."""

    number: int
    column: int
    text: str
    kind: LineKind
    origin: TextFile
    children: list[Line] = field(default_factory=list)

    def place(self, note: str = "") -> Place:
        end = self.column + len(self.text)
        from flexlint.place import Role

        return Place(
            self.origin.path,
            self.number,
            self.column,
            self.number,
            end,
            self.origin.text_of(self.number),
            Role.CONFIG,
            note,
        )


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Statement:
    """A command line the grammar understood: `kind` is the name of the grammar's alternative (`identity_local`,
    `keyring_local` ...), `words` its values without the keywords, in the order they stand.

    `negated` is true for a `no` form, `defaulted` for a `default` form."""

    kind: str
    words: tuple[Word, ...]
    line: Line
    negated: bool = False
    defaulted: bool = False

    def place(self, note: str = "") -> Place:
        return self.line.place(note)


class Unparsed(NamedTuple):
    """A line of a modelled stanza that the grammar does not accept."""

    stanza: str  # kind of the stanza the line stands in, "global" at the top level
    word: Word  # the word that does not fit; empty at the end of the line when something is missing
    expected: tuple[str, ...]  # keywords and value names accepted at that place, in alphabetical order
    suggestion: str  # the keyword probably meant, or empty
    line: Line


class Secret:
    """A key or password. Its text never leaves this object: it prints masked, and compares in constant time."""

    __slots__ = ("_text", "encryption", "is_hex", "word_place")

    def __init__(self, text: str, encryption: str, is_hex: bool, place: Place) -> None:
        self._text = text
        self.encryption = encryption  # "" or "0" clear, "6" or "7" encrypted, "redacted" when a tool removed it
        self.is_hex = is_hex
        self.word_place = place

    @property
    def readable(self) -> bool:
        """Whether the clear text is known: type 0 or none, and not a placeholder."""
        return self.encryption in ("", "0")

    @property
    def length(self) -> int | None:
        """Length of the clear key in bytes, as `key len` of the debug counts it; None when it is encrypted."""
        if not self.readable:
            return None
        return (len(self._text.removeprefix("0x")) + 1) // 2 if self.is_hex else len(self._text.encode())

    def same_as(self, other: Secret) -> bool:
        """Whether both clear keys are equal; only meaningful when both are readable."""
        import hmac  # here, since its import costs more than reading most configurations

        return self.is_hex == other.is_hex and hmac.compare_digest(self._text.encode(), other._text.encode())

    def reveal_for_checks(self) -> str:
        """The clear text, for checks of its strength only. Never put it in a message."""
        return self._text

    def place(self, note: str = "") -> Place:
        return self.word_place._replace(note=note)

    def __repr__(self) -> str:
        return "Secret(********)"

    __str__ = __repr__


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Stanza:
    """What every object of the configuration has: its name, its header line, and every statement below it.

    `headers` holds all header lines when the stanza is repeated (IOS merges them); `line` is the first."""

    name: Word
    line: Line
    statements: list[Statement] = field(default_factory=list)
    headers: list[Line] = field(default_factory=list)
    implicit: bool = False  # true for an object IOS has without being told (defaults.py)

    def place(self, note: str = "") -> Place:
        return self.line.place(note)

    def said(self, kind: str) -> list[Statement]:
        """All statements of one kind, `no` forms left out."""
        return [s for s in self.statements if s.kind == kind and not s.negated and not s.defaulted]


# ---- crypto ikev2 -------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Proposal(Stanza):
    """`crypto ikev2 proposal`: transforms, each list in order of preference (config reference 1.1)."""

    encryption: list[Word] = field(default_factory=list)
    integrity: list[Word] = field(default_factory=list)
    prf: list[Word] = field(default_factory=list)
    group: list[Word] = field(default_factory=list)
    pqc: list[Word] = field(default_factory=list)
    pqc_optional: bool = False


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class LocalMatch:
    """`match address local A` or `match address local interface IF`."""

    word: Word
    is_interface: bool
    address: Address | None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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
    ppk: Statement | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Authentication:
    """One `authentication local|remote METHOD` line of a profile."""

    method: Method
    word: Word
    key: Secret | None
    query_identity: bool
    line: Line

    def place(self, note: str = "") -> Place:
        return self.word.place(note)


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class MethodList:
    """An `aaa authentication METHOD LIST` or `aaa accounting METHOD LIST` line of a profile; method None is all."""

    method: Word | None
    list: Word
    line: Line


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Dpd:
    """`dpd INTERVAL RETRY MODE` of a profile; both times in seconds."""

    interval: Word  # seconds
    retry: Word  # seconds
    mode: Word  # periodic or on-demand
    line: Line


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class TrustpointUse:
    """`pki trustpoint NAME [sign|verify]` of a profile."""

    name: Word
    role: str  # "sign", "verify" or "both"
    line: Line


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class RouteSet:
    """`route set ...` of an authorization policy. `kind`: interface, access-list, access-list-ipv6, remote, local."""

    kind: str
    word: Word | None  # interface or access list, None for the bare `route set interface`
    network: Network | None  # for remote and local
    line: Line


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
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


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class FlexClient(Stanza):
    """`crypto ikev2 client flexvpn`."""

    peers: list[ClientPeer] = field(default_factory=list)
    sources: list[ClientSource] = field(default_factory=list)
    tunnel: Word | None = None  # canonical interface name of `client connect`
    inside: list[Word] = field(default_factory=list)
    connect: str = "auto"
    connect_track: Word | None = None


# ---- crypto ipsec, crypto map, pki -----------------------------------------------------------------------------------


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Transform:
    """One transform with its key size: `esp-aes 256` has word `esp-aes` and size 256."""

    word: Word
    size: Word | None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class TransformSet(Stanza):
    """`crypto ipsec transform-set`: its transforms, and the mode of its sub-commands."""

    transforms: list[Transform] = field(default_factory=list)
    mode: str = "tunnel"
    mode_require: bool = False
    mode_line: Line | None = None
    esn: bool = False


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class IpsecProfile(Stanza):
    """`crypto ipsec profile` (Cisco-IOS-XE-crypto.yang)."""

    transform_sets: list[Word] = field(default_factory=list)
    ikev2_profile: Word | None = None
    isakmp_profile: Word | None = None
    pfs: Word | None = None  # group14 ...; for bare `set pfs` see pfs_line
    pfs_line: Line | None = None
    lifetime_seconds: Word | None = None
    lifetime_kilobytes: Word | None = None  # a number or "disable"
    lifetime_days: Word | None = None
    replay: Word | None = None  # "disable" or the window size
    responder_only: Statement | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class CryptoMapEntry(Stanza):
    """`crypto map NAME SEQ` or `crypto dynamic-map NAME SEQ`."""

    sequence: Word | None = None
    is_dynamic_map: bool = False
    dynamic: Word | None = None  # the dynamic map a static entry refers to
    acl: Word | None = None
    peers: list[Word] = field(default_factory=list)
    transform_sets: list[Word] = field(default_factory=list)
    ikev2_profile: Word | None = None
    isakmp_profile: Word | None = None
    pfs: Word | None = None
    pfs_line: Line | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Trustpoint(Stanza):
    """`crypto pki trustpoint`, as far as IKEv2 needs it."""

    enrollment: Statement | None = None
    subject_name: Word | None = None
    fqdn: Word | None = None
    revocation: list[Word] = field(default_factory=list)
    rsa_key: Word | None = None
    rsa_key_size: Word | None = None
    ec_key: Word | None = None
    hash: Word | None = None
    vrf: Word | None = None


class Criterion(NamedTuple):
    """One line of a certificate map: `field operator value`."""

    field: Word
    operator: Word  # co, eq, nc, ne; ge, lt for dates
    value: Word
    line: Line


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class CertificateMapEntry(Stanza):
    """`crypto pki certificate map NAME SEQ`: criteria of one entry are ANDed, entries of one name ORed (R)."""

    sequence: Word | None = None
    criteria: list[Criterion] = field(default_factory=list)


# ---- interfaces, vrf, aaa, pools ----------------------------------------------------------------------------------


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Protection:
    """`tunnel protection ipsec profile P [shared] [ikev2-profile Q]`."""

    profile: Word
    shared: bool
    ikev2_profile: Word | None
    isakmp_profile: Word | None
    line: Line


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Interface(Stanza):
    """Any interface. `name` is canonical (`Virtual-Template1`, `GigabitEthernet0/0/0`), columns as written.

    The tunnel part is filled for Tunnel and Virtual-Template interfaces only."""

    type: Word | None = None  # `type tunnel` of a Virtual-Template
    addresses: list[tuple[Word, IPv4Address, IPv4Network]] = field(default_factory=list)
    ipv6_addresses: list[tuple[Word, Network]] = field(default_factory=list)
    address_negotiated: Statement | None = None
    address_dhcp: Statement | None = None
    unnumbered: Word | None = None  # canonical interface name
    ipv6_unnumbered: Word | None = None
    vrf: Word | None = None  # `vrf forwarding` or `ip vrf forwarding`
    shutdown: Statement | None = None
    crypto_map: Word | None = None
    source: Word | None = None  # interface (canonical), address, or "dynamic"
    destination: Word | None = None  # address, name, or "dynamic"
    tunnel_mode: Word | None = None  # "gre ip", "gre multipoint", "ipsec ipv4" ...; None is gre ip
    tunnel_vrf: Word | None = None
    tunnel_key: Word | None = None
    protection: Protection | None = None
    nhrp_shortcut_template: Word | None = None
    nhrp_network_id: Word | None = None
    mtu: Word | None = None
    mss: Word | None = None

    @property
    def is_tunnel(self) -> bool:
        return self.name.startswith("Tunnel")

    @property
    def is_template(self) -> bool:
        return self.name.startswith("Virtual-Template")


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Vrf(Stanza):
    """`vrf definition` or `ip vrf`, with the address families it has."""

    is_definition: bool = True  # `vrf definition`, else the legacy `ip vrf`
    ipv4: bool = False
    ipv6: bool = False


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class AaaList(Stanza):
    """`aaa authentication login|authorization network|accounting network ... NAME METHODS`.

    `service` is "authentication login", "authorization network", "accounting network", "authorization exec" ...
    `methods` are as written, a server group as its name alone with `group` taken off: see `groups`."""

    service: str = ""
    methods: list[Word] = field(default_factory=list)  # local, radius, GROUPNAME, none, if-authenticated, cache ...
    groups: list[Word] = field(default_factory=list)  # those of `methods` that follow `group`


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class ServerGroup(Stanza):
    """`aaa group server`."""

    protocol: str = "radius"
    servers: list[Word] = field(default_factory=list)  # `server name S`
    private_servers: list[Statement] = field(default_factory=list)
    vrf: Word | None = None
    source_interface: Word | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class RadiusServer(Stanza):
    """`radius server`."""

    address: Word | None = None
    key: Secret | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class AttributeList(Stanza):
    """`aaa attribute list NAME`."""


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Username(Stanza):
    """`username`: only the attribute list it refers to."""

    attribute_list: Word | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class PoolRange:
    """One range of a pool; `low` and `high` are both in it."""

    first: Word
    last: Word | None
    low: Address
    high: Address
    group: str
    line: Line


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Pool(Stanza):
    """`ip local pool` (all ranges of one name) or `ipv6 local pool`."""

    ranges: list[PoolRange] = field(default_factory=list)
    version: int = 4


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class AccessList(Stanza):
    """A named or numbered access list. `kind`: standard, extended, ipv6."""

    kind: str = "standard"
    entries: list[tuple[str, Network | None, Line]] = field(default_factory=list)  # (permit|deny, source prefix, line)


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class RouteMap(Stanza):
    """`route-map NAME`."""


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Track(Stanza):
    """`track N ...`."""


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Other(Stanza):
    """A named object that only has to exist for references to it: `crypto isakmp profile`, `crypto keyring`,
    `crypto skip-client`, `crypto vpn anyconnect profile`, `crypto identity` ... `kind` says which."""

    kind: str = ""


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Device:
    """Everything read from one configuration. Dictionaries are keyed by name, case kept as IOS keeps it."""

    source: TextFile
    lines: list[Line] = field(default_factory=list)  # top-level lines of the outline
    hostname: Word | None = None
    version: Word | None = None
    proposals: dict[str, Proposal] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    keyrings: dict[str, Keyring] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    authorization_policies: dict[str, AuthorizationPolicy] = field(default_factory=dict)
    manglers: dict[str, NameMangler] = field(default_factory=dict)
    clients: dict[str, FlexClient] = field(default_factory=dict)
    transform_sets: dict[str, TransformSet] = field(default_factory=dict)
    ipsec_profiles: dict[str, IpsecProfile] = field(default_factory=dict)
    crypto_maps: list[CryptoMapEntry] = field(default_factory=list)
    trustpoints: dict[str, Trustpoint] = field(default_factory=dict)
    certificate_maps: dict[str, list[CertificateMapEntry]] = field(default_factory=dict)
    interfaces: dict[str, Interface] = field(default_factory=dict)
    vrfs: dict[str, Vrf] = field(default_factory=dict)
    aaa_lists: dict[tuple[str, str], AaaList] = field(default_factory=dict)  # (service, name)
    server_groups: dict[str, ServerGroup] = field(default_factory=dict)
    radius_servers: dict[str, RadiusServer] = field(default_factory=dict)
    attribute_lists: dict[str, AttributeList] = field(default_factory=dict)
    usernames: dict[str, Username] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    ipv6_pools: dict[str, Pool] = field(default_factory=dict)
    access_lists: dict[str, AccessList] = field(default_factory=dict)
    route_maps: dict[str, RouteMap] = field(default_factory=dict)
    tracks: dict[str, Track] = field(default_factory=dict)
    others: dict[tuple[str, str], Other] = field(default_factory=dict)  # (kind, name)
    globals: list[Statement] = field(default_factory=list)  # modelled one-line global commands, in file order
    disabled_defaults: dict[str, Line] = field(default_factory=dict)  # "proposal", "policy", ... by `no ... default`
    unparsed: list[Unparsed] = field(default_factory=list)
    out_of_scope: int = 0  # lines of stanzas and commands we do not model
    label: str = ""  # what tells the router apart in a file that holds several: its hostname, else its prompt
    not_ios: str = ""  # "asa", "nxos", "iosxr", "junos" ... when the file is another platform's: nothing else is filled

    @property
    def aaa_new_model(self) -> Statement | None:
        return self.global_statement("aaa_new_model")

    def global_statement(self, kind: str) -> Statement | None:
        """The last global one-liner of this kind that is not a `no` form."""
        for statement in reversed(self.globals):
            if statement.kind == kind:
                return None if statement.negated else statement
        return None

    @property
    def is_partial(self) -> bool:
        """Whether this is a snippet: no hostname, no version. Undefined references are then warnings, not errors."""
        return self.hostname is None and self.version is None
