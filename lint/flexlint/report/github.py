"""Workflow commands of GitHub Actions, which annotate the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report, look: Look) -> Iterator[str]:
    for finding in report.findings:
        place = finding.primary
        if finding.suppressed is not None or place is None:
            continue
        properties = {
            "file": clean(place.path),
            "line": place.line,
            "col": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
            "title": f"{finding.rule} {finding.name}",
        }
        told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
        yield f"::{_LEVELS[str(finding.severity)]} {told}::{_data(clean(finding.message))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
