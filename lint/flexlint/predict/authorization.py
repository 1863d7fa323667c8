"""Which authorization a session gets: the profile's line, the name it asks for, the AAA list, policy, pool and routes.

Comes in: a device, a profile, the peer's method and identity. Goes out: choices, the derived name with the sentence
that explains it, and the prefixes that will be pushed. What a RADIUS server answers is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from types import MappingProxyType

from flexlint.config.model import (
    AaaList,
    Authorization,
    AuthorizationPolicy,
    Device,
    IdentityKind,
    Interface,
    Method,
    Pool,
    Profile,
    RouteSet,
)
from flexlint.predict.model import Choice, Identity, Rejected, Sureness
from flexlint.predict.policy import DEFAULT, anchor

NETWORK = "authorization network"

# The keyword of an authorization line by the peer's method (V: Cisco-IOS-XE-crypto.yang, descriptions of the leaves).
KEYWORDS = {
    Method.PSK: "psk",
    Method.RSA: "cert",
    Method.ECDSA: "cert",
    Method.EAP: "eap",
    Method.ANYCONNECT: "anyconnect-eap",
}


def select_authorization(profile: Profile, method: Method | None, scope: str) -> Choice[Authorization]:
    """The `aaa authorization` line for the method the peer authenticated with; a line without a method fits all."""
    lines = [line for line in profile.authorizations if line.scope == scope]
    if not lines:
        return Choice(missing=f"{profile.name} has no `aaa authorization {scope}` line")
    method = method or _only_method(profile)
    keyword = KEYWORDS.get(method) if method is not None else None
    if keyword is None:
        sure = Sureness.PARTIAL
        return Choice(lines[0], also=lines[1:], sureness=sure, because=lines[0], contested="")
    fits = [line for line in lines if line.method is None or line.method == keyword]
    fits.sort(key=lambda line: line.method is None)
    rejected = [
        Rejected(line, f"serves peers that authenticate with {line.method}, not {keyword}", line)
        for line in lines
        if line not in fits
    ]
    if not fits:
        return Choice(rejected=rejected, missing=f"{profile.name} has no {scope} line for method {keyword}")
    return Choice(fits[0], rejected, because=fits[0])


def _only_method(profile: Profile) -> Method | None:
    methods = {one.method for one in profile.remote_auth}
    return methods.pop() if len(methods) == 1 else None


def authorization_name(
    device: Device,
    line: Authorization,
    identity: Identity | None,
    assumptions: Mapping[str, str] = MappingProxyType({}),
) -> tuple[str | None, str]:
    """The name that is asked for and how it comes about; None when it cannot be known or cannot be made."""
    if line.name is not None:
        return str(line.name), "named on the line"
    if line.mangler is not None:
        return _mangled(device, line.mangler, identity)
    if line.scope == "user" and identity is not None and not line.cached:
        return identity.value, "the peer's identity"  # V: FlexVPN guide, default user name
    if line.scope == "group" and identity is not None and assumptions.get("group-name") == "identity":
        return identity.value, "the peer's identity, as is assumed"
    return None, "the line gives neither name nor name-mangler"


def _mangled(device: Device, name: str, identity: Identity | None) -> tuple[str | None, str]:
    mangler = device.manglers.get(name)
    if mangler is None:
        return None, f"name-mangler {name} is not defined"
    if identity is None:
        return None, f"name-mangler {name} works on the peer's identity, which is not known"
    kind = identity.kind.value
    rule = mangler.rules.get(kind)
    if rule is None or not rule.words:
        return None, f"name-mangler {name} has no rule for {kind} identities"
    part = str(rule.words[-1])
    made = _part(identity, part)
    if made is None:
        return None, f"name-mangler {name} takes the {part} of {identity.value}, which has none"
    return made, f"name-mangler {name} takes the {part} of {identity.value}"


_DN_PARTS = {
    "common-name": "cn",
    "country": "c",
    "domain": "dc",
    "locality": "l",
    "organization": "o",
    "organization-unit": "ou",
    "state": "st",
}


def _part(identity: Identity, part: str) -> str | None:
    """The part of an identity that a mangler rule takes (V: Cisco-IOS-XE-crypto.yang)."""
    value = identity.value
    if part == "all":
        return value
    if identity.kind is IdentityKind.FQDN:
        head, _, tail = value.partition(".")
        return {"hostname": head, "domain": tail}.get(part) or None
    if identity.kind is IdentityKind.EMAIL:
        head, _, tail = value.partition("@")
        return {"username": head, "domain": tail}.get(part) or None
    if identity.kind is IdentityKind.DN and part in _DN_PARTS:
        for pair in value.split(","):
            key, _, text = pair.partition("=")
            if key.strip().lower() == _DN_PARTS[part] and text.strip():
                return text.strip()
    return None


def aaa_list_of(device: Device, line: Authorization | None) -> Choice[AaaList]:
    """The `aaa authorization network` list the line names."""
    if line is None or line.list is None:
        return Choice(missing="cached attributes need no list" if line is not None and line.cached else "")
    found = device.aaa_lists.get((NETWORK, line.list))
    if found is None:
        return Choice(missing=f"AAA list {line.list} is not defined", because=line.list)
    return Choice(found, because=line.list)


def authorization_policy_of(device: Device, aaa_list: AaaList | None, name: str | None) -> Choice[AuthorizationPolicy]:
    """The policy a `local` list finds under the name. With a server in the list too, which of them answers is open."""
    if aaa_list is None or name is None:
        return Choice(sureness=Sureness.PARTIAL)
    methods = [str(method) for method in aaa_list.methods]
    if "local" not in methods:
        return Choice(missing=f"AAA list {aaa_list.name} does not ask the local policies", sureness=Sureness.PARTIAL)
    sure = Sureness.SURE if methods[0] == "local" else Sureness.PARTIAL
    found = device.authorization_policies.get(name)
    if found is None and name == DEFAULT and "authorization policy" not in device.disabled_defaults:
        word, line = anchor(device)
        found = AuthorizationPolicy(word, line, implicit=True)
    if found is None:
        return Choice(missing=f"authorization policy {name} is not defined", sureness=sure)
    return Choice(found, sureness=sure, because=found)


def pool_of(device: Device, policy: AuthorizationPolicy | None) -> Choice[Pool]:
    if policy is None or policy.pool is None:
        return Choice(missing=f"{policy.name} names no pool" if policy is not None else "")
    found = device.pools.get(policy.pool)
    if found is None:
        return Choice(missing=f"pool {policy.pool} is not defined", because=policy.pool)
    return Choice(found, because=policy.pool)


def routes_sent(device: Device, policy: AuthorizationPolicy, template: Interface | None) -> list[IPv4Network] | None:
    """The IPv4 prefixes that the `route set` lines push, in their order; None when one of them cannot be known.

    An interface is sent as a host route of its address, an access list as the prefixes it permits (R: FlexVPN
    guide)."""
    if policy.implicit:
        return None
    out: list[IPv4Network] = []
    for line in policy.route_sets:
        found = routes_of(device, line, template)
        if found is None:
            return None
        out += [network for network in found if network not in out]
    return out


def routes_of(device: Device, line: RouteSet, template: Interface | None) -> list[IPv4Network] | None:
    """The IPv4 prefixes of one `route set` line; None when they cannot be known."""
    if line.kind == "interface":
        return _interface_routes(device, device.interfaces.get(line.word) if line.word else template)
    if line.kind == "access-list":
        return _permitted(device, line.word or "")
    if line.kind == "remote":
        return [line.network] if isinstance(line.network, IPv4Network) else []
    return []


def _interface_routes(device: Device, interface: Interface | None) -> list[IPv4Network] | None:
    if interface is not None and not interface.addresses and interface.unnumbered is not None:
        interface = device.interfaces.get(interface.unnumbered)
    if interface is None or not interface.addresses:
        return None
    _, address, _ = interface.addresses[0]
    return [IPv4Network(address)]


def _permitted(device: Device, name: str) -> list[IPv4Network] | None:
    """The prefixes a standard list permits; None where a deny entry other than `deny any`, or a wildcard that is none,
    leaves it open."""
    acl = device.access_lists.get(name)
    if acl is None or acl.kind != "standard":
        return None
    out: list[IPv4Network] = []
    for action, network, _ in acl.entries:
        if not isinstance(network, IPv4Network):
            return None
        if action == "permit":
            out.append(network)
        elif network.prefixlen:
            return None
    return out
