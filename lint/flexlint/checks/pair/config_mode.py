"""Addresses and routes of config mode, held against the authorization policy in force.

Comes in: a negotiation and the configuration. Goes out: findings of the family AZN. The policy in force is the one the
log names; where a server answers too, its attributes are not in the configuration and nothing is said.
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_address
from typing import NamedTuple

from flexlint.checks.pair.authentication import observed_profile
from flexlint.checks.pair.authorization import failed_there, network_lists, policy_named
from flexlint.checks.pair.wording import defined, partial_severity
from flexlint.config.model import AccessList, AuthorizationPolicy, Device, Method, RouteSet
from flexlint.finding import Finding, Silence
from flexlint.judging.observe import method_named
from flexlint.log.model import Attribute, Milestone, Negotiation, Side
from flexlint.place import Seen
from flexlint.predict.authorization import routes_of
from flexlint.rulebook import PairCase, Scope, Yielded, check


def policy_in_force(case: PairCase) -> AuthorizationPolicy | None:
    """The policy of the name the log shows; without one in the log, the predicted one; None for several."""
    asked = case.negotiation.authorizations
    found = [p for s in asked if (p := policy_named(case.device, s.name)) is not None]
    if asked:
        return found[0] if len(found) == 1 else None
    return case.followed.authorization_policy.chosen


def subnets_sent(negotiation: Negotiation) -> list[Attribute]:
    """The prefixes that this router gave its peer: in its reply, or as an initiator in a Config-set of its own."""
    subnets = [a for a in negotiation.attributes if a.name == "ipv4-subnet" and a.value]
    pushed = [a for a in subnets if a.config_type == "set" and a.sent]  # the direction of a set must be sure
    replied = [a for a in subnets if a.config_type == "reply" and a.sent is not False]
    return pushed if negotiation.role is Side.INITIATOR else [*replied, *pushed]


@check("AZN005", on=Scope.PAIR)
def address_outside_pool(case: PairCase) -> Yielded:
    """The address given to the peer lies in no range of the pool of the authorization policy in force."""
    negotiation, device = case.negotiation, case.device
    assigned = negotiation.assigned_addresses()
    if not assigned or negotiation.role is Side.INITIATOR:
        return Silence.NO_EVIDENCE
    policy = policy_in_force(case)
    if policy is None or asks_server(case):
        return Silence.NO_EVIDENCE
    if policy.pool is None:
        if _has_no_address(case, policy) and ":" not in assigned[0]:
            finding = Finding(f"the peer was given {assigned[0]}, but policy '{policy.name}' has no pool")
            finding.at(policy.name).saw(assigned[0]).also(negotiation.authorizations[0].name)
            finding.because("the configuration may have been edited since, or the log is another router's")
            yield finding.about("no pool", policy.name)
        return None
    name = policy.pool
    pool = device.pools.get(name)
    if pool is None or not pool.ranges:
        return Silence.NO_EVIDENCE
    for seen in assigned:
        try:
            address = ip_address(str(seen))
        except ValueError:
            continue
        if any(r.low.version == address.version and int(r.low) <= int(address) <= int(r.high) for r in pool.ranges):
            continue
        ranges = ", ".join(f"{r.first}-{r.last or r.first}" for r in pool.ranges)
        yield (
            Finding(f"the peer was given {seen}, which is outside pool '{name}' ({ranges}) of policy '{policy.name}'")
            .at(pool.ranges[0].first)
            .saw(seen)
            .also(name, "pool named here")
            .about("pool", policy.name, name)
        )
        break
    return None


def _has_no_address(case: PairCase, policy: AuthorizationPolicy) -> bool:
    """Whether nothing else than a pool of this policy could give an address: no DHCP, no attributes, no users."""
    if (
        policy.implicit
        or policy.attribute_list is not None
        or policy.said("dhcp")
        or not case.negotiation.authorizations
    ):
        return False
    profile = observed_profile(case)
    return (
        profile is not None and profile.keyring_aaa is None and all(a.scope == "group" for a in profile.authorizations)
    )


def asks_server(case: PairCase) -> bool:
    """Whether some list in use asks a server: its attributes are not in the configuration."""
    lists = network_lists(case.device)
    return gave_attributes(case) or any(
        s.list not in lists or [str(m) for m in lists[s.list].methods] != ["local"]
        for s in case.negotiation.authorizations
    )


def gave_attributes(case: PairCase) -> bool:
    """Whether a server was asked for the key or the user: what it says of them then counts too, `cached` or not (R)."""
    profile, seen = observed_profile(case), case.negotiation.authentication_list
    if profile is None:
        return False
    if profile.keyring_aaa is not None:
        return True
    method = method_named(case.negotiation.peer_method)
    if seen is None and method not in (None, Method.EAP, Method.ANYCONNECT):
        return False
    used = [seen] if seen is not None else [one.list for one in profile.authentication_lists]
    logins = [case.device.aaa_lists.get(("authentication login", str(name))) for name in used]
    return any(one is None or [str(m) for m in one.methods] != ["local"] for one in logins)


@check("AZN006", on=Scope.PAIR)
def stale_route_set(case: PairCase) -> Yielded:
    """A prefix this router pushed that no `route set` of the policy in force yields."""
    negotiation, sent = case.negotiation, subnets_sent(case.negotiation)
    policy = policy_in_force(case)
    if not sent or policy is None or policy.implicit or asks_server(case) or not negotiation.authorizations:
        return Silence.NO_EVIDENCE
    expected = _expected(case, policy)
    if expected is None:
        return Silence.NO_EVIDENCE
    for attribute in sent:
        prefix = _prefix(attribute.value)
        if prefix is None or expected.may_be(prefix):
            continue
        listed = ", ".join(map(str, expected.prefixes)) or "nothing"
        kind = "interface" if prefix.prefixlen == 32 else "access-list"
        at = next((line for line in policy.route_sets if line.kind == kind), None)
        yield (
            Finding(f"the router sent {prefix} to the peer, but policy '{policy.name}' gives {listed}")
            .at(at.line if at is not None else policy)
            .saw(attribute.value)
            .also(_list_of(case.device, at), "its prefixes")
            .about("route set", policy.name, prefix)
        )
        break
    return None


def _list_of(device: Device, line: RouteSet | None) -> AccessList | None:
    """The access list that a `route set access-list` names."""
    return device.access_lists.get(line.word) if line is not None and line.kind == "access-list" and line.word else None


class _Expected(NamedTuple):
    """The prefixes that a policy gives. `any_host`: one of its interfaces has an address that is not known, such as a
    negotiated one, so that any host route may be its."""

    prefixes: list[IPv4Network]
    any_host: bool

    def may_be(self, prefix: IPv4Network) -> bool:
        return prefix in self.prefixes or (self.any_host and prefix.prefixlen == 32)


def _expected(case: PairCase, policy: AuthorizationPolicy) -> _Expected | None:
    """What the `route set` lines give; None when an access list cannot be known."""
    prefixes: list[IPv4Network] = []
    any_host = False
    for line in policy.route_sets:
        found = routes_of(case.device, line, case.followed.template.chosen)
        if found is None and line.kind != "interface":
            return None
        any_host |= found is None
        prefixes += [network for network in found or () if network not in prefixes]
    return _Expected(prefixes, any_host)


def _prefix(text: str) -> IPv4Network | None:
    try:
        return IPv4Network("/".join(text.split()), strict=False)
    except ValueError:
        return None


@check("AZN007", on=Scope.PAIR)
def missing_pool(case: PairCase) -> Yielded:
    """The policy names a pool that does not exist, and the session failed once authorization had been answered."""
    negotiation, policy = case.negotiation, policy_in_force(case)
    if not negotiation.authorizations or policy is None or policy.pool is None:
        return Silence.NO_EVIDENCE
    if asks_server(case) or (case.device.aaa_new_model is None and not case.device.is_partial):
        return Silence.NOT_APPLICABLE  # a server may name another pool; without a list missing-group-list says it
    if (
        policy.pool in case.device.pools
        or not failed_there(negotiation)
        or negotiation.milestone >= Milestone.SESSION_UP
    ):
        return Silence.NOT_APPLICABLE
    failure = negotiation.failure
    finding = Finding(
        f"policy '{policy.name}' takes addresses from pool '{policy.pool}', which is not defined; "
        f"{defined(case.device.pools)}"
    )
    finding.at(policy.pool).saw(negotiation.authorizations[-1].name).also(failure.seen if failure else None)
    finding.mend(f"add `ip local pool {policy.pool} FIRST LAST`, or name a pool that exists")
    yield finding.lowered(partial_severity(case.device)).about("pool", policy.name, policy.pool)
    return None


@check("AZN010", on=Scope.PAIR)
def unsent_route(case: PairCase) -> Yielded:
    """A prefix that a `route set` line of the policy in force gives, and that is not among those sent."""
    sent, policy = subnets_sent(case.negotiation), policy_in_force(case)
    reply = None if sent else _reply_without_prefix(case.negotiation)
    if policy is None or policy.implicit or asks_server(case) or not case.negotiation.authorizations:
        return Silence.NO_EVIDENCE
    if not sent and reply is None:
        return Silence.NO_EVIDENCE
    expected = _expected(case, policy)
    if expected is None or not case.coverage.can_argue_absence("ikev2"):
        return Silence.NO_EVIDENCE
    seen = {prefix for a in sent if (prefix := _prefix(a.value)) is not None}
    if not all(map(expected.may_be, seen)):
        return Silence.NOT_APPLICABLE  # stale-route-set says it
    for line in policy.route_sets:
        missing = [n for n in _routes(case, line) if n not in seen]
        if missing:
            listed = ", ".join(map(str, missing[:4]))
            finding = Finding(f"policy '{policy.name}' gives {listed}, which was not sent to the peer")
            others = "sent instead" if len(missing) == len(_routes(case, line)) else "sent"
            finding.at(line.line).saw(sent[0].value if sent else reply, others if sent else "sent without a prefix")
            finding.because("the configuration may have been edited since, or the log is another router's")
            yield finding.about("route not sent", policy.name, line.kind, line.word or "")
            break
    return None


def _reply_without_prefix(negotiation: Negotiation) -> Seen | None:
    """What this router answered to a peer that asked for prefixes, where it gave an address and none of those."""
    asked = any(
        a.config_type == "request" and a.sent is False and a.name == "ipv4-subnet" for a in negotiation.attributes
    )
    if negotiation.role is not Side.RESPONDER or not asked:
        return None
    replied = (a for a in negotiation.attributes if a.config_type == "reply" and a.sent)
    return next((a.value for a in replied if a.name == "ipv4-addr" and a.value), None)


def _routes(case: PairCase, line: RouteSet) -> list[IPv4Network]:
    return routes_of(case.device, line, case.followed.template.chosen) or []


@check("AZN011", on=Scope.PAIR)
def unaccepted_route(case: PairCase) -> Yielded:
    """Routes of the peer were installed, and the policy in force has `no route accept`."""
    negotiation, policy = case.negotiation, policy_in_force(case)
    added = [route for route in negotiation.routes if route.added]
    if not added or policy is None or asks_server(case) or not negotiation.authorizations:
        return Silence.NO_EVIDENCE
    said = [s for s in policy.statements if s.kind in ("route_accept", "route_accept_map")]
    if not said or not said[-1].negated:
        return Silence.SATISFIED
    finding = Finding(
        f"route {added[0].network} {added[0].mask} of the peer was installed, but policy '{policy.name}' accepts none"
    )
    yield finding.at(said[-1].line).saw(added[0].network).about("route accept", policy.name)
    return None
