"""Runs flexlint over a case, in this process, and holds what it says against the expectations."""

from __future__ import annotations

from authoring.case import Case, Expected, Verdict, find, find_all
from flexlint.finding import Finding, Severity
from flexlint.inputs.source import Input, split_lines
from flexlint.mask import mask
from flexlint.place import Role
from flexlint.report.model import Report
from flexlint.rulebook import select
from flexlint.run import Job, Options, run


def report_on(files: dict[str, str]) -> Report:
    """What `flexlint check` says of these files: router.cfg with router.log, peer.cfg with peer.log."""
    made = {name: _input(name, text) for name, text in files.items()}
    logs = tuple(i for n, i in made.items() if n.endswith(".log") and not n.startswith("peer"))
    peer_logs = tuple(i for n, i in made.items() if n.endswith(".log") and n.startswith("peer"))
    job = Job(made.get("router.cfg"), logs, made.get("peer.cfg"), peer_logs)
    return run([job], Options(select()))


def _input(name: str, text: str) -> Input:
    if name.endswith(".log"):
        return Input(name, "log", started=text.encode(), rest=iter(()))
    return Input(name, "config", split_lines(text))


def judge(case: Case) -> Verdict:
    """Whether every expected finding is there, on its line, with its verdict; and what else was said."""
    report = report_on(case.files)
    out = Verdict(case)
    left = list(report.findings)
    for expected in case.finds:
        hit = _best(left, expected, case)
        out.found.append(hit is not None)
        out.located.append(hit is not None and _misplaced(hit, expected, case) is None)
        out.judged.append(hit is not None and (not expected.verdict or hit.verdict == expected.verdict))
        if hit is None:
            out.remarks.append(f"not found: {'/'.join(expected.rules)} at {' or '.join(expected.at)}")
            continue
        left.remove(hit)
        if (remark := _misplaced(hit, expected, case)) is not None:
            out.remarks.append(f"{hit.rule}: {remark}")
        if expected.verdict and hit.verdict != expected.verdict:
            out.remarks.append(f"{hit.rule}: verdict {hit.verdict}, expected {expected.verdict}")
    for finding in report.findings:
        if mask(finding.message) != finding.message:
            out.false.append(f"{finding.rule} hides its own words: {mask(finding.message)}")
    for finding in left:
        if finding.rule not in case.allows and (
            finding.severity is not Severity.NOTE or finding.negotiation is not None
        ):
            place = finding.primary
            where = f"{place.path}:{place.line}" if place else "?"
            out.false.append(f"{finding.rule} {finding.severity} {where}: {finding.message}")
    if case.outcomes:
        seen = tuple(str(n.outcome) for n in report.negotiations)
        if seen != case.outcomes:
            out.remarks.append(f"outcomes {seen}, expected {case.outcomes}")
    return out


def _best(findings: list[Finding], expected: Expected, case: Case) -> Finding | None:
    hits = [f for f in findings if f.rule in expected.rules]
    return min(hits, key=lambda f: _misplaced(f, expected, case) is not None, default=None)


def _misplaced(finding: Finding, expected: Expected, case: Case) -> str | None:
    """What is wrong with where a finding points or what it says; None when nothing is."""
    right = {place for one in expected.at for place in _places(one, expected.file, case)}
    place = finding.primary
    if place is None or (place.path, place.line) not in right:
        return f"at {place.path if place else '?'}:{place.line if place else 0}, expected {sorted(right)}"
    if expected.log:
        logs = [name for name in case.files if name.endswith(".log")]
        wanted = {(name, line) for name in logs for line in find_all(case.files[name], expected.log)}
        cited = {(p.path, p.line) for p in (place, *finding.related) if p.role is Role.LOG}
        if not wanted & cited:
            return f"cites {sorted(cited)}, expected one of {sorted(wanted)}"
    notes = [p.note for p in (place, *finding.related)]
    words = " ".join([finding.message, *finding.notes, *notes, finding.fix.text if finding.fix else ""])
    absent = [text for text in expected.says if text not in words]
    return f"does not say {absent}: {words}" if absent else None


def _places(marker: str, file: str, case: Case) -> list[tuple[str, int]]:
    """The file and lines that a marker names; one with `FILE: ` before it is of that file."""
    head, colon, rest = marker.partition(": ")
    if colon and head in case.files:
        file, marker = head, rest
    text = case.files[file]
    return [(file, line) for line in (find_all(text, marker) if file.endswith(".log") else [find(text, marker)])]
