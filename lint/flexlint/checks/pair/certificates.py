"""Certificates: what the PKI of the router could not do, held against the trustpoints of the configuration.

Comes in: a negotiation that failed while certificates were read, fetched or checked. Goes out: findings of the family
AUT at the trustpoint or its setting. Whether a trustpoint is enrolled is not in the configuration.
"""

from __future__ import annotations

from flexlint.checks.pair.authentication import observed_profile
from flexlint.checks.pair.wording import defined, the_peer
from flexlint.finding import Finding, Silence, Verdict
from flexlint.log.model import Failure, Phase
from flexlint.pattern import pattern
from flexlint.rulebook import PairCase, Scope, Yielded, check


def _error(case: PairCase, *messages: str) -> Failure | None:
    """The error of these messages in a negotiation that authentication ended."""
    failure = case.negotiation.failure
    if failure is None or failure.phase is not Phase.AUTHENTICATION:
        return None
    return next((e for e in case.negotiation.errors if e.message in messages), None)


@check("AUT015", on=Scope.PAIR)
def unreachable_revocation_list(case: PairCase) -> Yielded:
    """The revocation list could not be fetched, and the trustpoint accepts no certificate without it."""
    error = _error(case, "M166")
    if error is None:
        return Silence.NOT_APPLICABLE
    named = [t for name, t in case.device.trustpoints.items() if f"trustpoint {name} " in f"{error.seen} "]
    strict = [t for t in named if t.revocation and "none" not in t.revocation]
    if not named:
        return Silence.NO_EVIDENCE
    if not strict:
        return Silence.SATISFIED
    trustpoint = strict[0]
    finding = Finding(
        f"trustpoint '{trustpoint.name}' accepts no certificate without a revocation list "
        f"(`revocation-check {' '.join(trustpoint.revocation)}`), and the list could not be fetched"
    )
    finding.at(trustpoint.revocation[0]).saw(error.seen)
    failure = case.negotiation.failure
    finding.also(failure.seen if failure is not None and failure is not error else None)
    finding.because(
        "is the distribution point of the certificate reachable, in the VRF and from the source it is asked?"
    )
    finding.mend("make the list reachable; `revocation-check crl none` accepts certificates while it is not")
    yield finding.about("revocation", trustpoint.name)
    return None


@check("AUT021", on=Scope.PAIR)
def unknown_issuer(case: PairCase) -> Yielded:
    """No trustpoint that the profile verifies with has issued the peer's certificate."""
    error, profile, device = _error(case, "M160", "M161", "M162"), observed_profile(case), case.device
    if error is None:
        return Silence.NOT_APPLICABLE
    if profile is None or not profile.trustpoints:
        return Silence.NO_EVIDENCE
    verifying = [t for t in profile.trustpoints if t.role != "sign"]
    barred = [t for t in profile.trustpoints if t.role == "sign" and t.name not in {v.name for v in verifying}]
    names = ", ".join(f"'{t.name}'" for t in verifying) or "none"
    finding = Finding(
        f"the certificate of {the_peer(case.negotiation)} is of no authority that profile '{profile.name}' verifies "
        f"with: {names}"
    )
    if barred:
        finding.at(barred[0].name, "signs only").saw(error.seen).judged(Verdict.EXPLANATION)
        finding.because(f"trustpoint '{barred[0].name}' is for signing alone: peers of its authority are refused")
    else:
        finding.at(error.seen)
    for one in verifying[:4]:
        finding.also(one.name, "verifies").also(device.trustpoints.get(one.name), "this trustpoint")
    failure = case.negotiation.failure
    finding.also(failure.seen if failure is not None and failure is not error else None)
    finding.because(
        "is the certificate of the authority here (`show crypto pki certificates`), and does the peer send those "
        "between its own and that one?"
    )
    yield finding.about("unknown issuer", profile.name, *(t.name for t in verifying))
    return None


