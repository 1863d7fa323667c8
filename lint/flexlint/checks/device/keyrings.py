"""Keys that cannot be found: twice the same peer, an initiator without a block, blocks no peer reaches.

Comes in: a device. Goes out: findings SEL106 to SEL112. Which peer block serves a peer is asked of the prediction.
Every check is linear in the number of peer blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, ip_network
from typing import NamedTuple

from flexlint.checks.device.edits import exchanged
from flexlint.checks.device.wording import hedged, is_placeholder, listed
from flexlint.config.model import (
    Address,
    CertificateMapEntry,
    Criterion,
    Device,
    IdentityKind,
    Interface,
    Keyring,
    Method,
    Network,
    PeerBlock,
    Profile,
    address_of,
)
from flexlint.finding import Finding, Severity
from flexlint.place import Word
from flexlint.predict.identities import intersect, within
from flexlint.predict.keys import BARE_ZERO, keyring_of, select_block
from flexlint.predict.model import PeerFacts, Sureness
from flexlint.predict.tunnel import ikev2_profile_of
from flexlint.rulebook import DeviceCase, Findings, Scope, check

_INSIDE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
COMPARED = 100_000  # pairs of identities: beyond it nothing is claimed


@check("SEL106", on=Scope.DEVICE)
def repeated_peer_identity(case: DeviceCase) -> Findings:
    """One identity in two peer blocks of a keyring (R: IOS refuses or takes one of them)."""
    for keyring in case.device.keyrings.values():
        seen: dict[tuple[object, ...], PeerBlock] = {}
        for block in keyring.peers:
            match = block.identity
            if match is None or match.value is None or is_placeholder(match.value):
                continue
            first = seen.setdefault((match.kind, match.domain, match.network or match.value.lower()), block)
            if first is not block and first.name != block.name and first.identity is not None:
                yield (
                    Finding(
                        f"peers '{first.name}' and '{block.name}' of keyring '{keyring.name}' have the same identity "
                        f"{match.kind} {match.value}"
                    )
                    .at(match)
                    .also(first.identity, f"of '{first.name}'")
                    .about(keyring.name, block.name)
                )


@check("SEL107", on=Scope.DEVICE)
def repeated_peer_address(case: DeviceCase) -> Findings:
    """One address in two peer blocks of a keyring, which no identity tells apart."""
    for keyring in case.device.keyrings.values():
        seen: dict[object, PeerBlock] = {}
        for block in keyring.peers:
            if block.network is None or block.address is None:
                continue
            first = seen.setdefault(block.network, block)
            if (
                first is block
                or first.name == block.name
                or (first.identity is not None and block.identity is not None)
            ):
                continue
            finding = Finding(
                f"peers '{first.name}' and '{block.name}' of keyring '{keyring.name}' have the same address "
                f"{block.address}{_keys_differ(first, block)}"
            )
            finding.at(block.address).also(first.address, f"of '{first.name}'").about(keyring.name, block.name)
            yield finding


def _keys_differ(one: PeerBlock, other: PeerBlock) -> str:
    if one.key is None or other.key is None or not (one.key.readable and other.key.readable):
        return ""
    return " and the same key" if one.key.same_as(other.key) else " and different keys"


class Start(NamedTuple):
    """A peer this router starts a session with: the word that names it, and the profile it starts with."""

    what: str
    word: Word
    address: Address
    profile: Profile
    tunnel: Interface | None  # None for a crypto map


def starts(device: Device) -> Iterator[Start]:
    """The peers with a written address that tunnels, FlexVPN clients and crypto maps lead to."""
    for interface in device.interfaces.values():
        if not interface.is_tunnel or interface.shutdown is not None:
            continue
        profile = device.profiles.get(ikev2_profile_of(device, interface) or "")
        protection = interface.protection
        ipsec = device.ipsec_profiles.get(protection.profile) if protection is not None else None
        if profile is None or (ipsec is not None and ipsec.responder_only is not None):
            continue
        words: list[tuple[str, Word | None]] = [(interface.name, interface.destination)]
        for client in device.clients.values():
            if client.tunnel == interface.name:
                words += [(f"FlexVPN client '{client.name}'", peer.target) for peer in client.peers if not peer.is_fqdn]
        for what, word in words:
            if word is not None and (address := address_of(word)) is not None:
                yield Start(what, word, address, profile, interface)
    for entry in device.crypto_maps:
        profile = device.profiles.get(entry.ikev2_profile or "")
        for word in entry.peers if profile is not None else ():
            if profile is not None and (address := address_of(word)) is not None:
                yield Start(f"crypto map '{entry.name}'", word, address, profile, None)


def keyless_starts(device: Device, keyring: Keyring, assumptions: Mapping[str, str]) -> list[Start]:
    """The peers this router calls with a key of this keyring, which has none for their address."""
    return [
        start for start in starts(device) if _searched(device, start) is keyring and _fails(device, start, assumptions)
    ]


def _searched(device: Device, start: Start) -> Keyring | None:
    """The keyring in which the key for a call is searched, if one is needed."""
    methods = [*start.profile.local_auth, *start.profile.remote_auth]
    psk = [one for one in methods if one.method is Method.PSK]
    keyring = keyring_of(device, start.profile).chosen
    return keyring if psk and not any(one.key is not None for one in psk) else None


def _fails(device: Device, start: Start, assumptions: Mapping[str, str]) -> bool:
    keyring = _searched(device, start)
    if keyring is None or not keyring.peers or _has_placeholder(keyring):
        return False
    choice = select_block(device, keyring, PeerFacts(role="initiator", peer=start.address), assumptions)
    if choice.chosen is not None or choice.sureness is not Sureness.SURE:
        return False
    return not any(str(block.hostname) == str(start.word) for block in keyring.peers)


@check("SEL108", on=Scope.DEVICE)
def initiator_without_key(case: DeviceCase) -> Findings:
    """An initiator looks for the peer's address alone: identities are not looked at (V for who uses what)."""
    device = case.device
    for start in starts(device):
        profile, keyring = start.profile, _searched(device, start)
        if keyring is None or not _fails(device, start, case.settings.assumptions):
            continue
        named = sum(block.network is None for block in keyring.peers)
        finding = Finding(
            f"{start.what} starts to {start.address}, and keyring '{keyring.name}' of profile '{profile.name}' has no "
            f"peer block for that address; addresses: {listed(_addresses(keyring), 4) or 'none'}"
        )
        if named:
            finding.because("an initiator does not look at the identities of peer blocks")
        finding.at(start.word).also(keyring.name, "searched here").about(profile.name, keyring.name, start.address)
        finding.mend(f"add a peer block with ` address {start.address}`")
        yield from hedged(finding, device, keyring)


