"""Names: every one the configuration uses must be the name of something of the right kind.

Comes in: a device, and the table `references.tsv` of what names what. Goes out: findings of the family REF. One
resolver walks the table; which rule a missing name breaks, and which names need no definition, are data. A kind of
object that a file shows nothing of is not called missing in a snippet: the rest of the router is simply elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import NamedTuple

from flexlint.checks.device.edits import renamed
from flexlint.checks.device.wording import (
    available,
    doubtful,
    is_placeholder,
    listed,
    probably_meant,
)
from flexlint.config.model import AaaList, AuthorizationPolicy, Device, Stanza
from flexlint.data import folder, read_table
from flexlint.finding import Finding, Severity
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check

# A name of these kinds is asked for when a session comes up, and a session that is up no longer needs it.
SAFE = frozenset(
    {
        "certificate map",
        "name-mangler",
        "authorization network list",
        "authentication login list",
        "accounting network list",
        "IPv4 pool",
        "IPv6 pool",
        "route map",
        "AAA attribute list",
        "track object",
    }
)
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
    "virtual-template": lambda d: {
        name.removeprefix("Virtual-Template"): one for name, one in d.interfaces.items() if _is_vt(name)
    },
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


def severity_of_missing(device: Device, related: Collection[object]) -> Severity | None:
    """A whole file: as the card says. A file without `version` may leave out what it shows nothing of."""
    if device.version is not None:
        return None
    if device.is_partial:
        return Severity.WARNING if related else Severity.NOTE
    return None if related else Severity.WARNING


def _related(use: Use, known: Collection[str], families: Collection[str]) -> Collection[str]:
    """What shows that the file has objects of that sort: a snippet shows its tunnels, seldom physical interfaces."""
    if use.reference.kind != "interface":
        return known
    family = _family(use.name)
    return [family] if family in families else []


def _is_of_the_box(interface: str) -> bool:
    """Whether an interface is a port, or one below it, and not one that exists because it is configured."""
    return _family(interface.partition(".")[0]).endswith(("Ethernet", "GigE", "Serial", "Cellular", "ATM"))


def _family(interface: str) -> str:
    return interface.rstrip("0123456789/.:")


@check(*sorted({one.rule for one in references()}), on=Scope.DEVICE)
def undefined_name(case: DeviceCase) -> Findings:
    """Every reference of the table whose target does not exist."""
    device = case.device
    defined = {kind: names(device) for kind, names in KINDS.items()}
    families = {_family(name) for name in device.interfaces}
    every = list(uses(device))
    named = {(use.reference.kind, str(use.name)) for use in every}
    for use in every:
        reference, name = use.reference, use.name
        known = defined[reference.kind]
        if name in known or name in reference.implicit or is_placeholder(name) or _elsewhere(use, device):
            continue
        if reference.kind == "interface" and device.is_partial and not _related(use, known, families):
            continue  # most snippets show a tunnel without the interface it starts from
        is_port = reference.kind == "interface" and _is_of_the_box(name)  # another port is not what was meant
        there = _defined(known) if is_port else available(name, known)
        message = f"{label(use)} names {reference.kind} '{name}', which is not defined; {there}"
        finding = Finding(message).at(name).about(use.holder.name, reference.kind, name)
        finding.rule = reference.rule
        near = None if is_port else probably_meant(name, known)
        if near:
            taken = [one for kind, one in named if kind == reference.kind]
            edits = renamed(name, known, taken)
            finding.mend(f"name '{near}', or define '{name}'", *edits, safe=reference.kind in SAFE)
        if isinstance(use.holder, AuthorizationPolicy) and reference.kind == "interface":
            finding.lowered(Severity.WARNING)  # one route is not pushed, the session comes up
        severity = severity_of_missing(device, _related(use, known, families))
        if is_port and device.version is None:
            severity = Severity.NOTE  # it is there without a line, and only a whole configuration shows it
        yield finding.lowered(severity)


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

    yield from _implicit_policy(device)


def _implicit_policy(device: Device) -> Findings:
    """Without a policy of its own a router negotiates by the implicit one, which names the proposal `default`."""
    line = device.disabled_defaults.get("proposal")
    own = any(one.proposals for one in device.policies.values())
    if line is None or own or device.is_partial or not device.profiles or "default" in device.proposals:
        return
    profile = next(iter(device.profiles.values()))
    if not doubtful(device, *device.policies.values()):
        yield (
            Finding(
                "no IKEv2 policy names a proposal, and proposal 'default', which the built-in policy offers, is "
                "switched off: nothing can be negotiated"
            )
            .at(line)
            .also(profile.name, "a profile that needs it")
            .about("policy", "default", "proposal")
            .mend(f"attach a proposal of your own to a policy, or take away `{line.text}`")
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
