"""A FlexVPN router as a handful of values, and the running configuration it would print.

Comes in: a `Site` that a test fills in. Goes out: configuration text, in the order of `show running-config`. It knows
nothing of flexlint: what is written here is the second opinion that flexlint is held against.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field


@dataclass
class Proposal:
    name: str
    encryption: list[str]
    integrity: list[str]
    group: list[str]
    prf: list[str] = field(default_factory=list)
    pqc: str = ""  # mlkem768, mlkem768 optional


@dataclass
class Policy:
    name: str
    proposals: list[str]
    fvrf: str | None = None
    local: str | None = None


@dataclass
class Block:
    """A peer of a keyring. `address` and `identity` are what stands after the keyword."""

    name: str
    address: str | None = None
    identity: str | None = None
    key: str | None = None
    local_key: str | None = None
    remote_key: str | None = None
    extra: list[str] = field(default_factory=list)


@dataclass
class Keyring:
    name: str
    blocks: list[Block]


@dataclass
class Author:
    """`aaa authorization SCOPE METHOD list LIST NAME`, or with a name-mangler."""

    scope: str
    method: str
    list: str
    name: str | None = None
    mangler: str | None = None


@dataclass
class Profile:
    """`matches` are what stands after `match identity remote`; `local_id` after `identity local`."""

    name: str
    matches: list[str]
    fvrf: str | None = None
    local_address: str | None = None
    certificate_map: str | None = None
    local_id: str | None = None
    remote: list[str] = field(default_factory=lambda: ["pre-share"])
    local: str | None = "pre-share"
    keyring: str | None = None
    trustpoint: str | None = None
    lifetime: int | None = None
    dpd: tuple[int, int] | None = None
    authors: list[Author] = field(default_factory=list)
    template: int | None = None
    eap_list: str | None = None
    extra: list[str] = field(default_factory=list)


@dataclass
class AuthorPolicy:
    name: str
    pool: str | None = None
    route_interface: bool = False
    route_acl: str | None = None
    accept: bool = True
    extra: list[str] = field(default_factory=list)


@dataclass
class TransformSet:
    name: str
    words: str  # esp-aes 256 esp-sha256-hmac
    mode: str | None = None


@dataclass
class IpsecProfile:
    name: str
    sets: list[str]
    profile: str | None = None
    pfs: str | None = None


@dataclass
class Tunnel:
    """A Virtual-Template (responder) or a Tunnel (initiator)."""

    name: str
    protection: str | None
    mode: str | None = None  # None is GRE, which is not printed
    unnumbered: str | None = "Loopback0"
    address: str | None = None
    source: str | None = None
    destination: str | None = None
    vrf: str | None = None
    fvrf: str | None = None
    type: str = "tunnel"
    extra: list[str] = field(default_factory=list)


@dataclass
class Site:
    hostname: str
    wan: tuple[str, str, str] = ("GigabitEthernet1", "198.51.100.10", "255.255.255.240")
    gateway: str = "198.51.100.1"
    release: str = "17.9"
    domain: str = "example.net"
    wan_vrf: str | None = None
    vrfs: list[str] = field(default_factory=list)
    loopback: str = "10.77.0.1"
    lan: str = "10.20.0.1 255.255.255.0"
    new_model: bool = True
    lists: dict[str, str] = field(default_factory=dict)  # name to methods of `aaa authorization network`
    logins: dict[str, str] = field(default_factory=dict)
    authors: list[AuthorPolicy] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    keyrings: list[Keyring] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=list)
    transform_sets: list[TransformSet] = field(default_factory=list)
    ipsec_profiles: list[IpsecProfile] = field(default_factory=list)
    tunnels: list[Tunnel] = field(default_factory=list)
    pools: dict[str, tuple[str, str]] = field(default_factory=dict)
    acls: dict[str, list[str]] = field(default_factory=dict)
    manglers: dict[str, list[str]] = field(default_factory=dict)
    certificate_maps: dict[str, list[str]] = field(default_factory=dict)
    trustpoints: dict[str, list[str]] = field(default_factory=dict)
    radius: list[str] = field(default_factory=list)
    crypto: list[str] = field(default_factory=list)  # further global crypto lines
    globals: list[str] = field(default_factory=list)

    def copy(self) -> Site:
        return deepcopy(self)

    @property
    def local(self) -> str:
        """The public address of the router."""
        return self.wan[1]

    def profile(self, name: str | None = None) -> Profile:
        return next(p for p in self.profiles if name is None or p.name == name)

    def block(self, name: str) -> Block:
        return next(b for k in self.keyrings for b in k.blocks if b.name == name)

    def tunnel(self, name: str) -> Tunnel:
        return next(t for t in self.tunnels if t.name == name)


def config(site: Site) -> str:
    """The whole running configuration."""
    return "\n".join(_lines(site)) + "\n"


def _lines(site: Site) -> Iterator[str]:
    yield from ("!", f"version {site.release}", "service timestamps debug datetime msec")
    yield from ("service timestamps log datetime msec", "!", f"hostname {site.hostname}", "!", "boot-start-marker")
    yield from ("boot-end-marker", "!")
    if site.new_model:
        yield from ("aaa new-model", "!")
    for name, methods in site.logins.items():
        yield f"aaa authentication login {name} {methods}"
    for name, methods in site.lists.items():
        yield f"aaa authorization network {name} {methods}"
    for name in site.vrfs:
        yield from ("!", f"vrf definition {name}", " !", " address-family ipv4", " exit-address-family")
    yield from ("!", f"ip domain name {site.domain}", "no ip http server", "!")
    for name, lines in site.trustpoints.items():
        yield from (f"crypto pki trustpoint {name}", *(f" {line}" for line in lines), "!")
    for name, lines in site.certificate_maps.items():
        yield from (f"crypto pki certificate map {name} 10", *(f" {line}" for line in lines), "!")
    yield from _ikev2(site)
    yield from _ipsec(site)
    yield from _interfaces(site)
    for name, (low, high) in site.pools.items():
        yield f"ip local pool {name} {low} {high}"
    yield "!"
    vrf = f"vrf {site.wan_vrf} " if site.wan_vrf else ""
    yield from (f"ip route {vrf}0.0.0.0 0.0.0.0 {site.gateway}", "!")
    for name, lines in site.acls.items():
        yield from (f"ip access-list standard {name}", *(f" {line}" for line in lines), "!")
    yield from site.radius
    yield from site.globals
    yield from ("line con 0", " exec-timeout 5 0", "line vty 0 4", " transport input ssh", "!")
    yield from (f"ntp server {site.gateway}", "!", "end")


def _ikev2(site: Site) -> Iterator[str]:
    for author in site.authors:
        yield f"crypto ikev2 authorization policy {author.name}"
        if author.pool:
            yield f" pool {author.pool}"
        yield from (f" {line}" for line in author.extra)
        if author.route_interface:
            yield " route set interface"
        if author.route_acl:
            yield f" route set access-list {author.route_acl}"
        if author.accept:
            yield " route accept any"
        yield "!"
    for name, rules in site.manglers.items():
        yield from (f"crypto ikev2 name-mangler {name}", *(f" {rule}" for rule in rules), "!")
    for proposal in site.proposals:
        yield f"crypto ikev2 proposal {proposal.name}"
        if proposal.encryption:
            yield f" encryption {' '.join(proposal.encryption)}"
        if proposal.integrity:
            yield f" integrity {' '.join(proposal.integrity)}"
        if proposal.prf:
            yield f" prf {' '.join(proposal.prf)}"
        if proposal.group:
            yield f" group {' '.join(proposal.group)}"
        if proposal.pqc:
            yield f" pqc {proposal.pqc}"
        yield "!"
    for policy in site.policies:
        yield f"crypto ikev2 policy {policy.name}"
        if policy.fvrf:
            yield f" match fvrf {policy.fvrf}"
        if policy.local:
            yield f" match address local {policy.local}"
        yield from (f" proposal {name}" for name in policy.proposals)
        yield "!"
    for keyring in site.keyrings:
        yield f"crypto ikev2 keyring {keyring.name}"
        for block in keyring.blocks:
            yield from _block(block)
        yield "!"
    for profile in site.profiles:
        yield from _profile(profile)
    yield from (*site.crypto, "!")


def _block(block: Block) -> Iterator[str]:
    yield f" peer {block.name}"
    if block.address:
        yield f"  address {block.address}"
    if block.identity:
        yield f"  identity {block.identity}"
    for words, key in (("", block.key), ("local ", block.local_key), ("remote ", block.remote_key)):
        if key:
            yield f"  pre-shared-key {words}{key}"
    yield from (f"  {line}" for line in block.extra)
    yield " !"


def _profile(profile: Profile) -> Iterator[str]:
    yield f"crypto ikev2 profile {profile.name}"
    if profile.fvrf:
        yield f" match fvrf {profile.fvrf}"
    if profile.local_address:
        yield f" match address local {profile.local_address}"
    yield from (f" match identity remote {match}" for match in profile.matches)
    if profile.certificate_map:
        yield f" match certificate {profile.certificate_map}"
    if profile.local_id:
        yield f" identity local {profile.local_id}"
    yield from (f" authentication remote {method}" for method in profile.remote)
    if profile.local:
        yield f" authentication local {profile.local}"
    if profile.keyring:
        yield f" keyring local {profile.keyring}"
    if profile.trustpoint:
        yield f" pki trustpoint {profile.trustpoint}"
    if profile.lifetime:
        yield f" lifetime {profile.lifetime}"
    if profile.dpd:
        yield f" dpd {profile.dpd[0]} {profile.dpd[1]} on-demand"
    if profile.eap_list:
        yield f" aaa authentication eap {profile.eap_list}"
    for author in profile.authors:
        tail = f" name-mangler {author.mangler}" if author.mangler else f" {author.name}" if author.name else ""
        yield f" aaa authorization {author.scope} {author.method} list {author.list}{tail}"
    if profile.template is not None:
        yield f" virtual-template {profile.template}"
    yield from (f" {line}" for line in profile.extra)
    yield "!"


def _ipsec(site: Site) -> Iterator[str]:
    for one in site.transform_sets:
        yield f"crypto ipsec transform-set {one.name} {one.words}"
        if one.mode:
            yield f" mode {one.mode}"
        yield "!"
    for profile in site.ipsec_profiles:
        yield f"crypto ipsec profile {profile.name}"
        if profile.sets:
            yield f" set transform-set {' '.join(profile.sets)}"
        if profile.pfs:
            yield f" set pfs {profile.pfs}"
        if profile.profile:
            yield f" set ikev2-profile {profile.profile}"
        yield "!"


def _interfaces(site: Site) -> Iterator[str]:
    vrf = next((t.vrf for t in site.tunnels if t.vrf in site.vrfs), None)
    yield "interface Loopback0"
    if vrf:
        yield f" vrf forwarding {vrf}"
    yield from (f" ip address {site.loopback} 255.255.255.255", "!")
    plain = [t for t in site.tunnels if t.name.startswith("Tunnel")]
    for tunnel in plain:
        yield from _tunnel(tunnel)
    name, address, mask = site.wan
    yield f"interface {name}"
    if site.wan_vrf:
        yield f" vrf forwarding {site.wan_vrf}"
    yield from (f" ip address {address} {mask}", " negotiation auto", "!")
    yield from ("interface GigabitEthernet2", *([f" vrf forwarding {vrf}"] if vrf else []))
    yield from (f" ip address {site.lan}", " negotiation auto", "!")
    for tunnel in site.tunnels:
        if tunnel not in plain:
            yield from _tunnel(tunnel)


def _tunnel(tunnel: Tunnel) -> Iterator[str]:
    is_template = tunnel.name.startswith("Virtual-Template")
    yield f"interface {tunnel.name}" + (f" type {tunnel.type}" if is_template and tunnel.type else "")
    if tunnel.vrf:
        yield f" vrf forwarding {tunnel.vrf}"
    if tunnel.address:
        yield f" ip address {tunnel.address}"
    elif tunnel.unnumbered:
        yield f" ip unnumbered {tunnel.unnumbered}"
    yield from (f" {line}" for line in tunnel.extra)
    if tunnel.source:
        yield f" tunnel source {tunnel.source}"
    if tunnel.mode:
        yield f" tunnel mode {tunnel.mode}"
    if tunnel.destination:
        yield f" tunnel destination {tunnel.destination}"
    if tunnel.fvrf:
        yield f" tunnel vrf {tunnel.fvrf}"
    if tunnel.protection:
        yield f" tunnel protection ipsec profile {tunnel.protection}"
    yield "!"
