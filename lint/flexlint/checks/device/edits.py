"""Changes of lines that mend a finding: a word exchanged, a line rewritten, added to a stanza, or taken out.

Comes in: words, lines and stanzas of a device. Goes out: edits, as a list that is empty where the file does not keep
its lines as they are read (a terminal session with prompts, say), so that nothing is offered there.
"""

from __future__ import annotations

from collections.abc import Collection

from flexlint.checks.device.wording import LOOKALIKE, probably_meant
from flexlint.config.model import Line, LineKind, Stanza
from flexlint.finding import Edit
from flexlint.place import TextFile, Word

_CLOSES = frozenset({"exit", "quit", "end", "exit-address-family"})


def exchanged(word: Word, text: str) -> list[Edit]:
    """`text` where `word` stands."""
    if not isinstance(word.origin, TextFile):
        return []
    line = word.origin.text_of(word.line)
    start = word.column - 1
    if line[start : start + len(word)] != word:
        return []
    return [Edit(word.origin.path, word.line, word.line, (line[:start] + text + line[start + len(word) :],))]


def _as_it_stands(line: Line) -> str | None:
    """The indentation of the line in its file; None where the file has more before it than blanks."""
    raw = line.origin.text_of(line.number)
    indent = raw[: line.column - 1]
    return indent if raw.strip() == line.text and not indent.strip() else None


def rewritten(line: Line, *texts: str) -> list[Edit]:
    """Other commands where the line stands, with its indentation."""
    indent = _as_it_stands(line)
    if indent is None or " !" in line.text:  # a remark behind a command, which IOS has not
        return []
    return [Edit(line.origin.path, line.number, line.number, tuple(indent + text for text in texts))]


def removed(line: Line) -> list[Edit]:
    """Without the line. One that has others below it is not taken out: their mode would be lost."""
    return rewritten(line) if not line.children else []


def added(stanza: Stanza, *texts: str) -> list[Edit]:
    """More commands at the end of a stanza, indented as its others are; `texts` may be indented further by blanks."""
    head = (stanza.headers or [stanza.line])[-1]
    commands = [line for line in head.children if line.kind is LineKind.COMMAND and line.text not in _CLOSES]
    first, last = (commands[0], _last(commands[-1])) if commands else (head, head.number)
    indent = _as_it_stands(first)
    if indent is None or stanza.implicit:
        return []
    indent += "" if commands else " "
    return [Edit(head.origin.path, last + 1, last, tuple(indent + text for text in texts))]


def before(line: Line, *texts: str) -> list[Edit]:
    """Commands put in front of a line, with its indentation."""
    indent = _as_it_stands(line)
    if indent is None:
        return []
    return [Edit(line.origin.path, line.number, line.number - 1, tuple(indent + text for text in texts))]


def _last(line: Line) -> int:
    """The number of the last line that is the line itself or stands below it."""
    while below := [child for child in line.children if child.kind is LineKind.COMMAND]:
        line = below[-1]
    return line.number


def renamed(name: Word, known: Collection[str], named: Collection[str]) -> list[Edit]:
    """The name that was meant in place of an undefined one, where there is no doubt: the two differ in case, in `-` and
    `_` or in letters that look alike; or in a letter or two that are no digits, and nothing else names the other."""
    near = probably_meant(name, known)
    if near is None:
        return []
    if _folded(name) == _folded(near):
        return exchanged(name, near)
    is_slip = letters_apart(name.lower(), near.lower()) <= SLIP and _digits(name) == _digits(near)
    return exchanged(name, near) if is_slip and near not in named else []


SLIP = 2  # letters that a hand gets wrong in one word


def letters_apart(one: str, other: str) -> int:
    """How many letters were left out, put in, changed, or swapped with their neighbour; more than SLIP is SLIP + 1."""
    if abs(len(one) - len(other)) > SLIP:
        return SLIP + 1
    earlier: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, its in enumerate(other, 1):
            cost = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != its))
            if row > 1 < column and letter == other[column - 2] and one[row - 2] == its:
                cost = min(cost, earlier[column - 2] + 1)
            here.append(cost)
        earlier, above = above, here
    return min(above[-1], SLIP + 1)


def _folded(name: str) -> str:
    return name.lower().translate(LOOKALIKE)


def _digits(name: str) -> list[str]:
    return [letter for letter in name if letter.isdigit()]
