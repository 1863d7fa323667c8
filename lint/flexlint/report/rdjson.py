"""Reviewdog's diagnostic format (rdjson), which comments on changes in any code host."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flexlint.finding import Finding
from flexlint.place import Place
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report, look: Look) -> Iterator[str]:
    diagnostics = [
        _diagnostic(finding, finding.primary)
        for finding in report.findings
        if finding.suppressed is None and finding.primary
    ]
    document = {"source": {"name": "flexlint"}, "severity": "WARNING", "diagnostics": diagnostics}
    yield json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def _diagnostic(finding: Finding, place: Place) -> dict[str, object]:
    return {
        "message": clean(finding.message),
        "location": _location(place),
        "severity": _SEVERITIES[str(finding.severity)],
        "code": {"value": finding.rule},
        "relatedLocations": [
            {"message": clean(related.note) or "see", "location": _location(related)} for related in finding.related
        ],
    }


def _location(place: Place) -> dict[str, object]:
    start = {"line": place.line, "column": place.column}
    end = {"line": place.end_line, "column": place.end_column}
    return {"path": clean(place.path), "range": {"start": start, "end": end}}
