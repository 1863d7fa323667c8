"""Names: every one the configuration uses must be the name of something of the right kind.

Comes in: a device, and the table `references.tsv` of what names what. Goes out: findings of the family REF. One
resolver walks the table; which rule a missing name breaks, and which names need no definition, are data. A kind of
object that a file shows nothing of is not called missing in a snippet: the rest of the router is simply elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import NamedTuple

from flexlint.checks.device.wording import (
    available,
    doubtful,
    exchanged,
    hedged,
    is_placeholder,
    listed,
    probably_meant,
)
from flexlint.config.model import AaaList, Authorization, Device, Interface, Profile, Stanza
from flexlint.data import folder, read_table
from flexlint.finding import Confidence, Finding, Severity
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check

NETWORK, LOGIN = "authorization network", "authentication login"


class Reference(NamedTuple):
    """One row of `references.tsv`."""

    rule: str
    holders: str
    path: str
    kind: str
    implicit: frozenset[str]
    until_disabled: bool  # whether `default` is there unless a `no` line took it away


class Use(NamedTuple):
    """A name where it is used."""

    reference: Reference
    holder: Stanza
    name: Word


@cache
def references() -> tuple[Reference, ...]:
    rows = read_table(folder("grammars") / "facts" / "references.tsv")
    return tuple(
        Reference(
            row["rule"],
            row["from"],
            row["path"],
            row["to"],
            frozenset(row["implicit"].replace("!", "").split()),
            "default!" in row["implicit"],
        )
        for row in rows
    )


# The objects of each kind, by name.
KINDS: dict[str, Callable[[Device], Collection[str]]] = {
    "proposal": lambda d: d.proposals,
    "keyring": lambda d: d.keyrings,
    "certificate map": lambda d: d.certificate_maps,
    "trustpoint": lambda d: d.trustpoints,
    "name-mangler": lambda d: d.manglers,
    "authorization network list": lambda d: lists_of(d, NETWORK),
    "authentication login list": lambda d: lists_of(d, LOGIN),
    "accounting network list": lambda d: lists_of(d, "accounting network"),
    "IPv4 pool": lambda d: d.pools,
    "IPv6 pool": lambda d: d.ipv6_pools,
    "access list": lambda d: d.access_lists,
    "interface": lambda d: d.interfaces,
    "route map": lambda d: d.route_maps,
    "AAA attribute list": lambda d: d.attribute_lists,
    "virtual-template": lambda d: [name.removeprefix("Virtual-Template") for name in d.interfaces if _is_vt(name)],
    "IPsec profile": lambda d: d.ipsec_profiles,
    "IKEv2 profile": lambda d: d.profiles,
    "transform-set": lambda d: d.transform_sets,
    "VRF": lambda d: d.vrfs,
    "track object": lambda d: d.tracks,
    "AnyConnect profile": lambda d: [name for kind, name in d.others if "anyconnect" in kind],
}
DISABLED = {"proposal": "proposal", "IPsec profile": "ipsec profile", "transform-set": "transform-set"}
HOLDERS = {
    "profiles": "profile",
    "policies": "policy",
    "authorization_policies": "authorization policy",
    "ipsec_profiles": "IPsec profile",
    "interfaces": "interface",
    "clients": "client",
    "crypto_maps": "crypto map",
    "usernames": "user",
}


def _is_vt(name: str) -> bool:
    return name.startswith("Virtual-Template")


def lists_of(device: Device, service: str) -> dict[str, AaaList]:
    return {name: one for (of, name), one in device.aaa_lists.items() if of == service}


def holders_of(device: Device, collection: str) -> Collection[Stanza]:
    objects = getattr(device, collection)
    return objects.values() if isinstance(objects, dict) else objects


def names_at(thing: object, path: str) -> Iterator[Word]:
    """The words at a path of attributes; `route_sets[kind=interface].word` keeps the items of that kind."""
    head, _, rest = path.partition(".")
    attribute, _, wanted = head.removesuffix("]").partition("[")
    value = getattr(thing, attribute)
    for item in value if isinstance(value, list) else (value,):
        if item is None or (wanted and getattr(item, wanted.partition("=")[0]) != wanted.partition("=")[2]):
            continue
        if rest:
            yield from names_at(item, rest)
        elif isinstance(item, Word):
            yield item


def uses(device: Device) -> Iterator[Use]:
    """Every name the table knows, at the place where it is used."""
    for reference in references():
        for holder in holders_of(device, reference.holders):
            for name in names_at(holder, reference.path):
                yield Use(reference, holder, name)


def label(use: Use) -> str:
    return f"{HOLDERS[use.reference.holders]} '{use.holder.name}'"


def _is_interface_name(use: Use) -> bool:
    """A tunnel source may be an address or `dynamic` as well."""
    name = use.name
    return name[:1].isalpha() and name != "dynamic" and ":" not in name


def _severity(device: Device, related: Collection[object]) -> Severity | None:
    """A whole file: as the card says. A file without `version` may leave out what it shows nothing of."""
    if device.version is not None:
        return None
    if device.is_partial:
        return Severity.WARNING if related else Severity.NOTE
    return None if related else Severity.WARNING


def _related(use: Use, known: Collection[str]) -> Collection[str]:
    """What shows that the file has objects of that sort: a snippet shows its tunnels, seldom physical interfaces."""
    if use.reference.kind != "interface":
        return known
    family = use.name.rstrip("0123456789/.:")
    return [name for name in known if name.rstrip("0123456789/.:") == family]


@check(*sorted({one.rule for one in references()}), on=Scope.DEVICE)
def undefined_name(case: DeviceCase) -> Findings:
    """Every reference of the table whose target does not exist."""
    device = case.device
    defined = {kind: names(device) for kind, names in KINDS.items()}
    for use in uses(device):
        reference, name = use.reference, use.name
        known = defined[reference.kind]
        if name in known or name in reference.implicit or is_placeholder(name) or _elsewhere(use, device):
            continue
        message = f"{label(use)} names {reference.kind} '{name}', which is not defined; {available(name, known)}"
        finding = Finding(message).at(name).about(use.holder.name, reference.kind, name)
        finding.rule = reference.rule
        near = probably_meant(name, known)
        if near:
            edit = exchanged(name, near)
            finding.mend(f"name '{near}', or define '{name}'", *([edit] if edit else []))
        yield finding.lowered(_severity(device, _related(use, known)))


def _elsewhere(use: Use, device: Device) -> bool:
    """Whether another rule says it, or the name is not of this kind at all."""
    name, kind = use.name, use.reference.kind
    if kind == "interface" and not _is_interface_name(use):
        return True
    if kind == "trustpoint" and name.startswith("TP-self-signed-"):  # V: made by the device itself
        return True
    if kind == "keyring" and ("keyring", name) in _other_names(device):  # REF005
        return True
    return kind.endswith(" list") and _other_service(device, name, kind.removesuffix(" list")) is not None  # REF012


def _other_names(device: Device) -> set[tuple[str, str]]:
    return {("keyring", name) for kind, name in device.others if "keyring" in kind}


def _other_service(device: Device, name: str, service: str) -> AaaList | None:
    if (service, name) in device.aaa_lists or name == "default":
        return None
    return next((one for (_, known), one in device.aaa_lists.items() if known == name), None)


@check("REF003", on=Scope.DEVICE)
def disabled_default(case: DeviceCase) -> Findings:
    """`default` is named although a `no` line took the built-in object away."""
    device = case.device
    for use in uses(device):
        reference = use.reference
        line = device.disabled_defaults.get(DISABLED.get(reference.kind, ""))
        if use.name == "default" and reference.until_disabled and line is not None:
            known = [name for name in KINDS[reference.kind](device) if name != "default"]
            if "default" in KINDS[reference.kind](device):
                continue
            yield (
                Finding(f"{label(use)} names {reference.kind} 'default', which is switched off; {_defined(known)}")
                .at(use.name)
                .also(line, "switched off here")
                .about(use.holder.name, reference.kind, "default")
                .mend(f"name one of your own, or take away `{line.text}`")
            )


def _defined(known: Collection[str]) -> str:
    return f"defined: {listed(known)}" if known else "none is defined"


@check("REF005", on=Scope.DEVICE)
def ikev1_keyring(case: DeviceCase) -> Findings:
    """The profile's keyring exists only as `crypto keyring`, which IKEv2 never reads."""
    device = case.device
    old = {name: one for (kind, name), one in device.others.items() if "keyring" in kind}
    for profile in device.profiles.values():
        name = profile.keyring
        if name is not None and name not in device.keyrings and name in old:
            yield (
                Finding(
                    f"profile '{profile.name}' names keyring '{name}', which is defined only as an IKEv1 "
                    f"`crypto keyring`; IKEv2 keyrings: {listed(device.keyrings) or 'none'}"
                )
                .at(name)
                .also(old[name], "the IKEv1 keyring")
                .about(profile.name, name)
                .mend(f"define `crypto ikev2 keyring {name}` with its peers")
            )


