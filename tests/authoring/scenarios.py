"""Which pairs of tests/cases hold which scenario, and which a comparison of log and configuration: the tables
`tests/cases/scenarios.tsv` and `tests/cases/comparisons.tsv`.

Comes in: those tables, the names of `grammars/scenarios.tsv` and the cases. Goes out: a row for each scenario and each
comparison. It judges no pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from authoring.case import FOLDER, Case

TABLE = FOLDER / "scenarios.tsv"
COMPARISONS = FOLDER / "comparisons.tsv"
NAMES = Path(__file__).resolve().parents[2] / "grammars" / "scenarios.tsv"


@dataclass(frozen=True)
class Held:
    """A scenario or a comparison: its pairs, the words of the table that name none, and why it has none."""

    scenario: str
    name: str
    faulty: tuple[str, ...]
    healthy: tuple[str, ...]
    unknown: tuple[str, ...]
    why: str = ""


def held(cases: Iterable[Case]) -> list[Held]:
    """The rows of the table of scenarios with the pairs they name, in its order."""
    cases, names = list(cases), _names()
    rows = [(*line.split("\t"), "")[:3] for line in _lines(TABLE)[1:]]
    return [_held(cases, scenario, names.get(scenario, ""), pairs, why) for scenario, pairs, why in rows]


def compared(cases: Iterable[Case]) -> list[Held]:
    """The rows of the table of comparisons: what the log says, held against what the configuration says of it."""
    cases = list(cases)
    rows = [(*line.split("\t"), "")[:4] for line in _lines(COMPARISONS)[1:]]
    return [_held(cases, number, what, pairs, why) for number, what, pairs, why in rows]


def _held(cases: list[Case], number: str, name: str, pairs: str, why: str) -> Held:
    """A kind of fault stands for all its pairs."""
    words = pairs.split()
    mine = [case for case in cases if case.name in words or case.fault in words]
    known = {name for case in mine for name in (case.name, case.fault)}
    faulty = tuple(case.name for case in mine if not case.is_healthy)
    healthy = tuple(case.name for case in mine if case.is_healthy)
    return Held(number, name, faulty, healthy, tuple(word for word in words if word not in known), why)


def scenarios() -> list[str]:
    """The scenarios that flexlint knows; `F02a` and the like are ways in which F02 shows."""
    return sorted(_names())


def _names() -> dict[str, str]:
    """What each scenario is called: by its own row where it has one, else by the first of its ways."""
    names: dict[str, str] = {}
    rows = [line.split("\t")[:2] for line in _lines(NAMES)[1:]]
    for scenario, name in sorted(rows, key=lambda row: row[0][-1].isalpha()):
        names.setdefault(scenario.rstrip("abcdefgh"), name)
    return names


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
