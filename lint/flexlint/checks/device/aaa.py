"""The AAA framework under IKEv2: switched on at all, lists that let anybody through, names looked up where none are.

Comes in: a device. Goes out: findings AZN150 to AZN156. Whether a list exists is said in `references.py`, whether its
line fits the peers in `authorization.py`.
"""

from __future__ import annotations

from flexlint.checks.device.edits import before, rewritten
from flexlint.checks.device.references import NETWORK
from flexlint.checks.device.wording import hedged, is_template, listed
from flexlint.config.model import Device, IdentityKind, Profile
from flexlint.finding import Edit, Finding, Severity
from flexlint.place import Located
from flexlint.predict.identities import accepts
from flexlint.predict.model import Identity
from flexlint.rulebook import DeviceCase, Findings, Scope, check


def _first_use(profile: Profile) -> Located | None:
    """The first thing of a profile that needs AAA."""
    if profile.keyring_aaa is not None:
        return profile.keyring_aaa
    if profile.authorizations:
        return profile.authorizations[0]
    lists = [*profile.authentication_lists, *profile.accounting_lists]
    return lists[0].list if lists else None


@check("AZN150", on=Scope.DEVICE)
def aaa_switched_off(case: DeviceCase) -> Findings:
    """R: without `aaa new-model` IOS knows none of the lists that IKEv2 profiles name."""
    device = case.device
    off = next((one for one in reversed(device.globals) if one.kind == "aaa_new_model"), None)
    if is_template(device) or (off is not None and not off.negated) or (off is None and device.is_partial):
        return
    if off is None and device.version is None and not device.aaa_lists:  # the AAA part of the file is not shown
        return
    using = ((profile, _first_use(profile)) for profile in device.profiles.values() if profile.shutdown is None)
    first = next(((profile, use) for profile, use in using if use is not None), None)
    if first is None:
        return
    profile, use = first
    finding = Finding(f"profile '{profile.name}' uses AAA, and `aaa new-model` is {'off' if off else 'missing'}")
    finding.at(use or profile).also(off).about(profile.name).mend(
        "add `aaa new-model`, in a session you can afford to lose",
        *(rewritten(off.line, "aaa new-model") if off else _first_aaa(device)),
    )
    if off is None and device.version is None:  # a host name alone does not make a whole file
        finding.lowered(Severity.NOTE)
    yield finding


def _first_aaa(device: Device) -> list[Edit]:
    """Before the first line of AAA, or before the first profile."""
    lists = sorted((one.line for one in device.aaa_lists.values()), key=lambda line: line.number)
    lines = lists or [one.line for one in device.profiles.values()]
    return before(lines[0], "aaa new-model")


@check("AZN152", on=Scope.DEVICE)
def list_that_ends_in_none(case: DeviceCase) -> Findings:
    """V: `none` answers every request with success and no attributes."""
    for profile in case.device.profiles.values():
        for line in profile.authorizations:
            one = case.device.aaa_lists.get((NETWORK, line.list or ""))
            if one is None or not one.methods or one.methods[-1] != "none":
                continue
            only = len(one.methods) == 1
            when = "always" if only else "when its servers do not answer"
            yield (
                Finding(f"profile '{profile.name}' authorizes by list '{one.name}', which lets anybody pass {when}")
                .at(one.methods[-1])
                .also(line)
                .about(profile.name, one.name)
            )


@check("AZN153", on=Scope.DEVICE)
def user_without_policy(case: DeviceCase) -> Findings:
    """R: a local list looks a user up among the authorization policies, not among the `username` lines."""
    device = case.device
    for profile in device.profiles.values():
        for line in profile.authorizations:
            one = device.aaa_lists.get((NETWORK, line.list or ""))
            if line.scope != "user" or line.cached or line.name is not None or line.mangler is not None or one is None:
                continue
            if line.method not in (None, "psk") or not profile.identities or profile.certificate_maps:
                continue  # with certificates and EAP the name is not what the profile matches
            local = bool(one.methods) and all(method in ("local", "local-case") for method in one.methods)
            if not local or any(_may_be_named(profile, name) for name in device.authorization_policies):
                continue
            finding = Finding(
                f"profile '{profile.name}' authorizes each user by the local list '{one.name}', and no authorization "
                f"policy has the name of a peer; policies: {listed(device.authorization_policies) or 'none'}"
            )
            finding.at(line.list or line).also(profile.identities[0], "the peers").about(profile.name, one.name)
            yield from hedged(finding, device, profile)


def _may_be_named(profile: Profile, name: str) -> bool:
    """Whether a peer that the profile accepts may have this name."""
    kinds = (IdentityKind.FQDN, IdentityKind.EMAIL, IdentityKind.KEY_ID, IdentityKind.ADDRESS)
    return any(accepts(match, Identity(kind, name)) for match in profile.identities for kind in kinds)


@check("AZN155", on=Scope.DEVICE)
def servers_in_other_vrf(case: DeviceCase) -> Findings:
    """R: a server group asks in the global VRF unless it has `ip vrf forwarding`."""
    device = case.device
    for group in device.server_groups.values():
        source = device.interfaces.get(group.source_interface or "")
        ours, theirs = str(group.vrf or ""), str(source.vrf or "") if source is not None else ""
        if source is None or group.source_interface is None or ours == theirs:
            continue
        finding = Finding(
            f"server group '{group.name}' asks from {source.name}, which is in {_vrf(theirs)}, "
            f"and looks for its servers in {_vrf(ours)}"
        )
        finding.at(group.source_interface).also(source.vrf or source).also(group.vrf).about(group.name, source.name)
        yield from hedged(
            finding.mend("name one VRF for both: `ip vrf forwarding` in the group"), device, group, source
        )


def _vrf(name: str) -> str:
    return f"VRF '{name}'" if name else "the global VRF"


@check("AZN156", on=Scope.DEVICE)
def unquoted_command(case: DeviceCase) -> Findings:
    """The value of `interface-config` is a command of several words and needs quotes."""
    for one in case.device.attribute_lists.values():
        for line in (child for head in one.headers or [one.line] for child in head.children):
            words = line.text.split(None, 3)
            if words[:3] != ["attribute", "type", "interface-config"] or len(words) < 4 or words[3].startswith('"'):
                continue
            command = words[3].split(" service ")[0].split(" protocol ")[0].split(" tag ")[0]
            if " " in command.strip():
                yield (
                    Finding(f"the command in attribute list '{one.name}' has blanks and no quotes")
                    .at(line)
                    .about(one.name, command)
                    .mend(
                        "put the command in quotes",
                        *rewritten(line, line.text.replace(command, f'"{command.strip()}"', 1)),
                        safe=True,
                    )
                )
