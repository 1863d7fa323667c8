"""One line for each finding, `path:line:column: severity[RULE] message`, as compilers and editors read it."""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.finding import Finding
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean, closing, where


def line_of(finding: Finding) -> str:
    """One finding, without a line end."""
    times = f" ({finding.occurrences:,} times)" if finding.occurrences > 1 else ""
    return f"{where(finding)}: {finding.severity}[{finding.rule}] {clean(finding.message)}{times}"


def render(report: Report, look: Look) -> Iterator[str]:
    for finding in report.findings:
        if finding.suppressed is None:
            yield line_of(finding) + "\n"
    for line in closing(report):
        yield line + "\n"
