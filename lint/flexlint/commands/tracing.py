"""`flexlint trace`: a log in, perhaps a configuration, text on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

import click

from flexlint.commands.checking import wants_colour
from flexlint.inputs.source import InputError, open_blocks, read_input
from flexlint.report.text import clean
from flexlint.story.ladder import Line, ladder, listing

TOLD = 8  # negotiations that are told one by one without being asked for; more are listed
LISTED = 2_000  # lines of the list after many ladders

if TYPE_CHECKING:
    from flexlint.config.model import Device
    from flexlint.log.model import Negotiation


def trace(
    log: str,
    config: str | None,
    only_failed: bool,
    peer: str | None,
    numbers: Sequence[int],
    as_json: bool,
    color: str,
) -> None:
    """Prints the negotiations of `log` that fit: a few as ladders and then a list of them, many as a list alone.

    With a configuration, each is a ladder beside the lines it used, however many. Raises InputError for what cannot be
    read."""
    from flexlint.log.reader import LogReader
    from flexlint.story.trace import wanted

    source = read_input(log)
    device = device_of(config) if config else None
    found = (
        one
        for one in LogReader(open_blocks(source), log).negotiations()
        if wanted(one, only_failed, peer) and (not numbers or one.id in numbers)
    )
    if as_json:
        _print_json(found, device)
        return
    show = _printer(color)
    first = list(islice(found, TOLD + 1))
    if not first:
        show(iter([Line("no negotiation that was asked for", "note")]))
    elif device is None and not numbers and len(first) > TOLD:
        show(listing(chain(first, found)))
    else:
        show(_ladders(chain(first, found), device))


def _ladders(negotiations: Iterable[Negotiation], device: Device | None) -> Iterator[Line]:
    """Each as soon as it is over, and a list of them where there are several."""
    entries: list[Line] = []
    for one in negotiations:
        yield from ladder(one, device)
        yield Line("")
        if len(entries) <= LISTED:
            entries += list(listing([one]))[bool(entries) :]
    if len(entries) > 2:
        yield from entries
    if len(entries) > LISTED:
        yield Line("... and more", "note")


def _print_json(negotiations: Iterable[Negotiation], device: Device | None) -> None:
    from dataclasses import asdict
    from json import dumps

    from flexlint.report.json import cleaned
    from flexlint.report.trace_schema import record

    for one in negotiations:
        click.echo(dumps(cleaned(asdict(record(one, device)))))


def _printer(color: str) -> Callable[[Iterator[Line]], None]:
    """Prints lines: in colours on a terminal, plain in a pipe."""
    if not wants_colour(color):

        def plain(lines: Iterator[Line]) -> None:
            for line in lines:
                click.echo(clean(line.text))

        return plain
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, highlight=False, soft_wrap=True)
    styles = {"head": "bold", "good": "green", "bad": "bold red", "dim": "dim", "note": "cyan", "plain": ""}

    def coloured(lines: Iterator[Line]) -> None:
        for line in lines:
            console.print(Text(clean(line.text), styles[line.ink]))

    return coloured


def device_of(path: str) -> Device:
    """The one router of a configuration. Raises InputError when there are several."""
    from flexlint.config.parse import read_devices
    from flexlint.place import TextFile

    devices = read_devices(TextFile(path, read_input(path).lines))
    if len(devices) > 1:
        routers = ", ".join(one.label for one in devices)
        raise InputError(f"{path}: holds several routers ({routers}); give the configuration of one")
    return devices[0]
