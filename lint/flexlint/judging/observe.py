"""What a negotiation shows of its peer, as the facts a prediction starts from.

Comes in: a negotiation and the configuration of its router. Goes out: `PeerFacts`, and the prediction that follows the
objects the log names. It judges nothing; what the log does not show stays unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from flexlint.config.model import Address, Device, IdentityKind, Method, address_of
from flexlint.log.model import Negotiation
from flexlint.predict.chain import chain
from flexlint.predict.locality import interface_with
from flexlint.predict.model import Choice, Identity, PeerFacts, Prediction
from flexlint.predict.policy import default_policy

if TYPE_CHECKING:
    from flexlint.place import Seen

# The identity types as the debug prints them, in lower case.
TYPES = {
    "ipv4 address": IdentityKind.ADDRESS,
    "ipv6 address": IdentityKind.ADDRESS,
    "fqdn": IdentityKind.FQDN,
    "rfc822": IdentityKind.EMAIL,
    "email": IdentityKind.EMAIL,
    "key id": IdentityKind.KEY_ID,
    "key-id": IdentityKind.KEY_ID,
    "opaque": IdentityKind.KEY_ID,
    "der asn1 dn": IdentityKind.DN,
}

# The peer's authentication methods as the debug prints them, in lower case.
_METHODS = {
    "psk": Method.PSK,
    "rsa": Method.RSA,
    "ecdsa": Method.ECDSA,
    "eap": Method.EAP,
    "anyconnect eap": Method.ANYCONNECT,
    "anyconnect-eap": Method.ANYCONNECT,
}


def facts_of(negotiation: Negotiation, device: Device) -> PeerFacts:
    """What the peer presented in this negotiation."""
    local = address_of(negotiation.local)
    return PeerFacts(
        role=negotiation.role.value,
        peer=address_of(negotiation.peer),
        local=local,
        fvrf=_fvrf(negotiation, device, local),
        identity=_identity(negotiation.identity, negotiation.identity_type),
        method=method_named(negotiation.peer_method),
    )


def own_identity_of(negotiation: Negotiation) -> Identity | None:
    """The identity this router sent: what the other end searches its profiles for."""
    return _identity(negotiation.own_identity, negotiation.own_identity_type)


def method_named(printed: Seen | None) -> Method | None:
    """The authentication method that the debug prints so."""
    return _METHODS.get(printed.lower()) if printed else None


def _identity(value: Seen | None, kind: Seen | None) -> Identity | None:
    if value is None:
        return None
    known = TYPES.get(kind.lower()) if kind else None
    if known is None and kind is None and address_of(value) is not None:
        known = IdentityKind.ADDRESS  # an identity printed without its type
    return Identity(known, str(value)) if known is not None else None


def _fvrf(negotiation: Negotiation, device: Device, local: Address | None) -> str | None:
    """The VRF the packet came in: table id 0 is the global one; of another id only the interface tells the name."""
    if negotiation.fvrf_id is not None and negotiation.fvrf_id == "0":
        return ""
    interface = interface_with(device, local) if local is not None else None
    if interface is None:
        return None
    if negotiation.fvrf_id is not None and interface.vrf is None:
        return None  # the address says global, the table id says not: one of them is of another time
    return str(interface.vrf) if interface.vrf is not None else ""


def follow(
    device: Device, facts: PeerFacts, negotiation: Negotiation, assumptions: Mapping[str, str] = MappingProxyType({})
) -> Prediction:
    """What should have come after each observed step: the objects the log names are taken as chosen."""
    seen_profile, seen_policy = negotiation.profile, negotiation.policy
    profile = device.profiles.get(seen_profile) if seen_profile else None
    keyring = device.keyrings.get(negotiation.keyring) if negotiation.keyring else None
    policy = device.policies.get(seen_policy) if seen_policy else None
    if policy is None and seen_policy == "default":
        policy = default_policy(device)
    return chain(
        device,
        facts,
        assumptions,
        profile=Choice(profile, because=seen_profile) if profile is not None else None,
        keyring=Choice(keyring, because=negotiation.keyring) if keyring is not None else None,
        policy=Choice(policy, because=seen_policy) if policy is not None else None,
    )
