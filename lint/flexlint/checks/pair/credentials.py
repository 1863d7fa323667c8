"""A profile that cannot authenticate its peers: no key for pre-shared keys, no trustpoint for certificates.

Comes in: a negotiation that failed in authentication, and the profile in force. Goes out: the finding that explains it.
"""

from __future__ import annotations

from flexlint.checks.pair.authentication import authentication_failure, observed_profile
from flexlint.checks.pair.authorization import network_lists
from flexlint.checks.pair.wording import defined, partial_severity, the_peer
from flexlint.config.model import AaaList, Method, Profile
from flexlint.finding import Finding, Silence, Verdict
from flexlint.log.model import Negotiation
from flexlint.place import Word
from flexlint.rulebook import PairCase, Scope, Yielded, check

_SIGNATURES = (Method.RSA, Method.ECDSA)
_OPEN = (Method.DYNAMIC, Method.OTHER)


@check("AUT013", on=Scope.PAIR)
def missing_credentials(case: PairCase) -> Yielded:
    """The profile that was found has nothing to verify the peer with, and verification failed."""
    failure, profile = authentication_failure(case.negotiation), observed_profile(case)
    if failure is None or failure.by_peer:
        return Silence.NOT_APPLICABLE
    if profile is None or case.negotiation.profile is None:
        return Silence.NO_EVIDENCE
    if (finding := _no_key_from_aaa(case, profile)) is not None:
        yield finding.saw(failure.seen).also(case.negotiation.peer_method)
        return None
    seen = case.negotiation.peer_method
    used = "key" if seen == "PSK" else "certificate" if seen in ("RSA", "ECDSA") else None
    keys = profile.keyring is not None or profile.keyring_aaa is not None
    keys = keys or any(one.key is not None for one in (*profile.remote_auth, *profile.local_auth))
    lines = [a for a in profile.remote_auth if a.method is Method.PSK or a.method in _SIGNATURES]
    if used == "key" and not keys and case.negotiation.keyring is None:
        lines = [a for a in lines if a.method is Method.PSK]
        text, fix = "names no keyring", "add `keyring local NAME`"
    elif used == "certificate" and not profile.trustpoints:
        lines = [a for a in lines if a.method in _SIGNATURES]
        text, fix = "names no trustpoint", "add `pki trustpoint NAME`: IKEv2 falls back to no other"
    else:
        return Silence.SATISFIED
    if profile.remote_auth and not lines and not any(a.method in _OPEN for a in profile.remote_auth):
        return Silence.NOT_APPLICABLE  # peer-method-not-configured says it
    finding = Finding(f"the peer authenticates by {used}, but profile '{profile.name}' {text}")
    finding.at(profile).saw(failure.seen)
    for line in (*lines, *profile.local_auth):
        finding.also(line, "asks for it")
    yield finding.also(seen).mend(fix).about("credentials", profile.name, used)
    return None


def _no_key_of_server(negotiation: Negotiation, name: Word, asked: AaaList) -> Finding | None:
    """The server refused to give the key, or none answered: which of its users is missing only it knows."""
    answer = negotiation.aaa_verdict if negotiation.aaa_verdict in ("Reject", "FAIL") else None
    silence = next((one.seen for one in negotiation.doubts if one.message == "M204"), None)
    if answer is None and silence is None:
        return None
    told = f"refused it ({answer})" if answer is not None else "did not answer"
    finding = Finding(
        f"the key of {the_peer(negotiation)} comes from AAA list '{name}' ({' '.join(asked.methods)}), "
        f"and the server {told}"
    )
    finding.at(answer or silence or name).also(name, "asked here").also(asked, "this list")
    finding.because(
        f"the server must know a user '{negotiation.identity or 'of that name'}', whose `Tunnel-Password` or "
        "`ipsec:ikev2-password-remote` is the key"
        if answer is not None
        else "look at address, key, VRF and source interface of the `radius server`"
    )
    return finding.judged(Verdict.UNEXPLAINED).about("keys from AAA", name, "refused" if answer else "silent")


def _no_key_from_aaa(case: PairCase, profile: Profile) -> Finding | None:
    """`keyring aaa` with a list that is not defined, or that asks the router itself: R, it takes keys from servers."""
    name, device, seen = profile.keyring_aaa, case.device, case.negotiation.peer_method
    if name is None or (seen is not None and seen != "PSK") or case.negotiation.keys:
        return None
    lists = network_lists(device)
    text = f"the key of this peer comes from AAA, and profile '{profile.name}' asks list '{name}'"
    if name not in lists:
        if device.is_partial and not device.aaa_lists:
            return None
        finding = Finding(f"{text}, which is not defined; {defined(lists)}").at(name)
        return finding.lowered(partial_severity(device)).about("keys from AAA", profile.name, name)
    if device.aaa_new_model is None and not device.is_partial:
        return Finding(f"{text}, but there is no `aaa new-model`").at(name).about("keys from AAA", profile.name, name)
    if [str(m) for m in lists[name].methods] != ["local"]:
        return _no_key_of_server(case.negotiation, name, lists[name])
    finding = Finding(f"{text}, which asks only `local`: keys come from a server").at(name)
    return finding.also(lists[name]).about("keys from AAA", profile.name, name)
