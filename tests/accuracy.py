"""How often flexlint is right: every pair of tests/cases judged, a table of it by kind of fault.

`make accuracy` prints the table and writes it into `docs/accuracy.md`; `tests/test_accuracy.py` holds the bars.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from authoring.case import Case, Verdict, load_all
from authoring.judge import judge
from authoring.scenarios import Held, compared, held

PAGE = Path(__file__).resolve().parent.parent / "docs" / "accuracy.md"
HEAD = """# Accuracy

Every pair of configuration and log in `tests/cases` states what must be found, and where. This page is written by
`make accuracy`, which runs flexlint over all of them. *Found*: the rule spoke. *Located*: on the right line of the
right file, citing the right line of the log, with both values in its words. *Verdict*: it says rightly whether the
configuration explains the failure, contradicts the log, or does not account for it. *False alarms*: findings that
nobody expected, in faulty and in healthy pairs.

"""
SCENARIOS = """
## Scenarios

The ways in which a negotiation fails, as `grammars/scenarios.tsv` names them, and the pairs that hold each of them.
`tests/cases/scenarios.tsv` says which; where the log and one configuration cannot decide, it says why.

"""
COMPARISONS = """
## Comparisons

What the log says of a session that came up, held against what the configuration says of it now, and the pairs in which
the two differ. `tests/cases/comparisons.tsv` says which.

"""


@dataclass
class Row:
    fault: str
    faulty: int = 0
    healthy: int = 0
    expected: int = 0
    found: int = 0
    located: int = 0
    judged: int = 0
    false_faulty: int = 0
    false_healthy: int = 0

    def add(self, verdict: Verdict) -> None:
        self.faulty += not verdict.case.is_healthy
        self.healthy += verdict.case.is_healthy
        self.expected += len(verdict.case.finds)
        self.found += sum(verdict.found)
        self.located += sum(verdict.located)
        self.judged += sum(verdict.judged)
        if verdict.case.is_healthy:
            self.false_healthy += len(verdict.false)
        else:
            self.false_faulty += len(verdict.false)


def tabulate(verdicts: Iterable[Verdict]) -> list[Row]:
    """A row for each kind of fault, in the order of the alphabet, and the total as the last one."""
    rows: dict[str, Row] = {}
    total = Row("all")
    for verdict in verdicts:
        rows.setdefault(verdict.case.fault, Row(verdict.case.fault)).add(verdict)
        total.add(verdict)
    return [*(rows[name] for name in sorted(rows)), total]


def page(rows: list[Row], cases: Iterable[Case]) -> str:
    cases = list(cases)
    scenarios, comparisons = _held("scenario", held(cases)), _held("comparison", compared(cases))
    parts = HEAD, "\n".join(_table(rows)), SCENARIOS, "\n".join(scenarios), COMPARISONS, "\n".join(comparisons)
    return "{}{}\n{}{}\n{}{}\n".format(*parts)


def _held(kind: str, rows: Iterable[Held]) -> Iterator[str]:
    yield f"| {kind} | faulty pairs | healthy pairs |"
    yield "|---|---|---|"
    for one in rows:
        faulty = [*one.faulty, *([one.why] if one.why else [])]
        yield f"| {one.scenario} {one.name} | {', '.join(faulty)} | {', '.join(one.healthy)} |"


def _table(rows: list[Row]) -> Iterator[str]:
    yield "| kind of fault | faulty pairs | found | located | verdict | healthy pairs | false alarms |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for row in rows:
        name = f"**{row.fault}**" if row.fault == "all" else row.fault
        shares = " | ".join(_share(n, row.expected) for n in (row.found, row.located, row.judged))
        yield f"| {name} | {row.faulty} | {shares} | {row.healthy} | {row.false_faulty + row.false_healthy} |"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" + (f" ({100 * part / whole:.0f} %)" if whole > 20 else "")


def main() -> None:
    cases = load_all()
    verdicts = [judge(case) for case in cases]
    rows = tabulate(verdicts)
    for verdict in verdicts:
        for remark in (*verdict.remarks, *(f"unexpected: {text}" for text in verdict.false)):
            print(f"{verdict.case.name}: {remark}", file=sys.stderr)
    print("\n".join(_table(rows)))
    PAGE.write_text(page(rows, cases), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
