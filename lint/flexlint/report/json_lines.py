"""One JSON object a line for each finding, of the shape that `findings` has in the JSON report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from flexlint.report.json import cleaned
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.schema import statement


def render(report: Report, look: Look) -> Iterator[str]:
    for finding in report.findings:
        yield json.dumps(cleaned(asdict(statement(finding))), ensure_ascii=True) + "\n"