@check("AUT016", on=Scope.PAIR)
def unusable_own_certificate(case: PairCase) -> Yielded:
    """The router could not read its own certificate or private key: the trustpoint of the profile is not enrolled."""
    error, profile = _error(case, "M145", "M146"), observed_profile(case)
    if error is None:
        return Silence.NOT_APPLICABLE
    if profile is None:
        return Silence.NO_EVIDENCE
    signing = [t for t in profile.trustpoints if t.role != "verify"]
    what = "private key" if error.message == "M146" else "certificate"
    if not signing:
        finding = Finding(f"profile '{profile.name}' names no trustpoint to sign with, and the router found no {what}")
        others = profile.trustpoints
        finding.at(others[0].name if others else profile, "verifies only" if others else "")
        finding.mend("add `pki trustpoint NAME`; " + defined(case.device.trustpoints))
    else:
        names = ", ".join(f"'{t.name}'" for t in signing)
        finding = Finding(
            f"the router found no {what} of its own for profile '{profile.name}', which signs with {names}"
        )
        finding.at(signing[0].name).mend(
            f"enroll {signing[0].name}: `show crypto pki certificates` must list its own one"
        )
        finding.also(case.device.trustpoints.get(signing[0].name), "this trustpoint")
    yield finding.saw(error.seen).about("own certificate", profile.name)
    return None


@check("AUT017", on=Scope.PAIR)
def certificate_by_url_refused(case: PairCase) -> Yielded:
    """Certificates were asked for by URL of a peer that does not do that: `http-url cert` is on unless switched off."""
    error = _error(case, "M156", "M329")
    if error is None:
        return Silence.NOT_APPLICABLE
    said = next((s for s in reversed(case.device.globals) if s.kind == "http_url"), None)
    profile = observed_profile(case)
    at = said.line if said is not None and not said.negated else profile or case.device.hostname
    if at is None or (said is not None and said.negated) or case.device.is_partial:
        return Silence.NO_EVIDENCE
    finding = Finding("the peer sends no certificate by URL, and `crypto ikev2 http-url cert` is on, as by default")
    finding.at(at).saw(error.seen).mend("add `no crypto ikev2 http-url cert`")
    yield finding.about("http-url")
    return None


@check("AUT018", on=Scope.PAIR)
def own_subject_differs(case: PairCase) -> Yielded:
    """The name of the certificate that was sent as identity lacks what the trustpoint's `subject-name` gives it."""
    sent, profile = case.negotiation.own_identity, observed_profile(case)
    kind = (case.negotiation.own_identity_type or "").lower()
    if sent is None or profile is None or kind != "der asn1 dn" or case.device.is_partial:
        return Silence.NO_EVIDENCE
    signing = [
        t for use in profile.trustpoints if use.role != "verify" and (t := case.device.trustpoints.get(use.name))
    ]
    subjects = [(t, t.subject_name) for t in signing if t.subject_name is not None]
    if not subjects or len(subjects) < len(signing):
        return Silence.NO_EVIDENCE
    shown = set(_parts(sent))
    gaps = [(t, subject, [p for p in _parts(subject) if p not in shown]) for t, subject in subjects]
    trustpoint, subject, missing = min(gaps, key=lambda gap: len(gap[2]))
    if not missing:
        return Silence.SATISFIED
    lacking = ", ".join("=".join(part) for part in missing[:3])
    finding = Finding(
        f"the router sent '{sent}' as its identity, without {lacking} "
        f"of `subject-name` in trustpoint '{trustpoint.name}'"
    )
    finding.at(subject).saw(sent).also(profile, "signs with this trustpoint")
    finding.because("a certificate gets its name when it is enrolled, which was before this line was changed")
    finding.mend(f"enroll trustpoint {trustpoint.name} anew, or give the name that the certificate has")
    yield finding.about("subject", trustpoint.name)
    return None


def _parts(name: str) -> list[tuple[str, str]]:
    """`CN=hub1, O=Example` as pairs in lower case; commas in a value that stands in quotes or behind a backslash stay
    in it."""
    pairs = (part.partition("=") for part in _PART.findall(name.strip()))
    return [
        (_SAME.get(key := left.strip().lower(), key), " ".join(right.strip().strip('"').lower().split()))
        for left, equals, right in pairs
        if equals
    ]


_PART = pattern(r'(?:\\.|"[^"]*"|[^,"\\])+')
_SAME = {"email": "e", "emailaddress": "e", "state": "st"}
