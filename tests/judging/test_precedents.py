"""Counting a negotiation that went as an earlier one did gives the report that judging each of them gives."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from generate_log import STYLES, log
from hypothesis import given, settings
from hypothesis import strategies as st

from flexlint.cards import cards
from flexlint.inputs.source import Input, split_lines
from flexlint.judging.precedents import Precedents
from flexlint.log import states, table
from flexlint.log.reader import LogReader
from flexlint.report.formats import render
from flexlint.report.look import Look
from flexlint.rulebook import select
from flexlint.run import Job, Options, run

CHECKOUT = Path(__file__).resolve().parent.parent.parent
CASES = sorted(path for folder in ("examples", "tests/cases") for path in (CHECKOUT / folder).rglob("*.log"))


def _report(data: bytes, config: Path | None = None, **options: bool) -> str:
    """The JSON report on a log, read from standard input."""
    pair = Input(str(config), "config", split_lines(config.read_text(encoding="utf-8"))) if config else None
    job = Job(pair, (Input("hub.log", "log", started=data, rest=iter(())),))
    report = run([job], Options(select(), **options))
    return "".join(render("json", report, Look(False, "/")))


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize("busy", [1, 8, 40])
def test_a_busy_hub(busy: int, detailed: bool):
    data = "".join(log(1_000_000, only_ikev2=True, busy=busy)).encode()
    assert _report(data, detailed=detailed) == _report(data, detailed=detailed, by_precedent=False)


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_the_same_story_several_times(path: Path):
    once = path.read_bytes()
    data = b"\n".join(_retold(once, number) for number in range(4))
    assert _report(data) == _report(data, by_precedent=False)
    config = path.with_suffix(".cfg")
    if config.exists():
        assert _report(data, config) == _report(data, config, by_precedent=False)


def _retold(data: bytes, number: int) -> bytes:
    """The same lines with other SPIs."""
    return re.sub(rb"\b[0-9A-F]{15}(?=[0-9A-F]\b)", lambda m: m[0][:14] + b"%X" % number, data)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), busy=st.integers(1, 12), style=st.sampled_from(list(STYLES)))
def test_logs_that_lost_lines(seed: int, busy: int, style: str):
    rng = random.Random(seed)
    lines = "".join(log(60_000, True, style, seed, busy)).splitlines(keepends=True)
    data = "".join(line for line in lines if rng.random() > 0.01).encode()
    assert _report(data) == _report(data, by_precedent=False)


def test_most_of_a_busy_hub_is_counted():
    """A check that reads a name of every healthy negotiation would have each of them judged."""
    known, met = Precedents(), []
    find = Precedents.find

    class Counting(Precedents):
        def find(self, case):
            met.append(find(known, case) is not None)
            return find(known, case)

        def keep(self, *arguments):
            known.keep(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flexlint.judging.precedents.Precedents", Counting)
        _report("".join(log(5_000_000, only_ikev2=True, busy=2)).encode())
    assert sum(met) > len(met) * 0.6


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.name}-{p.name}")
def test_states_are_what_the_handlers_say(path: Path):
    """What attribution goes by is what is written down of a negotiation at its end."""
    reader = LogReader([path.read_bytes()], "hub.log")
    for epoch in reader.epochs():
        state = epoch.state.facts
        reader.written_down(epoch)
        assert epoch.draft is not None
        assert states.facts_of(epoch.draft) == state


def test_states_of_a_busy_hub():
    reader = LogReader(["".join(log(1_000_000, only_ikev2=True, busy=12)).encode()], "hub.log")
    for epoch in reader.epochs():
        state = epoch.state.facts
        reader.written_down(epoch)
        assert epoch.draft is not None
        assert states.facts_of(epoch.draft) == state


def test_no_check_asks_how_sure_a_value_is():
    """Negotiations that differ in that alone are alike: see `precedents`."""
    for path in (CHECKOUT / "lint/flexlint/checks/trace").glob("*.py"):
        assert ".certainty" not in path.read_text(encoding="utf-8"), path


def test_records_of_a_quiet_negotiation_take_little_space(monkeypatch: pytest.MonkeyPatch):
    data = "".join(log(400_000, only_ikev2=True, busy=4)).encode()
    loose = _report(data)
    monkeypatch.setattr(table, "RECORD_BUDGET", 40)
    assert _report(data) == loose


@pytest.mark.parametrize(
    "rule", ["SEL221", "SEL222", "SEL223", "AUT221", "AUT222", "TUN221", "NEG201", "NEG202", "NEG203"]
)
@pytest.mark.parametrize("title", ["Contradiction", "Consistent"])
@pytest.mark.parametrize("logs", [("hub.log", "spoke.log"), ("hub.log",), ("spoke.log",)])
def test_both_ends_of_many_negotiations(monkeypatch: pytest.MonkeyPatch, rule: str, title: str, logs: tuple[str, ...]):
    """Few find room to wait for their other half, so that most are counted."""
    monkeypatch.setattr("flexlint.judging.joining.KEPT_ALIKE", 3)
    files = cards()[rule].example(title).files
    told = []
    for by_precedent in (True, False):
        given = {name: Input(name, "config", split_lines(files[name])) for name in ("hub.cfg", "spoke.cfg")}
        for name in logs:
            once = files[name].encode()
            data = b"\n".join(_retold(once, number) for number in range(8))
            given[name] = Input(name, "log", started=data, rest=iter(()))
        mine, its = (tuple(given[n] for n in logs if n == name) for name in ("hub.log", "spoke.log"))
        job = Job(given["hub.cfg"], mine, given["spoke.cfg"], its)
        told.append("".join(render("json", run([job], Options(select(), by_precedent=by_precedent)), Look(False, "/"))))
    assert told[0] == told[1]
