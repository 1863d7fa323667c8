"""GitLab's Code Quality report: a subset of the Code Climate specification."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report, look: Look) -> Iterator[str]:
    issues = [
        {
            "description": clean(finding.message),
            "check_name": finding.name,
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[str(finding.severity)],
            "location": {"path": clean(finding.primary.path), "lines": {"begin": finding.primary.line}},
        }
        for finding in report.findings
        if finding.suppressed is None and finding.primary
    ]
    yield json.dumps(issues, indent=2, ensure_ascii=True) + "\n"
