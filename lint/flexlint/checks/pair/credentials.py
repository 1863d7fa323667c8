"""A profile that cannot authenticate its peers: no key for pre-shared keys, no trustpoint for certificates.

Comes in: a negotiation that failed in authentication, and the profile in force. Goes out: the finding that explains it.
"""

from __future__ import annotations

from flexlint.checks.pair.authentication import authentication_failure, observed_profile
from flexlint.config.model import Method
from flexlint.finding import Finding, Silence
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
