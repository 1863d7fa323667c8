"""The message catalogue: from the text of a log line to the message it is and the fields it carries.

Comes in: the rows of `grammars/messages.tsv`. Goes out: `match(text, kinds)`, a message id and its fields. A row is
compiled when a text with its beginning is met for the first time, so that a start costs no more than reading the table.
Nothing here knows headers, ids or files.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from flexlint.data import folder, read_table
from flexlint.pattern import pattern

_LONGEST = 2048  # characters of a message that are looked at; beyond it a text is a payload, not a message
_MEMO = 4096
_PREFIXES = (16, 8, 4)
_BLANKS = pattern(r" {2,}")
_PART = pattern(r"\{(\w+)(?::([^}]*))?\}|([‹›])| +")
_PAYLOADS = (
    r"(?:(?:SA|KE|N|VID|IDi|IDr|AUTH|CERT|CERTREQ|CFG|TSi|TSr|DELETE|EAP|ENCR|ENCR_FRAG|SKF|NOTIFY\([^()]{1,60}\))"
    r"(?: +|$))+"
)
_TYPES = {
    "": r"\S+",
    "number": r"\d+",
    "hex": r"(?:0x)?[0-9A-Fa-f]+",
    "text": r".+",
    "payloads": _PAYLOADS,
    "ike_transforms": r"(?=.*DH_GROUP)(?:AES|3DES|DES|SEAL|CHACHA)\S*.*",
    "esp_transforms": r"(?:AES|3DES|DES|SEAL|CHACHA|NULL)\S*.*\bESN",
    "labelled_transforms": r"ENCRYPTION: .+",
    "old_transforms": r"(?!ENCRYPTION:)\S.+",
    "virtual_access": r"Virtual-Access\d\S*",
    "tunnel": r"Tunnel\d\S*",
    "aaa_failure": r"(?i:(?=.*\bAAA\b).*(?:fail|error|reject|invalid).*)",
    "interface_failure": r"(?i:(?=.*(?:virtual.?access|virtual.?template|\bidb\b)).*(?:fail|error|invalid).*)",
}


class Message(NamedTuple):
    """A row of the catalogue. `polarity`: `+` success, `-` failure, `0` neutral, `+/-` by the fields."""

    id: str
    template: str
    kind: str
    match: str
    reads: str
    phase: str
    side: str
    ids: str
    debug: str
    polarity: str
    grade: str
    source: str
    sample: str


class Template:
    """One alternative of one row; its pattern is compiled when it is first tried."""

    __slots__ = ("_compiled", "message", "spots", "text")

    def __init__(self, message: str, text: str) -> None:
        self.message = message
        self.text = text
        self._compiled: re.Pattern[str] | None = None
        self.spots: object = None  # what `marks` remembers of it

    @property
    def pattern(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(_expression(self.text))
        return self._compiled


# A message that a text is, and how it was found: nothing where the row is a fixed text.
Found = tuple[str, Template | None, re.Match[str] | None]


def fields_of(match: re.Match[str] | None) -> dict[str, str]:
    """The fields a text has, without blanks around them."""
    if match is None:
        return {}
    return {name: value.strip() for name, value in match.groupdict().items() if value is not None}


class Catalogue:
    """The rows of some kinds, found by the first characters of a text."""

    def __init__(self, messages: list[Message]) -> None:
        self.fixed: dict[str, str] = {}
        self._by_prefix: dict[str, list[Template]] = {}
        self._open: list[Template] = []
        self._memo: dict[str, tuple[str, dict[str, str]] | None] = {}
        for message in messages:
            if message.match != "reading":
                for text in message.template.split(" // "):
                    self._add(message.id, text)

    def _add(self, message: str, text: str) -> None:
        if text.startswith("‹"):
            head, _, tail = text[1:].partition("›")
            self._add(message, head + tail)
            self._add(message, tail)
            return
        start = text.find("{")
        optional = text.find("‹")
        if start < 0 and optional < 0:
            self.fixed.setdefault(text, message)
            return
        literal = text[: min(p for p in (start, optional) if p >= 0)]
        for length in _PREFIXES:
            if len(literal) >= length:
                self._by_prefix.setdefault(literal[:length], []).append(Template(message, text))
                return
        self._open.append(Template(message, text))

    def match(self, text: str) -> tuple[str, dict[str, str]] | None:
        """The message this text is, with its fields, or None. Runs of blanks count as one."""
        fixed = self.fixed.get(text)
        if fixed is not None:
            return fixed, {}
        memo = self._memo
        if text in memo:
            return memo[text]
        found = self.find(text)
        result = (found[0], fields_of(found[2])) if found is not None else None
        if len(memo) >= _MEMO:
            memo.clear()
        memo[text] = result
        return result

    def find(self, text: str) -> Found | None:
        """The same, with how it was found, for one who remembers it."""
        fixed = self.fixed.get(text)
        return (fixed, None, None) if fixed is not None else self._search(text[:_LONGEST])

    def _search(self, text: str) -> Found | None:
        if "  " in text:  # long runs of blanks would cost the expressions far more than their length
            text = _BLANKS.sub(" ", text)
            if (fixed := self.fixed.get(text)) is not None:
                return fixed, None, None
        for length in _PREFIXES:
            for template in self._by_prefix.get(text[:length], ()):
                if m := template.pattern.fullmatch(text):
                    return template.message, template, m
        squeezed = " ".join(text.split())
        if squeezed != text:
            fixed = self.fixed.get(squeezed)
            return (fixed, None, None) if fixed is not None else self._search(squeezed)
        for template in self._open:
            if m := template.pattern.fullmatch(text):
                return template.message, template, m
        return None


def _expression(text: str) -> str:
    parts: list[str] = []
    at = 0
    for m in _PART.finditer(text):
        parts.append(re.escape(text[at : m.start()]))
        at = m.end()
        name, kind, bracket = m.groups()
        if name:
            expression = _TYPES.get(kind or "")
            parts.append(f"(?P<{name}>{expression or kind})")
        elif bracket:
            parts.append("(?:" if bracket == "‹" else ")?")
        else:
            parts.append(" ")  # a text has its runs of blanks squeezed before it is tried
    parts.append(re.escape(text[at:]))
    return "".join(parts)


@cache
def messages() -> dict[str, Message]:
    """All rows by id."""
    rows = read_table(folder("grammars") / "messages.tsv")
    return {row["id"]: Message(**row) for row in rows}


@cache
def catalogue(group: str) -> Catalogue:
    """The messages after an IKEv2 tag (`tagged`), without one (`continuation`), or of other producers (`other`)."""
    tagged, continued = ("debug", "continuation", "trace"), ("continuation",)
    kinds = {"tagged": tagged, "continuation": continued}.get(group)
    rows = messages().values()
    if kinds is None:
        return Catalogue([m for m in rows if m.kind not in ("debug", "continuation", "trace")])
    return Catalogue([m for m in rows if m.kind in kinds])
