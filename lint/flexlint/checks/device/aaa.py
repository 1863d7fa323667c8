"""The AAA framework under IKEv2: switched on at all, lists that let anybody through.

Comes in: a device. Goes out: findings AZN150 and AZN152. Whether a list exists is said in `references.py`, whether its
line fits the peers in `authorization.py`.
"""

from __future__ import annotations

from flexlint.checks.device.references import NETWORK
from flexlint.checks.device.wording import is_template
from flexlint.config.model import Profile
from flexlint.finding import Finding, Severity
from flexlint.place import Located
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
    using = ((profile, _first_use(profile)) for profile in device.profiles.values() if profile.shutdown is None)
    first = next(((profile, use) for profile, use in using if use is not None), None)
    if first is None:
        return
    profile, use = first
    finding = Finding(f"profile '{profile.name}' uses AAA, and `aaa new-model` is {'off' if off else 'missing'}")
    finding.at(use or profile).also(off).about(profile.name).mend(
        "add `aaa new-model`, in a session you can afford to lose"
    )
    if off is None and device.version is None:  # a host name alone does not make a whole file
        finding.lowered(Severity.NOTE)
    yield finding


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
