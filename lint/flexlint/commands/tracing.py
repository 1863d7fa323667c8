"""`flexlint trace`: logs in, perhaps a configuration, text on standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import click

from flexlint.commands.checking import wants_colour
from flexlint.inputs.jobs import joined
from flexlint.inputs.rotated import Spread
from flexlint.inputs.source import Input, InputError, read_input
from flexlint.report.text import clean
from flexlint.story.ladder import Line, ladder, listing

TOLD = 8  # negotiations that are told one by one without being asked for; more are listed
LISTED = 2_000  # lines of the list after many ladders

if TYPE_CHECKING:
    from flexlint.config.model import Device
    from flexlint.log.model import Negotiation


class Told(NamedTuple):
    """A negotiation, the log it is in, and the configuration of its router where that was given."""

    negotiation: Negotiation
    log: Spread
    device: Device | None


def trace(
    paths: Sequence[str], only_failed: bool, peer: str | None, numbers: Sequence[int], as_json: bool, color: str
) -> int:
    """Prints the negotiations of the logs that fit: a few as ladders and then a list of them, many as a list alone. The
    status: 2 where a log could not be read to its end.

    With a configuration, each is a ladder beside the lines it used, however many. Raises InputError for what cannot be
    read at all."""
    from flexlint.story.trace import wanted

    logs, device = _chosen(paths)
    spreads = [Spread(log) for log in logs]
    found = (
        one
        for one in _negotiations(spreads, device)
        if wanted(one.negotiation, only_failed, peer) and (not numbers or one.negotiation.id in numbers)
    )
    if as_json:
        _print_json(found)
    else:
        _print(found, bool(device), bool(numbers), _printer(color))
    faults = [fault for spread in spreads for fault in spread.faults]
    for fault in faults:
        click.echo(f"flexlint: {clean(fault)}", err=True)
    return 2 if faults else 0


def _chosen(paths: Sequence[str]) -> tuple[list[Input], Device | None]:
    """The logs among the files, rotated ones as one, and the router of the one configuration."""
    logs: list[Input] = []
    devices: list[Device] = []
    for path in paths:
        one = read_input(path)
        if one.kind == "binary":
            raise InputError(f"{path}: a binary file, not a log")
        if one.kind == "config":
            devices.append(_router(one))
        else:
            logs.append(one)
    if not logs:
        raise InputError(f"{paths[0]}: a configuration, not a log")
    if len(devices) > 1:
        raise InputError(f"{devices[1].source.path}: trace takes one configuration, there are {len(devices)}")
    return joined(logs), next(iter(devices), None) or _router_beside(logs)


def _router_beside(logs: Sequence[Input]) -> Device | None:
    """The one router whose configuration stands in one text with the one log."""
    if len(logs) != 1 or not logs[0].lines:
        return None
    from flexlint.config.parse import read_devices
    from flexlint.place import TextFile

    devices = read_devices(TextFile(logs[0].path, logs[0].lines))
    return devices[0] if len(devices) == 1 else None


def _negotiations(spreads: Sequence[Spread], device: Device | None) -> Iterator[Told]:
    """Those of all logs, numbered on."""
    from flexlint.judging.belonging import of_other_router
    from flexlint.log.reader import LogReader

    offset = 0
    for spread in spreads:
        reader = LogReader(spread.blocks(), spread.path)
        count = 0
        for n in reader.negotiations():
            count += 1
            n.count_on(offset)
            foreign = device is not None and of_other_router(n.device, reader.coverage, device)
            yield Told(n, spread, None if foreign else device)
        offset += count


def _print(found: Iterator[Told], with_config: bool, chosen: bool, show: Callable[[Iterator[Line]], None]) -> None:
    first = list(islice(found, TOLD + 1))
    if not first:
        show(iter([Line("no negotiation that was asked for", "note")]))
    elif not with_config and not chosen and len(first) > TOLD:
        show(listing((one.negotiation, one.log.at) for one in chain(first, found)))
    else:
        if len(first) <= TOLD:  # all there are: in the order in which they began
            first.sort(key=lambda one: one.negotiation.id)
        show(_ladders(chain(first, found)))


def _ladders(found: Iterable[Told]) -> Iterator[Line]:
    """Each as soon as it is over, and a list of them where there are several."""
    heads: list[Line] = []
    entries: list[tuple[int, Line]] = []
    more = False
    for one in found:
        yield from ladder(one.negotiation, one.device, at=one.log.at)
        yield Line("")
        more = len(entries) >= LISTED
        if not more:
            *heading, entry = listing([(one.negotiation, one.log.at)], headed=not heads)
            heads += heading
            entries.append((one.negotiation.id, entry))
    if len(entries) > 1:
        yield from heads
        yield from (entry for _, entry in sorted(entries))
    if more:
        yield Line("... and more", "note")


def _print_json(found: Iterable[Told]) -> None:
    from dataclasses import asdict
    from json import dumps

    from flexlint.report.json import cleaned
    from flexlint.report.trace_schema import record

    for one in found:
        click.echo(dumps(cleaned(asdict(record(one.negotiation, one.device, one.log.at)))))


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
    return _router(read_input(path))


def _router(config: Input) -> Device:
    from flexlint.config.parse import read_devices
    from flexlint.place import TextFile

    devices = read_devices(TextFile(config.path, config.lines))
    if len(devices) > 1:
        routers = ", ".join(one.label for one in devices)
        raise InputError(f"{config.path}: holds several routers ({routers}); give the configuration of one")
    return devices[0]