def _addresses(keyring: Keyring) -> list[str]:
    return [str(block.address) for block in keyring.peers if block.address is not None]


def _has_placeholder(keyring: Keyring) -> bool:
    return any(block.address is not None and is_placeholder(block.address) for block in keyring.peers)


@check("SEL109", on=Scope.DEVICE)
def destination_outside_profile(case: DeviceCase) -> Findings:
    """The profile accepts addresses only, and not the one the tunnel leads to; right only where NAT is between."""
    device = case.device
    for start in starts(device):
        profile = start.profile
        networks = [m.network for m in profile.identities if m.kind is IdentityKind.ADDRESS and m.network is not None]
        if not networks or len(networks) < len(profile.identities) or profile.certificate_maps:
            continue
        if any(within(start.address, network) for network in networks):
            continue
        finding = Finding(
            f"{start.what} starts to {start.address}, and profile '{profile.name}' accepts only "
            f"{', '.join(map(str, networks[:3]))} as the peer's identity"
        )
        finding.at(profile.identities[0]).also(start.word, "the peer").about(profile.name, start.address)
        if any(_is_inside(network) for network in networks) and not _is_inside(ip_network(start.address)):
            finding.because("one of them is private: the peer shows its inside address where NAT is between")
            finding.lowered(Severity.NOTE)
        yield from hedged(finding, device, profile)


