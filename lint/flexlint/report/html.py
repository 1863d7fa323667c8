"""The report as one HTML page: findings with the lines of each file beside each other, and ladders of negotiations.

Comes in: a report with its contexts and ladders. Goes out: a page that needs nothing else: no network, no script to be
read, no font. Its policy forbids everything but its own style and script, by their hashes. All text of files is masked
here and escaped by the template.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from flexlint import __version__
from flexlint.cards import cards
from flexlint.finding import Edit, Finding, Severity
from flexlint.place import Place, Role
from flexlint.report.look import Look
from flexlint.report.model import Ladder, Report
from flexlint.report.text import clean, count_line, masked_place, seen_times

_HERE = Path(__file__).parent
OPEN = 6  # findings up to which details are unfolded from the start

Part = tuple[str, bool]  # text, and whether it is what the finding is about


@dataclass(slots=True)
class _Line:
    number: int
    parts: list[Part]
    notes: list[str] = field(default_factory=list)
    is_cited: bool = False


@dataclass(slots=True)
class _Excerpt:
    """The lines of one file that a finding cites, with their neighbours where the file's are known."""

    path: str
    role: str
    is_primary: bool
    lines: dict[int, _Line] = field(default_factory=dict)

    @property
    def ordered(self) -> list[_Line | None]:
        """The lines in order; None stands for lines left out."""
        shown: list[_Line | None] = []
        last = None
        for number in sorted(self.lines):
            if last is not None and number != last + 1:
                shown.append(None)
            shown.append(self.lines[number])
            last = number
        return shown


def render(report: Report, look: Look) -> Iterator[str]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["clean"] = clean
    environment.filters["words"] = _words
    style, script = ((_HERE / f"page.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    page = environment.get_template("page.html")
    yield page.render(style=style, script=script, policy=policy, **_view(report)) + "\n"


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def _view(report: Report) -> dict[str, Any]:
    told = [f for f in report.findings if f.suppressed is None]
    return {
        "version": __version__,
        "summary": count_line(report),
        "counts": [(str(s), report.count(s)) for s in Severity if report.count(s)],
        "verdicts": sorted({f.verdict.value for f in told}),
        "report": report,
        "findings": [_finding(f, report) for f in told],
        "suppressed": [f for f in report.findings if f.suppressed is not None],
        "unfolded": len(told) <= OPEN,
    }


def _finding(finding: Finding, report: Report) -> dict[str, Any]:
    card = cards()[finding.rule]
    numbers = dict.fromkeys(n for n in (finding.negotiation, finding.counterpart) if n in report.ladders)
    ladders = [report.ladders[number] for number in numbers if number is not None]
    fixes = [one for one in (finding.fix, *finding.alternatives) if one is not None]
    return {
        "it": finding,
        "excerpts": list(_excerpts(finding, report)),
        "seen": seen_times(finding),
        "fixes": [(one.text, list(_difference(one.edits, report))) for one in fixes],
        "ladders": [_marked(ladder, finding) for ladder in ladders],
        "checks": card.sections["What it checks"],
        "why": card.sections["Why it matters"],
        "grade": card.grade,
    }


def _excerpts(finding: Finding, report: Report) -> Iterator[_Excerpt]:
    """One for each file, configurations before logs, the primary place's file first."""
    places = [p for p in (finding.primary, *finding.related) if p is not None]
    files: dict[str, _Excerpt] = {}
    for place in places:
        excerpt = files.setdefault(place.path, _Excerpt(place.path, place.role.value, place is finding.primary))
        _put(excerpt, place, report.context.get((place.path, place.line), ()))
    yield from sorted(files.values(), key=lambda one: one.role != Role.CONFIG)


def _put(excerpt: _Excerpt, place: Place, around: tuple[str, ...]) -> None:
    first = max(1, place.line - 2)
    for number, text in enumerate(around, first):
        excerpt.lines.setdefault(number, _Line(number, [(clean(text), False)]))
    text, start, end = masked_place(place)
    known = excerpt.lines.get(place.line)
    if known is None or not known.is_cited:
        parts = [(text[: start - 1], False), (text[start - 1 : end - 1], True), (text[end - 1 :], False)]
        known = excerpt.lines[place.line] = _Line(place.line, [p for p in parts if p[0]], is_cited=True)
    if place.note and (note := clean(place.note)) not in known.notes:
        known.notes.append(note)


def _difference(edits: Iterable[Edit], report: Report) -> Iterator[tuple[str, str]]:
    """What an edit takes out and puts in, as far as the lines are known: (`-`, `+` or file, text)."""
    path = ""
    for edit in edits:
        if edit.path != path:
            path = edit.path
            yield "file", clean(path)
        for number in range(edit.first, edit.last + 1):
            around = report.context.get((edit.path, number))
            if around is not None:
                yield "-", clean(around[number - max(1, number - 2)])
        for line in edit.lines:
            yield "+", clean(line)


@dataclass(slots=True)
class _Marked:
    """A ladder and the lines of it that the finding cites."""

    ladder: Ladder
    cited: frozenset[int]


def _marked(ladder: Ladder, finding: Finding) -> _Marked:
    places = (p for p in (finding.primary, *finding.related) if p is not None and p.path == ladder.path)
    return _Marked(ladder, frozenset(p.line for p in places))


def _words(text: str) -> list[Part]:
    """A sentence of a card: what stands between backticks is code."""
    return [(part, number % 2 == 1) for number, part in enumerate(" ".join(text.split()).split("`")) if part]
