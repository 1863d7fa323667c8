"""The bars: of the faults in tests/cases at least 95 % are located, and no healthy pair gives a false alarm."""

from __future__ import annotations

import pytest

import accuracy
from authoring.case import Case, load_all, store
from authoring.drafts import FAULTS, all_cases
from authoring.judge import judge
from authoring.scenarios import compared, held, scenarios

CASES = load_all()


@pytest.fixture(scope="module")
def verdicts():
    return [judge(case) for case in CASES]


def test_every_kind_of_fault_has_a_faulty_and_a_healthy_pair():
    kinds: dict[str, set[bool]] = {}
    for case in CASES:
        kinds.setdefault(case.fault, set()).add(case.is_healthy)
    assert kinds
    assert [kind for kind, seen in kinds.items() if seen != {True, False}] == []


def test_every_scenario_has_a_faulty_and_a_healthy_pair_or_a_reason():
    rows = held(CASES)
    assert [row.scenario for row in rows] == sorted({row.scenario for row in rows})
    assert set(scenarios()) == {row.scenario for row in rows}
    assert [(row.scenario, row.unknown) for row in rows if row.unknown] == []
    assert [row.scenario for row in rows if not (row.faulty and row.healthy) and not row.why] == []


def test_every_comparison_has_a_faulty_and_a_healthy_pair():
    rows = compared(CASES)
    assert [row.scenario for row in rows] == [f"X{n:02}" for n in range(1, 21)]
    assert [(row.scenario, row.unknown) for row in rows if row.unknown] == []
    assert [row.scenario for row in rows if not (row.faulty and row.healthy) and not row.why] == []


def test_faults_are_located(verdicts):
    located = [one for verdict in verdicts for one in verdict.located]
    remarks = [f"{v.case.name}: {remark}" for v in verdicts for remark in v.remarks]
    assert sum(located) >= 0.95 * len(located), "\n".join(remarks)


def test_verdicts_are_right(verdicts):
    judged = [one for verdict in verdicts for one in verdict.judged]
    assert sum(judged) >= 0.95 * len(judged)


def test_nothing_is_said_that_nobody_expected(verdicts):
    assert [f"{v.case.name}: {text}" for v in verdicts for text in v.false] == []


def test_the_page_says_what_the_cases_give(verdicts):
    assert accuracy.PAGE.read_text(encoding="utf-8") == accuracy.page(accuracy.tabulate(verdicts), CASES), (
        "run `make accuracy`"
    )


def test_generated_cases_are_what_the_catalogue_writes(tmp_path):
    generated = {case.name: case for case in all_cases()}
    assert FAULTS
    stored = {case.name: case for case in CASES if case.name in generated}
    assert sorted(stored) == sorted(generated), "run `python tests/write_cases.py`"
    stale = [name for name, case in generated.items() if stored[name] != _as_stored(case, tmp_path)]
    assert stale == [], "run `python tests/write_cases.py`"


def _as_stored(case: Case, folder) -> Case:
    from authoring.case import load

    store(case, folder)
    return load(folder / case.name)
