"""Which keyring a profile uses and which of its peer blocks serves a peer.

Comes in: a keyring and what the peer presented. Goes out: `Choice[PeerBlock]`. A keyring is indexed once, so that a
lookup among tens of thousands of blocks costs as many steps as there are prefix lengths.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from types import MappingProxyType

from flexlint.config.model import Address, Device, IdentityKind, Keyring, PeerBlock, Profile
from flexlint.predict.identities import accepts, address_in, contested_by, specificity, wanted, within
from flexlint.predict.model import Choice, Identity, PeerFacts, Rejected, Sureness
from flexlint.predict.settling import is_settled, refused_by, refuses

LISTED = 20  # rejected blocks named in one choice
_NOTHING: Mapping[str, str] = MappingProxyType({})
BARE_ZERO = "keyring-bare-zero"
_KEPT = 64  # keyrings whose index is kept


def keyring_of(device: Device, profile: Profile) -> Choice[Keyring]:
    """The keyring the profile names. There is no other to fall back to (R)."""
    name = profile.keyring
    if name is None:
        inline = any(one.key is not None for one in (*profile.local_auth, *profile.remote_auth))
        where = "has its key on the `authentication` line" if inline else "names no keyring"
        if profile.keyring_aaa:
            where = f"asks AAA list {profile.keyring_aaa} for keys"
        return Choice(missing=f"{profile.name} {where}")
    keyring = device.keyrings.get(name)
    if keyring is None:
        return Choice(missing=f"{profile.name} names keyring {name}, which is not defined", because=name)
    return Choice(keyring, because=name)


class _Index:
    """The blocks of one keyring by what they match, in file order within each entry."""

    __slots__ = ("exact", "keyring", "networks", "size", "wide")

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.size = len(keyring.peers)
        self.networks: dict[tuple[int, int], dict[int, list[PeerBlock]]] = {}  # by version and prefix length
        self.exact: dict[tuple[IdentityKind, str], list[PeerBlock]] = {}
        self.wide: list[PeerBlock] = []  # identities with a domain, a network, or any
        for block in keyring.peers:
            self._add(block)

    def _add(self, block: PeerBlock) -> None:
        if (network := block.network) is not None:
            entries = self.networks.setdefault((network.version, network.prefixlen), {})
            entries.setdefault(int(network.network_address), []).append(block)
        match = block.identity
        if match is None:
            return
        is_host = match.network is not None and match.network.prefixlen == match.network.max_prefixlen
        if match.kind is IdentityKind.ANY or match.domain or (match.network is not None and not is_host):
            self.wide.append(block)
        elif match.value is not None:
            text = str(match.network.network_address) if match.network is not None else match.value.strip('"')
            self.exact.setdefault((match.kind, text.lower()), []).append(block)

    def by_address(self, address: Address) -> list[PeerBlock]:
        """The blocks whose address or network holds this one, the longest match first (R)."""
        found: list[PeerBlock] = []
        for version, length in sorted(self.networks, reverse=True):
            if version == address.version:
                network = int(ip_network(f"{address}/{length}", strict=False).network_address)
                found += self.networks[version, length].get(network, ())
        return found

    def bare_zeros(self) -> list[PeerBlock]:
        """The blocks with `address 0.0.0.0` and no mask."""
        return self.networks.get((4, 32), {}).get(0, [])

    def by_identity(self, identity: Identity) -> list[PeerBlock]:
        value = str(address_in(identity) or identity.value)
        exact = self.exact.get((identity.kind, value.lower()), [])
        found = [b for b in exact if b.identity is not None and accepts(b.identity, identity)]
        wide = [b for b in self.wide if b.identity is not None and accepts(b.identity, identity)]
        wide.sort(key=lambda b: specificity(b.identity) if b.identity else (0, 0), reverse=True)
        return found + wide


_INDEXES: dict[int, _Index] = {}


def index_of(keyring: Keyring) -> _Index:
    """The index of a keyring, made at its first use. It holds the keyring, so the id stays its own."""
    known = _INDEXES.get(id(keyring))
    if known is not None and known.keyring is keyring and known.size == len(keyring.peers):
        return known
    made = _Index(keyring)
    if len(_INDEXES) >= _KEPT:
        _INDEXES.clear()
    _INDEXES[id(keyring)] = made
    return made


def select_block(
    device: Device, keyring: Keyring, facts: PeerFacts, assumptions: Mapping[str, str] = _NOTHING
) -> Choice[PeerBlock]:
    """The peer block for this peer. A responder tries identities, then addresses; an initiator addresses alone (R)."""
    del device  # nothing else of the device decides
    index = index_of(keyring)
    found: list[PeerBlock] = []
    is_responder = facts.role != "initiator"
    if is_responder and facts.identity is not None:
        found += [b for b in index.by_identity(facts.identity) if not _refused(b, facts, assumptions)]
    by_identity = len(found)
    if facts.peer is not None:
        found += [b for b in index.by_address(facts.peer) if b not in found[:20]]
        if assumptions.get(BARE_ZERO) == "wildcard" and facts.peer.version == 4:
            found += [b for b in index.bare_zeros() if b not in found]
    known = facts.peer is not None and facts.role != "unknown" and (not is_responder or facts.identity is not None)
    if not found:
        return Choice(
            rejected=_rejected(keyring, facts, found, assumptions),
            sureness=Sureness.SURE if known and not _may_be_wildcard(keyring, facts, assumptions) else Sureness.PARTIAL,
            missing=f"keyring {keyring.name} has no peer block for this peer",
        )
    best = found[0]
    because = best.identity if by_identity else best.address
    twins = [b for b in found[1:] if _same_reach(b, best, bool(by_identity))]
    choice = Choice(best, _rejected(keyring, facts, [best, *twins], assumptions), twins, because=because or best)
    asked_by_name = is_responder and facts.identity is None and bool(index.exact or index.wide)
    is_wide = not by_identity and best.network is not None and best.network.prefixlen < best.network.max_prefixlen
    is_role_open = facts.role == "unknown" and by_identity > 0  # an initiator would not have looked at it
    if asked_by_name or is_role_open or (is_wide and _may_be_wildcard(keyring, facts, assumptions)):
        choice.sureness = Sureness.PARTIAL
    if twins:  # ?: which of two equal blocks wins is not documented
        choice.sureness, choice.contested = Sureness.CONTESTED, "keyring-duplicates"
    elif by_identity and best.identity is not None and facts.identity is not None:
        point = contested_by(best.identity, facts.identity)
        if point and not is_settled(point, assumptions) and choice.sureness is Sureness.SURE:
            choice.sureness, choice.contested = Sureness.CONTESTED, point
    return choice


def _same_reach(block: PeerBlock, best: PeerBlock, by_identity: bool) -> bool:
    if not by_identity:
        return block.network == best.network
    if block.identity is None or best.identity is None:
        return False
    return specificity(block.identity) == specificity(best.identity)


def _may_be_wildcard(keyring: Keyring, facts: PeerFacts, assumptions: Mapping[str, str]) -> bool:
    """?: `address 0.0.0.0` without a mask is a host by the rules of masks and a wildcard by habit."""
    if facts.peer is None or is_settled(BARE_ZERO, assumptions):
        return False
    return bool(index_of(keyring).bare_zeros())


def _refused(block: PeerBlock, facts: PeerFacts, assumptions: Mapping[str, str]) -> str:
    """The open point on which alone the block's identity accepts the peer's, where it is assumed not to."""
    if block.identity is None or facts.identity is None or not accepts(block.identity, facts.identity):
        return ""
    point = contested_by(block.identity, facts.identity)
    return point if refuses(point, assumptions) else ""


def _rejected(
    keyring: Keyring, facts: PeerFacts, kept: list[PeerBlock], assumptions: Mapping[str, str]
) -> list[Rejected[PeerBlock]]:
    out: list[Rejected[PeerBlock]] = []
    for block in keyring.peers:
        if any(block is one for one in kept):
            continue
        point = _refused(block, facts, assumptions)
        if point and block.identity is not None:
            out.append(Rejected(block, refused_by(point, assumptions), block.identity))
        else:
            out.append(_why_not(block, facts, bool(kept)))
        if len(out) == LISTED:
            break
    return out


def _why_not(block: PeerBlock, facts: PeerFacts, is_lost: bool) -> Rejected[PeerBlock]:
    is_responder = facts.role != "initiator"
    if block.identity is not None and is_responder and facts.identity is not None:
        if accepts(block.identity, facts.identity):
            return Rejected(block, "fits less narrowly" if is_lost else "fits", block.identity)
        if block.network is None:
            return Rejected(block, f"wants {wanted(block.identity)}", block.identity)
        if facts.peer is not None and not within(facts.peer, block.network):
            both = f"wants {wanted(block.identity)} or a peer at {_shown(block)}"
            return Rejected(block, both, block.identity)
    if block.network is not None and facts.peer is not None:
        if within(facts.peer, block.network):
            return Rejected(block, "fits less narrowly", block.address or block)
        return Rejected(block, f"wants a peer at {_shown(block)}", block.address or block)
    if block.identity is not None and not is_responder:
        return Rejected(block, "has an identity only, which an initiator does not look at", block.identity)
    if block.network is None and block.identity is None:
        return Rejected(block, "has neither address nor identity", block)
    return Rejected(block, "cannot be judged: the peer is not known", block)


def _shown(block: PeerBlock) -> str:
    network = block.network
    if network is None:
        return str(block.address)
    return str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
