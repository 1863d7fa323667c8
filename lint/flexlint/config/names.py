"""Interface names as IOS prints them: `gi0/1`, `Gi 0/1` and `GigabitEthernet0/1` are one interface."""

from __future__ import annotations

# R: the types of IOS and IOS-XE; an abbreviation is any unique beginning, ties as IOS resolves them.
_TYPES = (
    "Loopback",
    "Tunnel",
    "Virtual-Template",
    "Virtual-Access",
    "GigabitEthernet",
    "FastEthernet",
    "TenGigabitEthernet",
    "TwentyFiveGigE",
    "FortyGigabitEthernet",
    "HundredGigE",
    "TwoGigabitEthernet",
    "FiveGigabitEthernet",
    "Ethernet",
    "Vlan",
    "Port-channel",
    "Serial",
    "Dialer",
    "Cellular",
    "Null",
    "BVI",
    "BDI",
    "Multilink",
    "ATM",
    "Async",
    "nve",
    "pseudowire",
    "VirtualPortGroup",
    "AppGigabitEthernet",
    "Embedded-Service-Engine",
    "Service-Engine",
    "Wlan-GigabitEthernet",
)
_SHORT = {
    "gi": "GigabitEthernet",
    "gig": "GigabitEthernet",
    "g": "GigabitEthernet",
    "fa": "FastEthernet",
    "f": "FastEthernet",
    "te": "TenGigabitEthernet",
    "lo": "Loopback",
    "l": "Loopback",
    "tu": "Tunnel",
    "t": "Tunnel",
    "vt": "Virtual-Template",
    "vi": "Virtual-Access",
    "e": "Ethernet",
    "et": "Ethernet",
    "eth": "Ethernet",
    "vl": "Vlan",
    "po": "Port-channel",
    "s": "Serial",
    "se": "Serial",
    "di": "Dialer",
    "ce": "Cellular",
    "v": "Vlan",
}
_KNOWN = {name.lower(): name for name in _TYPES}


def is_interface(text: str) -> bool:
    """Whether a word is the name of an interface, or at least of a type: `gi0/1`, `tunnel`."""
    kind = text.rstrip("0123456789/.:").lower()
    return bool(kind) and (kind in _SHORT or any(low.startswith(kind) for low in _KNOWN))


def canonical(text: str) -> str:
    """`gi0/1` to `GigabitEthernet0/1`; a type that is not known keeps its spelling."""
    head = text.rstrip("0123456789/.:")
    number = text[len(head) :].strip()
    kind = head.strip().lower()
    full = _KNOWN.get(kind) or _SHORT.get(kind)
    if full is None:
        near = [name for low, name in _KNOWN.items() if low.startswith(kind)] if kind else []
        full = near[0] if len(near) == 1 else head.strip()
    return full + number
