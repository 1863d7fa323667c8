"""Where a thing stands: words that know their line and column.

Comes in: positions, as the outline and the log reader find them. Goes out: `Word` (a value in a configuration) and
`Seen` (a value in a log), both plain strings to every caller, and `Place`, what a report prints. Nothing here knows
what a configuration or a log means.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from flexlint.fact import fact

if TYPE_CHECKING:
    from collections.abc import Sequence


class Role(StrEnum):
    """Which kind of file a place is in."""

    CONFIG = "config"
    LOG = "log"


class Origin(Protocol):
    """The file a value was read from: its path as the user gave it, and its lines where they are kept."""

    @property
    def path(self) -> str: ...

    def text_of(self, line: int) -> str:
        """The text of 1-based `line` without its line end; empty when the file does not keep its lines."""
        ...


class Place(NamedTuple):
    """A region of a file. Lines and columns are 1-based, columns count characters, `end_column` is exclusive.

    `text` is the whole first line as it stands in the file. It may hold a key: only `report` prints it, masked.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    role: Role
    note: str = ""


class Located(Protocol):
    """Anything a finding can point at."""

    def place(self, note: str = "") -> Place: ...


class Word(str):
    """A value of a configuration: a string that knows where it stands (1-based line and column)."""

    __slots__ = ("column", "line", "origin")
    line: int
    column: int
    origin: Origin

    if TYPE_CHECKING:  # a Word equals any string of the same text, a Seen too; the type checker must be told
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool: ...

    @classmethod
    def at(cls, text: str, line: int, column: int, origin: Origin) -> Word:
        word = cls(text)
        word.line = line
        word.column = column
        word.origin = origin
        return word

    @property
    def end_column(self) -> int:
        return self.column + len(self)

    @property
    def number(self) -> int:
        """The value as an integer; ValueError when it is none."""
        return int(self)

    def place(self, note: str = "") -> Place:
        text = self.origin.text_of(self.line)
        return Place(
            self.origin.path, self.line, self.column, self.line, self.column + len(self), text, Role.CONFIG, note
        )


class Certainty(StrEnum):
    """How sure the attribution of a log line to its negotiation is."""

    CERTAIN = "certain"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Seen(str):
    """A value of a log: a string that knows its line, the text of that line and how surely it belongs here."""

    __slots__ = ("certainty", "line", "origin", "text")
    line: int
    text: str
    origin: Origin
    certainty: Certainty

    if TYPE_CHECKING:  # a Word equals any string of the same text, a Seen too; the type checker must be told
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool: ...

    @classmethod
    def at(cls, value: str, line: int, text: str, origin: Origin, certainty: Certainty = Certainty.CERTAIN) -> Seen:
        seen = cls(value)
        seen.line = line
        seen.text = text
        seen.origin = origin
        seen.certainty = certainty
        return seen

    @property
    def number(self) -> int:
        return int(self)

    def place(self, note: str = "") -> Place:
        """The whole value if it stands in its line, else the whole line. Clock, origin and sequence number before the
        message, and ids before its text, may have the same digits: a number is the last one of its kind."""
        start = -1
        if self:
            start = self._number() if self.isdecimal() else self.text.find(self, self.text.find("IKEv2") + 1)
            start = self.text.find(self) if start < 0 else start
        column, end = (start + 1, start + 1 + len(self)) if start >= 0 else (1, len(self.text) + 1)
        return Place(self.origin.path, self.line, column, self.line, end, self.text, Role.LOG, note)

    def _number(self) -> int:
        """Where the last number stands that is this one as a whole, no part of an address or clock."""
        start = self.text.rfind(self)
        while start >= 0:
            around = self.text[max(start - 1, 0) : start] + self.text[start + len(self) : start + len(self) + 1]
            if not any(one.isdecimal() or one == "." for one in around):
                break
            start = self.text.rfind(self, 0, start + len(self) - 1)
        return start


@fact
class TextFile:
    """A text whose lines are kept: the origin of every configuration word, and of small logs."""

    path: str
    lines: Sequence[str]

    def text_of(self, line: int) -> str:
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""
