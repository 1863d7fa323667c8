"""`flexlint predict`: a configuration and what a peer presents in, the chain of choices on standard output."""

from __future__ import annotations

from ipaddress import ip_address

import click

from flexlint.commands.tracing import device_of
from flexlint.config.model import Address, Device, IdentityKind, Method
from flexlint.inputs.source import InputError
from flexlint.predict import predict as foresee
from flexlint.predict.explain import explain
from flexlint.predict.model import Identity, PeerFacts, Prediction
from flexlint.report.text import clean


def predict(
    config: str,
    identity: str | None,
    peer: str | None,
    local: str | None,
    fvrf: str | None,
    role: str,
    method: str | None,
    subject: str | None,
    assumptions: dict[str, str],
    as_json: bool,
) -> None:
    """Prints what the configuration would choose. Raises InputError for a value that is none."""
    if identity is None and subject is None and role == "responder":
        raise InputError("a responder chooses by what the peer sends: give --identity TYPE:VALUE, or --cert-dn")
    device = device_of(config)
    certificate = {"subject-name": subject} if subject else None
    known = _identity(identity) if identity else Identity(IdentityKind.DN, subject) if subject else None
    facts = PeerFacts(role, _address(peer), _address(local), fvrf, known, certificate, _method(method))
    prediction = foresee(device, facts, assumptions)
    if as_json:
        click.echo(_json(device, prediction, assumptions))
    else:
        for line in explain(prediction):
            click.echo(clean(line))


def _json(device: Device, prediction: Prediction, assumptions: dict[str, str]) -> str:
    from pydantic import TypeAdapter

    from flexlint.report.prediction import Document, document

    return TypeAdapter(Document).dump_json(document(device, prediction, assumptions), indent=2).decode()


def _address(text: str | None) -> Address | None:
    try:
        return ip_address(text) if text else None
    except ValueError:
        raise InputError(f"'{text}' is no IP address") from None


def _identity(text: str) -> Identity:
    kind, _, value = text.partition(":")
    try:
        known = IdentityKind(kind.lower())
    except ValueError:
        kinds = ", ".join(one.value for one in IdentityKind)
        raise InputError(f"--identity wants TYPE:VALUE with one of the types {kinds}, not '{text}'") from None
    if not value:
        raise InputError(f"--identity {kind} has no value")
    return Identity(known, value)


# Short names of methods, beside those of the configuration.
_METHODS = {
    "psk": "pre-share",
    "cert": "rsa-sig",
    "rsa": "rsa-sig",
    "ecdsa": "ecdsa-sig",
    "anyconnect": "anyconnect-eap",
}


def _method(text: str | None) -> Method | None:
    try:
        return Method(_METHODS.get(text, text)) if text else None
    except ValueError:
        raise InputError(f"'{text}' is no method; there are {', '.join(one.value for one in Method)}") from None
