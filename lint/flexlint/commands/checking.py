"""`flexlint check`: the user's choices in, jobs run, reports written, the exit status out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flexlint.finding import Confidence, Severity
from flexlint.judging.book import worst
from flexlint.report.formats import CARRY_EDITS, FORMATS, LIST_NEGOTIATIONS, NEED_DETAIL, SHOW_FIXES, render
from flexlint.report.look import Look
from flexlint.report.text import clean
from flexlint.rulebook import Settings, select

if TYPE_CHECKING:
    from flexlint.inputs.jobs import Plan
    from flexlint.report.model import Report
    from flexlint.run import Job, Options


def check(
    paths: Sequence[str],
    logs: Sequence[str],
    peer: str | None,
    peer_logs: Sequence[str],
    find_partner: bool,
    select_: Sequence[str],
    ignore: Sequence[str],
    fail_on: str,
    min_confidence: str,
    assume: Sequence[str],
    release: str | None,
    outputs: Sequence[str],
    statistics: bool,
    explain_silence: str | None,
    diff: bool,
    fix: bool,
    fix_commands: bool,
    unsafe_fixes: bool,
    color: str,
    follow: bool,
    idle: float | None,
    jobs: int | None,
) -> int:
    """Runs the check and writes every output asked for. 0 or 1: whether something is at or above `fail_on`."""
    from flexlint.inputs.jobs import plan
    from flexlint.run import Options

    targets = [_target(text) for text in outputs] or [("full" if sys.stdout.isatty() else "concise", "")]
    options = Options(
        select(select_, ignore),
        Settings(release, assumptions(assume)),
        Confidence(min_confidence),
        detailed=any(name in NEED_DETAIL for name, _ in targets),
        tries_edits=diff or fix or fix_commands or any(name in SHOW_FIXES for name, _ in targets),
        verifies_edits=any(name in CARRY_EDITS for name, _ in targets),
        jobs=jobs or _processors(),
        lists_negotiations=any(name in LIST_NEGOTIATIONS for name, _ in targets),
    )
    if follow:
        from flexlint.commands.following import follow as follow_log

        if peer or peer_logs or diff or fix or fix_commands or len(targets) > 1 or targets[0][1]:
            raise click.UsageError("--follow goes with paths, --log and one format on standard output only")
        return follow_log(paths, logs, options, targets[0][0], wants_colour(color), fail_on, idle)
    if idle is not None:
        raise click.UsageError("--idle goes with --follow")
    silent_rule = _rule(explain_silence) if explain_silence else ""
    planned = plan(paths, logs, peer, peer_logs, find_partner)
    report = _run(planned.jobs, options)
    _tell_strangers(report, planned, strict=not find_partner)
    if diff or fix or fix_commands:
        from flexlint.commands.mending import Wishes, mend

        wishes = Wishes(diff, fix_commands, fix and not diff, unsafe_fixes)
        mend(planned.jobs, report, options.settings, wishes, _write)
    aside = not outputs and (diff or fix_commands)  # what is to be pasted or piped stands alone
    for name, path in targets:
        colour = not path and wants_colour(color)
        _write(render(name, report, Look(colour, Path.cwd().as_posix())), path, to_error=aside)
    if statistics:
        from flexlint.report.text import statistics as counts

        _write((line + "\n" for line in counts(report)), "", to_error=True)
    if silent_rule:
        _write(_silence(report, silent_rule), "", to_error=True)
    if report.unread:
        _write((f"flexlint: {clean(error)}\n" for error in report.unread), "", to_error=True)
        return 2
    found = worst(report.findings)
    return int(fail_on != "never" and found is not None and found.rank >= Severity(fail_on).rank)


def _tell_strangers(report: Report, planned: Plan, strict: bool) -> None:
    """A file the user named must not go unread unsaid; a hook is given whatever has changed."""
    told = [
        f"{one.path}: the log of {one.product}, which is not read"
        if one.product
        else f"{one.path}: neither a configuration nor a log of IKEv2 debugs: not checked"
        for one in planned.strangers
    ]
    (report.unread if strict else report.notices).extend(told)
    report.coverage.files_passed_over = planned.passed_over


def _run(jobs: list[Job], options: Options) -> Report:
    """The run, with a bar for those who wait at a terminal."""
    from flexlint.run import run

    if not sys.stderr.isatty():
        return run(jobs, options)
    from flexlint.progress import Bar

    options.progress = bar = Bar()
    try:
        return run(jobs, options)
    finally:
        bar.close()


def _processors() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _target(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    if name not in FORMATS:
        raise click.UsageError(f"no output format '{name}'; there are {', '.join(FORMATS)}")
    if name == "html" and find_spec("jinja2") is None:
        raise click.UsageError("the html format needs jinja2: pip install 'flexlint[html]'")
    return name, path


def assumptions(texts: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` of `--assume` as a mapping. Raises UsageError for what settles nothing."""
    pairs = [text.partition("=") for text in texts]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise click.UsageError(f"--assume wants NAME=VALUE, not '{name}{equals}{value}'")
        from flexlint.predict.settling import open_points

        if value not in (points := open_points()).get(name, ()):
            known = ", ".join(f"{point}={'|'.join(values)}" for point, values in points.items())
            raise click.UsageError(f"--assume {name}={value} settles nothing; there are {known}")
    return {name: value for name, _, value in pairs}


def _rule(text: str) -> str:
    return min(select([text]))


def wants_colour(choice: str) -> bool:
    """NO_COLOR (no-color.org) and a pipe both mean none, unless `--color always` says otherwise."""
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return choice == "always"


def _silence(report: Report, rule: str) -> Iterator[str]:
    reasons = report.silences.get(rule, {})
    if not reasons:
        spoke = any(finding.rule == rule for finding in report.findings)
        yield f"{rule}: {'spoke in every case' if spoke else 'had nothing to look at in these files'}\n"
    for reason, times in sorted(reasons.items()):
        yield f"{rule}: {reason} ({times:,} times)\n"


def _write(pieces: Iterator[str], path: str, to_error: bool = False) -> None:
    """To standard output, or to a file that appears whole or not at all; what is no file (/dev/null, a pipe) stays."""
    if not path:
        stream = sys.stderr if to_error else sys.stdout
        # Names of files may hold what the terminal's encoding has no letter for.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
        stream.writelines(pieces)
        return
    target = Path(path)
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            out.writelines(pieces)
        return
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            out.writelines(pieces)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
