"""Profiles, policies and peer blocks that can serve the same peer, with a peer that both would serve.

Comes in: a device or a keyring. Goes out: pairs. Each statement is looked up among those that accept all it accepts, so
that the work grows with the number of statements, not with its square.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from flexlint.config.model import Device, IdentityKind, IdentityMatch, Keyring, LocalMatch, PeerBlock, Policy, Profile
from flexlint.place import Located, Word
from flexlint.predict.identities import intersect
from flexlint.predict.locality import addresses_of
from flexlint.predict.model import Identity
from flexlint.predict.profile import unusable

PER_STATEMENT = 3  # profiles named for one statement that many others cover


class ProfileOverlap(NamedTuple):
    """Two profiles one peer can match. `narrow` and `wide` are their statements; they say the same when `is_equal`."""

    profile: Profile
    other: Profile
    narrow: Located
    wide: Located
    witness: Identity | None  # None when both name the same certificate map
    is_equal: bool


class PolicyOverlap(NamedTuple):
    """Two policies for one VRF and local address. `is_equal` when neither matches more types than the other."""

    policy: Policy
    other: Policy
    is_equal: bool


class Twins(NamedTuple):
    """Two blocks of one keyring with the same `what`: "identity" or "address"."""

    block: PeerBlock
    other: PeerBlock
    what: str


def overlapping_profiles(device: Device) -> Iterator[ProfileOverlap]:
    """Pairs of usable profiles, each pair once, in the order of the file."""
    usable = [p for p in device.profiles.values() if unusable(p) is None]
    if len(usable) < 2:
        return
    by_key: dict[Hashable, list[tuple[int, Profile, IdentityMatch]]] = {}
    by_map: dict[str, list[Profile]] = {}
    for number, profile in enumerate(usable):
        for match in profile.identities:
            by_key.setdefault(_key(match), []).append((number, profile, match))
    told: set[tuple[str, str]] = set()
    for number, profile in enumerate(usable):
        for match in profile.identities:
            for rank, other, wide in _covering(match, by_key):
                is_equal = _key(match) == _key(wide)
                pair = (profile.name, other.name) if number < rank else (other.name, profile.name)
                if other is profile or pair in told or not meet(device, profile, other):
                    continue
                told.add(pair)
                yield ProfileOverlap(profile, other, match, wide, intersect(match, wide), is_equal)
        for name in profile.certificate_maps:
            for other in by_map.get(name, [])[:PER_STATEMENT]:
                if (other.name, profile.name) not in told and other is not profile and meet(device, profile, other):
                    told.add((other.name, profile.name))
                    theirs = next(word for word in other.certificate_maps if word == name)
                    yield ProfileOverlap(profile, other, name, theirs, None, is_equal=True)
            by_map.setdefault(name, []).append(profile)


def _key(match: IdentityMatch) -> Hashable:
    """What a statement accepts, as a key: equal keys accept the same identities."""
    if match.network is not None:
        return (match.kind, match.network.version, match.network.prefixlen, int(match.network.network_address))
    value = (match.value or "").strip('"')
    if match.kind is not IdentityKind.KEY_ID:
        value = value.lower()
    return (match.kind, match.domain, value.lstrip(".@") if match.domain else value)


def _wider_keys(match: IdentityMatch) -> Iterator[Hashable]:
    """The keys of all statements that accept everything this one accepts, its own first."""
    yield _key(match)
    if match.network is not None:
        network, bits = int(match.network.network_address), match.network.max_prefixlen
        for length in range(match.network.prefixlen - 1, -1, -1):
            yield (match.kind, match.network.version, length, network >> (bits - length) << (bits - length))
    elif match.kind in (IdentityKind.FQDN, IdentityKind.EMAIL):
        value = (match.value or "").strip('"').lower().rpartition("@")[2].lstrip(".")
        if not match.domain:
            yield (match.kind, True, value)
        while "." in value:
            value = value.partition(".")[2]
            yield (match.kind, True, value)
    if match.kind is not IdentityKind.ANY:
        yield (IdentityKind.ANY, False, "")


def _covering(
    match: IdentityMatch, by_key: dict[Hashable, list[tuple[int, Profile, IdentityMatch]]]
) -> Iterator[tuple[int, Profile, IdentityMatch]]:
    for key in _wider_keys(match):
        yield from by_key.get(key, [])[: PER_STATEMENT + 1]


def meet(device: Device, one: Profile | Policy, other: Profile | Policy) -> bool:
    """Whether some VRF and local address belong to both; False when it cannot be told."""
    return _vrfs_meet(one.fvrf, other.fvrf) and _locals_meet(device, one.local_addresses, other.local_addresses)


def _vrfs_meet(one: Word | None, other: Word | None) -> bool:
    names = {str(one or ""), str(other or "")}
    return len(names) == 1 or "any" in names


def _locals_meet(device: Device, one: list[LocalMatch], other: list[LocalMatch]) -> bool:
    if not one or not other:
        return True
    return bool(_reach(device, one) & _reach(device, other))


def _reach(device: Device, matches: list[LocalMatch]) -> set[str]:
    """The local addresses that match; an interface without a known address stands for itself."""
    out: set[str] = set()
    for match in matches:
        interface = device.interfaces.get(match.word) if match.is_interface else None
        addresses = addresses_of(device, interface) if interface is not None else None
        out |= {str(a) for a in addresses} if addresses else {str(match.address or match.word)}
    return out


def overlapping_policies(device: Device) -> Iterator[PolicyOverlap]:
    """Pairs of policies for the same VRF and local address; `default` gives way to any other and is left out."""
    by_key: dict[tuple[str, str], list[Policy]] = {}
    told: set[frozenset[str]] = set()
    for policy in device.policies.values():
        if policy.name == "default" or not policy.proposals:
            continue
        vrf = str(policy.fvrf or "")
        for place in _reach(device, policy.local_addresses) or {"*"}:
            by_key.setdefault((vrf, place), []).append(policy)
    for (vrf, place), policies in by_key.items():
        keys = dict.fromkeys(((vrf, place), ("any", place), (vrf, "*"), ("any", "*")))
        for policy in policies[: PER_STATEMENT + 1]:
            for other in (p for key in keys for p in by_key.get(key, [])[: PER_STATEMENT + 1]):
                pair = frozenset((str(policy.name), str(other.name)))
                if other is policy or pair in told:
                    continue
                told.add(pair)
                first, second = sorted((policy, other), key=lambda p: p.line.number)
                yield PolicyOverlap(first, second, _rank(first) == _rank(second))


def _rank(policy: Policy) -> int:
    return (policy.fvrf is not None) + bool(policy.local_addresses)


def twin_blocks(keyring: Keyring) -> Iterator[Twins]:
    """Blocks that repeat the identity or the address of an earlier one."""
    first: dict[Hashable, PeerBlock] = {}
    for block in keyring.peers:
        if block.identity is not None:
            earlier = first.setdefault(_key(block.identity), block)
            if earlier is not block:
                yield Twins(earlier, block, "identity")
        if block.network is not None:
            earlier = first.setdefault(("network", block.network), block)
            # R: a responder tries identities first, so two blocks behind one address may be told apart by them.
            if earlier is not block and (earlier.identity is None or block.identity is None):
                yield Twins(earlier, block, "address")
