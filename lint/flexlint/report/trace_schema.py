"""The JSON of `flexlint trace`, `flexlint.trace/1`: its shape as dataclasses, and the JSON Schema made from them.

Comes in: a negotiation. Goes out: `TraceRecord`, ready to be masked and written, one a line. The schema beside this
module, `flexlint-trace-1.schema.json`, is written by `python -m flexlint.report.trace_schema` and printed by
`flexlint schema trace`. Pydantic is imported only there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flexlint.log.diagnosis import diagnose
from flexlint.report.model import NegotiationSummary
from flexlint.report.published import json_schema_of
from flexlint.report.summary import summarize
from flexlint.story.trace import At, rows

if TYPE_CHECKING:
    from flexlint.config.model import Device
    from flexlint.log.model import Negotiation

SCHEMA = "flexlint.trace/1"
SCHEMA_FILE = Path(__file__).with_name("flexlint-trace-1.schema.json")


@dataclass(slots=True)
class ConfigLine:
    """A line of the configuration that accounts for a step."""

    path: str
    line: int
    text: str


@dataclass(slots=True)
class TimelineRow:
    """A step: a packet with its payloads, or a line. `arrow` is `-->` for what this router sent, `<--` for what it
    received. `mark` is `~` where the line belongs to this negotiation probably, `?` where it may be another's."""

    path: str
    line: int
    clock: str
    elapsed: float | None  # seconds since the row before; null without clocks
    phase: str
    arrow: Literal["-->", "<--", ""]
    text: str
    polarity: Literal["+", "-", "0"]
    mark: Literal["", "~", "?"]
    message: str  # id in the message catalogue
    config: list[ConfigLine]


@dataclass(slots=True)
class Verdict:
    """What a failed negotiation is called. `decided`: whether the log alone decides it."""

    scenario: str
    say: str
    look: str
    decided: bool


@dataclass(slots=True)
class TraceRecord(NegotiationSummary):
    """One negotiation."""

    schema: Literal["flexlint.trace/1"]
    diagnosis: Verdict | None
    deleted_by: Literal["peer", "router", ""]
    operator_action: str
    replaced_by: int | None
    nat: str  # the line that says so
    behind_nat: Literal["router", "peer", "both", ""]
    retransmits: int
    timeline: list[TimelineRow]
    steps_dropped: int
    ambiguities: list[str]


def record(n: Negotiation, device: Device | None = None, at: At | None = None) -> TraceRecord:
    """A negotiation as it is published; texts are not masked yet. `at` is the file and line of a line of the log."""
    at = at or (lambda line: (n.origin.path, line))
    summary = summarize(n, n.origin.path)
    summary.path, summary.first_line = at(n.first_line)
    summary.last_line = at(n.last_line)[1]
    found = diagnose(n)
    steps = [
        TimelineRow(
            *at(row.line), row.clock, row.elapsed, row.phase, row.arrow, row.text,  # type: ignore[arg-type]
            row.polarity, row.mark.strip(), row.message,  # type: ignore[arg-type]
            [ConfigLine(place.path, place.line, place.text.strip()) for place in row.config],
        )
        for row in rows(n, device)
    ]  # fmt: skip
    deleted: dict[bool | None, Literal["peer", "router", ""]] = {True: "peer", False: "router", None: ""}
    return TraceRecord(
        **asdict(summary),
        schema="flexlint.trace/1",
        diagnosis=Verdict(found.scenario.name, found.say, found.look, found.decided) if found is not None else None,
        deleted_by=deleted[n.deleted_by_peer],
        operator_action=str(n.operator_action or ""),
        replaced_by=n.replaced_by,
        nat=str(n.nat or ""),
        behind_nat=str(n.behind_nat or "") if n.nat_found else "",  # type: ignore[arg-type]
        retransmits=n.retransmits,
        timeline=steps,
        steps_dropped=n.steps_dropped,
        ambiguities=list(n.ambiguities),
    )


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) of `TraceRecord`, as the text of the published file."""
    return json_schema_of(TraceRecord, SCHEMA)


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json_schema(), encoding="utf-8")
