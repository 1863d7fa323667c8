"""Whether a statement accepts an identity, and which identity two statements would both accept.

Comes in: `IdentityMatch` objects and an `Identity`. Goes out: yes or no, the clause that says why not, a witness.
Nothing here knows profiles, keyrings or the order in which IOS tries them.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from flexlint.config.model import Address, IdentityKind, IdentityMatch, Network, address_of
from flexlint.predict.model import Identity

_NOUNS = {
    IdentityKind.FQDN: "an FQDN",
    IdentityKind.EMAIL: "an e-mail address",
    IdentityKind.KEY_ID: "a key-id",
    IdentityKind.DN: "a distinguished name",
}
_EXAMPLES = IPv4Address("192.0.2.1")


def address_in(identity: Identity) -> Address | None:
    """The address an identity of type address carries, None for other types and for text that is no address."""
    if identity.kind is not IdentityKind.ADDRESS:
        return None
    return address_of(identity.value)


def accepts(match: IdentityMatch, identity: Identity) -> bool:
    """Whether the statement accepts the identity. The type must be the same: `address` never sees an FQDN (R).

    Names compare without case, and `domain D` takes D and every name below it; for both the sources are silent (?)."""
    if match.kind is IdentityKind.ANY or identity.kind is IdentityKind.ANY:
        return True
    if match.kind is not identity.kind or match.value is None:
        return False
    if match.kind is IdentityKind.ADDRESS:
        address = address_in(identity)
        return address is not None and match.network is not None and within(address, match.network)
    if match.kind is IdentityKind.KEY_ID:
        return _plain(match.value) == identity.value
    wanted, name = _plain(match.value).lower(), identity.value.lower()
    if not match.domain:
        return name == wanted
    if match.kind is IdentityKind.EMAIL:
        name = name.rpartition("@")[2]
    wanted = wanted.lstrip(".@")
    return name == wanted or name.endswith("." + wanted)


def contested_by(match: IdentityMatch, identity: Identity) -> str:
    """The open point on which it rests that the statement accepts the identity; empty when nothing is open."""
    if match.kind not in (IdentityKind.FQDN, IdentityKind.EMAIL) or match.value is None:
        return ""
    wanted, name = _plain(match.value), identity.value
    if match.domain:
        wanted = wanted.lstrip(".@")
        host, _, domain = name.partition("@" if match.kind is IdentityKind.EMAIL else ".")
        if len(domain) > len(wanted):
            return "domain-depth"
        name = domain or host
    return "name-case" if name != wanted and name.lower() == wanted.lower() else ""


def within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _plain(text: str) -> str:
    """The value without the quotes that a value with blanks is written in."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else str(text)


def wanted(match: IdentityMatch) -> str:
    """What the statement accepts, as a noun: `an FQDN in domain example.com`, `an IPv4 address in 198.51.100.0/24`."""
    if match.kind is IdentityKind.ANY:
        return "any identity"
    if match.kind is IdentityKind.ADDRESS:
        network = match.network
        if network is None:
            return f"the address {match.value}"
        version = f"IPv{network.version} address"
        if network.prefixlen == network.max_prefixlen:
            return f"the {version} {network.network_address}"
        return f"any {version}" if network.prefixlen == 0 else f"an {version} in {network}"
    article, _, noun = _NOUNS[match.kind].partition(" ")
    value = _plain(match.value or "")
    return f"{article} {noun} in domain {value}" if match.domain else f"the {noun} {value}".rstrip()


def specificity(match: IdentityMatch) -> tuple[int, int]:
    """How narrow a statement is, larger is narrower: one identity, then a domain or network by length, then any."""
    if match.kind is IdentityKind.ANY:
        return (0, 0)
    if match.kind is IdentityKind.ADDRESS and match.network is not None:
        host = match.network.prefixlen == match.network.max_prefixlen
        return (2, 0) if host else (1, match.network.prefixlen)
    return (1, len(match.value or "")) if match.domain else (2, 0)


def nearness(match: IdentityMatch, identity: Identity) -> int:
    """How close a statement that did not match came, larger is closer: the type first, then the common part."""
    if match.kind is not identity.kind or match.value is None:
        return 0
    if match.kind is IdentityKind.ADDRESS:
        address = address_in(identity)
        if address is None or match.network is None or address.version != match.network.version:
            return 1
        differing = int(address) ^ int(match.network.network_address)
        return 1 + match.network.max_prefixlen - differing.bit_length()
    ours, theirs = _plain(match.value).lower(), identity.value.lower()
    common = 0
    for one, other in zip(reversed(ours), reversed(theirs), strict=False):
        if one != other:
            break
        common += 1
    return 1 + common


def witness(match: IdentityMatch) -> Identity:
    """An identity that the statement accepts, for messages."""
    if match.kind is IdentityKind.ADDRESS:
        return Identity(IdentityKind.ADDRESS, str(_some_address(match.network) if match.network else match.value))
    if match.kind is IdentityKind.ANY or match.value is None:
        return Identity(IdentityKind.FQDN, "peer.example.com")
    value = _plain(match.value)
    if match.domain:
        value = ("peer@" if match.kind is IdentityKind.EMAIL else "peer.") + value.lstrip(".@")
    return Identity(match.kind, value)


def _some_address(network: Network) -> Address:
    if isinstance(network, IPv4Network) and _EXAMPLES in network:
        return _EXAMPLES
    return network[1] if network.num_addresses > 2 else network[0]


def covers(wide: IdentityMatch, narrow: IdentityMatch) -> bool:
    """Whether the first statement accepts every identity that the second one accepts."""
    if wide.kind is IdentityKind.ANY:
        return True
    if wide.kind is not narrow.kind or wide.value is None or narrow.value is None:
        return False
    if wide.kind is IdentityKind.ADDRESS:
        ours, theirs = wide.network, narrow.network
        if ours is None or theirs is None or ours.version != theirs.version:
            return False
        return theirs.prefixlen >= ours.prefixlen and theirs.network_address in ours
    if narrow.domain and not wide.domain:
        return False
    return accepts(wide, witness(narrow))


def intersect(one: IdentityMatch, other: IdentityMatch) -> Identity | None:
    """An identity that both statements accept. What two statements accept is nested or disjoint, never in between."""
    for candidate in (witness(one), witness(other)):
        if accepts(one, candidate) and accepts(other, candidate):
            return candidate
    return None
