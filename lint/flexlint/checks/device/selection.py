"""Which profile and which policy: two that fit the same peer, and VRFs that lead past the one that was meant.

Comes in: a device. Goes out: findings SEL101 to SEL105. Whether a statement accepts an identity, and which policy is
chosen, is asked of the prediction; that nobody has to compare each profile with each other is done here, by a table of
statements in which each one looks up what covers it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from flexlint.checks.device.edits import added
from flexlint.checks.device.places import Key, Places
from flexlint.checks.device.wording import doubtful, hedged, is_placeholder
from flexlint.config.model import Device, IdentityKind, IdentityMatch, Interface, Policy, Profile
from flexlint.finding import Confidence, Finding, Severity
from flexlint.place import Located
from flexlint.predict.identities import contested_by, covers, intersect
from flexlint.predict.model import Choice, PeerFacts
from flexlint.predict.policy import select_policy
from flexlint.predict.profile import unusable
from flexlint.predict.settling import refuses
from flexlint.predict.tunnel import ikev2_profile_of
from flexlint.rulebook import DeviceCase, Findings, Scope, check


class Statement(NamedTuple):
    profile: Profile
    match: IdentityMatch


def _own_key(match: IdentityMatch) -> Key:
    """Equal for statements that accept exactly the same."""
    if match.kind is IdentityKind.ANY or match.network is not None:
        return (match.kind, match.network)
    return (match.kind, match.domain, (match.value or "").strip('"').lower().lstrip(".@"))


def _covering_keys(match: IdentityMatch, lengths: set[tuple[int, int]]) -> Iterator[Key]:
    """The keys of every statement that would accept all this one accepts, its own among them."""
    yield (IdentityKind.ANY, None)
    if match.network is not None:
        for version, length in lengths:
            if version == match.network.version and length <= match.network.prefixlen:
                yield (match.kind, match.network.supernet(new_prefix=length))
        return
    yield _own_key(match)
    if match.kind in (IdentityKind.FQDN, IdentityKind.EMAIL) and match.value is not None:
        name = match.value.strip('"').lower().rpartition("@")[2].lstrip(".")
        while name:
            yield (match.kind, True, name)
            name = name.partition(".")[2]


def _overlaps(device: Device) -> Iterator[tuple[Statement, Statement]]:
    """Statements of two profiles that accept a common identity, the wider one second; each pair of profiles once."""
    places: Places[Profile, IdentityMatch] = Places(device)
    lengths: set[tuple[int, int]] = set()
    every: list[Statement] = []
    for profile in (p for p in device.profiles.values() if unusable(p) is None):
        for match in profile.identities:
            if match.value is not None and is_placeholder(match.value):
                continue
            every.append(Statement(profile, match))
            places.add(profile, _own_key(match), match)
            if match.network is not None:
                lengths.add((match.network.version, match.network.prefixlen))
    told: set[frozenset[int]] = set()
    for one in sorted(every, key=lambda s: s.match.line.number):
        for key in _covering_keys(one.match, lengths):
            for other in places.met(one.profile, key):
                pair = frozenset((id(one.profile), id(other.owner)))
                if pair not in told:
                    told.add(pair)
                    yield one, Statement(*other)


@check("SEL101", on=Scope.DEVICE)
def overlapping_profiles(case: DeviceCase) -> Findings:
    """?: the guide says that no profile is selected, the field sees the narrowest or the first."""
    device = case.device
    assumptions = case.settings.assumptions
    assumed = assumptions.get("profile-overlap", "")
    for one, other in _overlaps(device):
        witness = intersect(one.match, other.match)
        if witness is None or any(refuses(contested_by(s.match, witness), assumptions) for s in (one, other)):
            continue
        is_twin = covers(one.match, other.match) and covers(other.match, one.match)
        finding = Finding(
            f"profiles '{one.profile.name}' and '{other.profile.name}' both match peer {witness}"
            + (" with the same statement" if is_twin else "")
        )
        second, first = sorted((one, other), key=lambda s: -s.match.line.number)
        finding.at(second.match, f"of '{second.profile.name}'").also(first.match, f"of '{first.profile.name}'")
        finding.about(*sorted((str(one.profile.name), str(other.profile.name))))
        if assumed == "none":
            yield finding.lowered(Severity.ERROR)
        elif not is_twin or not (_answers(one.profile) and _answers(other.profile)):
            # A published habit: a wide profile for dynamic peers beside narrow ones, or one profile for each tunnel.
            yield finding.lowered(Severity.NOTE, Confidence.LOW)
        else:
            yield finding


def _answers(profile: Profile) -> bool:
    """Whether it is made for peers that come by themselves: only then is a profile searched for."""
    return profile.virtual_template is not None


@check("SEL102", on=Scope.DEVICE)
def certificate_profile_covered(case: DeviceCase) -> Findings:
    """R: `match certificate` and `match identity` are one type, so a profile for any identity meets them all."""
    device = case.device
    usable = [p for p in device.profiles.values() if unusable(p) is None]
    wide: Places[Profile, IdentityMatch] = Places(device)
    for profile in usable:
        for match in profile.identities:
            if match.kind is IdentityKind.ANY:
                wide.add(profile, (), match)
    for profile in usable:
        if not profile.certificate_maps or any(m.kind is IdentityKind.ANY for m in profile.identities):
            continue  # SEL101 says that
        told: set[int] = set()
        for other, match in wide.met(profile, ()):
            if id(other) in told:
                continue
            told.add(id(other))
            finding = Finding(
                f"profile '{other.name}' matches any identity, also of the peers whose certificate "
                f"profile '{profile.name}' matches"
            )
            finding.at(match).also(profile.certificate_maps[0], f"of '{profile.name}'")
            yield finding.about(profile.name, other.name)


def users(device: Device) -> dict[str, list[tuple[Interface, Located]]]:
    """The tunnels and virtual-templates of each profile, with the word that ties them."""
    found: dict[str, list[tuple[Interface, Located]]] = {}
    for interface in device.interfaces.values():
        if interface.is_tunnel and (name := ikev2_profile_of(device, interface)) is not None:
            found.setdefault(str(name), []).append((interface, name))
    for profile in device.profiles.values():
        number = profile.virtual_template
        template = device.interfaces.get(f"Virtual-Template{number}") if number is not None else None
        if template is not None and number is not None:
            found.setdefault(str(profile.name), []).append((template, number))
    return found


@check("SEL103", on=Scope.DEVICE)
def vrf_of_other_tunnel(case: DeviceCase) -> Findings:
    """The packets of a tunnel travel in one VRF, its profile looks for them in another."""
    device = case.device
    for name, held in users(device).items():
        profile = device.profiles.get(name)
        if profile is None or (profile.fvrf is not None and profile.fvrf.lower() == "any"):
            continue
        wanted = str(profile.fvrf) if profile.fvrf is not None else ""
        for interface, _ in held:
            vrf = str(interface.tunnel_vrf) if interface.tunnel_vrf is not None else ""
            if vrf == wanted or interface.protection is None or doubtful(device, profile, interface):
                continue
            finding = Finding(
                f"the packets of {interface.name} travel in {_vrf(vrf)}, "
                f"but its profile '{name}' serves {_vrf(wanted)} only"
            )
            finding.at(interface.tunnel_vrf or interface).also(profile.fvrf or profile.name, "its profile")
            finding.about(name, interface.name)
            outside = _vrf_of_source(device, interface)
            if vrf and profile.fvrf is None:
                edits = added(profile, f"match fvrf {vrf}") if outside == vrf else []
                finding.mend(f"add ` match fvrf {vrf}` to the profile", *edits)
            elif not vrf:
                edits = added(interface, f"tunnel vrf {wanted}") if outside == wanted else []
                finding.mend(f"add ` tunnel vrf {wanted}`", *edits)
            if not vrf and interface.is_template:
                finding.lowered(Severity.WARNING, Confidence.MEDIUM)
            yield finding


def _vrf(name: str) -> str:
    return f"VRF {name}" if name else "the global VRF"


def _vrf_of_source(device: Device, tunnel: Interface) -> str | None:
    """The VRF of the interface that the tunnel's packets leave by; None when it is not shown."""
    source = device.interfaces.get(tunnel.source or "")
    return str(source.vrf or "") if source is not None else None


