"""AAA list, authorization name and policy, config mode and routes of a negotiation, held against the configuration.

Comes in: a negotiation, the configuration, and the prediction that follows the objects the log names. Goes out:
findings of the family AZN. Both words of `Using mlist L and username U` come from this router's own profile or
name-mangler, never from the peer.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.pair.authentication import PRINTED, observed_profile
from flexlint.checks.pair.wording import defined, named, partial_severity, quoted_identity
from flexlint.config.model import AUTHORIZATION_KEYWORD as KEYWORD
from flexlint.config.model import AaaList, Authorization, AuthorizationPolicy, Device, Profile
from flexlint.finding import Finding, Silence, Verdict
from flexlint.log.diagnosis import diagnose
from flexlint.log.model import AuthorizationSeen, Milestone, Negotiation, Outcome, Phase
from flexlint.place import Located
from flexlint.predict.authorization import authorization_name
from flexlint.predict.model import Sureness
from flexlint.rulebook import PairCase, Scope, Yielded, check

NETWORK = "authorization network"
_REASONS = {"F45": ": the server rejected it", "F46": ": the RADIUS server did not answer"}  # by id of scenarios.tsv


def failed_there(negotiation: Negotiation) -> bool:
    """Whether the negotiation ended at or after authorization without a session."""
    if negotiation.outcome is Outcome.FAILED and negotiation.authorization_asked is not None:
        failure = negotiation.failure
        return failure is None or failure.phase in (
            Phase.AUTHORIZATION,
            Phase.CONFIG_MODE,
            Phase.CHILD_SA,
            Phase.AUTHENTICATION,
        )
    return False


def judgement(negotiation: Negotiation) -> Verdict:
    return Verdict.EXPLANATION if failed_there(negotiation) else Verdict.CONTRADICTION


def _line_for(profile: Profile | None, seen: AuthorizationSeen) -> Authorization | None:
    """The profile's line that names the list the log shows."""
    if profile is None:
        return None
    return next((a for a in profile.authorizations if a.scope == seen.scope and a.list == seen.list), None)


def _names_other(case: PairCase, seen: AuthorizationSeen) -> bool:
    """Whether the profile's line for this peer names another list, or another name, than the log shows."""
    choice = case.followed.authorization if seen.scope == "group" else case.followed.user_authorization
    line = choice.chosen
    if line is None or line.list is None:
        return False
    return line.list != seen.list or (line.name is not None and line.name != seen.name)


def network_lists(device: Device) -> dict[str, AaaList]:
    return {name: one for (service, name), one in device.aaa_lists.items() if service == NETWORK}


@check("AZN001", on=Scope.PAIR)
def missing_group_list(case: PairCase) -> Yielded:
    """The list the router asked is no `aaa authorization network` list, or AAA is not switched on."""
    device, negotiation = case.device, case.negotiation
    if not negotiation.authorizations:
        return Silence.NO_EVIDENCE
    lists = network_lists(device)
    if device.is_partial and not device.aaa_lists:
        return Silence.NO_EVIDENCE  # a snippet that leaves AAA out altogether
    for seen in negotiation.authorizations:
        line = _line_for(observed_profile(case), seen)
        at: Located = line.list if line is not None and line.list is not None else seen.list
        if seen.list not in lists and _names_other(case, seen):
            continue  # other-list-observed says it
        if seen.list not in lists:
            other = next((one for (service, name), one in device.aaa_lists.items() if name == seen.list), None)
            near = next((name for name in lists if name.lower() == seen.list.lower()), None)
            tail = (
                f"'{seen.list}' is an `aaa {other.service}` list"
                if other
                else f"did you mean '{near}'? names are case-sensitive"
                if near
                else defined(lists)
            )
            finding = Finding(
                f"the router asked AAA list '{seen.list}' for {seen.scope} authorization, "
                f"but there is no `aaa authorization network {seen.list}`; {tail}"
            )
            finding.at(at, "list named here").saw(seen.list).also(other, "a list of another service")
            finding.also(negotiation.failure.seen if failed_there(negotiation) and negotiation.failure else None)
            finding.mend(f"add `aaa authorization network {seen.list} local`, or name a list that exists")
        elif device.aaa_new_model is None and not device.is_partial:
            finding = Finding(
                f"the router asked AAA list '{seen.list}' for {seen.scope} authorization, "
                "but the configuration has no `aaa new-model`: no list is usable"
            )
            finding.at(lists[seen.list], "unusable without `aaa new-model`").saw(seen.list)
            finding.also(line, "asked from here")
            finding.mend("add `aaa new-model`")
        else:
            continue
        finding.lowered(partial_severity(device)).judged(judgement(negotiation))
        yield finding.about("aaa list", seen.scope, seen.list)
    return None


