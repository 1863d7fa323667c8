"""One command line to what it says: a word lexer and an LALR driver over the tables that `compile.py` makes.

Comes in: the text of a line and the kind of stanza it stands in. Goes out: `Command`, the name of the grammar's
alternative with every word of the line, or `Mismatch`, the word that does not fit and what was expected there. A word
is taken whole: `keyring localab` is an error, never `keyring local` and a rest. What a command means is not known here.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from typing import NamedTuple

from flexlint.data import folder
from flexlint.pattern import pattern

LONGEST_LINE = 8_192  # characters; IOS takes a few hundred


class Piece(NamedTuple):
    """One word of a line: the terminal it was taken as, its text, its 0-based column in the text of the line.

    For a keyword `terminal` is empty and `text` the whole keyword, however it was abbreviated."""

    terminal: str
    text: str
    column: int


class Command(NamedTuple):
    """A line the grammar accepts."""

    kind: str
    pieces: tuple[Piece, ...]

    def has(self, keyword: str) -> bool:
        return any(not p.terminal and p.text == keyword for p in self.pieces)

    def after(self, keyword: str) -> Piece | None:
        """The value that follows a keyword."""
        for piece, following in zip(self.pieces, self.pieces[1:], strict=False):
            if not piece.terminal and piece.text == keyword and following.terminal:
                return following
        return None

    @property
    def values(self) -> list[Piece]:
        return [p for p in self.pieces if p.terminal]


class Mismatch(NamedTuple):
    """A line the grammar does not accept: the word at `column` (0-based; empty at the end), and what fits there."""

    word: str
    column: int
    stack: tuple[int, ...]  # states of the automaton at that place; empty for a line that is too long to be read

    @property
    def expected(self) -> tuple[str, ...]:
        """What fits there; worked out when it is asked for, since most lines of a file are not ours to report."""
        return _expected(self.stack)[0] if self.stack else (f"a line of at most {LONGEST_LINE:,} characters",)

    @property
    def suggestion(self) -> str:
        """The keyword that was probably meant, or empty."""
        return _near(self.word, _expected(self.stack)[1]) if self.stack else ""


class _State(NamedTuple):
    actions: dict[str, int]
    keywords: dict[str, str]  # text to terminal
    exact: tuple[tuple[str, re.Pattern[str]], ...]  # kinds of values that a word fits or not, in order of preference
    free: str  # NAME or TEXT, where anything may stand
    best: str  # the first kind of value in that order; empty where only keywords may stand


class _Tables(NamedTuple):
    states: list[dict[str, int]]
    rules: list[tuple[str, int, str]]
    starts: dict[str, int]
    ends: dict[str, int]
    keywords: dict[str, str]  # terminal to text


# The value terminals, the most exact first; patterns as in grammars/common.lark, anchored.
_CLASSES: tuple[tuple[str, str], ...] = (
    ("ENC", r"[0-9]"),
    ("INT", r"[0-9]+"),
    ("IPV4", r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"),
    ("NET6", r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/[0-9]{1,3}"),
    ("IPV6", r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"),
    ("IFNAME", r"[A-Za-z][A-Za-z-]*[0-9][0-9/.:]*"),
    ("IFTYPE", r"[A-Za-z][A-Za-z-]*"),
    ("IFNUM", r"[0-9][0-9/.:]*"),
    ("NAME", r"\S+"),
    ("TEXT", r".+"),
    ("HOLE", r"(?!)"),  # only ever a placeholder
)
_SHOWN = {
    "ENC": "0-9",
    "INT": "number",
    "IPV4": "IPv4 address",
    "NET6": "IPv6 prefix",
    "IPV6": "IPv6 address",
    "IFNAME": "interface",
    "IFTYPE": "interface",
    "IFNUM": "number",
    "NAME": "name",
    "TEXT": "text",
    "$END": "end of line",
}
# What templates and redaction leave in place of a value fits every value.
PLACEHOLDER = pattern(
    r"<[^<>]{1,60}>|\{\{.{0,80}?\}\}|\$\{.{0,60}?\}|\$\(.{0,60}?\)|\[[A-Z_ ]{2,40}\]"
    r"|(?=[\d.]{0,12}X)[\dX]{1,3}(?:\.[\dX]{1,3}){3}|\*{3,}|\$[A-Z_]\w*|\"[^\"]{1,60}\"",
    re.IGNORECASE,
)
_WORD = pattern(r"\S+")
_WORD_OF_TEMPLATE = pattern(r"(?:\{\{[^{}]{0,80}\}\}|\S)+")  # `br-{{ number }}.example.com` is one word
_BEGINS_PLACEHOLDER = frozenset('<{$[*"xX0123456789')


@cache
def _tables() -> _Tables:
    raw = json.loads((folder("grammars") / "tables.json").read_text(encoding="utf-8"))
    rules = [(symbol, length, kind) for symbol, length, kind in raw["rules"]]
    return _Tables(raw["states"], rules, raw["starts"], raw["ends"], raw["keywords"])


@cache
def _compiled() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(pattern) for name, pattern in _CLASSES}


_states: dict[int, _State] = {}  # those that were needed so far; most of a grammar never is


def _state(number: int) -> _State:
    if (known := _states.get(number)) is not None:
        return known
    tables = _tables()
    actions = tables.states[number]
    keywords = {tables.keywords[t]: t for t in actions if t in tables.keywords}
    patterns = _compiled()
    exact = tuple((name, patterns[name]) for name, _ in _CLASSES if name in actions and name not in ("NAME", "TEXT"))
    made = _states[number] = _State(
        actions,
        keywords,
        exact,
        "NAME" if "NAME" in actions else "TEXT" if "TEXT" in actions else "",
        next((name for name, _ in _CLASSES if name in actions), ""),
    )
    return made


def parse(stanza: str, text: str) -> Command | Mismatch:
    """Reads one command line of a stanza; `stanza` is a start symbol of the grammar."""
    tables = _tables()
    if not text.isascii():
        text = text.replace("\xa0", " ")
    rules, end = tables.rules, tables.ends[stanza]
    stack = [tables.starts[stanza]]
    pieces: list[Piece] = []
    kind = ""
    position, size = 0, len(text)
    search = (_WORD_OF_TEMPLATE if "{{" in text else _WORD).search
    while True:
        found = search(text, position) if position < size else None
        state = _states.get(stack[-1]) or _state(stack[-1])
        if found is None:
            position, terminal, piece = size, "$END", None
        else:
            position, word = found.start(), found[0]
            if (keyword := state.keywords.get(word)) is not None:
                terminal, piece, behind = keyword, Piece("", word, position), found.end()
            elif (taken := _take(state, text, found)) is not None:
                terminal, piece, behind = taken
            else:
                return _mismatch(stack, text, position)
        while True:
            action = state.actions.get(terminal)
            if action is None:
                return _mismatch(stack, text, position)
            if action >= 0:
                stack.append(action)
                break
            symbol, length, alias = rules[-action - 1]
            if length:
                del stack[-length:]
            if alias:
                kind = alias
            stack.append(tables.states[stack[-1]][symbol])
            if terminal == "$END" and stack[-1] == end:
                return Command(kind, tuple(pieces))
            state = _states.get(stack[-1]) or _state(stack[-1])
        if piece is None:
            return Command(kind, tuple(pieces))
        pieces.append(piece)
        position = behind


@cache
def openings(stanza: str) -> frozenset[str]:
    """Every word, whole or abbreviated, with which a command of a stanza may begin, where only keywords may."""
    state = _state(_tables().starts[stanza])
    return frozenset(word[:length] for word in state.keywords for length in range(1, len(word) + 1))


def refused(text: str) -> Mismatch:
    """A line that is too long to be read: its first word stands for it."""
    return Mismatch(text[:60].split(" ", 1)[0], 0, ())


def _take(state: _State, text: str, found: re.Match[str]) -> tuple[str, Piece, int] | None:
    """The terminal for a word, tried as keyword, exact value, abbreviated keyword, name, rest of the line; its piece;
    and where the line goes on."""
    word, position, end = found[0], found.start(), found.end()
    lowered = word.lower()
    if (terminal := state.keywords.get(lowered)) is not None:
        return terminal, Piece("", lowered, position), end
    for name, look in state.exact:
        if not look.fullmatch(word):
            continue
        if name == "ENC" and not _WORD.search(text, end):
            continue  # a key of one digit, not a type without a key
        if name == "IFTYPE" and (not (after := _WORD.search(text, end)) or after[0][0] not in "0123456789{<$"):
            continue
        return name, Piece(name, word, position), end
    free = state.free
    if not free:
        near = [keyword for keyword in state.keywords if keyword.startswith(lowered)]
        if len(near) == 1:
            return state.keywords[near[0]], Piece("", near[0], position), end
    if state.best and (hole := _hole(text, found)):
        if free == "TEXT":
            return "TEXT", Piece("TEXT", hole, position), len(text)
        return free or state.best, Piece("PLACEHOLDER", hole, position), position + len(hole)
    if free == "NAME":
        if word[0] == '"' and (close := text.find('"', position + 1)) > 0:
            return "NAME", Piece("PLACEHOLDER", text[position : close + 1], position), close + 1
        return "NAME", Piece("NAME", word, position), end
    if free:
        return "TEXT", Piece("TEXT", text[position:].rstrip(), position), len(text)
    return None


def _hole(text: str, found: re.Match[str]) -> str:
    """What stands for a value at this word: a placeholder that ends with it or later, or a word with one inside."""
    word = found[0]
    if word[0] in _BEGINS_PLACEHOLDER:
        placeholder = PLACEHOLDER.match(text, found.start())
        if placeholder and placeholder.end() >= found.end():
            return placeholder[0]
    return word if "{{" in word or "${" in word else ""


def _mismatch(stack: list[int], text: str, position: int) -> Mismatch:
    found = _WORD.match(text, position)
    word = found[0] if found else ""
    return Mismatch(word, position, tuple(stack))


def _expected(stack: tuple[int, ...]) -> tuple[tuple[str, ...], list[str]]:
    """What may stand next, by trying each terminal: an automaton's row alone promises more than can be shifted."""
    tables = _tables()
    shown: set[str] = set()
    keywords: list[str] = []
    for terminal in tables.states[stack[-1]]:
        if (terminal == "$END" or terminal.isupper() or terminal in tables.keywords) and _shifts(stack, terminal):
            if terminal in tables.keywords:
                keywords.append(tables.keywords[terminal])
                shown.add(tables.keywords[terminal])
            elif terminal != "HOLE":
                shown.add(_SHOWN.get(terminal, terminal))
    return tuple(sorted(shown)), keywords


