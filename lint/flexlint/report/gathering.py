"""The reports of several jobs as one.

Comes in: the report of each job, in order; its negotiations count from 1. Goes out: the first of them with all others
added, as if the jobs had been judged into one report: negotiations counted on, and what a report keeps limited for all
jobs together. Nothing here judges.
"""

from __future__ import annotations

import re

from flexlint.report.model import CoverageSummary, Report

KEPT_NEGOTIATIONS = 10_000  # summaries in one report; beyond it they are only counted
KEPT_CLASSES = 200  # lines of the closing summary
_REPLACED = re.compile(r"(?<=replaced by negotiation )\d+")


def add(total: Report, one: Report) -> None:
    """Takes the report of a job into that of the jobs before it; `one` is not to be used any more."""
    if total.negotiations_total:
        _count_on(one, total.negotiations_total)
    total.inputs.extend(one.inputs)
    total.findings.extend(one.findings)
    total.negotiations.extend(one.negotiations[: KEPT_NEGOTIATIONS - len(total.negotiations)])
    total.negotiations_total += one.negotiations_total
    total.classes_dropped += one.classes_dropped
    for key, found in one.classes.items():
        if (known := total.classes.get(key)) is not None:
            known.times += found.times
        elif len(total.classes) < KEPT_CLASSES:
            total.classes[key] = found
        else:
            total.classes_dropped += found.times
    _cover(total.coverage, one.coverage)
    total.notices.extend(one.notices)
    total.unread.extend(one.unread)
    for rule, reasons in one.silences.items():
        counted = total.silences.setdefault(rule, {})
        for reason, times in reasons.items():
            counted[reason] = counted.get(reason, 0) + times
    total.walks.update(one.walks)
    total.ladders.update(one.ladders)
    total.context.update(one.context)


def _count_on(report: Report, before: int) -> None:
    """Makes the ids of negotiations unique among those of all jobs; so many came before."""
    for finding in report.findings:
        if finding.negotiation is not None:
            finding.negotiation += before
        if finding.counterpart is not None:
            finding.counterpart += before
    for summary in report.negotiations:
        summary.id += before
    report.walks = {number + before: walk for number, walk in report.walks.items()}
    report.ladders = {number + before: ladder for number, ladder in report.ladders.items()}
    for ladder in report.ladders.values():
        ladder.number += before
        ladder.ended = _REPLACED.sub(lambda m: str(int(m[0]) + before), ladder.ended)


def _cover(total: CoverageSummary, one: CoverageSummary) -> None:
    total.log_lines += one.log_lines
    total.ikev2_lines += one.ikev2_lines
    total.recognised += one.recognised
    total.unknown += one.unknown
    total.unknown_shapes.extend(one.unknown_shapes)
    total.config_lines += one.config_lines
    total.config_lines_unparsed += one.config_lines_unparsed
    total.config_lines_out_of_scope += one.config_lines_out_of_scope
    total.debugs_seen = sorted({*total.debugs_seen, *one.debugs_seen})
    total.gaps.extend(one.gaps)