@check("AZN002", on=Scope.PAIR)
def missing_authorization_policy(case: PairCase) -> Yielded:
    """The list is local, and there is no `crypto ikev2 authorization policy` of the name it was asked for."""
    device, negotiation = case.device, case.negotiation
    if not negotiation.authorizations:
        return Silence.NO_EVIDENCE
    if device.aaa_new_model is None and not device.is_partial:
        return Silence.NOT_APPLICABLE  # missing-group-list says it
    if device.is_partial and not device.authorization_policies:
        return Silence.NO_EVIDENCE  # a snippet that leaves authorization policies out altogether
    lists = network_lists(device)
    for seen in negotiation.authorizations:
        methods = [str(m) for m in lists[seen.list].methods] if seen.list in lists else []
        if not methods or methods[0] != "local" or policy_named(device, seen.name) is not None:
            continue
        if _names_other(case, seen):
            continue  # other-list-observed says it
        if seen.name == "default" and "authorization policy" not in device.disabled_defaults:
            continue
        line = _line_for(observed_profile(case), seen)
        at: Located = (line.name or line) if line is not None else seen.name
        finding = named(case, seen.name, "IKEv2 authorization policy", device.authorization_policies, "asked for")
        if finding.primary is not None and finding.primary.role != "config":
            finding.at(at, "named here").saw(seen.name)
        else:
            finding.also(at if line is not None else None, "named here")
        finding.also(lists[seen.list], f"list '{seen.list}' is local")
        if line is not None and line.mangler is not None:
            finding.because(
                f"name-mangler '{line.mangler}' made '{seen.name}' of identity '{negotiation.identity or '?'}'"
            )
        finding.mend(f"add `crypto ikev2 authorization policy {seen.name}`, or ask for one that exists")
        yield finding.judged(judgement(negotiation)).about("authorization policy", seen.name)
    return None


def policy_named(device: Device, name: str) -> AuthorizationPolicy | None:
    return device.authorization_policies.get(name)


@check("AZN003", on=Scope.PAIR)
def authorization_of_other_method(case: PairCase) -> Yielded:
    """The profile has authorization lines, none of them for the method by which the peer authenticated."""
    negotiation, profile = case.negotiation, observed_profile(case)
    method = PRINTED.get(str(negotiation.peer_method)) if negotiation.peer_method is not None else None
    if profile is None or method is None or negotiation.profile is None or negotiation.peer_method is None:
        return Silence.NO_EVIDENCE
    lines = [a for a in profile.authorizations if a.scope == "group"]
    if not lines or any(a.method is None or a.method == KEYWORD.get(method) for a in lines):
        return Silence.SATISFIED
    if any(s.scope == "group" for s in negotiation.authorizations):
        return Silence.NOT_APPLICABLE  # it was asked all the same: other-list-observed says it
    keywords = ", ".join(sorted({str(a.method) for a in lines}))
    asked = any(a.config_type == "request" and a.sent is False for a in negotiation.attributes)
    finding = Finding(
        f"the peer authenticated with {negotiation.peer_method}, but profile '{profile.name}' "
        f"authorizes only {keywords}: the line is never used and the peer gets no attributes"
    )
    finding.at(lines[0], f"for {keywords} peers").saw(negotiation.peer_method)
    if asked:
        finding.because("the peer asked for config-mode attributes")
    finding.mend(f"add `aaa authorization group {KEYWORD[method]} list ...`")
    failure = negotiation.failure
    if failure is None or failure.phase is not Phase.CONFIG_MODE:
        finding.judged(Verdict.DEFECT)  # a peer without attributes, and no failure that comes of it
    yield finding.about("authorization method", profile.name, method)
    return None


@check("AZN004", on=Scope.PAIR)
def other_list_observed(case: PairCase) -> Yielded:
    """The list or the name in the log is not the one of the profile's line for this peer's method."""
    profile = observed_profile(case)
    if profile is None or not case.negotiation.authorizations:
        return Silence.NO_EVIDENCE
    for seen in case.negotiation.authorizations:
        choice = case.followed.authorization if seen.scope == "group" else case.followed.user_authorization
        line = choice.chosen
        if line is None:
            lines = [a for a in profile.authorizations if a.scope == seen.scope]
            if not lines and (seen.scope == "group" or not profile.authorizations) and not case.device.is_partial:
                yield (
                    Finding(
                        f"the router asked list '{seen.list}' for {seen.scope} authorization, "
                        f"but profile '{profile.name}' has no `aaa authorization {seen.scope}` line"
                    )
                    .at(profile)
                    .saw(seen.list)
                    .about("no line", profile.name, seen.scope)
                )
            elif lines and choice.sureness is Sureness.SURE and case.followed.facts.method is not None:
                yield _of_other_method(profile, lines[0], seen, case.negotiation)
            continue
        if line.list is not None and line.list != seen.list:
            yield _other(profile, line, "list", line.list, seen)
        elif line.name is not None and line.name != seen.name:
            yield _other(profile, line, "name", line.name, seen)
        elif line.mangler is not None and _mangled_otherwise(case, seen):
            yield (
                Finding(
                    f"the router asked for '{seen.name}', but name-mangler '{line.mangler}' "
                    f"makes '{case.followed.aaa_name}' of identity '{case.negotiation.identity}'"
                )
                .at(line.mangler)
                .saw(seen.name)
                .also(case.negotiation.identity)
                .about("mangled", profile.name, line.mangler)
            )
    return None


