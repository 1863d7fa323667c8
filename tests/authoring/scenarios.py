"""Which pairs of tests/cases hold which scenario: the table of `tests/cases/scenarios.tsv`.

Comes in: that table, the names of `grammars/scenarios.tsv` and the cases. Goes out: a row for each scenario. It judges
no pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from authoring.case import FOLDER, Case

TABLE = FOLDER / "scenarios.tsv"
NAMES = Path(__file__).resolve().parents[2] / "grammars" / "scenarios.tsv"


@dataclass(frozen=True)
class Held:
    """A scenario: its pairs, the words of the table that name none, and why the log cannot decide it."""

    scenario: str
    name: str
    faulty: tuple[str, ...]
    healthy: tuple[str, ...]
    unknown: tuple[str, ...]
    why: str = ""


def held(cases: Iterable[Case]) -> list[Held]:
    """The rows of the table with the pairs they name, in its order. A kind of fault stands for all its pairs."""
    cases, names = list(cases), _names()
    out = []
    for line in _lines(TABLE)[1:]:
        scenario, pairs, why = (*line.split("\t"), "")[:3]
        words = pairs.split()
        mine = [case for case in cases if case.name in words or case.fault in words]
        known = {name for case in mine for name in (case.name, case.fault)}
        out.append(
            Held(
                scenario,
                names.get(scenario, ""),
                tuple(case.name for case in mine if not case.is_healthy),
                tuple(case.name for case in mine if case.is_healthy),
                tuple(word for word in words if word not in known),
                why,
            )
        )
    return out


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