@check("REF012", on=Scope.DEVICE)
def list_of_other_service(case: DeviceCase) -> Findings:
    """A list of that name exists, but for another AAA service."""
    device = case.device
    for use in uses(device):
        service = use.reference.kind.removesuffix(" list")
        if not use.reference.kind.endswith(" list") or use.reference.kind.startswith("access"):
            continue
        other = _other_service(device, use.name, service)
        if other is not None:
            yield (
                Finding(
                    f"{label(use)} needs an `aaa {service}` list '{use.name}', but that name is an "
                    f"`aaa {other.service}` list; `aaa {service}` lists: {listed(lists_of(device, service)) or 'none'}"
                )
                .at(use.name)
                .also(other, f"the `aaa {other.service}` list")
                .about(use.holder.name, service, use.name)
                .mend(f"add `aaa {service} {use.name} ...`")
            )


def used_lists(device: Device) -> Iterator[AaaList]:
    """The AAA lists IKEv2 profiles name, each once."""
    seen: set[tuple[str, str]] = set()
    for use in uses(device):
        key = (use.reference.kind.removesuffix(" list"), str(use.name))
        one = device.aaa_lists.get(key)
        if one is not None and key not in seen:
            seen.add(key)
            yield one


@check("REF013", on=Scope.DEVICE)
def undefined_server_group(case: DeviceCase) -> Findings:
    """A list that IKEv2 uses asks a server group which does not exist."""
    device = case.device
    for one in used_lists(device):
        for group in one.groups:
            if group in ("radius", "tacacs+", "ldap") or group in device.server_groups or is_placeholder(group):
                continue  # V: the three built-in groups hold every server of their protocol
            yield (
                Finding(
                    f"`aaa {one.service}` list '{one.name}' asks server group '{group}', which is not defined; "
                    f"{available(group, device.server_groups)}"
                )
                .at(group)
                .about(one.service, one.name, group)
                .lowered(_severity(device, device.server_groups))
            )


