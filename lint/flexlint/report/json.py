"""The report as one JSON document of the published schema `flexlint.report/1` (see `schema.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.schema import document
from flexlint.report.text import clean


def render(report: Report, look: Look) -> Iterator[str]:
    yield json.dumps(cleaned(asdict(document(report))), indent=2, ensure_ascii=True) + "\n"


def cleaned(value: object) -> object:
    """The same value with every text of it masked: whatever a later field holds, no key leaves through it."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: cleaned(one) for key, one in value.items()}
    if isinstance(value, list):
        return [cleaned(one) for one in value]
    return value
