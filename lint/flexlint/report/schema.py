"""The JSON report, `flexlint.report/1`: its shape as dataclasses, and the JSON Schema made from them.

Comes in: a report. Goes out: `Document`, masked and ready to be written. The schema beside this module,
`flexlint-report-1.schema.json`, is written by `python -m flexlint.report.schema` and printed by `flexlint schema`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flexlint.finding import Finding, Fix
from flexlint.place import Place
from flexlint.report.model import CoverageSummary, InputRead, NegotiationClass, NegotiationSummary, Report, RuleSilence
from flexlint.report.published import json_schema_of
from flexlint.report.text import clean, masked_place

SCHEMA = "flexlint.report/1"
SCHEMA_FILE = Path(__file__).with_name("flexlint-report-1.schema.json")


@dataclass(slots=True)
class Location:
    """A region of a file; lines and columns count from 1, columns in characters, `end_column` is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    role: Literal["config", "log"]
    note: str


@dataclass(slots=True)
class Replacement:
    """Replace lines `first` to `last` (inclusive) of the file by `lines`; `last` below `first` inserts before it."""

    path: str
    first: int
    last: int
    lines: list[str]


@dataclass(slots=True)
class Remedy:
    """How to mend a finding. `safe`: it cannot drop an established session. `proven`: with the edits made, the same
    negotiation was judged again, and nothing was in its way."""

    text: str
    safe: bool
    proven: bool
    edits: list[Replacement]


@dataclass(slots=True)
class Suppression:
    reason: str


@dataclass(slots=True)
class Statement:
    """One finding. `negotiation` is the id of a negotiation of this report, `counterpart` that of the same IKE SA in
    the log of the other end. Each of `alternatives` would do in place of `fix`."""

    rule: str
    name: str
    verdict: Literal["defect", "contradiction", "explanation", "unexplained", "blindspot"]
    severity: Literal["error", "warning", "note"]
    confidence: Literal["high", "medium", "low"]
    message: str
    primary: Location | None
    related: list[Location]
    notes: list[str]
    device: str
    negotiation: int | None
    counterpart: int | None
    peers: list[str]
    occurrences: int
    first_clock: str
    last_clock: str
    fingerprint: str
    fix: Remedy | None
    alternatives: list[Remedy]
    suppressed: Suppression | None


@dataclass(slots=True)
class Document:
    schema: Literal["flexlint.report/1"]
    version: str
    inputs: list[InputRead]
    findings: list[Statement]
    negotiations: list[NegotiationSummary]
    negotiations_total: int
    summary: list[NegotiationClass]
    silences: list[RuleSilence]
    coverage: CoverageSummary
    notices: list[str]


def document(report: Report) -> Document:
    """The report as it is published. Text of files is masked here, for every format that is made from it."""
    from flexlint import __version__

    return Document(
        schema="flexlint.report/1",
        version=__version__,
        inputs=report.inputs,
        findings=[statement(finding) for finding in report.findings],
        negotiations=report.negotiations,
        negotiations_total=report.negotiations_total,
        summary=report.summary(),
        silences=report.silent_rules(),
        coverage=report.coverage,
        notices=[clean(notice) for notice in report.notices],
    )


def statement(finding: Finding) -> Statement:
    return Statement(
        rule=finding.rule,
        name=finding.name,
        verdict=finding.verdict.value,
        severity=(finding.severity or "note"),  # type: ignore[arg-type]
        confidence=(finding.confidence or "low"),  # type: ignore[arg-type]
        message=clean(finding.message),
        primary=_location(finding.primary) if finding.primary else None,
        related=[_location(place) for place in finding.related],
        notes=[clean(note) for note in finding.notes],
        device=clean(finding.device),
        negotiation=finding.negotiation,
        counterpart=finding.counterpart,
        peers=[clean(peer) for peer in sorted(finding.peers)],
        occurrences=finding.occurrences,
        first_clock=finding.first_clock,
        last_clock=finding.last_clock,
        fingerprint=finding.fingerprint,
        fix=_remedy(finding.fix) if finding.fix else None,
        alternatives=[_remedy(one) for one in finding.alternatives],
        suppressed=Suppression(clean(finding.suppressed)) if finding.suppressed is not None else None,
    )


def _location(place: Place) -> Location:
    text, _, _ = masked_place(place)  # the columns stay the file's, for tools that look there
    span = (place.line, place.column, place.end_line, place.end_column)
    return Location(clean(place.path), *span, text, place.role.value, clean(place.note))


def _remedy(fix: Fix) -> Remedy:
    edits = [Replacement(clean(e.path), e.first, e.last, [clean(line) for line in e.lines]) for e in fix.edits]
    return Remedy(clean(fix.text), bool(fix.safety), fix.proven, edits)


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) of `Document`, as the text of the published file."""
    return json_schema_of(Document, SCHEMA)


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json_schema(), encoding="utf-8")
