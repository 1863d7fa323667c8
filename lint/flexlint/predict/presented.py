"""What a router presents of itself: how it proves itself and the identity it sends.

Comes in: an IKEv2 profile, and the address it sends from. Goes out: `Identity`, or None where the configuration does
not tell. Nothing here knows the other end.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flexlint.config.model import Address, IdentityKind, Method, Profile
from flexlint.predict.model import Identity


def own_method(profile: Profile) -> Method | None:
    """How the router proves itself; the last line counts (R)."""
    return profile.local_auth[-1].method if profile.local_auth else None


def sent(
    profile: Profile, address: Address | None, assumptions: Mapping[str, str] = MappingProxyType({})
) -> Identity | None:
    """The identity a side presents: as configured, else its address with a pre-shared key (R). None when it is not
    known, as that of a certificate, unless it is assumed that a router with one sends its address (?)."""
    kind = profile.identity_local_kind
    if kind is not None:
        return Identity(kind, profile.identity_local.strip('"')) if profile.identity_local is not None else None
    sends_address = own_method(profile) is Method.PSK or assumptions.get("signature-identity") == "address"
    if sends_address and address is not None:
        return Identity(IdentityKind.ADDRESS, str(address))
    return None
