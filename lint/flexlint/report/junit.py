"""JUnit XML: one suite for each file, one failed case for each finding, one passed case for a file without any."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from flexlint.finding import Finding
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean, where


def render(report: Report, look: Look) -> Iterator[str]:
    by_path: dict[str, list[Finding]] = {one.path: [] for one in report.inputs}
    for finding in report.findings:
        by_path.setdefault(finding.primary.path if finding.primary else "", []).append(finding)
    failures = sum(1 for finding in report.findings if finding.suppressed is None)
    tests = sum(max(1, len(findings)) for findings in by_path.values())
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="flexlint" tests="{tests}" failures="{failures}">\n'
    for path, findings in by_path.items():
        failed = sum(1 for finding in findings if finding.suppressed is None)
        name = _attribute(path)
        skipped = len(findings) - failed
        counts = f'tests="{max(1, len(findings))}" failures="{failed}" errors="0" skipped="{skipped}"'
        yield f"  <testsuite name={name} {counts}>\n"
        if not findings:
            yield f'    <testcase name="no findings" classname={name}/>\n'
        for finding in findings:
            yield from _case(finding, name)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _case(finding: Finding, classname: str) -> Iterator[str]:
    yield f"    <testcase name={_attribute(f'{finding.rule} {finding.name}')} classname={classname}>\n"
    if finding.suppressed is not None:
        yield f"      <skipped message={_attribute(finding.suppressed)}/>\n"
    else:
        message = _attribute(finding.message)
        body = _text("\n".join((where(finding), *(clean(note) for note in finding.notes))))
        yield f'      <failure message={message} type="{finding.severity}">{body}</failure>\n'
    yield "    </testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(_legal(clean(text)))


def _text(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    """Without what XML 1.0 forbids even as a reference: surrogates and two non-characters."""
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" or c in "\ufffe\uffff" else c for c in text)
