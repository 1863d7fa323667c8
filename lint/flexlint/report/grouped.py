"""Findings under the file they are in, for a reader who mends file by file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from flexlint.mask import visible
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean, closing


def render(report: Report, look: Look) -> Iterator[str]:
    shown = [finding for finding in report.findings if finding.suppressed is None]
    for path, findings in groupby(shown, key=lambda f: f.primary.path if f.primary else ""):
        yield look.paint(f"{visible(path) or 'no file'}:", "bold") + "\n"
        for finding in findings:
            where = f"{finding.primary.line}:{finding.primary.column}" if finding.primary else ""
            label = look.paint(f"{finding.severity}[{finding.rule}]", str(finding.severity))
            yield f"  {where:<9} {label} {clean(finding.message)}\n"
        yield "\n"
    for line in closing(report):
        yield line + "\n"
