"""Virtual-template, IPsec profile, transforms and routes of a negotiation, held against the configuration.

Comes in: a negotiation, the configuration, and the prediction that follows the objects the log names. Goes out:
findings of the family TUN. The debug names neither virtual-template nor IPsec profile: they come from the prediction.
"""

from __future__ import annotations

from ipaddress import IPv4Network

from flexlint.checks.pair.authentication import observed_profile
from flexlint.checks.pair.authorization import network_lists
from flexlint.checks.pair.config_mode import gave_attributes
from flexlint.checks.pair.interfaces import template_fault, template_of
from flexlint.checks.pair.transforms import difference, esp_lists, lists_of, nearest, shortcomings, unsized
from flexlint.checks.pair.wording import or_none, the_peer
from flexlint.config.model import Interface, IpsecProfile, Profile, TransformSet
from flexlint.finding import Finding, Silence
from flexlint.log.model import Phase, Side, Transforms
from flexlint.place import Seen
from flexlint.predict.model import Sureness
from flexlint.rulebook import PairCase, Scope, Yielded, check


@check("TUN002", on=Scope.PAIR)
def route_in_other_vrf(case: PairCase) -> Yielded:
    """`VPN Route Added ... via I in vrf V`: V must be the VRF of the tunnel I, or of the template that I was
    cloned from, unless AAA moves the clone."""
    negotiation, profile = case.negotiation, observed_profile(case)
    routes = [r for r in negotiation.routes if r.added]
    if not routes or profile is None:
        return Silence.NO_EVIDENCE
    for route in routes:
        interface = _route_interface(case, profile, route.interface)
        configured = str(interface.vrf) if interface is not None and interface.vrf else "global"
        if interface is None or route.vrf == configured:
            continue
        yield (
            Finding(
                f"route {route.network} {route.mask} was added in VRF {route.vrf}, "
                f"but {interface.name} of profile '{profile.name}' is in VRF {configured}"
            )
            .at(interface.vrf or interface, f"VRF {configured}")
            .saw(route.vrf)
            .about("route vrf", interface.name, route.vrf)
        )
        break
    return None


def _route_interface(case: PairCase, profile: Profile, name: str) -> Interface | None:
    """The configured interface behind the one of a route; None where something else may have set its VRF."""
    if name.lower().startswith(("virtual-access", "vi")):
        return None if aaa_moves(case) else template_of(case.device, profile)
    interface = case.device.interfaces.get(name)
    return interface if interface is not None and interface.is_tunnel else None


def aaa_moves(case: PairCase) -> bool:
    """Whether the authorization may carry an interface-config that sets a VRF: attribute lists or a server."""
    policy = case.followed.authorization_policy.chosen
    if policy is not None and policy.attribute_list is not None:
        return True
    lists = network_lists(case.device)
    asked = [lists.get(one.list) for one in case.negotiation.authorizations] or [case.followed.aaa_list.chosen]
    return any(one is not None and bool(one.groups) for one in asked) or gave_attributes(case)


@check("TUN016", on=Scope.PAIR)
def route_beside_static_one(case: PairCase) -> Yielded:
    """R: what IKEv2 installs is a static route of distance 1 or 2; another one to the same prefix competes with it."""
    device = case.device
    added = [r for r in case.negotiation.routes if r.added]
    if not added or not any(line.text.startswith("ip route ") for line in device.lines):
        return Silence.NO_EVIDENCE
    from flexlint.checks.device.routing import outside_of, static_routes  # most routers have no session to hold

    rivals = {(r.vrf, str(r.network)): r for r in static_routes(device) if r.distance == 1 and outside_of(device, r)}
    for route in added:
        prefix = _prefix(route.network, route.mask)
        rival = rivals.get(("" if route.vrf == "global" else str(route.vrf), prefix))
        if rival is None:
            continue
        finding = Finding(
            f"the route to {prefix} was installed over {route.interface}, and a static route leads there by way of "
            f"{outside_of(device, rival)}: packets may leave that way, outside the tunnel"
        )
        finding.at(rival.line).saw(route.network).mend("take the static route out, or give it a distance above 2")
        yield finding.about("static route", prefix, route.vrf)
        return None
    return Silence.SATISFIED


def _prefix(network: str, mask: str) -> str:
    try:
        return str(IPv4Network(f"{network}/{mask}", strict=False))
    except ValueError:
        return ""


@check("TUN003", on=Scope.PAIR)
def transform_mismatch(case: PairCase) -> Yielded:
    """ESP transforms received against the transform-sets of the tunnel's ipsec profile (or those the log expected)."""
    negotiation = case.negotiation
    received = [t for t in negotiation.received if t.protocol == "ESP"]
    if not received or negotiation.failure is None:
        return Silence.NO_EVIDENCE
    sets, ipsec = case.followed.transform_sets, case.followed.ipsec_profile.chosen
    if not sets or ipsec is None:
        return Silence.NO_EVIDENCE
    gap = nearest([esp_lists([one]) for one in sets], [lists_of([one]) for one in received])
    if gap is None:
        return Silence.NOT_APPLICABLE
    missing, index = gap
    ours, theirs, closest = esp_lists(sets), lists_of(received), sets[index]
    if difference(ours, theirs):
        missing = difference(ours, theirs)
        kind = missing[0]
        text = (
            f"no common ESP {' and '.join(missing)}: {the_peer(negotiation)} offers {or_none(theirs[kind])}, "
            f"ipsec profile '{ipsec.name}' {or_none(ours[kind])}"
        )
    else:
        lists = [lists_of([one]) for one in received]
        text = (
            f"no transform-set of ipsec profile '{ipsec.name}' fits what {the_peer(negotiation)} offers: "
            f"{shortcomings([(str(one.name), esp_lists([one])) for one in sets], lists)}"
        )
    finding = Finding(text)
    finding.at(closest.transforms[0].word if closest.transforms and not closest.implicit else ipsec, "offered here")
    finding.saw(received[0].seen, "received").also(ipsec, "through this profile")
    finding.because(
        *(f"{k}: the peer offers {or_none(theirs[k])}, this router {or_none(ours[k])}" for k in missing[1:])
    )
    finding.mend("give both ends one common transform-set")
    yield finding.about("esp", ipsec.name, *missing)
    return None


