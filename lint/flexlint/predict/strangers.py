"""Whether a peer can be one of this router's at all.

Comes in: a configuration and the address of a peer. Goes out: whether no profile could ever authenticate it. It tells
whoever tries from the internet from a peer that ought to come up. It does not look at what the peer presented: one is a
stranger before saying who one is.
"""

from __future__ import annotations

from flexlint.config.model import Address, Device, Method, Profile
from flexlint.predict.keys import index_of
from flexlint.predict.locality import leads_to


def is_stranger(device: Device, address: Address) -> bool:
    """Every profile wants a key from a keyring that finds its blocks by address, and none of them holds this one. A
    certificate, a server's key or a block with an identity may be anybody's, wherever it comes from."""
    if device.is_partial or not device.profiles:
        return False
    if any(leads_to(interface.destination, address) for interface in device.interfaces.values()):
        return False
    return not any(_may_serve(device, profile, address) for profile in device.profiles.values())


def _may_serve(device: Device, profile: Profile, address: Address) -> bool:
    keyring = device.keyrings.get(profile.keyring) if profile.keyring is not None else None
    methods = (*profile.remote_auth, *profile.local_auth)
    if keyring is None or any(one.method is not Method.PSK or one.key is not None for one in methods):
        return True
    index = index_of(keyring)
    return bool(index.exact or index.wide or index.bare_zeros() or index.by_address(address))
