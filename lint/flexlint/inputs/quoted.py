"""What stands around every line of a text that was quoted, listed or marked up: `> ` of a mail, `| ` of a table, the
line's number, quotation marks of a list, `<br>` of a page.

Comes in: the first bytes of a file. Goes out: the marks, and the text with blanks in their place, so that lines and
columns stay what they are. Nothing here knows what a line means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from flexlint.pattern import pattern

LINES = 60  # that are looked at
LEAST = 3  # lines that must have a mark
LONGEST = 4 * 1024 * 1024  # bytes without the end of a line that are kept
# Each with what its line begins or ends with, blanks aside: most files have none of it, and compile no expression.
_BEFORE = (
    (b">", rb"^[ \t]{0,3}>{1,3}(?: |(?=\r?$))"),
    (b"|", rb"^\|(?: |(?=\r?$))"),
    ((b"-", b"+"), rb"^[-+] "),
    (b"**", rb"^\*\*"),
    (b"\xe2\x98\x85", rb"^\xe2\x98\x85 "),
    (b'"', rb'^"'),
)
_BEHIND = (
    (b">", rb"<br ?/?>(?=[ \t]{0,8}\r?$)"),
    (b"\\", rb"\\(?=\r?$)"),
    (b"**", rb"\*\*(?=[ \t]{0,8}\r?$)"),
    (b"\xe2\x98\x85", rb" \xe2\x98\x85(?=\r?$)"),
    ((b'"', b'",'), rb'",?(?=\r?$)'),
)
# A sequence number of IOS (`000123: `) is part of the record: a listing begins with 1, or has another sign behind it.
_NUMBER = rb"^[ \t]{0,8}(\d{1,6})(?:[.:|)](?=[ \t\r\n]|$)|(?=\t))"
_FIRST = pattern(_NUMBER, re.MULTILINE)


class Marks(NamedTuple):
    """What is taken off each line. Numbers have no fixed width: taken off, they leave lines indented by chance."""

    expression: re.Pattern[bytes]
    numbers: bool


def marks_of(head: bytes) -> Marks | None:
    """What stands around every line of a text; None where nothing does."""
    lines = head[:16_384].split(b"\n")[:LINES]
    said = [line for line in lines[: -1 if len(lines) < LINES else None] if line.strip()]
    if len(said) < LEAST:
        return None
    numbered = _are_numbered(said)
    found = [_NUMBER] if numbered else []
    first = said[0].strip()
    for forms, has in ((_BEFORE, first.startswith), (_BEHIND, first.endswith)):
        found += [form for mark, form in forms if has(mark) and all(re.search(form, line) for line in said)][:1]
    return Marks(re.compile(b"|".join(found), re.MULTILINE), numbered) if found else None


def _are_numbered(lines: list[bytes]) -> bool:
    if not lines[0].strip()[:1].isdigit():
        return False
    found = [match for line in lines if (match := _FIRST.match(line)) is not None]
    numbers = [int(one[1]) for one in found]
    if (
        len(found) < len(lines)
        or found[0][1].startswith(b"0")
        or any(after != before + 1 for before, after in pairwise(numbers))
    ):
        return False
    return numbers[0] == 1 or all(one[0][-1:] != b":" for one in found)


def blanked(text: bytes, marks: Marks) -> bytes:
    """The text with blanks where the marks were."""
    return marks.expression.sub(lambda found: b" " * len(found[0]), text)


def without_marks(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks of a text, blanks in place of what stands around every line."""
    first = next(blocks, b"")
    marks = marks_of(first)
    if marks is None:
        yield first
        yield from blocks
        return
    rest = first
    for block in blocks:
        whole, newline, tail = rest.rpartition(b"\n") if len(rest) < LONGEST else (rest, b"", b"")
        yield blanked(whole + newline, marks)
        rest = tail + block
    yield blanked(rest, marks)
