"""`flexlint trace`: a log in, perhaps a configuration, text on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flexlint.report.text import clean
from flexlint.source import InputError, open_blocks, read_input

if TYPE_CHECKING:
    from flexlint.config.model import Device


def trace(log: str, config: str | None, only_failed: bool, peer: str | None, as_json: bool) -> None:
    """Prints each negotiation of `log` that fits, as it closes. Raises InputError for what cannot be read."""
    from flexlint.log.reader import LogReader
    from flexlint.trace import trace_json, trace_text

    source = read_input(log)
    device = device_of(config) if config else None
    negotiations = LogReader(open_blocks(source), log).negotiations()
    if as_json:
        from json import dumps

        from flexlint.report.json import cleaned

        for one in trace_json(negotiations, device, only_failed, peer):
            click.echo(dumps(cleaned(one)))
    else:
        for line in trace_text(negotiations, device, only_failed, peer):
            click.echo(clean(line))


def device_of(path: str) -> Device:
    """The one router of a configuration. Raises InputError when there are several."""
    from flexlint.config.parse import read_devices
    from flexlint.place import TextFile

    devices = read_devices(TextFile(path, read_input(path).lines))
    if len(devices) > 1:
        routers = ", ".join(one.label for one in devices)
        raise InputError(f"{path}: holds several routers ({routers}); give the configuration of one")
    return devices[0]
