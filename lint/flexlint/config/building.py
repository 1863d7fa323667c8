"""What every family of builders shares: words and values with their places, from a command the grammar accepted.

Comes in: a `Command` and the line it stands on. Goes out: `Word`, `Secret`, networks, matches. It sets no attribute.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Network, ip_network

from flexlint.config.grammar import PLACEHOLDER, Command, Piece
from flexlint.config.model import (
    IdentityKind,
    IdentityMatch,
    Line,
    LocalMatch,
    Network,
    Secret,
    Statement,
    address_of,
)
from flexlint.config.names import canonical
from flexlint.place import Place, Role, Word

_BEFORE_KEYS = frozenset({"key", "hex", "password", "pre-shared-key"})
# Commands in whose rest of the line a key or password may stand.
_WITH_KEYS = frozenset({"key", "local_key", "remote_key", "reconnect_key", "server_private", "username", "option"})


@dataclass(slots=True)
class Reading:
    """One accepted command: its statement, and its pieces as values that know their place."""

    command: Command
    line: Line
    offset: int  # columns taken off in front: `no `, `default `
    statement: Statement

    def word(self, piece: Piece) -> Word:
        return Word.at(piece.text, self.line.number, self.line.column + self.offset + piece.column, self.line.origin)

    def public_words(self) -> tuple[Word, ...]:
        """The values but keys and passwords, which only their `Secret` has. What stands for a removed key stays."""
        shown, before = [], Piece("", "", 0)
        for piece in self.command.pieces:
            is_key = before.terminal == "ENC" or (not before.terminal and before.text in _BEFORE_KEYS)
            is_key = is_key or (piece.terminal == "TEXT" and self.command.kind in _WITH_KEYS)
            if piece.terminal and (not is_key or piece.terminal == "ENC" or PLACEHOLDER.fullmatch(piece.text)):
                shown.append(self.word(piece))
            before = piece
        return tuple(shown)

    def words(self) -> list[Word]:
        return [self.word(piece) for piece in self.command.pieces if piece.terminal]

    def after(self, keyword: str) -> Word | None:
        piece = self.command.after(keyword)
        return self.word(piece) if piece else None

    def all_words(self, skip: int) -> list[Word]:
        """Every word after the first `skip`, keywords included: lists of algorithms are keywords of the grammar."""
        return [self.word(piece) for piece in self.command.pieces[skip:]]

    def has(self, keyword: str) -> bool:
        return self.command.has(keyword)

    def interface(self) -> Word | None:
        """The interface name among the values, in its canonical spelling at the place where it is written."""
        pieces = self.command.values
        for n, piece in enumerate(pieces):
            if piece.terminal == "IFNAME":
                return self._at(canonical(piece.text), piece)
            if piece.terminal == "IFTYPE" and n + 1 < len(pieces):
                return self._at(canonical(piece.text + pieces[n + 1].text), piece)
        return None

    def _at(self, text: str, piece: Piece) -> Word:
        return Word.at(text, self.line.number, self.line.column + self.offset + piece.column, self.line.origin)

    def secret(self) -> Secret | None:
        """The key of the line: its type digit if there is one, and the rest of the line."""
        text = next((p for p in reversed(self.command.pieces) if p.terminal in ("TEXT", "PLACEHOLDER")), None)
        if text is None:
            return None
        kind = next((p.text for p in self.command.pieces if p.terminal == "ENC"), "")
        return self.secret_of(text, kind, self.has("hex"))

    def secret_of(self, piece: Piece, kind: str, is_hex: bool) -> Secret:
        column = self.line.column + self.offset + piece.column
        number, origin = self.line.number, self.line.origin
        end = column + len(piece.text)
        place = Place(origin.path, number, column, number, end, origin.text_of(number), Role.CONFIG)
        redacted = PLACEHOLDER.search(piece.text) or piece.text.lower().strip("<>[]") in (
            "redacted",
            "removed",
            "hidden",
        )
        return Secret(piece.text, "redacted" if redacted else kind, is_hex, place)

    def identity(self, start: int) -> IdentityMatch:
        """The identity after the first `start` words: `address A [M]`, `fqdn [domain] N`, `key-id S`, `any` ..."""
        kind = IdentityKind(self.command.pieces[start].text)
        values = self.words()
        value = values[0] if values else None
        network: Network | None = None
        if kind is IdentityKind.ADDRESS and value is not None:
            network = network_of(value, values[1] if len(values) > 1 else None)
            if network is not None and str(value) == "0.0.0.0" and len(values) == 1:
                network = IPv4Network("0.0.0.0/0")  # R: printed without a mask, it means any IPv4 address
        return IdentityMatch(kind, self.has("domain"), value, network, self.line)

    def local_match(self) -> LocalMatch | None:
        if self.has("interface") and (interface := self.interface()) is not None:
            return LocalMatch(interface, True, None)
        values = self.words()
        return LocalMatch(values[0], False, address_of(values[0])) if values else None


def network_of(address: str, mask: str | None = None) -> Network | None:
    """The network of an address with an optional mask; the host bits are dropped. None when it is none."""
    with suppress(ValueError):
        if mask is None or "/" in address:
            return ip_network(address, strict=False)
        return IPv4Network(f"{address}/{mask}", strict=False)
    return None


def interface_address(address: str, mask: str) -> tuple[IPv4Address, IPv4Network] | None:
    with suppress(ValueError):
        value = IPv4Interface(f"{address}/{mask}")
        return value.ip, value.network
    return None


def ipv6_network(text: str) -> IPv6Network | None:
    with suppress(ValueError):
        return IPv6Network(text, strict=False)
    return None


def wildcard_network(words: list[str]) -> IPv4Network | None:
    """The prefix of a standard access list entry: `any`, `host A`, `A`, `A WILDCARD`."""
    if not words:
        return None
    with suppress(ValueError):
        if words[0] == "any":
            return IPv4Network("0.0.0.0/0")
        if words[0] == "host" and len(words) > 1:
            return IPv4Network(words[1])
        if len(words) > 1 and words[1][0].isdigit():
            mask = IPv4Address(int(IPv4Address(words[1])) ^ 0xFFFFFFFF)
            return IPv4Network(f"{words[0]}/{mask}", strict=False)
        return IPv4Network(words[0])
    return None
