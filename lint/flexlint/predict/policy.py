"""Which IKEv2 policy an SA gets: by VRF and local address alone, nothing links it to the profile.

Comes in: a device and where the packet came in. Goes out: `Choice[Policy]`, with the implicit `default` considered.
"""

from __future__ import annotations

from flexlint.config.model import Device, Line, LineKind, Policy
from flexlint.place import Located, Word
from flexlint.predict.locality import misfit, uncertain, vrf_fits
from flexlint.predict.model import Choice, PeerFacts, Rejected, Sureness

DEFAULT = "default"


def select_policy(device: Device, facts: PeerFacts) -> Choice[Policy]:
    """The policy for this VRF and local address; `default` where no other fits and nothing disables it."""
    fits: list[tuple[int, Policy]] = []
    rejected: list[Rejected[Policy]] = []
    is_sure = True
    for policy in device.policies.values():
        if policy.name == DEFAULT:
            continue
        if not policy.proposals:
            rejected.append(Rejected(policy, "is incomplete: it names no proposal", policy))
        elif (elsewhere := misfit(device, policy, facts.fvrf, facts.local)) is not None:
            rejected.append(Rejected(policy, *elsewhere))
        else:
            is_sure = is_sure and not _is_doubtful(device, policy, facts)
            fits.append(((policy.fvrf is not None) + bool(policy.local_addresses), policy))
    if not fits:
        default = default_policy(device)
        if default is None:
            return Choice(rejected=rejected, missing="no policy fits and the default one is disabled")
        if (elsewhere := misfit(device, default, facts.fvrf, facts.local)) is not None:
            rejected.append(Rejected(default, *elsewhere))
            return Choice(rejected=rejected, missing="no policy fits")
        known = Sureness.PARTIAL if device.is_partial else Sureness.SURE  # a snippet may leave its policies out
        return Choice(default, rejected, sureness=known, because=default)
    best = max(fits, key=lambda fit: fit[0])[1]  # the first of equals
    choice = Choice(best, rejected, [p for _, p in fits if p is not best], because=_line_of(best))
    if not is_sure:
        choice.sureness = Sureness.PARTIAL
    elif choice.also:
        # ?: one guide says that the best match is used, another that the first is.
        choice.sureness, choice.contested = Sureness.CONTESTED, "policy-overlap"
    return choice


def _is_doubtful(device: Device, policy: Policy, facts: PeerFacts) -> bool:
    """A policy without `match fvrf` serves the global VRF only: without the VRF known, it might not be this one."""
    if uncertain(device, policy, facts.fvrf, facts.local):
        return True
    any_other = any(vrf_fits(p.fvrf, None) is None and p.fvrf is not None for p in device.policies.values())
    return policy.fvrf is None and facts.fvrf is None and any_other


def _line_of(policy: Policy) -> Located:
    if policy.local_addresses:
        return policy.local_addresses[0].word
    return policy.fvrf if policy.fvrf is not None else policy


def default_policy(device: Device) -> Policy | None:
    """The policy `default`: as configured, else the implicit one (V: any VRF and local address, proposal `default`)."""
    if (configured := device.policies.get(DEFAULT)) is not None:
        return configured
    if "policy" in device.disabled_defaults:
        return None
    name, line = anchor(device)
    any_vrf = Word.at("any", name.line, name.column, name.origin)
    return Policy(name, line, implicit=True, proposals=[name], fvrf=any_vrf)


def anchor(device: Device) -> tuple[Word, Line]:
    """The name and line of an object that stands nowhere: `default`, at the host name or the first line."""
    if device.hostname is not None:
        number, column, origin = device.hostname.line, device.hostname.column, device.hostname.origin
        line = next((one for one in device.lines if one.number == number), None)
    else:
        number, column, origin, line = 1, 1, device.source, None
    if line is None:
        line = Line(number, 1, device.source.text_of(number).strip(), LineKind.COMMAND, device.source)
    return Word.at(DEFAULT, number, column, origin), line
