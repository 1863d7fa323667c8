"""Where a packet came in: the VRF and the local address that profiles and policies match.

Comes in: `match fvrf` and `match address local` statements and the facts of a peer. Goes out: True, False, or None
where the configuration does not say (an interface with an address from DHCP). Identities are not looked at here.
"""

from __future__ import annotations

from flexlint.config.model import Address, Device, Interface, LocalMatch, Policy, Profile, address_of
from flexlint.place import Located, Word


def vrf_fits(wanted: Word | None, fvrf: str | None) -> bool | None:
    """No `match fvrf` is the global VRF only, `any` every VRF (V: show output of the default policy)."""
    if wanted is not None and wanted.lower() == "any":
        return True
    if fvrf is None:
        return None
    return (str(wanted) if wanted is not None else "") == fvrf


def local_fits(device: Device, matches: list[LocalMatch], local: Address | None) -> bool | None:
    """Statements are alternatives; none means every address (V)."""
    if not matches:
        return True
    if local is None:
        return None
    verdicts = [_one_fits(device, match, local) for match in matches]
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _one_fits(device: Device, match: LocalMatch, local: Address) -> bool | None:
    if not match.is_interface:
        return match.address == local if match.address is not None else None
    interface = device.interfaces.get(match.word)
    addresses = addresses_of(device, interface) if interface is not None else None
    return None if addresses is None else local in addresses


def addresses_of(device: Device, interface: Interface, depth: int = 3) -> list[Address] | None:
    """The addresses of an interface, those of the interface it borrows from included; None when they are dynamic."""
    if interface.address_negotiated is not None or interface.address_dhcp is not None:
        return None
    found: list[Address] = [address for _, address, _ in interface.addresses]
    for word, _ in interface.ipv6_addresses:
        if (address := _plain_ipv6(word)) is not None:
            found.append(address)
    if not found and interface.unnumbered is not None and depth:
        lender = device.interfaces.get(interface.unnumbered)
        return addresses_of(device, lender, depth - 1) if lender is not None else None
    return found


def _plain_ipv6(word: Word) -> Address | None:
    return address_of(word.partition("/")[0])


def leads_to(word: object, peer: object) -> bool:
    """Whether a destination is this address, however it is written: IPv6 has many ways (RFC 5952)."""
    one, other = str(word), str(peer)
    if word is None or one == other or ":" not in one or ":" not in other:
        return word is not None and one == other
    found = address_of(one)
    return found is not None and found == address_of(other)


def interface_with(device: Device, local: Address) -> Interface | None:
    """The one interface that has this address; None when none or several have it."""
    found = [i for i in device.interfaces.values() if any(a == local for _, a, _ in i.addresses)]
    return found[0] if len(found) == 1 else None


def misfit(
    device: Device, one: Profile | Policy, fvrf: str | None, local: Address | None
) -> tuple[str, Located] | None:
    """Why a profile or policy is not for this VRF and local address, with the line that says so."""
    if vrf_fits(one.fvrf, fvrf) is False:
        came = f"VRF {fvrf}" if fvrf else "the global VRF"
        if one.fvrf is None:
            return f"has no `match fvrf`, so it serves the global VRF only, and the packet came in {came}", one
        return f"wants VRF {one.fvrf}, and the packet came in {came}", one.fvrf
    if local_fits(device, one.local_addresses, local) is False:
        listed = " or ".join(str(m.word) for m in one.local_addresses[:3])
        return f"wants local address {listed}, not {local}", one.local_addresses[0].word
    return None


def uncertain(device: Device, one: Profile | Policy, fvrf: str | None, local: Address | None) -> bool:
    """Whether it was let through only because the VRF or the local address is not known."""
    if one.fvrf is not None and vrf_fits(one.fvrf, fvrf) is None:
        return True
    return local_fits(device, one.local_addresses, local) is None
