"""What every text format shares: cleaning of text that came from a file, the line of a place, the closing summary.

Comes in: findings, places, counts. Goes out: single lines, masked and with control characters made visible. Nothing
here decides what is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.finding import Finding, Severity
from flexlint.mask import mask, mask_columns, visible
from flexlint.place import Place
from flexlint.report.model import Report


def clean(text: str) -> str:
    """Text fit to be printed: keys masked, control characters shown instead of sent, on one line."""
    return visible(mask(text))


def where(finding: Finding) -> str:
    """`path:line:column` of the primary place; `-` when a finding has none."""
    place = finding.primary
    return f"{visible(place.path)}:{place.line}:{place.column}" if place else "-"


def masked_place(place: Place) -> tuple[str, int, int]:
    """The line of a place as it is shown, with the columns (1-based, end exclusive) at which its region stands there.

    They differ from the file's where a key before it is masked, or a control character takes more room."""
    end = place.end_column if place.end_line == place.line else len(place.text) + 1
    text, start, end = mask_columns(place.text, place.column, end)
    first = len(visible(text[: start - 1])) + 1
    return visible(text), first, first + len(visible(text[start - 1 : end - 1]))


def plural(count: int, noun: str, several: str = "") -> str:
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"


def seen_times(finding: Finding) -> str:
    """`seen 14 times from 2 peers, first 03:58:03.402, last 04:11:27.090`; empty for a single occurrence."""
    if finding.occurrences < 2:
        return ""
    text = f"seen {finding.occurrences:,} times"
    if len(finding.peers) > 1:
        text += f" from {len(finding.peers):,} peers"
    if finding.first_clock and finding.last_clock != finding.first_clock:
        text += f", first {finding.first_clock}, last {finding.last_clock}"
    return clean(text)


def negotiation_lines(report: Report) -> Iterator[str]:
    """One line for each class of negotiations: peer, identity, outcome, cause, how many."""
    for one in report.summary():
        who = f"peer {one.peer or 'unknown'}" + (f" ({one.identity})" if one.identity else "")
        times = f", {one.times:,} times" if one.times > 1 else ""
        cause = f": {one.cause}" if one.cause else ""
        rules = f" [{', '.join(one.rules)}]" if one.rules else ""
        yield clean(f"{one.path}:{one.line}: {who} {one.outcome}{times}{cause}{rules}")
    if report.classes_dropped:
        yield f"... and {plural(report.classes_dropped, 'more negotiation')} of other peers"


def count_line(report: Report) -> str:
    """`2 errors, 1 warning in 1 configuration and 1 log (14 negotiations)`."""
    found = [plural(n, severity.value) for severity in Severity if (n := report.count(severity))]
    text = ", ".join(found) or "nothing found"
    if report.suppressed:
        text += f" ({report.suppressed:,} suppressed)"
    configs = sum(1 for one in report.inputs if one.kind == "config")
    logs = sum(1 for one in report.inputs if one.kind == "log")
    read = [plural(configs, "configuration")] if configs else []
    if logs:
        read.append(f"{plural(logs, 'log')} ({plural(report.negotiations_total, 'negotiation')})")
    return f"{text} in {' and '.join(read) or 'no files'}"


def closing(report: Report) -> Iterator[str]:
    """What follows the findings in the formats for people: how negotiations went, notices, the count."""
    yield from negotiation_lines(report)
    for notice in report.notices:
        yield f"note: {clean(notice)}"
    yield count_line(report)


def _read_counts(report: Report) -> Iterator[str]:
    """How much was read and how much of it was understood."""
    coverage = report.coverage
    if coverage.config_lines:
        yield f"{coverage.config_lines:>7,}  lines of configurations"
        yield f"{coverage.config_lines_out_of_scope:>7,}  of them commands outside of IKEv2"
        yield f"{coverage.config_lines_unparsed:>7,}  of them not understood"
    if coverage.log_lines:
        yield f"{coverage.log_lines:>7,}  lines of logs"
        yield f"{coverage.ikev2_lines:>7,}  of them IKEv2 debugs"
        yield f"{coverage.unknown:>7,}  of those not known"
    if coverage.files_passed_over:
        yield f"{coverage.files_passed_over:>7,}  files passed over: neither configurations nor logs"


def statistics(report: Report) -> Iterator[str]:
    """What was read, and how often each rule spoke, the most frequent first."""
    counts: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        if finding.suppressed is None:
            key = (finding.rule, finding.name)
            counts[key] = counts.get(key, 0) + finding.occurrences
    yield from _read_counts(report)
    for (rule, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>7,}  {rule}  {name}"
