"""One change of a router's configuration: dropped, renamed, retyped, renumbered, swapped.

Comes in: a `Site`. Goes out: every `Mutation` there is of it, by walking through its values; each makes a changed copy.
Nothing here knows what a change means: `oracle` says that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from authoring.site import Site

# What is left alone: it says who the router is, or is no setting of IKEv2.
LEFT = frozenset(
    "hostname wan gateway release domain wan_vrf vrfs lan radius crypto globals extra source unnumbered scope type"
    " vrf".split()
)
# Values that a line may have besides its own, by class and field.
OTHERS: dict[str, list[Any]] = {
    "Profile.remote": ["pre-share", "rsa-sig"],
    "Profile.local": ["pre-share", "rsa-sig"],
    "Profile.fvrf": ["any", None],
    "Profile.local_address": ["192.0.2.77"],
    "Profile.dpd": [(30, 5), (45, 3), None],
    "Profile.lifetime": [3600, 86400, None],
    "Profile.template": [1, 2, 77],
    "Author.method": ["psk", "cert"],
    "AuthorPolicy.route_interface": [True, False],
    "Proposal.encryption": ["aes-cbc-256", "aes-cbc-128", "aes-gcm-256"],
    "Proposal.integrity": ["sha256", "sha512"],
    "Proposal.prf": ["sha256", "sha512"],
    "Proposal.group": ["14", "19", "20"],
    "Proposal.pqc": ["", "mlkem768 optional", "mlkem768"],
    "Policy.fvrf": ["any", None],
    "Policy.local": ["192.0.2.77", None],
    "Block.address": ["203.0.113.21", "203.0.113.200", "198.51.100.0 255.255.255.0", "0.0.0.0 0.0.0.0", None],
    "TransformSet.words": ["esp-gcm 256", "esp-aes 256 esp-sha256-hmac", "esp-aes esp-sha-hmac"],
    "TransformSet.mode": ["tunnel", "transport", None],
    "IpsecProfile.pfs": ["group14", "group19", None],
    "Tunnel.address": [],
    "Tunnel.name": [],
    "Tunnel.mode": ["ipsec ipv4", None],
    "Site.certificate_maps": ["subject-name co ou = staff", "issuer-name co cn = root", "subject-name co o = initech"],
    "Site.trustpoints": ["revocation-check none", "enrollment url http://192.0.2.80:80", "rsakeypair OTHER 2048"],
    "Site.logins": ["local", "group radius"],
    "Site.new_model": [False],
    "Site.loopback": ["10.77.0.9"],
    "Site.lists": ["local", "group radius", "none"],
    "Site.manglers": [["fqdn domain"], ["fqdn hostname"], ["email domain"]],
}


@dataclass(frozen=True)
class Mutation:
    text: str
    change: Callable[[Site], None]

    def of(self, site: Site) -> Site:
        changed = site.copy()
        self.change(changed)
        return changed


def mutations(site: Site) -> list[Mutation]:
    """Every single change of this site, always in the same order."""
    return [m for m in _walk(site, site, (), "") if m.of(site) != site]


def _walk(site: Site, value: Any, path: tuple[Any, ...], slot: str) -> Iterator[Mutation]:
    if is_dataclass(value):
        for field in fields(value):
            if field.name not in LEFT:
                yield from _slot(
                    site, getattr(value, field.name), (*path, field.name), f"{type(value).__name__}.{field.name}"
                )
        return
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        where = (*path, key)
        yield Mutation(f"{_text(where)} dropped", _dropper(where))
        if isinstance(value, dict):
            yield Mutation(f"{_text(where)} renamed", _renamer(where))
        yield from _slot(site, value[key], where, slot)


def _slot(site: Site, value: Any, path: tuple[Any, ...], slot: str) -> Iterator[Mutation]:
    for other in OTHERS.get(slot, []):
        if other != value and isinstance(value, list) == isinstance(other, list) and not isinstance(value, dict):
            yield Mutation(f"{_text(path)} = {other!r}", _setter(path, other))
    if isinstance(value, list) and len(value) > 1:
        yield Mutation(f"{_text(path)} reversed", _setter(path, value[::-1]))
    if isinstance(value, (list, dict)) or is_dataclass(value):
        yield from _walk(site, value, path, slot)
    elif isinstance(value, str) and slot not in OTHERS:
        name = slot.partition(".")[2]
        if name in _OPTIONAL:
            yield Mutation(f"{_text(path)} dropped", _setter(path, None))
        for other in _spellings(site, value, name):
            yield Mutation(f"{_text(path)} = {other!r}", _setter(path, other))


_OPTIONAL = frozenset(
    "local_id keyring trustpoint certificate_map eap_list pool route_acl protection profile identity key local_key"
    " remote_key".split()
)


def _spellings(site: Site, value: str, name: str) -> Iterator[str]:
    """Other values for a name, an identity, a key or an address."""
    if name in ("matches", "identity", "local_id"):
        kind, _, rest = value.partition(" ")
        for other in ("fqdn", "key-id", "email"):
            if other != kind and not rest.startswith("domain"):
                yield f"{other} {rest if kind != 'address' else 'x.example.net'}"
        if kind != "address":
            yield value[:-1] + ("x" if value[-1] != "x" else "y")
            yield value.replace(rest.removeprefix("domain ").partition(".")[0], "other", 1)
        else:
            yield "address 192.0.2.200"
        return
    if name in ("key", "local_key", "remote_key"):
        yield value + "-x"
        yield value[:-1] + ("x" if value[-1] != "x" else "y")
        return
    if name == "destination":
        yield "198.51.100.250"
        return
    if name == "acls":
        yield re.sub(r"\b(10|172|192)\.\d+\.", r"\1.97.", value, count=1)
        return
    if name == "pools":
        return
    yield value + "-X"
    if value.lower() != value:
        yield value.lower()
    for other in _alike(site, name):
        if other != value:
            yield other


def _alike(site: Site, name: str) -> list[str]:
    """Names of objects that a reference of this kind may name."""
    return {
        "keyring": [k.name for k in site.keyrings],
        "protection": [p.name for p in site.ipsec_profiles],
        "profile": [p.name for p in site.profiles],
        "list": list(site.lists),
        "pool": list(site.pools),
        "proposals": [p.name for p in site.proposals],
        "trustpoint": list(site.trustpoints),
        "certificate_map": list(site.certificate_maps),
        "eap_list": [*site.logins, *site.lists],
        "sets": [t.name for t in site.transform_sets],
    }.get(name, [])


def _parent(site: Site, path: tuple[Any, ...]) -> Any:
    at: Any = site
    for step in path[:-1]:
        at = getattr(at, step) if is_dataclass(at) else at[step]
    return at


def _setter(path: tuple[Any, ...], value: Any) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        at = _parent(site, path)
        if is_dataclass(at):
            setattr(at, path[-1], value)
        else:
            at[path[-1]] = value

    return change


def _dropper(path: tuple[Any, ...]) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        del _parent(site, path)[path[-1]]

    return change


def _renamer(path: tuple[Any, ...]) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        at = _parent(site, path)
        at[f"{path[-1]}-X"] = at.pop(path[-1])

    return change


def _text(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))
