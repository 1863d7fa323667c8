"""`flexlint trace` and `flexlint predict`: files and addresses in, text on standard output."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import click

from flexlint.report.text import clean
from flexlint.source import InputError, open_blocks, read_input

if TYPE_CHECKING:
    from flexlint.config.model import Address, Device, Method
    from flexlint.predict.model import Identity


def trace(log: str, config: str | None, only_failed: bool, peer: str | None, as_json: bool) -> None:
    """Prints each negotiation of `log` that fits, as it closes. Raises InputError for what cannot be read."""
    from flexlint.log.reader import LogReader
    from flexlint.trace import trace_json, trace_text

    source = read_input(log)
    device = _device(config) if config else None
    negotiations = LogReader(open_blocks(source), log).negotiations()
    if as_json:
        from json import dumps

        from flexlint.report.json import cleaned

        for one in trace_json(negotiations, device, only_failed, peer):
            click.echo(dumps(cleaned(one)))
    else:
        for line in trace_text(negotiations, device, only_failed, peer):
            click.echo(clean(line))


def predict(
    config: str,
    identity: str,
    peer: str | None,
    local: str | None,
    fvrf: str | None,
    role: str,
    method: str | None,
    subject: str | None = None,
) -> None:
    """Prints the chain of choices for a peer. Raises InputError for a value that is none."""
    from flexlint.predict import predict as foresee
    from flexlint.predict.explain import explain
    from flexlint.predict.model import PeerFacts

    device = _device(config)
    certificate = {"subject-name": subject} if subject else None
    facts = PeerFacts(role, _address(peer), _address(local), fvrf, _identity(identity), certificate, _method(method))
    for line in explain(foresee(device, facts)):
        click.echo(clean(line))


def _device(path: str) -> Device:
    from flexlint.config.parse import read_devices
    from flexlint.place import TextFile

    devices = read_devices(TextFile(path, read_input(path).lines))
    if len(devices) > 1:
        routers = ", ".join(one.label for one in devices)
        raise InputError(f"{path}: holds several routers ({routers}); give the configuration of one")
    return devices[0]


def _address(text: str | None) -> Address | None:
    try:
        return ip_address(text) if text else None
    except ValueError:
        raise InputError(f"'{text}' is no IP address") from None


def _identity(text: str) -> Identity:
    from flexlint.config.model import IdentityKind
    from flexlint.predict.model import Identity

    kind, _, value = text.partition(":")
    try:
        known = IdentityKind(kind.lower())
    except ValueError:
        kinds = ", ".join(one.value for one in IdentityKind)
        raise InputError(f"--identity wants TYPE:VALUE with one of the types {kinds}, not '{text}'") from None
    if not value:
        raise InputError(f"--identity {kind} has no value")
    return Identity(known, value)


def _method(text: str | None) -> Method | None:
    from flexlint.config.model import Method

    try:
        return Method({"psk": "pre-share"}.get(text, text)) if text else None
    except ValueError:
        raise InputError(f"'{text}' is no method; there are {', '.join(one.value for one in Method)}") from None
