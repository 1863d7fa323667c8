"""Who talks to whom: the sessions one device starts to the other, with what each side brings along.

Comes in: two devices. Goes out: `Link`s, each from its initiator's side. Two tunnels that lead to each other are one
link. What either side would choose is asked of the prediction; nothing here judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from flexlint.checks.device.keyrings import Start, starts
from flexlint.config.model import (
    Address,
    Device,
    IdentityKind,
    Interface,
    PeerBlock,
    Profile,
)
from flexlint.place import Located
from flexlint.predict import predict
from flexlint.predict.identities import accepts, address_in
from flexlint.predict.keys import keyring_of, select_block
from flexlint.predict.locality import addresses_of, leads_to
from flexlint.predict.model import Choice, Identity, PeerFacts, Prediction, Sureness
from flexlint.predict.presented import own_method, sent
from flexlint.predict.tunnel import ikev2_profile_of
from flexlint.rulebook import EndsCase

KINDS_OF_NAMES = (IdentityKind.FQDN, IdentityKind.EMAIL, IdentityKind.KEY_ID)


@dataclass(slots=True, frozen=True)
class Link:
    """A session `device` starts and `other` answers. `facts` is what `other` sees of it."""

    device: Device
    other: Device
    start: Start
    facts: PeerFacts
    answer: Prediction
    end: Interface | None  # the other's tunnel or template, None when it is not certain

    @property
    def profile(self) -> Profile:
        """The initiator's IKEv2 profile."""
        return self.start.profile

    @property
    def responder(self) -> Profile | None:
        """The profile with which the other side answers, if that is certain."""
        choice = self.answer.profile
        return choice.chosen if choice.sureness is Sureness.SURE else None

    @property
    def name(self) -> tuple[str, str]:
        """What it is about, for fingerprints."""
        return str(self.start.what), str(self.other.hostname or self.start.address)


@lru_cache(maxsize=4)
def _links(device: Device, other: Device, assumptions: tuple[tuple[str, str], ...]) -> tuple[Link, ...]:
    """The sessions `device` starts to `other`."""
    found: list[Link] = []
    for start in starts(device):
        meeting = _meet(device, other, start)
        if meeting is None:
            continue
        source, fvrf, back = meeting
        if back is not None and other.source.path < device.source.path:
            continue  # two tunnels that lead to each other: told from the other side
        is_reached = fvrf is not None
        facts = PeerFacts(
            peer=source,
            local=start.address if is_reached else None,
            fvrf=fvrf,
            identity=sent(start.profile, source, dict(assumptions)),
            method=own_method(start.profile),
        )
        answer = predict(other, facts, dict(assumptions))
        template = answer.template.chosen if answer.profile.sureness is Sureness.SURE else None
        found.append(Link(device, other, start, facts, answer, back or template))
    return tuple(found)


class Meeting(NamedTuple):
    """The initiator's address, the VRF in which the other side is reached (None: not known), its tunnel back."""

    source: Address | None
    fvrf: str | None
    back: Interface | None


def _meet(device: Device, other: Device, start: Start) -> Meeting | None:
    """Whether a session leads to the other device: to an address it has; by tunnels with a common inside network, where
    files leave out their outside interfaces; by names each side presents and matches, where addresses are translated.
    """
    source = source_of(device, start.tunnel)
    target = next((i for i in other.interfaces.values() if any(a == start.address for _, a, _ in i.addresses)), None)
    if target is not None:
        return Meeting(source, str(target.vrf) if target.vrf is not None else "", _tunnel_to(other, source))
    back = _tunnel_inside(other, start.tunnel) if source is None else None
    if back is not None and back.destination is not None and source_of(other, back) is None:
        try:
            source = ip_address(back.destination)
        except ValueError:
            return None
        return Meeting(source, str(back.tunnel_vrf) if back.tunnel_vrf is not None else "", back)
    to_a_third = any(one.address == start.address for one in starts(other))
    if to_a_third or not _know_each_other(start.profile, other):
        return None
    return Meeting(source, None, None)


def _tunnel_inside(device: Device, tunnel: Interface | None) -> Interface | None:
    """The tunnel with another address of the same inside network."""
    if tunnel is None or not tunnel.addresses:
        return None
    _, address, network = tunnel.addresses[0]
    for one in device.interfaces.values():
        is_up = one.is_tunnel and one.protection is not None and one.shutdown is None
        if is_up and one.addresses and one.addresses[0][2] == network and one.addresses[0][1] != address:
            return one
    return None


def links(case: EndsCase) -> tuple[Link, ...]:
    if case.device.source.path == case.other.source.path:
        return ()
    return _links(case.device, case.other, tuple(sorted(case.settings.assumptions.items())))


def _know_each_other(profile: Profile, other: Device) -> bool:
    """Whether each side presents a name that the other one matches: so it is behind address translation."""
    identity = sent(profile, None)
    if identity is None or identity.kind not in KINDS_OF_NAMES:
        return False
    for answering in other.profiles.values():
        theirs = sent(answering, None)
        if theirs is None or theirs.kind not in KINDS_OF_NAMES:
            continue
        narrow = [m for m in answering.identities if m.kind is identity.kind]
        mine = [m for m in profile.identities if m.kind is theirs.kind]
        if any(accepts(m, identity) for m in narrow) and any(accepts(m, theirs) for m in mine):
            return True
    return False


def source_of(device: Device, tunnel: Interface | None) -> Address | None:
    """The address a tunnel sends from, None when it is not written down."""
    if tunnel is None or tunnel.source is None:
        return None
    if tunnel.source == "dynamic":
        listed = {str(s.interface) for c in device.clients.values() if c.tunnel == tunnel.name for s in c.sources}
        lender = device.interfaces.get(listed.pop()) if len(listed) == 1 else None
    else:
        lender = device.interfaces.get(tunnel.source)
    if lender is not None:
        addresses = addresses_of(device, lender)
        return addresses[0] if addresses else None
    try:
        return ip_address(tunnel.source)
    except ValueError:
        return None


def _tunnel_to(device: Device, peer: Address | None) -> Interface | None:
    """The protected tunnel whose destination is written as this address."""
    if peer is None:
        return None
    for interface in device.interfaces.values():
        leads_there = leads_to(interface.destination, peer)
        if leads_there and interface.shutdown is None and ikev2_profile_of(device, interface) is not None:
            return interface
    return None


def sent_at(profile: Profile) -> Located:
    """The line that decides which identity is presented."""
    return profile.identity_local or profile.identity_local_line or profile.name


def shown(identity: Identity) -> str:
    return f"{'address' if address_in(identity) else identity.kind} {identity.value}"


def block_of_initiator(link: Link) -> Choice[PeerBlock]:
    """The peer block the initiator takes its key from."""
    keyring = keyring_of(link.device, link.profile).chosen
    if keyring is None:
        return Choice(missing="no keyring")
    return select_block(link.device, keyring, PeerFacts(role="initiator", peer=link.start.address))
