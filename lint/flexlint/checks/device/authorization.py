"""Authorization lines of IKEv2 profiles: lines no peer can reach, names that cannot be derived, peers without a line.

Comes in: a device. Goes out: findings AZN178 to AZN186 and CMP089. Whether a named list or policy exists is said in
`references.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.authentication import methods
from flexlint.checks.device.edits import exchanged, removed
from flexlint.checks.device.templates import templates
from flexlint.checks.device.wording import hedged
from flexlint.config.model import AUTHORIZATION_KEYWORD as KEYWORD
from flexlint.config.model import Device, IdentityKind, Interface, Method, NameMangler, Profile
from flexlint.finding import Confidence, Finding, Severity
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check

# The line of a name-mangler that serves an identity; an address or a key-id has none (V).
SERVED_BY = {IdentityKind.FQDN: "fqdn", IdentityKind.EMAIL: "email"}


def _keywords(profile: Profile) -> dict[str, Method]:
    """Authorization keywords of the methods a profile accepts; empty where one is not known."""
    accepted = methods(profile.remote_auth)
    if not accepted <= KEYWORD.keys():
        return {}
    return {KEYWORD[method]: method for method in sorted(accepted)}


@check("AZN178", on=Scope.DEVICE)
def authorization_of_unused_method(case: DeviceCase) -> Findings:
    """A line for a method no peer of the profile may use."""
    for profile in case.device.profiles.values():
        reachable = _keywords(profile)
        for line in profile.authorizations:
            if reachable and line.method is not None and line.method not in reachable:
                finding = Finding(
                    f"profile '{profile.name}' authorizes {line.scope} for {line.method}, "
                    f"but accepts only {', '.join(sorted(set(reachable.values())))} of its peers"
                )
                finding.at(line.method).also(profile.remote_auth[0]).about(profile.name, line.scope, line.method)
                alone = len([one for one in profile.authorizations if one.scope == line.scope]) == 1
                if alone and len(reachable) == 1 and not line.cached:  # it can have been meant for nobody else
                    keyword = next(iter(reachable))
                    finding.mend(f"write '{keyword}'", *exchanged(line.method, keyword))
                yield from hedged(finding, case.device, profile)


@check("AZN179", on=Scope.DEVICE)
def method_without_authorization(case: DeviceCase) -> Findings:
    """Peers of one method get attributes, those of another none."""
    for profile in case.device.profiles.values():
        said = {line.method for line in profile.authorizations}
        reachable = _keywords(profile)
        if not said or None in said or not said & reachable.keys():
            continue  # without any line AZN186 speaks, with none that can be reached AZN178
        for keyword, method in reachable.items():
            if keyword not in said:
                at = next(one for one in profile.remote_auth if one.method is method)
                lines = ", ".join(sorted(map(str, said)))
                finding = Finding(f"profile '{profile.name}' accepts {at.word} and authorizes only {lines}")
                finding.at(at).also(profile.authorizations[0]).about(profile.name, keyword).lowered(Severity.NOTE)
                yield from hedged(finding, case.device, profile)


@check("AZN180", on=Scope.DEVICE)
def cached_certificate_authorization(case: DeviceCase) -> Findings:
    """V: `cached` is not offered for `cert`."""
    for profile in case.device.profiles.values():
        for line in profile.authorizations:
            if line.cached and line.method == "cert":
                yield (
                    Finding(
                        f"profile '{profile.name}' has `aaa authorization user cert cached`, which IOS does not offer"
                    )
                    .at(line)
                    .about(profile.name)
                    .mend("take the line out", *removed(line.line), safe=True)
                )


@check("AZN181", on=Scope.DEVICE)
def cached_without_source(case: DeviceCase) -> Findings:
    """Attributes are cached when AAA authenticates the peer; a local keyring caches none."""
    for profile in case.device.profiles.values():
        for line in profile.authorizations:
            local = line.method == "psk" and profile.keyring is not None and profile.keyring_aaa is None
            if line.cached and local:
                yield (
                    Finding(
                        f"profile '{profile.name}' uses cached attributes for psk, "
                        f"but its keys come from the local keyring '{profile.keyring}'"
                    )
                    .at(line)
                    .also(profile.keyring)
                    .about(profile.name)
                )


def _mangled(device: Device) -> Iterator[tuple[Profile, Word, Word | None, NameMangler]]:
    """Each use of a defined mangler: profile, where it is named, method keyword, mangler."""
    for profile in device.profiles.values():
        for line in profile.authorizations:
            if line.mangler is not None and line.mangler in device.manglers:
                yield profile, line.mangler, line.method, device.manglers[line.mangler]


@check("AZN183", on=Scope.DEVICE)
def identity_without_name(case: DeviceCase) -> Findings:
    """A mangler has no rule for addresses and key-ids."""
    for profile, at, method, mangler in _mangled(case.device):
        kinds = {one.kind for one in profile.identities}
        if profile.certificate_maps or not kinds or method in ("cert", "eap", "anyconnect-eap"):
            continue
        if kinds <= {IdentityKind.ADDRESS, IdentityKind.KEY_ID}:
            shown = " and ".join(sorted(kinds))
            yield (
                Finding(
                    f"name-mangler '{mangler.name}' derives no name of {shown}, "
                    f"the only identities profile '{profile.name}' matches"
                )
                .at(at)
                .also(profile.identities[0])
                .about(profile.name, mangler.name)
            )


@check("AZN184", on=Scope.DEVICE)
def mangler_lacks_kind(case: DeviceCase) -> Findings:
    """The profile matches a kind of identity for which the mangler has no line."""
    for profile, at, method, mangler in _mangled(case.device):
        if "eap" in (method or "") or not mangler.rules:
            continue
        for one in profile.identities:
            needed = SERVED_BY.get(one.kind)
            if needed is not None and needed not in mangler.rules:
                yield (
                    Finding(
                        f"profile '{profile.name}' matches {one.kind} identities, but name-mangler '{mangler.name}' "
                        f"has lines for {', '.join(sorted(mangler.rules))} only"
                    )
                    .at(one)
                    .also(at)
                    .about(profile.name, mangler.name, needed)
                )
                break


@check("AZN185", on=Scope.DEVICE)
def idle_override(case: DeviceCase) -> Findings:
    """`override` decides between group and user attributes; without user authorization there are none to override."""
    for profile in case.device.profiles.values():
        users = {line.method for line in profile.authorizations if line.scope == "user"}
        for line in profile.authorizations:
            # attributes that came with AAA authentication count as the user's
            if line.override and not users and profile.keyring_aaa is None and line.method in ("psk", "cert"):
                yield (
                    Finding(f"profile '{profile.name}' lets group attributes override, but authorizes no user")
                    .at(line)
                    .about(profile.name)
                )


@check("AZN186", on=Scope.DEVICE)
def template_without_authorization(case: DeviceCase) -> Findings:
    """Sessions are cloned and get neither address nor routes from IKEv2."""
    for profile, template in templates(case.device):
        if (
            not profile.authorizations
            and profile.virtual_template is not None
            and not _has_shortcut(case.device, template)
        ):
            yield (
                Finding(
                    f"profile '{profile.name}' clones {template.name} and has no `aaa authorization`: "
                    "its peers get no address and no routes"
                )
                .at(profile.virtual_template)
                .about(profile.name)
            )


def _has_shortcut(device: Device, template: Interface) -> bool:
    """Whether the template serves spoke-to-spoke shortcuts, where routes must not be exchanged (V)."""
    number = template.name.removeprefix("Virtual-Template")
    return any(one.nhrp_shortcut_template == number for one in device.interfaces.values())


@check("CMP089", on=Scope.DEVICE)
def ivrf_on_tunnel(case: DeviceCase) -> Findings:
    """A tunnel takes its inside VRF from the interface, not from the profile."""
    for profile, template in templates(case.device):
        if profile.ivrf is not None and template.vrf != profile.ivrf:
            yield (
                Finding(
                    f"profile '{profile.name}' has `ivrf {profile.ivrf}`, "
                    f"but {template.name} is in VRF '{template.vrf or 'global'}', and the interface decides"
                )
                .at(profile.ivrf)
                .also(template.vrf or template)
                .about(profile.name, profile.ivrf)
                .lowered(Severity.NOTE, Confidence.MEDIUM)
            )
