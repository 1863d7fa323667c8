"""Edits for the chain of virtual-template, ipsec profile and transform-set that carries a session.

Comes in: the case of a finding that this chain is broken. Goes out: candidates at the first link that is, those of one
line first.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.edits import added, exchanged, rewritten
from flexlint.checks.pair.authentication import observed_profile
from flexlint.checks.pair.interfaces import template_of
from flexlint.config.model import Device, Interface, IpsecProfile, Profile
from flexlint.fixes.candidate import TRIED, Candidate, Case, candidate
from flexlint.predict.tunnel import ikev2_profile_of
from flexlint.rulebook import PairCase


def template_mended(case: Case) -> Iterator[Candidate]:
    """The link that is broken, mended: or a template cloned that has no broken link."""
    assert isinstance(case, PairCase)
    device, profile = case.device, observed_profile(case)
    if profile is None or profile.virtual_template is None:
        return
    template = template_of(device, profile)
    if template is not None:
        yield from _link(device, profile, template)
    for other in _templates_of(device, profile)[:TRIED]:
        if other is not template:
            number = other.name.removeprefix("Virtual-Template")
            what = f"clone `virtual-template {number}` in profile '{profile.name}'"
            yield from candidate(device, what, exchanged(profile.virtual_template, number))


def _templates_of(device: Device, profile: Profile) -> list[Interface]:
    """The templates whose protection leads back to the profile."""
    templates = (one for one in device.interfaces.values() if one.is_template and one.type == "tunnel")
    return [one for one in templates if ikev2_profile_of(device, one) == profile.name]


def _own(device: Device, profile: Profile) -> list[IpsecProfile]:
    return [one for one in device.ipsec_profiles.values() if one.ikev2_profile == profile.name]


def _link(device: Device, profile: Profile, template: Interface) -> Iterator[Candidate]:
    protection = template.protection
    if template.type is None and not template.addresses:
        text = f"{template.line.text} type tunnel"
        own = [f"tunnel protection ipsec profile {one.name}" for one in _own(device, profile)] if not protection else []
        edits = rewritten(template.line, text)
        if not own:
            yield from candidate(device, f"make {template.name} `type tunnel`", edits)
        for line in own[:TRIED]:
            what = f"make {template.name} `type tunnel`, with `{line}`"
            yield from candidate(device, what, [*edits, *added(template, line)] if edits else [])
        return
    if protection is None:
        for one in _own(device, profile)[:TRIED]:
            line = f"tunnel protection ipsec profile {one.name}"
            yield from candidate(device, f"add `{line}` to {template.name}", added(template, line))
        return
    ipsec = device.ipsec_profiles.get(protection.profile)
    if ipsec is not None and ipsec.ikev2_profile is not None and ipsec.ikev2_profile != profile.name:
        what = f"set `set ikev2-profile {profile.name}` in ipsec profile '{ipsec.name}'"
        yield from candidate(device, what, exchanged(ipsec.ikev2_profile, profile.name))
    if ipsec is None or ikev2_profile_of(device, template) != profile.name:
        for one in _own(device, profile)[:TRIED]:
            what = f"protect {template.name} by ipsec profile '{one.name}'"
            yield from candidate(device, what, exchanged(protection.profile, one.name))
    if ipsec is not None:
        missing = [name for name in ipsec.transform_sets if name not in device.transform_sets]
        for name in list(device.transform_sets)[:TRIED] if len(missing) == 1 else ():
            what = f"name transform-set '{name}' in ipsec profile '{ipsec.name}'"
            yield from candidate(device, what, exchanged(missing[0], name))
