"""The objects that IOS has under the name `default` without being told, by release.

Comes in: a device, the name that something refers to, and the release. Goes out: the object of that name, configured or
implicit, or nothing. An implicit object is made anew and never stored in the device, so that "not configured" and
"configured to the default" stay apart; its words stand at the host name, the only line that speaks for the whole box.
What the objects hold is in `grammars/facts/defaults.tsv`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, TypeVar

from flexlint.config.model import (
    AuthorizationPolicy,
    Device,
    IpsecProfile,
    Line,
    LineKind,
    Policy,
    Proposal,
    RouteSet,
    Stanza,
    Statement,
    Transform,
    TransformSet,
)
from flexlint.data import folder, read_table
from flexlint.pattern import pattern
from flexlint.place import Word

S = TypeVar("S", bound=Stanza)

NAME = "default"
_RELEASE = pattern(r"\D{0,20}(\d{1,3})\.(\d{1,3})")


class Release(NamedTuple):
    """A release of IOS (15.x and older) or IOS XE (16, 17, 26): comparable; later parts are left out."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


def release_of(device: Device, override: str | None = None) -> Release | None:
    """The release of the `version` line, or `override` where the user has named one; None when neither says.

    `17.09.04a`, `17.9`, `15.4(3)M2` and `Version 16.12.1` are all read."""
    found = _RELEASE.match(override or device.version or "")
    return Release(int(found[1]), int(found[2])) if found else None


def proposals_named(device: Device, name: str, release: Release | None) -> list[Proposal]:
    """The IKEv2 proposal of this name. For the implicit `default` every content that this release may have: a fact
    about it is certain only when it holds for all of them. Empty when there is none."""
    if (configured := device.proposals.get(name)) is not None:
        return [configured]
    if not _exists(device, "proposal", name):
        return []
    word, line = anchor(device)
    found = []
    for settings in _variants("proposal", release):
        one = Proposal(word, line, implicit=True)
        one.encryption = _words(word, settings["encryption"])
        one.integrity = _words(word, settings["integrity"])
        one.group = _words(word, settings["group"])
        found.append(one)
    return found


def policy_named(device: Device, name: str) -> Policy | None:
    """The IKEv2 policy of this name; the implicit one serves every VRF and has the proposal `default`."""
    if (made := _named(device, device.policies, "policy", name, Policy)) is None or not made.implicit:
        return made
    settings = _variants("policy", None)[0]
    made.proposals = _words(made.name, settings["proposals"])
    made.fvrf = _words(made.name, settings["fvrf"])[0]
    return made


def authorization_policy_named(device: Device, name: str) -> AuthorizationPolicy | None:
    """The authorization policy of this name; the implicit one sends the interface's route and accepts any."""
    kind = "authorization policy"
    made = _named(device, device.authorization_policies, kind, name, AuthorizationPolicy)
    if made is not None and made.implicit:
        settings = _variants(kind, None)[0]
        made.route_sets = [RouteSet(settings["route set"], None, None, made.line)]
        made.route_accept = Statement("route_accept", (), made.line)
    return made


def transform_set_named(device: Device, name: str) -> TransformSet | None:
    """The transform-set of this name."""
    made = _named(device, device.transform_sets, "transform-set", name, TransformSet)
    if made is not None and made.implicit:
        settings = _variants("transform-set", None)[0]
        made.transforms = [Transform(word, None) for word in _words(made.name, settings["transforms"])]
        made.mode = settings["mode"]
    return made


def ipsec_profile_named(device: Device, name: str) -> IpsecProfile | None:
    """The IPsec profile of this name; the implicit one names no IKEv2 profile."""
    made = _named(device, device.ipsec_profiles, "ipsec profile", name, IpsecProfile)
    if made is not None and made.implicit:
        made.transform_sets = _words(made.name, _variants("ipsec profile", None)[0]["transform_sets"])
    return made


def transform_sets_of(device: Device, profile: IpsecProfile) -> list[TransformSet]:
    """The transform-sets a profile uses, in order: `default` when it names none (R: IPsec configuration guide). A name
    that is not defined is left out."""
    names = [str(name) for name in profile.transform_sets] or [NAME]
    return [one for name in names if (one := transform_set_named(device, name)) is not None]


def anchor(device: Device) -> tuple[Word, Line]:
    """Name and line of an object that stands nowhere: `default`, at the host name, else at the first line."""
    if (host := device.hostname) is None:
        line = Line(1, 1, device.source.text_of(1).strip(), LineKind.COMMAND, device.source)
        return Word.at(NAME, 1, 1, device.source), line
    line = next((one for one in device.lines if one.number == host.line), None) or Line(
        host.line, host.column, str(host), LineKind.COMMAND, device.source
    )
    return Word.at(NAME, host.line, host.column, host.origin), line


def _exists(device: Device, kind: str, name: str) -> bool:
    return name == NAME and kind not in device.disabled_defaults


def _named(device: Device, shelf: dict[str, S], kind: str, name: str, make: type[S]) -> S | None:
    """The configured object of this name, an empty implicit one, or None."""
    if (configured := shelf.get(name)) is not None:
        return configured
    return make(*anchor(device), implicit=True) if _exists(device, kind, name) else None


def _words(at: Word, text: str) -> list[Word]:
    return [Word.at(word, at.line, at.column, at.origin) for word in text.split()]


class _Variant(NamedTuple):
    since: Release
    below: Release
    settings: dict[str, str]


@cache
def _table() -> dict[str, dict[str, _Variant]]:
    """The facts: per object and variant its releases and settings."""
    table: dict[str, dict[str, _Variant]] = {}
    for row in read_table(folder("grammars") / "facts" / "defaults.tsv"):
        limits = _parsed(row["from"], Release(0, 0)), _parsed(row["below"], Release(999, 0))
        variant = table.setdefault(row["object"], {}).setdefault(row["variant"], _Variant(*limits, {}))
        variant.settings[row["setting"]] = row["value"]
    return table


def _parsed(text: str, otherwise: Release) -> Release:
    major, _, minor = text.partition(".")
    return Release(int(major), int(minor)) if minor else otherwise


def _variants(kind: str, release: Release | None) -> list[dict[str, str]]:
    """What the object may hold in this release; everything known when the release is unknown or has no row."""
    variants = _table()[kind].values()
    fitting = [v.settings for v in variants if release is not None and v.since <= release < v.below]
    return fitting or [v.settings for v in variants]