@check("REF014", on=Scope.DEVICE)
def undefined_radius_server(case: DeviceCase) -> Findings:
    """A RADIUS group names a server which does not exist."""
    device = case.device
    for group in device.server_groups.values():
        if group.protocol != "radius":
            continue
        for server in group.servers:
            if server not in device.radius_servers and not is_placeholder(server):
                yield (
                    Finding(
                        f"server group '{group.name}' names RADIUS server '{server}', which is not defined; "
                        f"{available(server, device.radius_servers)}"
                    )
                    .at(server)
                    .about(group.name, server)
                    .lowered(_severity(device, device.radius_servers))
                )


@check("REF015", on=Scope.DEVICE)
def undefined_authorization_policy(case: DeviceCase) -> Findings:
    """A fixed name is looked up locally, and no authorization policy has it."""
    device = case.device
    known = device.authorization_policies
    for profile, line, name, one in _looked_up_locally(device):
        if name in known or is_placeholder(name):
            continue
        if name == "default" and "authorization policy" not in device.disabled_defaults:
            continue
        first = one.methods[0] == "local"
        finding = Finding(
            f"profile '{profile.name}' authorizes {line.scope} '{name}' by list '{one.name}'"
            f"{'' if first else ' (after ' + one.methods[0] + ')'}, but there is no authorization policy '{name}'; "
            f"{available(name, known)}"
        )
        near = probably_meant(name, known)
        edit = exchanged(name, near) if near else None
        finding.at(name).also(one, "looks the name up locally").about(profile.name, line.scope, name)
        finding.mend(f"define `crypto ikev2 authorization policy {name}`", *([edit] if edit else []))
        yield finding.lowered(_severity(device, known) or (None if first else Severity.WARNING))


def _looked_up_locally(device: Device) -> Iterator[tuple[Profile, Authorization, Word, AaaList]]:
    for profile in device.profiles.values():
        for line in profile.authorizations:
            one = device.aaa_lists.get((NETWORK, line.list or ""))
            if line.name is not None and one is not None and "local" in one.methods:
                yield profile, line, line.name, one


