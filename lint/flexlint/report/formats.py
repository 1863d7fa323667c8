"""The output formats by name, each a module of its own that is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from flexlint.report.look import Look
from flexlint.report.model import Report

FORMATS = {
    "full": "full",
    "concise": "concise",
    "grouped": "grouped",
    "json": "json",
    "json-lines": "json_lines",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "rdjson": "rdjson",
    "markdown": "markdown",
    "html": "html",
}
NEED_DETAIL = frozenset({"sarif", "html"})  # formats that print lines around a finding, or walk a negotiation

CARRY_EDITS = frozenset({"json", "json-lines", "sarif"})  # formats from which other programs make the edits
LIST_NEGOTIATIONS = frozenset({"json"})  # formats that tell of each negotiation
SHOW_FIXES = frozenset({"full", "html"}) | CARRY_EDITS


def render(name: str, report: Report, look: Look) -> Iterator[str]:
    """The report in the format `name`, in pieces. KeyError for a name that is no format."""
    module = import_module(f"flexlint.report.{FORMATS[name]}")
    pieces: Iterator[str] = module.render(report, look)
    return pieces
