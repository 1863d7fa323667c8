"""Which IKEv2 profile a peer gets, and why each other one does not.

Comes in: a device and what the peer presented. Goes out: `Choice[Profile]`. A responder searches by VRF, local address
and identity or certificate; an initiator's tunnel names the profile, and the peer's IDr is then held against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from flexlint.config.model import Device, IdentityKind, IdentityMatch, Method, Profile
from flexlint.place import Located
from flexlint.predict.certificates import map_accepts
from flexlint.predict.identities import accepts, contested_by, nearness, specificity, wanted
from flexlint.predict.locality import misfit, uncertain
from flexlint.predict.model import Choice, Identity, PeerFacts, Rejected, Sureness
from flexlint.predict.settling import is_settled, refused_by, refuses
from flexlint.predict.tunnel import ikev2_profile_of, map_entries_to, tunnels_to

NEAREST = 1_000  # nearer than any statement that does not accept the identity
SEEN_THERE = 8  # a statement that names the address the peer is seen at: as near as a name of the same top-level domain
_NOTHING: Mapping[str, str] = MappingProxyType({})


class _Fit(NamedTuple):
    """A profile that matches: the line that does, how narrowly, and whether all needed facts were known."""

    profile: Profile
    line: Located
    specificity: tuple[int, int]
    is_sure: bool
    contested: str = ""


def select_profile(device: Device, facts: PeerFacts, assumptions: Mapping[str, str] = _NOTHING) -> Choice[Profile]:
    """The profile for this peer. Candidates come in file order; those that fell out, nearest first. A statement that
    accepts the peer on an open point alone counts as the point is assumed."""
    if facts.role == "initiator":
        return _named_profile(device, facts, assumptions)
    if not device.profiles:
        return Choice(missing="the configuration defines no IKEv2 profile")
    fits: list[_Fit] = []
    rejected: list[tuple[int, Rejected[Profile]]] = []
    for profile in device.profiles.values():
        verdict = _verdict(device, profile, facts, assumptions)
        if isinstance(verdict, _Fit):
            fits.append(verdict)
        else:
            rejected.append(verdict)
    rejected.sort(key=lambda pair: -pair[0])
    choice = _choice(fits, [one for _, one in rejected])
    by_subject = facts.certificate is None and not _has_no_certificate(facts)
    if not fits and by_subject and any(one.candidate.certificate_maps for one in choice.rejected):
        choice.sureness = Sureness.PARTIAL  # a map was judged by the subject alone
    return choice


def _choice(fits: list[_Fit], rejected: list[Rejected[Profile]]) -> Choice[Profile]:
    if not fits:
        return Choice(rejected=rejected, missing="no IKEv2 profile matches")
    best = max(fits, key=lambda fit: fit.specificity)  # the first of equals
    choice = Choice(best.profile, rejected, [f.profile for f in fits if f is not best], because=best.line)
    if not all(fit.is_sure for fit in fits):
        choice.sureness = Sureness.PARTIAL
    elif choice.also:
        # ?: the guide says that overlapping profiles select none, the field sees the first or the narrowest win.
        choice.sureness, choice.contested = Sureness.CONTESTED, "profile-overlap"
    elif best.contested:
        choice.sureness, choice.contested = Sureness.CONTESTED, best.contested
    return choice


def _verdict(
    device: Device, profile: Profile, facts: PeerFacts, assumptions: Mapping[str, str]
) -> _Fit | tuple[int, Rejected[Profile]]:
    unfit, fit = unusable(profile), _fit(device, profile, facts, assumptions)
    if unfit is not None and (profile.shutdown is not None or not _has_unread_line(device, profile)):
        return _aside(fit), unfit
    if (elsewhere := misfit(device, profile, facts.fvrf, facts.local)) is not None:
        return _aside(fit), Rejected(profile, *elsewhere)
    if fit is None:
        return _refusal(profile, facts, assumptions)
    if unfit is not None or uncertain(device, profile, facts.fvrf, facts.local):
        return fit._replace(is_sure=False)
    return fit


def _aside(fit: _Fit | None) -> int:
    """How near a profile is that is out whatever the identity: nearest where it would have taken this one by a line of
    its own, else farther than any other."""
    if fit is None:
        return -1
    return 0 if fit.line is fit.profile else NEAREST


def _has_unread_line(device: Device, profile: Profile) -> bool:
    """Whether what an incomplete profile lacks may stand in a line that was not understood."""
    unread = {id(one.line) for one in device.unparsed}
    return any(id(line) in unread for head in profile.headers or [profile.line] for line in head.children)


def unusable(profile: Profile) -> Rejected[Profile] | None:
    """An incomplete profile is never chosen (V: the banner IOS prints on entering one), nor is one that is shut."""
    if profile.shutdown is not None:
        return Rejected(profile, "is shut down", profile.shutdown)
    lacks = []
    if not profile.local_auth and profile.dynamic is None:
        lacks.append("`authentication local`")
    if not profile.remote_auth and profile.dynamic is None:
        lacks.append("`authentication remote`")
    if not profile.identities and not profile.certificate_maps and not _matches_otherwise(profile):
        lacks.append("a match for the peer")
    return Rejected(profile, f"is incomplete: it lacks {' and '.join(lacks)}", profile) if lacks else None


def _matches_otherwise(profile: Profile) -> bool:
    """`match application` and `match inbound-only` count as a match too."""
    return profile.inbound_only or bool(profile.said("match_application"))


def _fit(device: Device, profile: Profile, facts: PeerFacts, assumptions: Mapping[str, str]) -> _Fit | None:
    """Identity statements and certificate maps are alternatives (R)."""
    if facts.identity is None:
        lines: list[Located] = [*profile.identities, *profile.certificate_maps, profile]
        return _Fit(profile, lines[0], (0, 0), is_sure=False)
    accepting = [(match, contested_by(match, facts.identity)) for match in _accepting(profile, facts.identity)]
    matching = [pair for pair in accepting if not refuses(pair[1], assumptions)]
    if matching:
        best, point = max(matching, key=lambda pair: specificity(pair[0]))
        is_sure = facts.identity.kind is not IdentityKind.ANY
        return _Fit(profile, best, specificity(best), is_sure, "" if is_settled(point, assumptions) else point)
    if accepting and not profile.certificate_maps:
        return None
    if _matches_otherwise(profile) or not (profile.identities or profile.certificate_maps):
        return _Fit(profile, profile, (0, 0), is_sure=False)
    if _has_no_certificate(facts):
        return None
    for name in profile.certificate_maps:
        verdict = map_accepts(device.certificate_maps.get(name), _certificate(facts))
        if verdict is not False:
            return _Fit(profile, name, (1, 0), is_sure=verdict is True and facts.certificate is not None)
    return None


def _accepting(profile: Profile, identity: Identity) -> list[IdentityMatch]:
    return [match for match in profile.identities if accepts(match, identity)]


def _certificate(facts: PeerFacts) -> dict[str, str] | None:
    """The certificate; where it is not known its subject, which an identity of type DN repeats (RFC 7296, 3.5)."""
    if facts.certificate is None and facts.identity is not None and facts.identity.kind is IdentityKind.DN:
        return {"subject-name": facts.identity.value}
    return facts.certificate


def _has_no_certificate(facts: PeerFacts) -> bool:
    return facts.certificate is None and facts.method in (Method.PSK, Method.EAP, Method.ANYCONNECT)


def _refusal(profile: Profile, facts: PeerFacts, assumptions: Mapping[str, str]) -> tuple[int, Rejected[Profile]]:
    identity = facts.identity
    for match in _accepting(profile, identity) if identity is not None else ():
        if identity is not None and refuses(point := contested_by(match, identity), assumptions):
            return NEAREST, Rejected(profile, refused_by(point, assumptions), match)
    by_name = identity is not None and identity.kind is IdentityKind.DN and bool(profile.certificate_maps)
    if identity is None or not profile.identities or by_name:
        # A distinguished name comes with a certificate: the profile that has a map comes closest.
        first = profile.certificate_maps[0]
        maps = " or ".join(str(name) for name in profile.certificate_maps[:3])
        return int(by_name), Rejected(profile, f"wants a certificate that map {maps} accepts", first)
    there = [match for match in profile.identities if _names(match, facts)]
    ranked = sorted(profile.identities, key=lambda match: (-nearness(match, identity), match not in there))
    reason = "wants " + _listed(ranked)
    if profile.certificate_maps:
        reason += f", or a certificate that map {profile.certificate_maps[0]} accepts"
    near = nearness(ranked[0], identity)
    if there and near < SEEN_THERE:
        return SEEN_THERE, Rejected(profile, reason, there[0])
    return near, Rejected(profile, reason, ranked[0])


def _names(match: IdentityMatch, facts: PeerFacts) -> bool:
    """Whether the statement names the one address that the peer is seen at."""
    network = match.network if match.kind is IdentityKind.ADDRESS else None
    return network is not None and network.num_addresses == 1 and network.network_address == facts.peer


def _listed(matches: list[IdentityMatch]) -> str:
    shown = " or ".join(wanted(match) for match in matches[:3])
    return f"{shown} or one of {len(matches) - 3} more" if len(matches) > 3 else shown


def _named_profile(device: Device, facts: PeerFacts, assumptions: Mapping[str, str]) -> Choice[Profile]:
    """The profile that the tunnel, crypto map or FlexVPN client to the peer names, if it accepts the peer's IDr (R)."""
    named: dict[str, Located] = {}
    sources, leads_there = tunnels_to(device, facts)
    for interface in sources:
        if (word := ikev2_profile_of(device, interface)) is not None:
            named.setdefault(word, word)
    for entry in map_entries_to(device, facts):
        if entry.ikev2_profile is not None:
            named.setdefault(entry.ikev2_profile, entry.ikev2_profile)
    if not named:
        what = f"{sources[0].name} names no IKEv2 profile" if sources else f"nothing leads to peer {facts.peer or '?'}"
        return Choice(missing=what, sureness=Sureness.PARTIAL)
    leads_there = leads_there or not sources
    fits: list[_Fit] = []
    rejected: list[Rejected[Profile]] = []
    for name, line in named.items():
        profile = device.profiles.get(name)
        if profile is None:
            continue
        unfit = unusable(profile)
        fit = _fit(device, profile, facts, assumptions) if unfit is None else None
        if fit is not None:
            certain = (fit.is_sure or facts.identity is None) and leads_there and len(named) == 1
            fits.append(fit._replace(line=line if facts.identity is None else fit.line, is_sure=certain))
        else:
            rejected.append(unfit or _refusal(profile, facts, assumptions)[1])
    if not fits and not rejected:
        return Choice(missing=f"IKEv2 profile {next(iter(named))} is not defined")
    choice = _choice(fits, rejected)
    if not leads_there or len(named) > 1:
        choice.sureness = Sureness.PARTIAL
    return choice
