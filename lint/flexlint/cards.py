"""Rule cards: the Markdown files of `rules/`, one per rule.

Comes in: a folder of cards. Goes out: `Card`, with its header, sections and examples. A card is the documentation
page, the text of `flexlint explain`, the help of a SARIF rule, and the test of its check. The folder's listing alone
gives ids and names, so that a run reads only the cards it needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from flexlint.data import folder
from flexlint.finding import Confidence, Severity, Verdict
from flexlint.pattern import pattern

FAMILIES = {
    "SYN": "syntax",
    "REF": "references",
    "CMP": "completeness",
    "CRY": "cryptography",
    "SEL": "selection",
    "AUT": "authentication",
    "AZN": "authorization",
    "TUN": "tunnels",
    "NEG": "negotiation",
    "LOG": "log",
    "SEC": "secrets",
}
SECTIONS = ("What it checks", "Why it matters", "Contradiction", "Consistent", "Fix", "References")

_FENCE = pattern(r"^```(\w+)(?: +(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXPECTED = pattern(r"^Finds: (.+)$", re.MULTILINE)


class BadCard(ValueError):
    """A card that breaks the rules of cards; the message names the file and what to mend."""


class Example(NamedTuple):
    """The files of one example by name (`hub.cfg`, `hub.log`, `spoke.cfg`), and what must be found in them.

    `finds` has one tuple of places (`hub.cfg:8`) for each expected finding, the primary place first."""

    files: dict[str, str]
    finds: tuple[tuple[str, ...], ...]


@dataclass(eq=False, repr=False, match_args=False)
class Card:
    """One card: its file, its id and name as the file name gives them, and what the text says when it is read."""

    path: Path
    id: str
    name: str

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def header(self) -> dict[str, str]:
        """The `key: value` lines between the two `---` lines."""
        parts = self.text.split("---\n", 2)
        if len(parts) != 3 or parts[0].strip():
            raise BadCard(f"{self.path}: a card begins with a header between two '---' lines")
        pairs = (line.partition(":") for line in parts[1].splitlines() if line.strip())
        return {key.strip(): value.strip() for key, _, value in pairs}

    @property
    def family(self) -> str:
        return FAMILIES[self.id[:3]]

    @property
    def severity(self) -> Severity:
        return Severity(self.header["severity"])

    @property
    def confidence(self) -> Confidence:
        return Confidence(self.header["confidence"])

    @property
    def verdict(self) -> Verdict:
        return Verdict(self.header["verdict"])

    @property
    def grade(self) -> str:
        """How sure the behaviour is that the rule rests on: V verified, R recalled, I inferred, ? contested."""
        return self.header["grade"]

    @property
    def absorbs(self) -> frozenset[str]:
        """Rules whose findings at one of the same lines are symptoms of this one and are folded into it."""
        return frozenset(self.header.get("absorbs", "").replace(",", " ").split())

    @property
    def rests_on(self) -> frozenset[str]:
        """The open points of `contested.tsv` on which what the rule says depends."""
        return frozenset(self.header.get("rests-on", "").replace(",", " ").split())

    @property
    def among(self) -> frozenset[str]:
        """Rules that must run for this one to have something to say: it holds back what they find."""
        return frozenset(self.header.get("among", "").replace(",", " ").split())

    @property
    def stops(self) -> bool:
        """Whether a finding of this rule holds back every comparison of the pair (`stops: pair`)."""
        return self.header.get("stops") == "pair"

    @cached_property
    def sections(self) -> dict[str, str]:
        """Heading to text, for the `##` headings."""
        body = self.text.split("---\n", 2)[2]
        parts = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
        return {title.strip(): text.strip() for title, text in zip(parts[1::2], parts[2::2], strict=True)}

    @property
    def summary(self) -> str:
        """The first sentence of "What it checks", on one line."""
        first = self.sections["What it checks"].split("\n\n")[0].replace("\n", " ")
        return re.split(r"(?<=[.])\s+(?=[A-Z`])", first)[0]

    def example(self, title: str) -> Example:
        text = self.sections[title]
        files = {name or f"hub.{'log' if kind == 'log' else 'cfg'}": body for kind, name, body in _FENCE.findall(text)}
        finds = tuple(tuple(re.findall(r"`([^`]+)`", line)) for line in _EXPECTED.findall(text))
        return Example(files, finds)


@cache
def cards() -> dict[str, Card]:
    """All cards by id, in order of id."""
    found = {}
    for path in folder("rules").glob("*/*.md"):
        rule, _, name = path.stem.partition("-")
        found[rule] = Card(path, rule, name)
    return dict(sorted(found.items()))


def by_id_or_name(text: str) -> Card | None:
    """The card with this id (`SEL001`, any case) or name (`unmatched-identity`)."""
    card = cards().get(text.upper())
    return card or next((c for c in cards().values() if c.name == text.lower()), None)