def _of_other_method(
    profile: Profile, line: Authorization, seen: AuthorizationSeen, negotiation: Negotiation
) -> Finding:
    """A list was asked for a peer for whose method the profile has no line (any more)."""
    finding = Finding(
        f"the router asked list '{seen.list}' for {seen.scope} authorization of a peer that used "
        f"{negotiation.peer_method}, but profile '{profile.name}' authorizes only {line.method} peers"
    )
    finding.at(line).saw(seen.list).saw(negotiation.peer_method)
    finding.because("the configuration may have been edited since, or the log is another router's")
    return finding.about("line of other method", profile.name, seen.scope)


def _other(profile: Profile, line: Authorization, what: str, wanted: Located, seen: AuthorizationSeen) -> Finding:
    got = seen.list if what == "list" else seen.name
    noun = "AAA list" if what == "list" else "authorization name"
    return (
        Finding(f"the router used {noun} '{got}', but profile '{profile.name}' says '{wanted}'")
        .at(wanted)
        .saw(got)
        .because("the configuration may have been edited since, or the log is another router's")
        .about(what, profile.name, got, wanted)
    )


def _mangled_otherwise(case: PairCase, seen: AuthorizationSeen) -> bool:
    choice = case.followed
    sure = choice.authorization.sureness is Sureness.SURE and seen.scope == "group"
    return (
        sure and choice.aaa_name is not None and choice.aaa_name != seen.name and case.negotiation.identity is not None
    )


def _unanswered(negotiation: Negotiation) -> Iterator[str]:
    if negotiation.authorization_asked is not None and negotiation.authorization_answered is None:
        yield "AAA never answered"


@check("AZN009", on=Scope.PAIR)
def nameless_authorization(case: PairCase) -> Yielded:
    """The name-mangler makes no name of this peer's identity: authorization has nothing to ask for, and fails."""
    negotiation, line = case.negotiation, case.followed.authorization.chosen
    failure = negotiation.failure
    if line is None or line.mangler is None or negotiation.identity is None:
        return Silence.NOT_APPLICABLE
    if failure is None or negotiation.authorizations or negotiation.milestone < Milestone.PEER_AUTHENTICATED:
        return Silence.NOT_APPLICABLE
    name, why = authorization_name(case.device, line, case.followed.facts.identity)
    if name is not None or case.followed.authorization.sureness is not Sureness.SURE:
        return Silence.SATISFIED
    mangler = case.device.manglers.get(line.mangler)
    if mangler is None and case.device.is_partial:
        return Silence.NO_EVIDENCE
    finding = Finding(f"no name for the group authorization of {quoted_identity(negotiation)}: {why}")
    finding.at(line.mangler, "named here").also(mangler, "its rules").saw(negotiation.identity).saw(failure.seen)
    finding.also(case.prediction.profile.because, "matched by this line")
    finding.mend("give the name-mangler a rule for this kind of identity, or a name on the `aaa authorization` line")
    yield finding.about("no name", line.mangler, negotiation.identity_type or "")
    return None


@check("AZN008", on=Scope.PAIR)
def failed_authorization(case: PairCase) -> Yielded:
    """Authorization failed although list and policy exist: what was ruled out, and where to look next."""
    negotiation = case.negotiation
    failure = negotiation.failure
    if failure is None or failure.phase is not Phase.AUTHORIZATION or not negotiation.authorizations:
        return Silence.NOT_APPLICABLE
    lists = network_lists(case.device)
    seen = negotiation.authorizations[-1]
    if seen.list not in lists or (case.device.aaa_new_model is None and not case.device.is_partial):
        return Silence.NOT_APPLICABLE
    methods = [str(m) for m in lists[seen.list].methods]
    if methods[:1] == ["local"] and policy_named(case.device, seen.name) is None and seen.name != "default":
        return Silence.NOT_APPLICABLE
    told = diagnose(negotiation)
    reason = told.scenario.id if told is not None else ""
    finding = Finding(
        f"{seen.scope} authorization of '{seen.name}' by list '{seen.list}' ({' '.join(methods)}) failed"
        + _REASONS.get(reason, "")
    )
    policy = policy_named(case.device, seen.name)
    if reason == "F45" and policy is not None and not policy.implicit and "local" not in methods:
        finding.at(lists[seen.list], "asks a server").saw(failure.seen).also(policy, "only method `local` reads it")
        finding.because(f"either the server needs user '{seen.name}', or the list was meant to be `local`")
        finding.judged(Verdict.EXPLANATION)
        yield finding.about("authorization failed", seen.list, seen.name)
        return None
    finding.at(failure.seen).also(lists[seen.list], "this list")
    if reason == "F46" and told is not None:
        finding.because(told.look)
    else:
        finding.because(*_unanswered(negotiation))
        if methods[:1] != ["local"]:
            shows = "" if reason == "F45" else "; `debug radius` shows its answer"
            finding.because(f"look at the server: it must know user '{seen.name}'{shows}")
    yield finding.about("authorization failed", seen.list, seen.name)
    return None
