"""Contested choices, settled as the user assumes.

Comes in: a choice marked contested and the assumptions of a run. Goes out: the choice, settled, or as it was. The open
points and their values are the table `contested.tsv`.
"""

from __future__ import annotations

from collections.abc import Mapping

from flexlint.place import Located
from flexlint.predict.model import Choice, Rejected, Sureness, T

_REFUSED = frozenset({"none", "exact", "sensitive"})  # values by which what was chosen is not


def open_points() -> dict[str, list[str]]:
    """Every open point by name, with the values that can be assumed."""
    from flexlint.data import folder, read_table

    return {row["name"]: row["values"].split() for row in read_table(folder("grammars") / "facts" / "contested.tsv")}


def is_settled(point: str, assumptions: Mapping[str, str]) -> bool:
    """Whether an assumption is made on the open point."""
    return point in assumptions


def refuses(point: str, assumptions: Mapping[str, str]) -> bool:
    """Whether what rests on the open point does not hold as it is assumed: `domain-depth=exact`."""
    return bool(point) and assumptions.get(point) in _REFUSED


def refused_by(point: str, assumptions: Mapping[str, str]) -> str:
    """Why a candidate that rests on the point fell out, as a clause."""
    return f"would fit, but not under the assumption {point}={assumptions[point]}"


def settle(choice: Choice[T], assumptions: Mapping[str, str]) -> Choice[T]:
    """The choice under the assumption made on its open point; unchanged when none is made."""
    value = assumptions.get(choice.contested) if choice.contested else None
    if value is None or choice.chosen is None:
        return choice
    point = choice.contested
    if value in _REFUSED:
        because = refused_by(point, assumptions)
        fallen = [Rejected(one, because, _at(choice, one)) for one in choice.candidates]
        return Choice(rejected=[*fallen, *choice.rejected], missing=f"none, as {point}={value} is assumed")
    ordered = sorted(choice.candidates, key=_line)
    winner = {"first": ordered[0], "last": ordered[-1]}.get(value, choice.chosen)
    because = f"fits too, but {point}={value} is assumed"
    fallen = [Rejected(one, because, _at(choice, one)) for one in choice.candidates if one is not winner]
    return Choice(winner, [*fallen, *choice.rejected], sureness=Sureness.SURE, because=_at(choice, winner))


def _at(choice: Choice[T], candidate: T) -> Located:
    if candidate is choice.chosen and choice.because is not None:
        return choice.because
    located: Located = candidate  # type: ignore[assignment]  # every candidate of a prediction is a stanza or a line
    return located


def _line(candidate: object) -> int:
    located: Located = candidate  # type: ignore[assignment]
    return located.place().line
