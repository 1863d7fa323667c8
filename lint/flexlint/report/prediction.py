"""The JSON of `flexlint predict`, `flexlint.prediction/1`: its shape as dataclasses, and what fills them.

Comes in: a prediction. Goes out: `Document`, masked. The file `flexlint-prediction-1.schema.json` is its JSON Schema,
written by `python -m flexlint.report.prediction` and printed by `flexlint schema prediction`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flexlint.config.model import Device, Stanza
from flexlint.data import folder, read_table
from flexlint.place import Located
from flexlint.predict.explain import name_of
from flexlint.predict.model import Choice, PeerFacts, Prediction
from flexlint.predict.steps import attributes_of, is_told, routes_of, steps_of
from flexlint.report.published import json_schema_of
from flexlint.report.text import clean, masked_place

SCHEMA = "flexlint.prediction/1"
SCHEMA_FILE = Path(__file__).with_name("flexlint-prediction-1.schema.json")


@dataclass(slots=True)
class Spot:
    """A line of the configuration, counted from 1; a key in its text is masked."""

    path: str
    line: int
    text: str


@dataclass(slots=True)
class Candidate:
    """An object of the configuration, or a line of a profile; an implicit one stands nowhere."""

    name: str
    implicit: bool
    at: Spot | None


@dataclass(slots=True)
class Fallen:
    """A candidate that is not chosen: `reason` completes the sentence "NAME ...", `at` is the line that rejects it."""

    candidate: Candidate
    reason: str
    at: Spot | None


@dataclass(slots=True)
class OpenPoint:
    """A behaviour on which the sources disagree or are silent; `--assume NAME=VALUE` settles it."""

    name: str
    values: list[str]
    assumed: str
    known: str


@dataclass(slots=True)
class Step:
    """One choice. `because` is the line that makes it, `also` what fits as well, `missing` why there is nothing."""

    step: Literal[
        "profile",
        "policy",
        "keyring",
        "peer block",
        "group authorization",
        "user authorization",
        "AAA list",
        "authorization policy",
        "pool",
        "interface",
        "ipsec profile",
    ]
    chosen: Candidate | None
    because: Spot | None
    sureness: Literal["sure", "contested", "partial"]
    contested: OpenPoint | None
    also: list[Candidate]
    rejected: list[Fallen]
    missing: str


@dataclass(slots=True)
class Peer:
    """What the peer presents; null is unknown. `fvrf` is empty for the global VRF."""

    identity_type: str | None
    identity: str | None
    address: str | None
    local: str | None
    fvrf: str | None
    method: str | None
    subject: str | None


@dataclass(slots=True)
class Document:
    """`role` is this router's. `routes` are the IPv4 prefixes pushed to the peer, null where they cannot be known."""

    schema: Literal["flexlint.prediction/1"]
    version: str
    path: str
    device: str
    role: Literal["responder", "initiator"]
    peer: Peer
    assumptions: dict[str, str]
    steps: list[Step]
    proposals: list[Candidate]
    transform_sets: list[Candidate]
    name_asked_for: str | None
    attributes: list[Spot]
    routes: list[str] | None


def document(device: Device, prediction: Prediction, assumptions: dict[str, str]) -> Document:
    """The prediction as it is published."""
    from flexlint import __version__

    return Document(
        schema="flexlint.prediction/1",
        version=__version__,
        path=clean(device.source.path),
        device=clean(device.hostname or ""),
        role="initiator" if prediction.facts.role == "initiator" else "responder",
        peer=_peer(prediction.facts),
        assumptions=assumptions,
        steps=[_step(one.title, one.choice) for one in steps_of(prediction) if is_told(one.choice)],
        proposals=[_candidate(one) for one in prediction.proposals],
        transform_sets=[_candidate(one) for one in prediction.transform_sets],
        name_asked_for=clean(prediction.aaa_name) if prediction.aaa_name is not None else None,
        attributes=[spot for one in attributes_of(prediction) if (spot := _spot(one)) is not None],
        routes=routes_of(device, prediction),
    )


def _peer(facts: PeerFacts) -> Peer:
    return Peer(
        identity_type=facts.identity.kind.value if facts.identity is not None else None,
        identity=clean(facts.identity.value) if facts.identity is not None else None,
        address=str(facts.peer) if facts.peer is not None else None,
        local=str(facts.local) if facts.local is not None else None,
        fvrf=facts.fvrf,
        method=facts.method.value if facts.method is not None else None,
        subject=clean((facts.certificate or {}).get("subject-name", "")) or None,
    )


def _step(title: str, choice: Choice[Any]) -> Step:
    return Step(
        step=title,  # type: ignore[arg-type]
        chosen=_candidate(choice.chosen) if choice.chosen is not None else None,
        because=_spot(choice.because),
        sureness=choice.sureness.value,
        contested=_open_point(choice.contested) if choice.contested else None,
        also=[_candidate(one) for one in choice.also],
        rejected=[Fallen(_candidate(one.candidate), clean(one.reason), _spot(one.at)) for one in choice.rejected],
        missing=clean(choice.missing),
    )


def _candidate(one: object) -> Candidate:
    implicit = isinstance(one, Stanza) and one.implicit
    name = str(one.name) if isinstance(one, Stanza) else name_of(one)
    return Candidate(clean(name), implicit, _spot(one))


def _spot(one: object) -> Spot | None:
    if one is None or not hasattr(one, "place") or (isinstance(one, Stanza) and one.implicit):
        return None
    located: Located = one
    place = located.place()
    return Spot(clean(place.path), place.line, masked_place(place)[0].strip())


def _open_point(name: str) -> OpenPoint | None:
    for row in read_table(folder("grammars") / "facts" / "contested.tsv"):
        if row["name"] == name:
            return OpenPoint(name, row["values"].split(), row["default"], row["known"])
    return None


def json_schema() -> str:
    """The JSON Schema (draft 2020-12) of `Document`, as the text of the published file."""
    return json_schema_of(Document, SCHEMA)


if __name__ == "__main__":
    SCHEMA_FILE.write_text(json_schema(), encoding="utf-8")
