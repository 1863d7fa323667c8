"""The interface of a session: the virtual-template that a responder clones, or the tunnel that leads to the peer.

Comes in: a negotiation that got past authentication, and the profile in force. Goes out: findings of the family TUN,
at the first thing that keeps interface, ipsec profile and transform-sets from being one chain.
"""

from __future__ import annotations

from flexlint.checks.pair.authentication import observed_profile
from flexlint.checks.pair.wording import defined, partial_severity
from flexlint.config.defaults import ipsec_profile_named, transform_set_named
from flexlint.config.model import Device, Interface, IpsecProfile, Profile, address_of
from flexlint.finding import Finding, Silence, Verdict
from flexlint.log.model import Milestone, Negotiation, Outcome, Phase, Side
from flexlint.log.watch import deleted_at_once
from flexlint.place import Located
from flexlint.predict.locality import leads_to
from flexlint.rulebook import PairCase, Scope, Yielded, check

Key = tuple[object, ...]


def _died_after_authentication(negotiation: Negotiation) -> bool:
    """Failed once the peer was authenticated: cloning, the child SA, or what the peer made of our answer."""
    if deleted_at_once(negotiation) and negotiation.milestone < Milestone.INTERFACE_UP:
        return True
    if negotiation.outcome is not Outcome.FAILED or negotiation.milestone < Milestone.PEER_AUTHENTICATED:
        return False
    failure = negotiation.failure
    return failure is None or failure.phase in (
        Phase.CHILD_SA,
        Phase.CONFIG_MODE,
        Phase.AUTHORIZATION,
        Phase.ESTABLISHED,
    )


def template_of(device: Device, profile: Profile) -> Interface | None:
    return device.interfaces.get(f"Virtual-Template{profile.virtual_template}") if profile.virtual_template else None


def template_fault(device: Device, profile: Profile, is_up: bool = False) -> Finding | None:
    """What is wrong with the virtual-template of a profile, the first fault that stops a session."""
    number = profile.virtual_template
    if number is None:
        return None
    template = template_of(device, profile)
    key: Key = ("virtual-template", profile.name, number)
    what = f"Virtual-Template{number} of profile '{profile.name}'"
    if template is None and device.is_partial and not device.interfaces:
        return None  # a snippet that leaves interfaces out altogether
    if template is None:
        templates = [str(n) for n, i in device.interfaces.items() if i.is_template]
        text = f"profile '{profile.name}' clones Virtual-Template{number}, which is not defined; {defined(templates)}"
        return Finding(text).at(number).lowered(partial_severity(device)).about(*key, "undefined")
    if template.type != "tunnel":
        return Finding(f"{what} is not of type tunnel").at(template).also(number, "cloned here").about(*key, "type")
    return protection_fault(device, profile, template, what, number, key, is_up)


def protection_fault(
    device: Device, profile: Profile, interface: Interface, what: str, named: Located | None, key: Key, is_up: bool
) -> Finding | None:
    """What is wrong with the protection of an interface: none, undefined, of another IKEv2 profile, without sets."""
    protection = interface.protection
    if protection is None:
        return (
            Finding(f"{what} has no tunnel protection")
            .at(interface)
            .also(named, "cloned here")
            .about(*key, "protection")
        )
    ipsec = ipsec_profile_named(device, protection.profile)
    if ipsec is None and device.is_partial and not device.ipsec_profiles:
        return None
    if ipsec is None:
        known = defined(device.ipsec_profiles)
        text = f"{what} is protected by ipsec profile '{protection.profile}', which is not defined; {known}"
        finding = Finding(text).at(protection.profile).also(named, "cloned here")
        return finding.lowered(partial_severity(device)).about(*key, "ipsec profile")
    other = protection.ikev2_profile or ipsec.ikev2_profile
    if other is not None and other != profile.name:
        text = f"{what} is protected by ipsec profile '{protection.profile}', which belongs to IKEv2 profile '{other}'"
        return Finding(text).at(other).also(named, "cloned here").also(protection.profile).about(*key, "loop")
    return set_fault(device, ipsec, key, is_up)


def set_fault(device: Device, ipsec: IpsecProfile, key: Key, is_up: bool) -> Finding | None:
    """An ipsec profile that names a transform-set that is not defined; a session that is up may have used another."""
    missing = [name for name in ipsec.transform_sets if transform_set_named(device, name) is None]
    if not missing or (is_up and len(missing) < len(ipsec.transform_sets)):
        return None
    known = defined(device.transform_sets)
    text = f"ipsec profile '{ipsec.name}' names transform-set '{missing[0]}', which is not defined; {known}"
    return Finding(text).at(missing[0]).lowered(partial_severity(device)).about(*key, "transform-set")


