"""Interfaces, VRFs, AAA, pools and access lists, as far as IKEv2 rests on them.

Comes in: statements, through the builders. Goes out: objects that hold what was said, None or empty where nothing was.
"""

from __future__ import annotations

from dataclasses import field
from ipaddress import IPv4Address, IPv4Network

from flexlint.config.model.base import Address, Line, Network, Secret, Stanza, Statement
from flexlint.fact import fact
from flexlint.place import Word


@fact
class Protection:
    """`tunnel protection ipsec profile P [shared] [ikev2-profile Q]`."""

    profile: Word
    shared: bool
    ikev2_profile: Word | None
    isakmp_profile: Word | None
    line: Line


@fact
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


@fact
class Vrf(Stanza):
    """`vrf definition` or `ip vrf`, with the address families it has."""

    is_definition: bool = True  # `vrf definition`, else the legacy `ip vrf`
    ipv4: bool = False
    ipv6: bool = False


@fact
class AaaList(Stanza):
    """`aaa authentication login|authorization network|accounting network ... NAME METHODS`.

    `service` is "authentication login", "authorization network", "accounting network", "authorization exec" ...
    `methods` are as written, a server group as its name alone with `group` taken off: see `groups`."""

    service: str = ""
    methods: list[Word] = field(default_factory=list)  # local, radius, GROUPNAME, none, if-authenticated, cache ...
    groups: list[Word] = field(default_factory=list)  # those of `methods` that follow `group`


@fact
class ServerGroup(Stanza):
    """`aaa group server`."""

    protocol: str = "radius"
    servers: list[Word] = field(default_factory=list)  # `server name S`
    private_servers: list[Statement] = field(default_factory=list)
    vrf: Word | None = None
    source_interface: Word | None = None


@fact
class RadiusServer(Stanza):
    """`radius server`."""

    address: Word | None = None
    key: Secret | None = None


@fact
class AttributeList(Stanza):
    """`aaa attribute list NAME`."""


@fact
class Username(Stanza):
    """`username`: only the attribute list it refers to."""

    attribute_list: Word | None = None


@fact
class PoolRange:
    """One range of a pool; `low` and `high` are both in it."""

    first: Word
    last: Word | None
    low: Address
    high: Address
    group: str
    line: Line


@fact
class Pool(Stanza):
    """`ip local pool` (all ranges of one name) or `ipv6 local pool`."""

    ranges: list[PoolRange] = field(default_factory=list)
    version: int = 4


@fact
class AccessList(Stanza):
    """A named or numbered access list. `kind`: standard, extended, ipv6."""

    kind: str = "standard"
    entries: list[tuple[str, Network | None, Line]] = field(default_factory=list)  # (permit|deny, source prefix, line)


@fact
class RouteMap(Stanza):
    """`route-map NAME`."""


@fact
class Track(Stanza):
    """`track N ...`."""


@fact
class Other(Stanza):
    """A named object that only has to exist for references to it: `crypto isakmp profile`, `crypto keyring`,
    `crypto skip-client`, `crypto vpn anyconnect profile`, `crypto identity` ... `kind` says which."""

    kind: str = ""
