"""Whether the post-quantum keys of two ends fit (RFC 8784): an id by which they are found, and the key.

Comes in: the peer blocks that both ends take. Goes out: what does not fit, as a clause. Keys are compared where both
are readable, and never shown.
"""

from __future__ import annotations

from typing import NamedTuple

from flexlint.checks.device.wording import is_placeholder
from flexlint.config.model import Device, PeerBlock, Ppk, Profile
from flexlint.predict.keys import select_block
from flexlint.predict.model import PeerFacts, Sureness


class Clash(NamedTuple):
    """`what` does not fit, with the line of the one end and that of the other, where it has one."""

    what: str
    one: Ppk
    other: Ppk | None


def ppk_of(device: Device, profile: Profile, block: PeerBlock | None, facts: PeerFacts) -> tuple[Ppk | None, bool]:
    """The post-quantum key for a peer, and whether it is certain: that of the keyring which `keyring ppk` names, or the
    one in the block of the pre-shared key."""
    if profile.keyring_ppk is None:
        return (block.ppk, True) if block is not None else (None, False)
    keyring = device.keyrings.get(profile.keyring_ppk)
    choice = select_block(device, keyring, facts) if keyring is not None else None
    if choice is None or choice.chosen is None or choice.sureness is not Sureness.SURE:
        return None, False
    return choice.chosen.ppk, True


def clash(one: Ppk | None, other: Ppk | None) -> Clash | None:
    """Why two ends cannot mix the same key in. Without `required` an end goes on without one that it does not know."""
    if one is None or other is None:
        demanding = one or other
        if demanding is None or not demanding.required:
            return None
        return Clash("one end demands a post-quantum key, and the other has none", demanding, None)
    if one.id is None or other.id is None or one.key is None or other.key is None:
        return None  # a server gives id and key
    if is_placeholder(one.id) or is_placeholder(other.id):
        return None
    if one.id != other.id:
        if not (one.required or other.required):
            return None
        return Clash(f"the ids of the post-quantum keys differ, '{one.id}' and '{other.id}'", one, other)
    keys = one.key, other.key
    if all(k.readable and not is_placeholder(k.reveal_for_checks()) for k in keys) and not one.key.same_as(other.key):
        return Clash(f"the post-quantum keys of id '{one.id}' differ", one, other)
    return None
