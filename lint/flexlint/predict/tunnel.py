"""The interface of a session and what protects it: virtual-template or tunnel, ipsec profile, transform-sets.

Comes in: a device, a profile or the facts of a peer. Goes out: choices. The order in which an initiator finds its
profile starts here, because its tunnel names it.
"""

from __future__ import annotations

from flexlint.config.model import CryptoMapEntry, Device, Interface, IpsecProfile, Profile, TransformSet, address_of
from flexlint.place import Word
from flexlint.predict.locality import addresses_of, leads_to
from flexlint.predict.model import Choice, PeerFacts, Sureness


def select_template(device: Device, profile: Profile | None, facts: PeerFacts) -> Choice[Interface]:
    """The Virtual-Template a responder clones, or the tunnel that leads to the peer."""
    if facts.role != "initiator" and profile is not None and profile.virtual_template is not None:
        name = f"Virtual-Template{profile.virtual_template}"
        template = device.interfaces.get(name)
        if template is None:
            return Choice(missing=f"{profile.name} clones {name}, which is not defined")
        return Choice(template, because=profile.virtual_template)
    leading, is_sure = tunnels_to(device, facts)
    tunnels = [t for t in leading if profile is None or ikev2_profile_of(device, t) == profile.name]
    if not tunnels and facts.role != "initiator":  # R: a responder does not need the name
        tunnels = [t for t in leading if _names_none(device, t)]
        is_sure = False
    if not tunnels:
        return Choice(missing=f"no tunnel leads to {facts.peer or 'this peer'}")
    sure = Sureness.SURE if is_sure and len(tunnels) == 1 else Sureness.PARTIAL
    return Choice(tunnels[0], also=tunnels[1:], sureness=sure, because=tunnels[0].destination or tunnels[0])


def _names_none(device: Device, tunnel: Interface) -> bool:
    """Whether the ipsec profile of a tunnel is there and names no IKEv2 profile, nor does the tunnel."""
    ipsec = device.ipsec_profiles.get(tunnel.protection.profile) if tunnel.protection is not None else None
    return ipsec is not None and ikev2_profile_of(device, tunnel) is None


def tunnels_to(device: Device, facts: PeerFacts) -> tuple[list[Interface], bool]:
    """Protected tunnels that lead to the peer, and whether the configuration says so: those with its address, else
    those of a FlexVPN client that lists it, else those that may lead anywhere (multipoint, no destination)."""
    if facts.peer is None:
        return [], False
    protected = [i for i in device.interfaces.values() if i.is_tunnel and i.protection is not None]
    clients = [c for c in device.clients.values() if any(leads_to(p.target, facts.peer) for p in c.peers)]
    listed = {str(c.tunnel) for c in clients if c.tunnel is not None}
    groups = (
        ([i for i in protected if leads_to(i.destination, facts.peer)], True),
        ([i for i in protected if i.name in listed], True),
        ([i for i in protected if not _is_static(i)], False),
    )
    for group, is_sure in groups:
        if found := [i for i in group if leaves_from(device, i, facts) is not False]:
            return found, is_sure
    return [], False


def _is_static(interface: Interface) -> bool:
    """Whether the tunnel has one peer whose address the configuration gives."""
    destination = interface.destination
    return destination is not None and address_of(destination) is not None


def leaves_from(device: Device, interface: Interface, facts: PeerFacts) -> bool | None:
    """Whether the tunnel's source is the local address; None when one of them is not known."""
    source = interface.source
    if facts.local is None or source is None or source == "dynamic":
        return None
    if (lender := device.interfaces.get(source)) is not None:
        addresses = addresses_of(device, lender)
        return None if not addresses else facts.local in addresses
    written = address_of(source)
    return written == facts.local if written is not None else None


def map_entries_to(device: Device, facts: PeerFacts) -> list[CryptoMapEntry]:
    return [e for e in device.crypto_maps if any(leads_to(p, facts.peer) for p in e.peers)]


def ikev2_profile_of(device: Device, interface: Interface) -> Word | None:
    """The IKEv2 profile the protection of an interface leads to: its own word before that of the ipsec profile."""
    protection = interface.protection
    if protection is None:
        return None
    if protection.ikev2_profile is not None:
        return protection.ikev2_profile
    ipsec = device.ipsec_profiles.get(protection.profile)
    return ipsec.ikev2_profile if ipsec is not None else None


def select_ipsec_profile(device: Device, template: Interface | None) -> Choice[IpsecProfile]:
    if template is None or template.protection is None:
        return Choice(missing=f"{template.name} has no tunnel protection" if template is not None else "")
    name = template.protection.profile
    found = device.ipsec_profiles.get(name)
    if found is None:
        return Choice(missing=f"ipsec profile {name} is not defined", because=name)
    return Choice(found, because=name)


def transform_sets_of(device: Device, ipsec: IpsecProfile | None) -> list[TransformSet]:
    """The defined transform-sets in order of preference; empty when one is undefined or implicit, so that nobody
    compares half a list."""
    if ipsec is None or not ipsec.transform_sets:
        return []
    found = [device.transform_sets.get(name) for name in ipsec.transform_sets]
    return [t for t in found if t is not None] if None not in found else []
