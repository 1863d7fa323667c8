"""`flexlint check --follow`: a log that grows in, findings on standard output as they are made, the exit status out."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from flexlint.finding import Finding, Severity
from flexlint.inputs.source import read_input
from flexlint.inputs.tail import Tail
from flexlint.judging.book import worst
from flexlint.judging.follow import SILENT, Follower
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import closing

if TYPE_CHECKING:
    from flexlint.config.model import Device
    from flexlint.run import Options

WAIT = 0.2  # seconds between two looks at a file that does not grow
FORMATS = ("full", "concise", "json-lines")


def follow(
    paths: Sequence[str],
    logs: Sequence[str],
    options: Options,
    output: str,
    colour: bool,
    fail_on: str,
    idle: float | None,
) -> int:
    """Follows one log until it ends or Ctrl-C. 0 or 1: whether something is at or above `fail_on`. `idle` is in
    seconds, see `SILENT`.

    Raises InputError for what cannot be read, UsageError where it is not clear what to follow."""
    if output not in FORMATS:
        raise click.UsageError(f"--follow writes {', '.join(FORMATS)}, not {output}")
    log, device = _chosen(paths, logs)
    ended = False

    def stop(signal_number: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    def wait() -> bool:
        if not ended:
            time.sleep(WAIT)
        return not ended

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        look = Look(colour, Path.cwd().as_posix())
        tail = Tail(log, wait, lambda: not ended)
        report = Follower(tail, device, options, time.monotonic, idle or SILENT).run(_writer(output, look))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if output != "json-lines":
        for line in closing(report):
            _say(line)
    found = worst(report.findings)
    return int(fail_on != "never" and found is not None and found.rank >= Severity(fail_on).rank)


def _chosen(paths: Sequence[str], logs: Sequence[str]) -> tuple[str, Device | None]:
    """The log to follow and the configuration of its router. Standard input and pipes are not read here: they may
    not end."""
    followed, configs = list(logs), []
    for path in paths:
        one = None if path == "-" or Path(path).is_fifo() else read_input(path)
        if one is not None and one.kind == "config":
            configs.append(one)
        else:
            followed.append(path)
    if len(followed) != 1 or len(configs) > 1:
        raise click.UsageError(
            f"--follow wants one log, and at most one configuration: there are {len(followed)} and {len(configs)}"
        )
    if not configs:
        return followed[0], None
    from flexlint.config.parse import read_device
    from flexlint.place import TextFile

    return followed[0], read_device(TextFile(configs[0].path, configs[0].lines))


def _writer(output: str, look: Look) -> Callable[[Finding], None]:
    from flexlint.report.formats import render

    def tell(finding: Finding) -> None:
        if output == "full":
            from flexlint.report.full import draw

            for line in draw(finding, look):
                _say(line)
            _say("")
        elif output == "concise":
            from flexlint.report.concise import line_of

            _say(line_of(finding))
        else:
            report = Report()
            report.findings = [finding]
            for piece in render(output, report, look):
                _say(piece.rstrip("\n"))

    return tell


def _say(line: str) -> None:
    """A line at once: whoever reads it may be waiting."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