def _shifts(states: tuple[int, ...], terminal: str) -> bool:
    tables = _tables()
    stack = list(states)
    while True:
        action = tables.states[stack[-1]].get(terminal)
        if action is None:
            return False
        if action >= 0:
            return True
        symbol, length, _ = tables.rules[-action - 1]
        if length:
            del stack[-length:]
        stack.append(tables.states[stack[-1]][symbol])
        if terminal == "$END" and stack[-1] in tables.ends.values():
            return True


# A value of each kind, to complete a line with.
_SAMPLES = {"INT": "1", "ENC": "0", "IPV4": "0.0.0.0", "NET6": "::/0", "IPV6": "::", "IFNAME": "Null0", "IFNUM": "0"}


@lru_cache(maxsize=256)
def completions(stanza: str, text: str) -> tuple[Command, ...]:
    """For a line that stops too early, as `no dpd` may: one command of each kind of which it is the beginning, with
    made-up values for the words that are missing (four at most). Empty for a line that is wrong before its end."""
    tables = _tables()
    stack, pieces = [tables.starts[stanza]], []
    for found in _WORD.finditer(text):
        taken = _take(_state(stack[-1]), text, found)
        if taken is None or not _shift(stack, taken[0]):
            return ()
        pieces.append(taken[1])
    commands: dict[str, Command] = {}
    waiting = [(stack, tuple(pieces))]
    for _ in range(_LONGEST_COMPLETION):
        longer = []
        for stack, said in waiting:
            for terminal in tables.states[stack[-1]]:
                if terminal != "$END" and not terminal.isupper() and terminal not in tables.keywords:
                    continue  # the row also says where a rule leads once it is read
                if terminal == "$END":
                    if kind := _end(stack, tables.ends[stanza]):
                        commands.setdefault(kind, Command(kind, said))
                elif _shift(after := stack[:], terminal):
                    keyword = tables.keywords.get(terminal)
                    value = Piece("", keyword, len(text)) if keyword else Piece(terminal, "x", len(text))
                    value = value._replace(text=_SAMPLES.get(terminal, value.text))
                    longer.append((after, (*said, value)))
        waiting = longer[:500]
    return tuple(commands.values())


_LONGEST_COMPLETION = 5  # words, and the end of the line


def _shift(stack: list[int], terminal: str) -> bool:
    """Puts a terminal on the stack, with the reductions before it; False when it does not fit."""
    tables = _tables()
    while True:
        action = tables.states[stack[-1]].get(terminal)
        if action is None:
            return False
        if action >= 0:
            stack.append(action)
            return True
        symbol, length, _ = tables.rules[-action - 1]
        if length:
            del stack[-length:]
        stack.append(tables.states[stack[-1]][symbol])


def _end(stack: list[int], end: int) -> str:
    """The kind of the command when the line ends here; empty when it may not."""
    tables, stack, kind = _tables(), stack[:], ""
    while (action := tables.states[stack[-1]].get("$END")) is not None and action < 0:
        symbol, length, alias = tables.rules[-action - 1]
        if length:
            del stack[-length:]
        kind = alias or kind
        stack.append(tables.states[stack[-1]][symbol])
        if stack[-1] == end:
            return kind
    return ""


def _near(word: str, keywords: list[str]) -> str:
    if not word:
        return ""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower()[:60], keywords, n=1, cutoff=0.7)), "")
