"""Configurations that lost their line ends: a stanza, or a whole router, on one line.

Comes in: the text of one line. Goes out: the commands in it, each with its 0-based column. Two shapes are known: pieces
that stand between `!`, `|` or `;`, and a header with its sub-commands one after the other. A line is only taken apart
where each piece is a command: a slip in a line of its own stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from flexlint.config.stanzas import SUBCOMMANDS, stanza_of
from flexlint.pattern import pattern

LONGEST = 20_000  # characters; a longer line is no configuration that somebody flattened by hand
_SEPARATOR = pattern(r"(?:^| )[!|;](?= |$)|(?<=[^ ]);(?= |$)")
_WORD = pattern(r"\S+")
_GLOBAL = ("aaa ", "hostname ", "version ", "crypto ", "ip ", "ipv6 ", "access-list ", "no ", "service ")
MOST = 400  # words of one stanza: the search for its commands is quadratic in them


class Piece(NamedTuple):
    """A command in a line: where it begins, and its text."""

    column: int
    text: str


def separated(text: str) -> list[Piece]:
    """The commands between separators; empty when the line is not such a one. It must begin with a header or another
    command of the top level, and one of its pieces must be a header or a command of that stanza."""
    kind = stanza_of(text[:200])
    if not (kind or text.startswith(_GLOBAL)) or len(text) > LONGEST:
        return []
    pieces: list[Piece] = []
    start = 0
    for found in [*_SEPARATOR.finditer(text), None]:
        end = found.start() if found else len(text)
        if piece := text[start:end].strip():
            pieces.append(Piece(start + len(text[start:end]) - len(text[start:end].lstrip()), piece))
        if found:
            start = found.end()
    own = SUBCOMMANDS.get(kind, frozenset()) | (SUBCOMMANDS["peer"] if kind == "keyring" else frozenset())
    if any(stanza_of(piece.text) or piece.text.split(None, 1)[0].lower() in own for piece in pieces[1:]):
        return pieces
    return []


def unglued(kind: str, text: str, accepts: Callable[[str, str], bool]) -> list[tuple[str, Piece]]:
    """The sub-commands that follow each other in a text, each with the kind of stanza it is read in; empty when the
    text is not made of them. `accepts(kind, text)` says whether a text is one command of that stanza."""
    words = list(_WORD.finditer(text[:LONGEST]))
    if not words or len(words) > MOST or len(text) > LONGEST:
        return []
    kinds = ("peer", "keyring") if kind == "keyring" else (kind,)
    first_words = frozenset().union(*(SUBCOMMANDS.get(one, frozenset()) for one in kinds)) | {"no"}
    begins = [word.start() for word in words if word[0].lower() in first_words]
    if not begins or begins[0] != words[0].start():
        return []
    ends = [*begins[1:], len(text)]
    # From the back: what the text from each beginning on can be read as, its first command as short as it can be.
    rest: dict[int, list[tuple[str, Piece]] | None] = {len(text): []}
    for n in range(len(begins) - 1, -1, -1):
        start = begins[n]
        rest[start] = None
        for end in ends[n:]:
            following = rest[end]
            if following is None:
                continue
            piece = text[start:end].rstrip()
            of = next((one for one in kinds if accepts(one, piece)), None)
            if of is not None:
                rest[start] = [(of, Piece(start, piece)), *following]
                break
    return rest[begins[0]] or []
