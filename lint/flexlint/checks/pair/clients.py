"""A client that was given what its own configuration cannot take.

Comes in: a negotiation of an initiator that failed in config mode. Goes out: finding AZN012. R: the router names no
reason; an address needs `ip address negotiated`, and attributes at all an `aaa authorization` of the profile.
"""

from __future__ import annotations

from flexlint.checks.pair.authentication import observed_profile
from flexlint.finding import Finding, Silence
from flexlint.log.model import Side
from flexlint.predict.model import Sureness
from flexlint.rulebook import PairCase, Scope, Yielded, check


@check("AZN012", on=Scope.PAIR)
def nothing_to_apply_to(case: PairCase) -> Yielded:
    """`Error in settig received config mode data` at an initiator whose tunnel or profile takes no attributes."""
    negotiation, failure, profile = case.negotiation, case.negotiation.failure, observed_profile(case)
    if failure is None or failure.message != "M212" or negotiation.role is not Side.INITIATOR:
        return Silence.NOT_APPLICABLE
    tunnel = case.followed.template.chosen
    if profile is None or tunnel is None or case.followed.template.sureness is not Sureness.SURE:
        return Silence.NO_EVIDENCE
    given = next(iter(negotiation.assigned_addresses()), None)
    if given is not None and tunnel.address_negotiated is None:
        text = f"the other end gave {given} to {tunnel.name}, which does not have `ip address negotiated`"
        own = next(iter(tunnel.said("ip_address")), None)
        finding = Finding(text).at(own or tunnel).saw(failure.seen).saw(given)
        finding.mend(f"` ip address negotiated` on {tunnel.name}, or let the other end give no address")
    elif not profile.authorizations:
        text = f"profile '{profile.name}' of this client has no `aaa authorization group`: it can apply no attributes"
        finding = Finding(text).at(profile).saw(failure.seen).saw(given).also(tunnel)
        finding.mend("add `aaa authorization group psk list LIST NAME` for the other end's method")
    else:
        return Silence.SATISFIED
    yield finding.about("config mode", profile.name, tunnel.name)
    return None
