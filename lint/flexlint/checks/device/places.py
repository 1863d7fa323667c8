"""Profiles and policies by the place where packets for them come in: a VRF and a local address.

Comes in: profiles or policies of a device, each with something of its own under a key. Goes out: those of others that
a common packet can meet. Everything is looked up, so that nobody compares each with each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

from flexlint.config.model import Device, Policy, Profile
from flexlint.predict.locality import addresses_of

T = TypeVar("T")
Key = tuple[object, ...]
Owner = TypeVar("Owner", bound=Profile | Policy)

EVERY = "*"  # VRF, or local address
TWINS = 8  # things met at one place; more of the same add nothing


class Held(NamedTuple, Generic[Owner, T]):
    owner: Owner
    thing: T


class Places(Generic[Owner, T]):
    """Things of profiles or policies by where they serve, and by a key."""

    __slots__ = ("_device", "_held")

    def __init__(self, device: Device) -> None:
        self._device = device
        self._held: dict[Key, list[Held[Owner, T]]] = {}

    def add(self, owner: Owner, key: Key, thing: T) -> None:
        vrf, addresses = _place(self._device, owner)
        for v in (vrf, EVERY):
            for local in (*(addresses or [""]), EVERY):
                held = self._held.setdefault((v, local, *key), [])
                if not held or held[-1].owner is not owner:
                    held.append(Held(owner, thing))

    def met(self, owner: Owner, key: Key) -> Iterator[Held[Owner, T]]:
        """What others have under this key where a packet can come in that the owner serves too."""
        vrf, addresses = _place(self._device, owner)
        for v in (EVERY,) if vrf == "any" else (vrf, "any"):
            for local in [*addresses, ""] if addresses else [EVERY]:
                found = self._held.get((v, local, *key), ())
                yield from (one for one in found[: TWINS + 1] if one.owner is not owner)


def _place(device: Device, owner: Profile | Policy) -> tuple[str, list[str]]:
    """The VRF, and the local addresses; no `match fvrf` is the global VRF, no address every one (V)."""
    vrf = str(owner.fvrf) if owner.fvrf is not None else ""
    return ("any" if vrf.lower() == "any" else vrf), sorted(_locals(device, owner))


def _locals(device: Device, owner: Profile | Policy) -> set[str]:
    found: set[str] = set()
    for local in owner.local_addresses:
        interface = device.interfaces.get(local.word) if local.is_interface else None
        addresses = addresses_of(device, interface) if interface is not None else None
        found.update(map(str, addresses) if addresses else [str(local.address or local.word)])
    return found
