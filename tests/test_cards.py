"""Every rule card: its header and headings are right, a check stands behind it, and both examples do what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from flexlint.cards import FAMILIES, SECTIONS, Card, cards
from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.finding import Confidence, Finding, Severity, Verdict
from flexlint.judging.book import Rulebook
from flexlint.place import Place, TextFile
from flexlint.predict.settling import open_points
from flexlint.rulebook import DeviceCase, EndsCase, LogCase, PairCase, Settings, TraceCase, all_checks

if TYPE_CHECKING:
    from flexlint.judging.joining import Joining

ALL = list(cards().values())


class Header(BaseModel):
    """The header of a card."""

    model_config = ConfigDict(extra="forbid")

    severity: Severity
    confidence: Confidence
    verdict: Verdict
    grade: Literal["V", "R", "I", "?"]
    since: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    absorbs: str = Field(default="", pattern=r"^([A-Z]{3}\d{3}(, )?)*$")
    rests_on: str = Field(default="", alias="rests-on", pattern=r"^([a-z-]+(, )?)*$")
    among: str = Field(default="", pattern=r"^([A-Z]{3}\d{3}(, )?)*$")
    stops: Literal["pair"] | None = None


def each_card(function: object) -> object:
    return pytest.mark.parametrize("card", ALL, ids=[card.id for card in ALL])(function)


@each_card
def test_header_is_complete_and_as_sure_as_its_grade(card: Card) -> None:
    header = TypeAdapter(Header).validate_python(card.header)
    if header.grade in ("R", "?"):
        assert header.confidence is not Confidence.HIGH


@each_card
def test_headings_stand_in_their_order(card: Card) -> None:
    assert tuple(card.sections) == SECTIONS
    assert all(card.sections.values())
    assert f"\n# {card.name}\n" in card.text
    assert card.path.parent.name == FAMILIES[card.id[:3]]


@each_card
def test_what_it_absorbs_exists(card: Card) -> None:
    assert card.absorbs | card.among <= cards().keys()


def test_each_card_has_a_check_and_each_check_a_card() -> None:
    assert set(all_checks()) == set(cards())


def test_names_are_used_once() -> None:
    names = [card.name for card in ALL]
    assert sorted(set(names)) == sorted(names)


@each_card
def test_contradiction_is_found(card: Card) -> None:
    example = card.example("Contradiction")
    assert example.finds, "a contradiction says what must be found"
    found = findings(card, example.files)
    assert sorted(places(one) for one in found) == sorted(example.finds), "\n".join(one.message for one in found)


@each_card
def test_consistent_example_is_silent(card: Card) -> None:
    found = [one for one in findings(card, card.example("Consistent").files) if one.rule not in card.among]
    assert not found, "\n".join(one.message for one in found)


class Asked(dict[str, str]):
    """No assumption at all; remembers which open points somebody asked about."""

    def __init__(self) -> None:
        self.points: set[str] = set()

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        self.points.add(key)
        return default

    def __contains__(self, key: object) -> bool:
        self.points.add(str(key))
        return False


@each_card
def test_it_names_the_open_points_it_rests_on(card: Card) -> None:
    """What an assumption changes in an example depends on that open point, and the card says so."""
    points = open_points()
    assert card.rests_on <= points.keys()
    changing = set()
    for title in ("Contradiction", "Consistent"):
        files = card.example(title).files
        asked = Asked()
        before = said(findings(card, files, Settings(assumptions=asked)))
        for point in (asked.points | card.rests_on) & points.keys():
            assumed = (Settings(assumptions={point: value}) for value in points[point])
            if any(said(findings(card, files, settings)) != before for settings in assumed):
                changing.add(point)
    assert changing <= card.rests_on


def said(found: list[Finding]) -> list[tuple[object, ...]]:
    return sorted((one.severity, one.message, *one.notes, *places(one)) for one in found)


def test_each_open_point_matters_to_a_card() -> None:
    assert {point for card in ALL for point in card.rests_on} == set(open_points())


def places(finding: Finding) -> tuple[str, ...]:
    """`hub.cfg:8` for the primary place and every related one, in their order."""
    every = [finding.primary, *finding.related]
    return tuple(f"{Path(place.path).name}:{place.line}" for place in every if isinstance(place, Place))


def findings(card: Card, files: dict[str, str], settings: Settings | None = None) -> list[Finding]:
    """What one rule alone finds in an example's files: one configuration or two, no log, one, or one of each end.

    A log belongs to the configuration of its own name, else to the first one. Where the rule is about what others find,
    those run too."""
    settings = settings or Settings()
    book = Rulebook(frozenset({card.id}) | card.among, settings)
    devices = [
        read_device(TextFile(name, text.splitlines())) for name, text in files.items() if not name.endswith(".log")
    ]
    for device in devices:
        book.device(DeviceCase(device, settings))
    logs = {name: text for name, text in files.items() if name.endswith(".log")}
    joining = None
    if len(devices) == 2:
        from flexlint.judging.joining import Joining

        book.ends(EndsCase(devices[0], devices[1], settings))
        book.ends(EndsCase(devices[1], devices[0], settings))
        joining = Joining((devices[0], devices[1]), len(logs) == 2, settings)
    for name, text in logs.items():
        own = [d for d in devices if Path(d.source.path).stem == Path(name).stem]
        read_log(book, name, text, next(iter([*own, *devices]), None), joining, devices)
    for case in joining.rest() if joining is not None else ():
        book.joined(case)
    return book.findings()


def read_log(
    book: Rulebook, name: str, text: str, device: Device | None, joining: Joining | None, devices: list[Device]
) -> None:
    from flexlint.judging.observe import facts_of, follow
    from flexlint.log.reader import LogReader
    from flexlint.predict import predict

    settings = book.settings
    reader = LogReader([text.encode()], name)
    count = 0
    for negotiation in reader.negotiations():
        count += 1
        trace = TraceCase(negotiation, reader.coverage, settings)
        pair = None
        if device is not None:
            facts = facts_of(negotiation, device)
            expected = predict(device, facts, settings.assumptions)
            followed = follow(device, facts, negotiation, settings.assumptions)
            pair = PairCase(device, negotiation, expected, followed, reader.coverage, settings)
        found = book.negotiation(trace, pair)
        if joining is not None and device is not None:
            case = joining.offer(devices.index(device), negotiation, [one.fingerprint for one in found])
            if case is not None:
                book.joined(case)
    book.log(LogCase(name, reader.coverage, device, reader.names, count, settings))
