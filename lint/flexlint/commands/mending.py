"""`flexlint check --diff`, `--fix` and `--fix-commands`: the fixes of a run made, shown, or told as commands.

Comes in: the jobs of a run and its report. Goes out: pieces of text handed to a writer, and files changed. Which fixes
hold is decided in `fixing.py`; nothing here knows what a fix is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flexlint.config.parse import read_devices
from flexlint.finding import Finding
from flexlint.fixes import fixing
from flexlint.fixes.editing import commands
from flexlint.inputs.source import Input, InputError
from flexlint.place import TextFile
from flexlint.report.model import Report
from flexlint.report.text import clean
from flexlint.rulebook import Settings, select
from flexlint.run import Job, Options, run

Tell = Callable[[Iterator[str], str, bool], None]  # pieces, a path or nothing, whether to standard error


@dataclass(slots=True)
class Wishes:
    """What is to be done with the fixes: shown as a difference or as commands, written to the files."""

    diff: bool
    commands: bool
    write: bool
    unsafe: bool


def mend(jobs: Sequence[Job], report: Report, settings: Settings, wishes: Wishes, tell: Tell) -> None:
    """Makes the fixes that hold, job by job; what is mended in a file is no longer reported."""
    wanted = {f.fingerprint: f for f in report.findings if f.fix and f.fix.edits and f.suppressed is None}
    concerned = {edit.path for one in wanted.values() if one.fix for edit in one.fix.edits}
    gone: set[str] = set()
    for job in jobs:
        inputs = [one for one in (job.config, job.peer) if one is not None and one.kind == "config"]
        if not concerned & {one.path for one in inputs}:
            continue
        texts = {one.path: list(one.lines) for one in inputs}
        proven = [f for f in wanted.values() if f.fix and f.fix.proven and all(e.path in texts for e in f.fix.edits)]
        mended = fixing.mend(texts, wanted, wishes.unsafe, partial(_judged_again, job, settings), proven)
        for path, before in texts.items():
            after = mended.texts[path]
            if after == before:
                continue
            if wishes.diff:
                tell(fixing.difference(path, before, after), "", False)
            if wishes.commands:
                tell(_commands(path, before, after), "", False)
            if wishes.write and path != "-":
                try:
                    fixing.write(path, before, after)
                except (InputError, OSError) as error:
                    report.unread.append(str(error))
                    continue
                gone |= mended.gone
                tell(iter([f"fixed {clean(path)}\n"]), "", True)
    report.findings = [one for one in report.findings if one.fingerprint not in gone]


def _judged_again(job: Job, settings: Settings, texts: Mapping[str, Sequence[str]]) -> list[Finding]:
    """What every rule finds in the configurations of the job, with these lines."""
    config, peer = (
        Input(one.path, one.kind, texts[one.path]) if one is not None and one.path in texts else None
        for one in (job.config, job.peer)
    )
    return run([Job(config, (), peer)], Options(select(), settings)).findings


def _commands(path: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    old, new = (read_devices(TextFile(path, lines)) for lines in (before, after))
    for one, other in zip(old, new, strict=False):  # a paste may hold several routers
        told = [clean(command) + "\n" for command in commands(one, other)]
        router = f", {clean(one.label)}" if len(old) > 1 else ""
        yield from ([f"! {clean(path)}{router}\n", *told] if told else [])
