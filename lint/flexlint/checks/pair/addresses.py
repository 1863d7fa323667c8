"""Addresses that a peer asked for and did not get, held against the authorization and the pools.

Comes in: a responder's negotiation and the configuration. Goes out: findings of the family AZN at the line that keeps
the peer without an address. Where a server answers the authorization, its attributes are not known and nothing is said.
"""

from __future__ import annotations

from flexlint.checks.pair.authentication import observed_profile
from flexlint.checks.pair.config_mode import asks_server, policy_in_force
from flexlint.checks.pair.wording import the_peer
from flexlint.config.model import Pool
from flexlint.finding import Confidence, Finding, Silence
from flexlint.log.model import Milestone, Negotiation, Outcome, Side
from flexlint.place import Seen
from flexlint.rulebook import PairCase, Scope, Yielded, check

_REFUSED = ("M216", "M310")  # Failed to allocate IP addr, NOTIFY(INTERNAL_ADDRESS_FAILURE)


@check("AZN013", on=Scope.PAIR)
def exhausted_pool(case: PairCase) -> Yielded:
    """No address could be allocated, although the pool of the policy in force is there: it is used up."""
    negotiation, failure = case.negotiation, case.negotiation.failure
    if failure is None or failure.by_peer or failure.message not in _REFUSED:
        return Silence.NOT_APPLICABLE
    if failure.message == "M310" and "INTERNAL_ADDRESS_FAILURE" not in failure.seen:
        return Silence.NOT_APPLICABLE
    policy = policy_in_force(case)
    pool = case.device.pools.get(policy.pool) if policy is not None and policy.pool is not None else None
    if policy is None or pool is None or not pool.ranges or asks_server(case):
        return Silence.NO_EVIDENCE
    size = _size(pool)
    ranges = ", ".join(f"{r.first}-{r.last or r.first}" for r in pool.ranges)
    many = f"{size:,} addresses" if size > 1 else "one address"
    finding = Finding(
        f"{the_peer(negotiation)} got no address: pool '{pool.name}' ({ranges}) of policy '{policy.name}' has {many}, "
        "so it is probably used up"
    )
    finding.at(pool.ranges[0].first).saw(failure.seen).also(policy.pool, "pool named here")
    finding.because("`show ip local pool` tells how many are in use: sessions that are dead keep theirs without `dpd`")
    if failure.message == "M216":
        finding.lowered(confidence=Confidence.LOW)  # r: the wording of this line is not known for sure
    yield finding.mend("give the pool another range").about("pool used up", policy.name, pool.name)
    return None


def _size(pool: Pool) -> int:
    return sum(int(r.high) - int(r.low) + 1 for r in pool.ranges)


@check("AZN014", on=Scope.PAIR)
def address_not_given(case: PairCase) -> Yielded:
    """The peer asked for an address, the session came up, and nothing of the configuration gives it one."""
    negotiation, profile = case.negotiation, observed_profile(case)
    if negotiation.outcome is not Outcome.UP or negotiation.role is not Side.RESPONDER:
        return Silence.NOT_APPLICABLE
    asked = _asked(negotiation)
    if asked is None or profile is None or negotiation.milestone < Milestone.SESSION_UP:
        return Silence.NOT_APPLICABLE
    if negotiation.authentication_list is not None or "EAP" in str(negotiation.peer_method or "EAP").upper():
        return Silence.NO_EVIDENCE  # what the server said while the user logged in may have been an address
    if negotiation.assigned_addresses() or not case.coverage.can_argue_absence("ikev2") or case.device.is_partial:
        return Silence.SATISFIED
    policy = policy_in_force(case)
    if not profile.authorizations and not negotiation.authorizations and profile.keyring_aaa is None:
        finding = Finding(
            f"{the_peer(negotiation)} asked for an address and got none: profile '{profile.name}' has no "
            "`aaa authorization`"
        )
        finding.at(profile).saw(asked).also(profile.virtual_template, "cloned for it without an address").mend(
            "add `aaa authorization group ... list LIST NAME` to the profile"
        )
    elif (
        policy is not None
        and not policy.implicit
        and policy.pool is None
        and policy.attribute_list is None
        and not policy.said("dhcp")
        and negotiation.authorizations
        and all(one.scope == "group" for one in profile.authorizations)
        and not asks_server(case)
    ):
        finding = Finding(
            f"{the_peer(negotiation)} asked for an address and got none: policy '{policy.name}' has no `pool`"
        )
        finding.at(policy.name).saw(asked).saw(negotiation.authorizations[-1].name)
        finding.mend("add `pool NAME` to the policy")
    else:
        return Silence.NO_EVIDENCE
    yield finding.about("address asked for", profile.name)
    return None


def _asked(negotiation: Negotiation) -> Seen | None:
    """The request of the peer for an IPv4 address: `ip address negotiated` makes a client ask."""
    wanted = (a for a in negotiation.attributes if a.config_type == "request" and a.sent is False)
    return next((a.value for a in wanted if a.name == "ipv4-addr" and not a.value), None)
