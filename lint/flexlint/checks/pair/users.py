"""Users that come in by EAP, and the login list that is to authenticate them.

Comes in: a negotiation of a user, and the profile in force. Goes out: findings AUT019 and AUT020. How the router words
the line that names the list is not certain: what is said rests on the configuration.
"""

from __future__ import annotations

from flexlint.checks.device.authentication import EAPS
from flexlint.checks.pair.authentication import authentication_failure, observed_profile
from flexlint.checks.pair.wording import defined, partial_severity, the_peer
from flexlint.config.model import Profile
from flexlint.finding import Finding, Silence
from flexlint.log.model import Negotiation
from flexlint.rulebook import PairCase, Scope, Yielded, check

LOGIN = "authentication login"


@check("AUT020", on=Scope.PAIR)
def missing_login_list(case: PairCase) -> Yielded:
    """The list of `aaa authentication eap` or `anyconnect-eap` is not defined, and the user did not get in."""
    negotiation, device, profile = case.negotiation, case.device, observed_profile(case)
    failure, seen = authentication_failure(negotiation), negotiation.authentication_list
    if failure is None or failure.by_peer:
        return Silence.NOT_APPLICABLE
    if seen is None:
        if profile is not None and (finding := _no_list(negotiation, profile)) is not None:
            yield finding.saw(failure.seen)
        return Silence.NOT_APPLICABLE
    if profile is None or (device.is_partial and not device.aaa_lists):
        return Silence.NO_EVIDENCE
    line = next((one for one in profile.authentication_lists if one.list == seen), None)
    lists = {name: one for (service, name), one in device.aaa_lists.items() if service == LOGIN}
    if line is None:
        return Silence.NO_EVIDENCE
    if device.aaa_new_model is None and not device.is_partial:
        text = f"profile '{profile.name}' lets users in by list '{seen}', but there is no `aaa new-model`"
    elif seen in lists:
        return Silence.SATISFIED
    else:
        text = f"profile '{profile.name}' lets users in by list '{seen}', for which there is no `aaa {LOGIN}`"
    finding = Finding(f"{text}; {defined(lists)}").at(line.list).saw(seen).saw(failure.seen)
    for (service, name), other in device.aaa_lists.items():
        if name == seen and service != LOGIN:
            finding.also(other, f"an `aaa {service}` list").because(f"there is an `aaa {service}` list of that name")
    finding.mend(f"add `aaa {LOGIN} {seen} group radius`, or name a list that exists")
    yield finding.lowered(partial_severity(device)).about("login list", profile.name, seen)
    return None


@check("AUT019", on=Scope.PAIR)
def other_login_list_observed(case: PairCase) -> Yielded:
    """The list that the log names is none of those the profile lets users in by."""
    profile, seen = observed_profile(case), case.negotiation.authentication_list
    if profile is None or seen is None:
        return Silence.NO_EVIDENCE
    lines = profile.authentication_lists
    if not lines:
        return Silence.NOT_APPLICABLE  # eap-without-list says it
    if seen in [line.list for line in lines]:
        return Silence.SATISFIED
    listed = ", ".join(f"'{line.list}'" for line in lines)
    finding = Finding(f"the router asked login list '{seen}', but profile '{profile.name}' lets users in by {listed}")
    finding.at(lines[0].list).saw(seen)
    finding.because("the configuration may have been edited since, or the log is another router's")
    yield finding.about("login list", profile.name, seen)
    return None


def _no_list(negotiation: Negotiation, profile: Profile) -> Finding | None:
    """R: without `aaa authentication eap` there is nobody to relay EAP to."""
    keyword = {"EAP": "eap", "ANYCONNECT EAP": "anyconnect-eap"}.get(str(negotiation.peer_method).upper())
    line = next((one for one in profile.remote_auth if EAPS.get(one.method) == keyword), None)
    if keyword is None or line is None or any(one.method in (None, keyword) for one in profile.authentication_lists):
        return None
    finding = Finding(
        f"{the_peer(negotiation)} authenticates by {negotiation.peer_method}, and profile '{profile.name}' has no "
        f"`aaa authentication {keyword}`, so that nobody is asked for its user"
    )
    finding.at(line, "accepted here").saw(negotiation.peer_method).also(profile)
    finding.mend(f"add `aaa authentication {keyword} LIST` with an `aaa {LOGIN} LIST group radius`")
    return finding.about("no login list", profile.name)
