"""Which object each stanza becomes: its grammar, its shelf in the device, its builder, and whose its lines are.

Comes in: the name of a command of the top level. Goes out: how the stanza behind it is read. Tables only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flexlint.config import build_global, build_ikev2, build_interface, build_ipsec
from flexlint.config.building import Reading
from flexlint.config.model import (
    AccessList,
    AttributeList,
    AuthorizationPolicy,
    CertificateMapEntry,
    CryptoMapEntry,
    FlexClient,
    Interface,
    IpsecProfile,
    Keyring,
    NameMangler,
    Other,
    PeerBlock,
    Policy,
    Profile,
    Proposal,
    RadiusServer,
    RouteMap,
    ServerGroup,
    Track,
    TransformSet,
    Trustpoint,
    Username,
    Vrf,
)


class Kind(NamedTuple):
    """How the stanza behind a header is read: start symbol, where the object lives, how it is made and filled.

    `strict` stanzas are ours whole: each line is understood or reported. Of the others only lines whose first words
    are in `ours` must be understood."""

    start: str
    shelf: str
    make: Callable[..., Any]
    fill: Callable[[Any, Reading], None] | None
    strict: bool = True
    ours: tuple[str, ...] = ()


_INTERFACE = ("ip address", "ip unnumbered", "ip vrf forwarding", "vrf forwarding", "tunnel ", "crypto map", "shutdown")
STANZAS: dict[str, Kind] = {
    "ikev2_proposal": Kind("proposal", "proposals", Proposal, build_ikev2.proposal),
    "ikev2_policy": Kind("policy", "policies", Policy, build_ikev2.policy),
    "ikev2_keyring": Kind("keyring", "keyrings", Keyring, build_ikev2.keyring),
    "ikev2_profile": Kind("profile", "profiles", Profile, build_ikev2.profile),
    "ikev2_authorization_policy": Kind(
        "authorization_policy", "authorization_policies", AuthorizationPolicy, build_ikev2.authorization_policy
    ),
    "ikev2_name_mangler": Kind("name_mangler", "manglers", NameMangler, build_ikev2.name_mangler),
    "ikev2_client": Kind("flexvpn_client", "clients", FlexClient, build_ikev2.flexvpn_client),
    "ikev2_cluster": Kind("cluster", "", Other, None),
    "ipsec_transform_set": Kind("transform_set", "transform_sets", TransformSet, build_ipsec.transform_set),
    "ipsec_profile": Kind("ipsec_profile", "ipsec_profiles", IpsecProfile, build_ipsec.ipsec_profile),
    "trustpoint": Kind("trustpoint", "trustpoints", Trustpoint, build_ipsec.trustpoint),
    "interface": Kind("interface", "interfaces", Interface, build_interface.interface, False, _INTERFACE),
    "vrf_definition": Kind("vrf", "vrfs", Vrf, build_interface.vrf, strict=False),
    "ip_vrf": Kind("vrf", "vrfs", Vrf, build_interface.vrf, strict=False),
    "server_group": Kind("server_group", "server_groups", ServerGroup, build_global.server_group, strict=False),
    "radius_server": Kind("radius_server", "radius_servers", RadiusServer, build_global.radius_server, strict=False),
    "attribute_list": Kind("", "attribute_lists", AttributeList, None, strict=False),
    "acl_standard": Kind("access_list", "access_lists", AccessList, build_global.access_list, strict=False),
    "acl_extended": Kind("access_list", "access_lists", AccessList, build_global.access_list, strict=False),
    "acl_ipv6": Kind("access_list", "access_lists", AccessList, build_global.access_list, strict=False),
    "route_map": Kind("", "route_maps", RouteMap, None, strict=False),
    "track": Kind("", "tracks", Track, None, strict=False),
    "username": Kind("", "usernames", Username, None, strict=False),
}
PEER = Kind("peer", "", PeerBlock, build_ikev2.peer)
CRYPTO_MAP = Kind("crypto_map", "", CryptoMapEntry, build_ipsec.crypto_map, strict=False, ours=("set ikev2",))
CERTIFICATE_MAP = Kind("certificate_map", "", CertificateMapEntry, build_ipsec.certificate_map)
OTHERS = {
    "isakmp_keyring": "crypto keyring",
    "isakmp_profile": "crypto isakmp profile",
    "skip_client": "crypto skip-client",
    "crypto_identity": "crypto identity",
    "anyconnect_profile": "crypto vpn anyconnect profile",
}
# Lines at the top that begin like this are ours: they are understood or reported. The rest is out of scope.
OURS = (
    "crypto ikev2",
    "crypto ipsec profile",
    "crypto ipsec transform-set",
    "aaa authorization network",
    "aaa new-model",
    "interface ",
    "vrf definition",
    "ip local pool",
)
# `no` in front of these, or of the old word order, switches off an object that IOS has without being told (V).
DEFAULTS = {
    "ikev2_proposal": "proposal",
    "ikev2_policy": "policy",
    "ikev2_authorization_policy": "authorization policy",
    "ipsec_transform_set": "transform-set",
    "ipsec_profile": "ipsec profile",
}
# Inside a stanza these begin a command of the top level: IOS leaves the stanza when it meets one.
GLOBAL = (
    "crypto ",
    "cry ",
    "int ",
    "no crypto ",
    "aaa ",
    "interface ",
    "ip local pool",
    "hostname ",
    "vrf definition",
    "ip access-list",
)