def _put(case: PairCase, own: Transforms) -> str:
    """What a proposal of this router's was: a responder answers the first with its choice."""
    n = case.negotiation
    answers = n.role is Side.RESPONDER and (n.session_up is None or own.seen.line < n.session_up.line)
    return "chose" if answers else "offered"


@check("TUN008", on=Scope.PAIR)
def stale_transform_set(case: PairCase) -> Yielded:
    """Our own `ESP Proposal` line has an algorithm that no transform-set of the ipsec profile has. It leaves the key
    lengths out (V): nothing is said of those."""
    sets, ipsec = case.followed.transform_sets, case.followed.ipsec_profile.chosen
    offered = case.negotiation.offered_esp
    expected = [t for t in case.negotiation.expected if t.protocol == "ESP"]
    if not (offered or expected) or not sets or ipsec is None or case.followed.template.sureness is not Sureness.SURE:
        return Silence.NO_EVIDENCE
    if observed_profile(case) is None:
        return Silence.NO_EVIDENCE
    ours = esp_lists(sets)
    for one in expected:
        for kind, values in lists_of([one]).items():
            for value in values:
                if ours[kind] and value not in ours[kind]:
                    yield _stale(f"the router expected ESP {kind} {value}", sets, ipsec, kind, value, one.seen)
                    return None
    ours["encryption"] = unsized(ours["encryption"])
    for one in offered:
        theirs = lists_of([one])
        for kind, values in (("encryption", unsized(theirs["encryption"])), ("integrity", theirs["integrity"])):
            for value in values:
                if value in ours[kind]:
                    continue
                yield _stale(f"the router {_put(case, one)} ESP {kind} {value}", sets, ipsec, kind, value, one.seen)
                return None
    return Silence.SATISFIED


def _stale(text: str, sets: list[TransformSet], ipsec: IpsecProfile, kind: str, value: str, seen: Seen) -> Finding:
    finding = Finding(f"{text}, but ipsec profile '{ipsec.name}' has {or_none(esp_lists(sets)[kind])}")
    first = sets[0]
    finding.at(first.transforms[0].word if first.transforms and not first.implicit else ipsec)
    finding.saw(seen).also(ipsec, "through this profile")
    finding.because("the configuration may have been edited since, or the log is another router's")
    return finding.about("esp offered", ipsec.name, kind, value)


@check("TUN004", on=Scope.PAIR)
def child_of_other_profile(case: PairCase) -> Yielded:
    """`IPSec policy validate request sent for profile P` names another IKEv2 profile than the session's."""
    seen, profile = case.negotiation.child_profile, case.negotiation.profile
    if seen is None or profile is None:
        return Silence.NO_EVIDENCE
    if seen == profile:
        return Silence.SATISFIED
    at = case.device.profiles.get(seen)
    finding = Finding(f"the child SA was checked against profile '{seen}', but the session belongs to '{profile}'")
    yield finding.at(at or seen).saw(seen if at else None).also(profile).about("child profile", seen, profile)
    return None


@check("TUN006", on=Scope.PAIR)
def refused_traffic_selectors(case: PairCase) -> Yielded:
    """TS_UNACCEPTABLE, or no IPsec policy for the received selectors: GRE on one end, IPsec on the other."""
    negotiation, profile = case.negotiation, observed_profile(case)
    failure = negotiation.failure
    if failure is None or failure.phase is not Phase.CHILD_SA:
        return Silence.NOT_APPLICABLE
    if not (failure.message in ("M238", "M239", "M240", "M246", "M324") or "TS_UNACCEPTABLE" in failure.seen):
        return Silence.NOT_APPLICABLE
    template = case.followed.template.chosen
    if profile is None or template is None:
        return Silence.NO_EVIDENCE
    if negotiation.role is not Side.INITIATOR and template_fault(case.device, profile) is not None:
        return Silence.NOT_APPLICABLE  # wrong-virtual-template says it
    mode = str(template.tunnel_mode or "gre ip")
    if profile.mode_auto:
        return Silence.NO_EVIDENCE
    other = "IPsec (`tunnel mode ipsec ipv4`)" if mode.startswith("gre") else "GRE"
    yield (
        Finding(
            f"the traffic selectors were refused: {template.name} is `tunnel mode {mode}`, the peer probably {other}"
        )
        .at(template.tunnel_mode or template, f"tunnel mode {mode}")
        .saw(failure.seen)
        .mend(
            f"set the same tunnel mode on both ends, or `virtual-template {profile.virtual_template or 'N'} mode auto`"
        )
        .about("tunnel mode", template.name, mode)
    )
    return None