@check("REF029", on=Scope.DEVICE)
def vrf_without_address_family(case: DeviceCase) -> Findings:
    """A `vrf definition` without `address-family ipv4` where IPv4 is used in it."""
    device = case.device
    for interface in device.interfaces.values():
        vrf = device.vrfs.get(interface.vrf or "")
        if vrf is None or not vrf.is_definition or vrf.ipv4 or not (interface.addresses or interface.unnumbered):
            continue
        finding = (
            Finding(f"VRF '{vrf.name}' of {interface.name} has an IPv4 address but no `address-family ipv4`")
            .at(vrf)
            .also(interface.vrf, "used with IPv4 here")
            .about(vrf.name)
            .mend("add ` address-family ipv4` to the VRF")
        )
        yield from hedged(finding, device, vrf)


@check("REF030", on=Scope.DEVICE)
def unusable_tunnel_source(case: DeviceCase) -> Findings:
    """The interface a tunnel starts from or borrows its address of is shut down or has no address."""
    device = case.device
    for tunnel in device.interfaces.values():
        if tunnel.shutdown is not None:
            continue
        for name in (tunnel.source, tunnel.unnumbered):
            source = device.interfaces.get(name or "")
            why = _unusable(source) if source is not None else ""
            if name is None or source is None or not why:
                continue
            finding = Finding(f"{tunnel.name} takes its address from {source.name}, which {why}").at(name)
            finding.also(source.shutdown or source).about(tunnel.name, source.name, why)
            if why != "is shut down":  # an address may be learnt in ways this file does not show
                finding.lowered(Severity.WARNING, Confidence.MEDIUM)
            yield from hedged(finding, device, source)


def _unusable(source: Interface) -> str:
    if source.shutdown is not None:
        return "is shut down"
    addressed = (
        source.addresses
        or source.ipv6_addresses
        or source.unnumbered
        or source.ipv6_unnumbered
        or source.address_dhcp
        or source.address_negotiated
    )
    return "" if addressed or not source.statements else "has no address"


# Objects that do nothing unless something names them, and where they are named.
UNUSED = {
    "keyrings": "keyring",
    "manglers": "name-mangler",
    "transform_sets": "transform-set",
    "ipsec_profiles": "IPsec profile",
    "certificate_maps": "certificate map",
}


@check("REF036", on=Scope.DEVICE)
def unattached_proposal(case: DeviceCase) -> Findings:
    """A proposal that no policy names is never offered nor accepted."""
    device = case.device
    attached = {str(name) for policy in device.policies.values() for name in policy.proposals}
    for proposal in device.proposals.values():
        if proposal.name in attached or proposal.name == "default" or proposal.implicit:
            continue
        finding = Finding(
            f"proposal '{proposal.name}' belongs to no policy and is never used; "
            f"policies: {listed(device.policies) or 'none'}"
        )
        finding.at(proposal.name).about(proposal.name).mend(f"add ` proposal {proposal.name}` to a policy")
        if not doubtful(device, *device.policies.values()):
            yield finding.lowered(Severity.NOTE if device.is_partial and not device.policies else None)


@check("REF037", on=Scope.DEVICE)
def unused_object(case: DeviceCase) -> Findings:
    """A keyring, mangler, transform-set, IPsec profile or certificate map that nothing names."""
    device = case.device
    if device.version is None:  # a snippet shows an object for its own sake
        return
    named = {(use.reference.kind, str(use.name)) for use in uses(device)}
    for collection, kind in UNUSED.items():
        for name, held in getattr(device, collection).items():
            one = held[0] if isinstance(held, list) else held
            if (kind, str(name)) not in named and name != "default" and not one.implicit:
                yield Finding(f"{kind} '{name}' is defined and nothing names it").at(one.name).about(kind, name)


@check("REF038", on=Scope.DEVICE)
def unnamed_profile(case: DeviceCase) -> Findings:
    """No IPsec profile, tunnel or crypto map names the IKEv2 profile: this router cannot initiate with it."""
    device = case.device
    if not (device.ipsec_profiles or device.crypto_maps):
        return
    named = {str(use.name) for use in uses(device) if use.reference.kind == "IKEv2 profile"}
    for profile in device.profiles.values():
        if profile.name not in named and profile.shutdown is None:
            yield (
                Finding(
                    f"no IPsec profile and no crypto map names IKEv2 profile '{profile.name}': "
                    "this router can answer with it but never initiate"
                )
                .at(profile.name)
                .about(profile.name)
            )
