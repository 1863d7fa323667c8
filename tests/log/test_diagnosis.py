"""What a log alone decides: every scenario has a log, and every log is called by its name, once, at its first sign."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexlint.data import read_table
from flexlint.finding import Finding, Severity, Verdict
from flexlint.judging.book import Rulebook
from flexlint.log.catalogue import messages
from flexlint.log.diagnosis import diagnose, scenarios
from flexlint.log.messages import ERROR_NOTIFIES
from flexlint.log.reader import LogReader
from flexlint.report.text import clean
from flexlint.rulebook import LogCase, TraceCase, all_checks, select

FOLDER = Path(__file__).parent / "scenarios"
AAA_IDS = (("0000003C", "0000003D"), ("0x3C", "0x3D"), ("1645/9", "1645/10"))
EXPECTED = read_table(FOLDER / "expected.tsv")


def findings(text: bytes, name: str = "hub.log") -> list[Finding]:
    """What is found in a log without any configuration."""
    book = Rulebook(select())
    reader = LogReader([text], name)
    count = 0
    for negotiation in reader.negotiations():
        count += 1
        book.negotiation(TraceCase(negotiation, reader.coverage), None)
    book.log(LogCase(name, reader.coverage, None, reader.names, count))
    return book.findings()


@pytest.mark.parametrize("row", EXPECTED, ids=[row["log"] for row in EXPECTED])
def test_the_log_alone_names_the_scenario(row: dict[str, str]) -> None:
    text = (FOLDER / f"{row['log']}.log").read_bytes()
    loud = [f for f in findings(text) if f.severity is not Severity.NOTE]
    assert [f.rule for f in loud] == [row["rule"]], "\n".join(f.message for f in loud)
    (finding,) = loud
    assert row["words"] in finding.message
    assert finding.verdict is Verdict.UNEXPLAINED
    assert finding.primary is not None
    if row["line"] != "0":
        assert finding.primary.line == int(row["line"])
    found = [d for n in LogReader([text], "hub.log").negotiations() if (d := diagnose(n)) is not None]
    assert [d.scenario.name for d in found] == [row["scenario"]]
    assert not set("{‹?") & set(finding.message)
    for sentence in (finding.message, *finding.notes):
        assert clean(sentence) == sentence, "words of ours must not look like a key"


@pytest.mark.parametrize("row", EXPECTED, ids=[row["log"] for row in EXPECTED])
def test_a_repeated_failure_is_one_finding(row: dict[str, str]) -> None:
    text = (FOLDER / f"{row['log']}.log").read_text()
    later = text
    for before, after in (("7B3C11D2E4F50619", "7B3C11D2E4F50620"), ("SESSION ID = 41", "SESSION ID = 42"), *AAA_IDS):
        later = later.replace(before, after)
    twice = text + later
    loud = [f for f in findings(twice.encode()) if f.severity is not Severity.NOTE]
    assert [(f.rule, f.occurrences) for f in loud] == [(row["rule"], 2)]


def test_every_scenario_that_the_log_decides_has_a_log() -> None:
    tried = {row["scenario"] for row in EXPECTED}
    assert {row.name for row in scenarios() if row.decided == "log"} - tried == set()


def test_all_seventy_nine_are_there() -> None:
    numbers = {row.id[:3] for row in scenarios()}
    assert numbers == {f"F{n:02}" for n in range(1, 80)}


def test_causes_exist_and_rules_have_checks() -> None:
    known = messages().keys() | ERROR_NOTIFIES.keys() | {"silence"}
    for row in scenarios():
        assert row.cause <= known
        assert row.seen <= known
        assert not row.rule or row.rule in all_checks()
        assert row.source
        assert row.say


def test_two_empty_lists_say_nothing_of_this_router() -> None:
    text = b"".join(
        b"*Apr 12 07:12:00.%03d: IKEv2:(SESSION ID = 41,SA ID = 3):%s\n" % (n, said)
        for n, said in enumerate(
            (
                b"Received Policies:",
                b"Failed to find a matching policy",
                b"Expected Policies:",
                b"Failed to find a matching policy",
                b"Failed SA init exchange",
                b"Deleting SA",
            )
        )
    )
    (said,) = [one.message for one in findings(text) if one.rule == "NEG001"]
    assert "no proposal of its own" not in said
    assert "have nothing in common" in said
