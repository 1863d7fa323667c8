"""Lifetime of the IKE SA and dead-peer detection, as the router printed them and as they are configured.

Comes in: a negotiation and the profile in force. Goes out: findings AUT011 and AUT012. A value that differs says that
the configuration was edited since, or that the log is another router's.
"""

from __future__ import annotations

from flexlint.checks.pair.authentication import observed_profile
from flexlint.finding import Finding, Silence
from flexlint.place import Located, Seen
from flexlint.rulebook import PairCase, Scope, Yielded, check


def _stale_number(seen: Seen | None, configured: int, at: Located, what: str, key: str) -> Finding | None:
    if seen is None or not seen.isdecimal() or seen.number == configured:
        return None
    return Finding(f"{what} was {seen} seconds, the configuration says {configured}").at(at).saw(seen).about(key)


@check("AUT011", on=Scope.PAIR)
def stale_lifetime(case: PairCase) -> Yielded:
    profile = observed_profile(case)
    if case.negotiation.lifetime is None or profile is None:
        return Silence.NO_EVIDENCE
    # V: 86400 seconds when the profile has no lifetime (Cisco-IOS-XE-crypto.yang).
    configured = profile.lifetime.number if profile.lifetime and profile.lifetime.isdecimal() else 86400
    where: Located = profile.lifetime or profile
    finding = _stale_number(case.negotiation.lifetime, configured, where, "the lifetime of the IKE SA", profile.name)
    if finding is not None:
        yield finding
    return None


@check("AUT012", on=Scope.PAIR)
def stale_dpd(case: PairCase) -> Yielded:
    seen, profile = case.negotiation.dpd, observed_profile(case)
    if seen is None or profile is None or not seen.isdecimal():
        return Silence.NO_EVIDENCE
    if profile.dpd is not None:
        if not profile.dpd.interval.isdecimal():
            return Silence.NO_EVIDENCE
        interval = profile.dpd.interval
        finding = _stale_number(seen, interval.number, interval, "the DPD interval", profile.name)
    elif (everywhere := case.device.global_statement("global_dpd")) is not None:
        words = [w for w in everywhere.words if w.isdecimal()]
        if not words:
            return Silence.NO_EVIDENCE
        finding = _stale_number(seen, words[0].number, words[0], "the DPD interval", "crypto ikev2 dpd")
    elif case.device.is_partial or seen.number == 0:
        return Silence.NO_EVIDENCE
    else:  # V: without a `dpd` line of its own or a global one, a profile has no DPD
        text = (
            f"DPD was on with {seen} seconds, but profile '{profile.name}' has no `dpd`, nor has the router as a whole"
        )
        finding = Finding(text).at(profile).saw(seen).about(profile.name)
    if finding is not None:
        yield finding
    return None