def _is_inside(network: Network) -> bool:
    """Whether the network is of private addresses (RFC 1918), or of those of a carrier's NAT (RFC 6598)."""
    return any(network.version == one.version and network.subnet_of(one) for one in _INSIDE)


@check("SEL110", on=Scope.DEVICE)
def keyring_of_other_peers(case: DeviceCase) -> Findings:
    """No identity the profile accepts is in its keyring, and the keyring has no addresses to fall back to."""
    device = case.device
    for profile in device.profiles.values():
        keyring = keyring_of(device, profile).chosen
        if keyring is None or not profile.identities or profile.certificate_maps or not keyring.peers:
            continue
        known = [block.identity for block in keyring.peers if block.identity is not None]
        if not known or any(block.network is not None or block.hostname is not None for block in keyring.peers):
            continue
        said = (one for stanza in (profile, *keyring.peers) for one in stanza.statements)
        if any(is_placeholder(word) for one in said for word in one.words):
            continue  # what stands there may be an address, or the identity that is missed
        if len(profile.identities) * len(known) > COMPARED:
            continue
        if any(intersect(match, identity) for match in profile.identities for identity in known):
            continue
        shown = ", ".join(f"{m.kind} {'domain ' if m.domain else ''}{m.value}" for m in known[:3])
        finding = Finding(
            f"profile '{profile.name}' accepts no identity for which keyring '{keyring.name}' has a key; it has {shown}"
        )
        finding.at(profile.identities[0]).also(known[0], "the keyring's first").about(profile.name, keyring.name)
        yield from hedged(finding, device, profile, keyring)


@check("SEL111", on=Scope.DEVICE)
def bare_zero_address(case: DeviceCase) -> Findings:
    """?: `address 0.0.0.0` without a mask is one host by the rules of masks, and every address by habit."""
    assumed = case.settings.assumptions.get(BARE_ZERO)
    if assumed == "wildcard":
        return
    for keyring in case.device.keyrings.values():
        for block in keyring.peers:
            network = block.network
            if network is None or network.version != 4 or network.prefixlen != 32 or int(network.network_address):
                continue
            finding = Finding(
                f"peer '{block.name}' of keyring '{keyring.name}' has `address 0.0.0.0` without a mask, which may mean "
                "that one host"
            )
            finding.at(block.address or block).about(keyring.name, block.name)
            edits = exchanged(block.address, "0.0.0.0 0.0.0.0") if block.address is not None else []
            finding.mend("`address 0.0.0.0 0.0.0.0`", *edits)
            yield finding.lowered(Severity.ERROR if assumed == "host" else None)


@check("SEL112", on=Scope.DEVICE)
def impossible_certificate_map(case: DeviceCase) -> Findings:
    """Criteria of one entry must all hold; two of them cannot."""
    for name, entries in case.device.certificate_maps.items():
        for entry in entries:
            clash = _clash(entry)
            if clash is not None:
                one, other = clash
                yield (
                    Finding(
                        f"certificate map '{name}' {entry.sequence or ''} can match no certificate: {one.field} "
                        f"{one.operator} '{one.value}' and {other.operator} '{other.value}'"
                    )
                    .at(other.line)
                    .also(one.line)
                    .about(name, entry.sequence)
                )


def _clash(entry: CertificateMapEntry) -> tuple[Criterion, Criterion] | None:
    """Two criteria of one entry that exclude each other."""
    held: dict[str, Criterion] = {}
    for criterion in entry.criteria[:200]:
        if criterion.operator == "eq":
            held.setdefault(str(criterion.field), criterion)
    for other in entry.criteria[:200]:
        one = held.get(str(other.field))
        if one is None or one is other:
            continue
        ours, theirs = one.value.strip('"').lower(), other.value.strip('"').lower()
        excluded = {"eq": ours != theirs, "ne": ours == theirs, "co": theirs not in ours, "nc": theirs in ours}
        if excluded.get(str(other.operator), False):
            return one, other
    return None
