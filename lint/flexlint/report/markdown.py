"""A Markdown table, for a comment on a change or the summary page of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean, count_line, negotiation_lines, where


def render(report: Report, look: Look) -> Iterator[str]:
    yield f"## flexlint: {count_line(report)}\n\n"
    shown = [finding for finding in report.findings if finding.suppressed is None]
    if shown:
        yield "| where | rule | finding | times |\n| --- | --- | --- | ---: |\n"
    for finding in shown:
        severity, rule = finding.severity, f"{finding.rule} {finding.name}"
        yield f"| {_cell(where(finding))} | {severity} {_cell(rule)} | {_cell(clean(finding.message))} "
        yield f"| {finding.occurrences} |\n"
    lines = list(negotiation_lines(report))
    if lines:
        yield "\n### Negotiations\n\n"
    for line in lines:
        yield f"- {_cell(line)}\n"


def _cell(text: str) -> str:
    """Text of a file is hostile: whatever Markdown or HTML would read as markup is shown instead."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#!|~@])", r"\\\1", text)
