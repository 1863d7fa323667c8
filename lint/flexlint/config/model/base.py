"""What all objects of a configuration are made of: lines, statements, keys, stanzas.

Comes in: what the outline and the grammar found. Goes out: objects that know their place. No object prints its
values: a configuration is full of keys.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from flexlint.fact import fact
from flexlint.place import Place, Role, TextFile, Word

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def address_of(text: object) -> Address | None:
    """The address that a word is; None for a name, and for nothing."""
    try:
        return ip_address(str(text))
    except ValueError:
        return None


class LineKind(StrEnum):
    """What a physical line of a configuration file is."""

    COMMAND = "command"
    COMMENT = "comment"
    BLANK = "blank"
    BANNER = "banner"
    CERTIFICATE = "certificate"
    NOISE = "noise"  # prompts alone, pager text, syslog lines, answers of the CLI in a terminal capture


class Line:
    """One physical line and the lines below it. `text` is stripped of indentation, prompt and trailing blanks;
    `column` is the 1-based column at which `text` begins in the file."""

    __slots__ = ("children", "column", "kind", "number", "origin", "text")

    def __init__(self, number: int, column: int, text: str, kind: LineKind, origin: TextFile) -> None:
        self.number = number
        self.column = column
        self.text = text
        self.kind = kind
        self.origin = origin
        self.children: list[Line] = []

    def place(self, note: str = "") -> Place:
        end = self.column + len(self.text)

        return Place(
            self.origin.path,
            self.number,
            self.column,
            self.number,
            end,
            self.origin.text_of(self.number),
            Role.CONFIG,
            note,
        )


@fact
class Statement:
    """A command line the grammar understood: `kind` is the name of the grammar's alternative (`identity_local`,
    `keyring_local` ...), `words` its values without the keywords, in the order they stand.

    `negated` is true for a `no` form, `defaulted` for a `default` form."""

    kind: str
    words: tuple[Word, ...]
    line: Line
    negated: bool = False
    defaulted: bool = False

    def place(self, note: str = "") -> Place:
        return self.line.place(note)


class Unparsed(NamedTuple):
    """A line of a modelled stanza that the grammar does not accept."""

    stanza: str  # kind of the stanza the line stands in, "global" at the top level
    word: Word  # the word that does not fit; empty at the end of the line when something is missing
    expected: tuple[str, ...]  # keywords and value names accepted at that place, in alphabetical order
    suggestion: str  # the keyword probably meant, or empty
    line: Line


class Secret:
    """A key or password. Its text never leaves this object: it prints masked, and compares in constant time."""

    __slots__ = ("_text", "encryption", "is_hex", "word_place")

    def __init__(self, text: str, encryption: str, is_hex: bool, place: Place) -> None:
        self._text = text
        self.encryption = encryption  # "" or "0" clear, "6" or "7" encrypted, "redacted" when a tool removed it
        self.is_hex = is_hex
        self.word_place = place

    @property
    def readable(self) -> bool:
        """Whether the clear text is known: type 0 or none, and not a placeholder."""
        return self.encryption in ("", "0")

    @property
    def length(self) -> int | None:
        """Length of the clear key in bytes, as `key len` of the debug counts it; None when it is encrypted."""
        if not self.readable:
            return None
        return (len(self._text.removeprefix("0x")) + 1) // 2 if self.is_hex else len(self._text.encode())

    def same_as(self, other: Secret) -> bool:
        """Whether both clear keys are equal; only meaningful when both are readable."""
        import hmac  # here, since its import costs more than reading most configurations

        return self.is_hex == other.is_hex and hmac.compare_digest(self._text.encode(), other._text.encode())

    def reveal_for_checks(self) -> str:
        """The clear text, for checks of its strength only. Never put it in a message."""
        return self._text

    def place(self, note: str = "") -> Place:
        return self.word_place._replace(note=note)

    def __repr__(self) -> str:
        return "Secret(********)"

    __str__ = __repr__


@fact
class Stanza:
    """What every object of the configuration has: its name, its header line, and every statement below it.

    `headers` holds all header lines when the stanza is repeated (IOS merges them); `line` is the first."""

    name: Word
    line: Line
    statements: list[Statement] = field(default_factory=list)
    headers: list[Line] = field(default_factory=list)
    implicit: bool = False  # true for an object IOS has without being told (defaults.py)

    def place(self, note: str = "") -> Place:
        return self.line.place(note)

    def said(self, kind: str) -> list[Statement]:
        """All statements of one kind, `no` forms left out."""
        return [s for s in self.statements if s.kind == kind and not s.negated and not s.defaulted]
