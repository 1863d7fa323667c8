"""Findings brought together: symptoms into their cause, what belongs to another time held back.

Comes in: findings of one run of the rulebook. Goes out: those that are left. Nothing here looks into a configuration or
a log.
"""

from __future__ import annotations

from flexlint.cards import cards
from flexlint.finding import Finding


def fold(findings: list[Finding]) -> list[Finding]:
    """Takes out findings that another one absorbs at the same place, seen from the same peers or none. What they cite
    of files that the cause does not cite goes over to it: a log that denies what both configurations say."""
    gone: set[int] = set()
    for cause in findings:
        absorbs = cards()[cause.rule].absorbs
        if not absorbs:
            continue
        lines = {(p.path, p.line) for p in (cause.primary, *cause.related) if p is not None}
        for symptom in findings:
            also_elsewhere = cause.peers and symptom.peers - cause.peers
            if symptom.rule not in absorbs or symptom.primary is None or also_elsewhere:
                continue
            if (symptom.primary.path, symptom.primary.line) in lines:
                gone.add(id(symptom))
                lend(symptom, cause)
    return [f for f in findings if id(f) not in gone]


def lend(finding: Finding, cause: Finding) -> None:
    """Gives the lines of a finding that says no more than an earlier one to that one."""
    known = {(p.path, p.line) for p in (cause.primary, *cause.related) if p is not None}
    paths = {path for path, _ in known}
    for place in (finding.primary, *finding.related):
        if place is not None and place.path not in paths and (place.path, place.line) not in known:
            cause.related.append(place)
    cause.counterpart = cause.counterpart or finding.counterpart


def order(finding: Finding) -> tuple[str, int, int, str, str]:
    """By file, line, column, rule."""
    place = finding.primary
    where = (place.path, place.line, place.column) if place else ("", 0, 0)
    return (*where, finding.rule, finding.fingerprint)