@check("TUN001", on=Scope.PAIR)
def wrong_virtual_template(case: PairCase) -> Yielded:
    negotiation, profile = case.negotiation, observed_profile(case)
    if profile is None or negotiation.role is Side.INITIATOR:
        return Silence.NO_EVIDENCE
    if profile.virtual_template is None:
        return Silence.NOT_APPLICABLE
    finding = template_fault(case.device, profile, negotiation.outcome is Outcome.UP)
    if finding is None:
        return Silence.SATISFIED
    if _died_after_authentication(negotiation):
        failure = negotiation.failure
        finding.saw(failure.seen if failure else negotiation.deleted)
        finding.saw(negotiation.profile).judged(Verdict.EXPLANATION)
    elif negotiation.outcome is Outcome.UP and negotiation.milestone >= Milestone.IPSEC_SA:
        came_up = negotiation.virtual_access or negotiation.milestone_seen
        finding.saw(came_up, "the session came up all the same").judged(Verdict.CONTRADICTION)
    else:
        return Silence.NO_EVIDENCE  # the defect is reported on its own; this log does not show its effect
    yield finding
    return None


@check("TUN005", on=Scope.PAIR)
def missing_virtual_template(case: PairCase) -> Yielded:
    """A responder without `virtual-template`, with no tunnel or crypto map towards the peer: nothing to attach to."""
    negotiation, profile, device = case.negotiation, observed_profile(case), case.device
    if profile is None or negotiation.role is not Side.RESPONDER or profile.virtual_template is not None:
        return Silence.NOT_APPLICABLE
    if not _died_after_authentication(negotiation) or device.crypto_maps or device.is_partial:
        return Silence.NO_EVIDENCE
    peer = str(negotiation.peer or "")
    if any(i.is_tunnel and i.protection and not _leads_elsewhere(i, peer) for i in device.interfaces.values()):
        return Silence.NO_EVIDENCE  # it may serve this peer
    if _tunnels_to(device, peer):
        return Silence.NOT_APPLICABLE  # wrong-tunnel says it
    failure = negotiation.failure
    yield (
        Finding(f"profile '{profile.name}' has no virtual-template, and no tunnel or crypto map serves peer {peer}")
        .at(profile)
        .saw(failure.seen if failure else negotiation.deleted)
        .mend("add `virtual-template N` to the profile")
        .about("no virtual-template", profile.name)
    )
    return None


def _leads_elsewhere(interface: Interface, peer: str) -> bool:
    """Whether a tunnel has one destination, which is an address and not this one."""
    return address_of(interface.destination) is not None and not leads_to(interface.destination, peer)


def _tunnels_to(device: Device, peer: str) -> list[Interface]:
    tunnels = (i for i in device.interfaces.values() if i.is_tunnel and not i.is_template)
    return [i for i in tunnels if leads_to(i.destination, peer)]


@check("TUN011", on=Scope.PAIR)
def wrong_tunnel(case: PairCase) -> Yielded:
    """The static tunnel to the peer is not protected, or by what does not belong to the session's profile."""
    negotiation, profile, device = case.negotiation, observed_profile(case), case.device
    if profile is None or negotiation.role is not Side.RESPONDER or profile.virtual_template is not None:
        return Silence.NOT_APPLICABLE
    tunnels = _tunnels_to(device, str(negotiation.peer or ""))
    came_up = negotiation.outcome is Outcome.UP and negotiation.milestone >= Milestone.IPSEC_SA
    if not tunnels or not (_died_after_authentication(negotiation) or came_up) or device.is_partial:
        return Silence.NO_EVIDENCE
    if device.crypto_maps:
        return Silence.NO_EVIDENCE  # one of them may have been meant
    finding = _tunnel_fault(device, profile, tunnels[0], negotiation, came_up)
    if finding is None or (came_up and _is_served(device, profile, negotiation)):
        return Silence.SATISFIED
    finding.also(tunnels[0].destination, "leads to the peer")
    if came_up:
        finding.saw(negotiation.milestone_seen, "the session came up all the same").judged(Verdict.CONTRADICTION)
    else:
        failure = negotiation.failure
        finding.saw(failure.seen if failure else negotiation.deleted)
    yield finding.saw(negotiation.profile)
    return None


def _is_served(device: Device, profile: Profile, negotiation: Negotiation) -> bool:
    """Whether some tunnel may carry the session: one to this peer, or a multipoint one that leads to any."""
    peer = str(negotiation.peer or "")
    may_be = (i for i in device.interfaces.values() if i.is_tunnel and not _leads_elsewhere(i, peer))
    return any(_tunnel_fault(device, profile, one, negotiation, True) is None for one in may_be)


def _tunnel_fault(
    device: Device, profile: Profile, tunnel: Interface, negotiation: Negotiation, is_up: bool
) -> Finding | None:
    what = f"{tunnel.name}, which leads to peer {negotiation.peer},"
    return protection_fault(device, profile, tunnel, what, None, ("tunnel", tunnel.name), is_up)