@check("SEL104", on=Scope.DEVICE)
def profile_without_own_policy(case: DeviceCase) -> Findings:
    """Every policy of the user is for another VRF than the profile, so that the default one is used."""
    device = case.device
    own = [p for p in device.policies.values() if p.name != "default" and p.proposals]
    served = {str(p.fvrf or "") for p in own if not p.local_addresses}
    choices: dict[str, Choice[Policy]] = {}  # many profiles, few VRFs
    for profile in device.profiles.values():
        if not own or (profile.fvrf is not None and profile.fvrf.lower() == "any"):
            continue
        wanted = str(profile.fvrf) if profile.fvrf is not None else ""
        if served & {wanted, "any"}:
            continue
        if wanted not in choices:
            choices[wanted] = select_policy(device, PeerFacts(fvrf=wanted))
        choice = choices[wanted]
        if choice.chosen is None or choice.chosen.name != "default":
            continue
        serve = ", ".join(f"'{p.name}' serves {_vrf(str(p.fvrf) if p.fvrf else '')}" for p in own[:3])
        finding = Finding(
            f"no IKEv2 policy of yours serves {_vrf(wanted)} of profile '{profile.name}', so `default` does; {serve}"
        )
        finding.at(profile.fvrf or profile.name).also(own[0].fvrf or own[0].name, "the policy meant")
        finding.about(profile.name, wanted)
        only = len(own) == 1 and own[0].fvrf is None and not own[0].local_addresses
        edits = added(own[0], "match fvrf any") if only else []
        finding.mend("add ` match fvrf any`, or the VRF, to the policy", *edits)
        yield from hedged(finding, device, profile, *own)


@check("SEL105", on=Scope.DEVICE)
def overlapping_policies(case: DeviceCase) -> Findings:
    """Two policies that fit the same packet equally well: one of them is never used."""
    device = case.device
    places: Places[Policy, None] = Places(device)
    for policy in device.policies.values():
        if policy.name == "default" or not policy.proposals:
            continue
        earlier = next(
            (one for one, _ in places.met(policy, (_rank(policy),)) if not doubtful(device, one, policy)), None
        )
        places.add(policy, (_rank(policy),), None)
        if earlier is not None:
            finding = Finding(
                f"policies '{earlier.name}' and '{policy.name}' serve the same VRF and local addresses: "
                "one of them is never used"
            )
            yield finding.at(policy.name).also(earlier.name).about(earlier.name, policy.name)


def _rank(policy: Policy) -> int:
    """How many kinds of match a policy has: the better match is said to win (R)."""
    return (policy.fvrf is not None) + bool(policy.local_addresses)
