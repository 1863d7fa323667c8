"""Statements of interfaces and VRFs to the model."""

from __future__ import annotations

from flexlint.config.building import Reading, interface_address, ipv6_network
from flexlint.config.model import Interface, Protection, Vrf
from flexlint.place import Word

_WORDS = {
    "vrf": "vrf",
    "crypto_map": "crypto_map",
    "tunnel_vrf": "tunnel_vrf",
    "tunnel_key": "tunnel_key",
    "nhrp_network_id": "nhrp_network_id",
    "ip_mtu": "mtu",
    "mss": "mss",
}
_INTERFACES = {"unnumbered": "unnumbered", "ipv6_unnumbered": "ipv6_unnumbered"}


def interface(one: Interface, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "shutdown":
        one.shutdown = said.statement
    elif kind in _WORDS:
        setattr(one, _WORDS[kind], words[0])
    elif kind in _INTERFACES:
        setattr(one, _INTERFACES[kind], said.interface())
    elif kind == "ip_address" and (address := interface_address(words[0], words[1])):
        if not said.has("secondary"):
            one.addresses[:1] = []  # a new primary address replaces the old one
            one.addresses.insert(0, (words[0], *address))
        else:
            one.addresses.append((words[0], *address))
    elif kind == "ipv6_address" and (network := ipv6_network(words[0])):
        one.ipv6_addresses.append((words[0], network))
    elif kind in ("address_negotiated", "address_dhcp"):
        setattr(one, kind, said.statement)
    else:
        _tunnel(one, said, words)


def _tunnel(one: Interface, said: Reading, words: list[Word]) -> None:
    kind = said.command.kind
    if kind == "tunnel_source":
        one.source = said.interface() or (words[0] if words else said.word(said.command.pieces[-1]))
    elif kind == "tunnel_destination":
        one.destination = words[0] if words else said.word(said.command.pieces[-1])
    elif kind == "tunnel_mode":
        said_mode = said.all_words(2)
        first = said_mode[0]
        one.tunnel_mode = Word.at(" ".join(said_mode).lower(), first.line, first.column, first.origin)
    elif kind == "protection":
        one.protection = Protection(
            words[0], said.has("shared"), said.after("ikev2-profile"), said.after("isakmp-profile"), said.line
        )
    elif kind == "nhrp_shortcut":
        one.nhrp_shortcut_template = said.after("virtual-template")


def vrf(one: Vrf, said: Reading) -> None:
    if said.command.kind == "address_family":
        one.ipv4 = one.ipv4 or said.has("ipv4")
        one.ipv6 = one.ipv6 or said.has("ipv6")
