"""Whether a log and a configuration belong together, over whole runs."""

from __future__ import annotations

from pathlib import Path

from flexlint.cards import cards
from flexlint.inputs.jobs import plan
from flexlint.report.model import Report
from flexlint.rulebook import select
from flexlint.run import Options, run

CARD = "LOG012"


def check(folder: Path, log: str, title: str = "Consistent") -> Report:
    files = dict(cards()[CARD].example(title).files)
    for name, text in {**files, "hub.log": log or files["hub.log"]}.items():
        (folder / name).write_text(text)
    return run(plan([str(folder)]).jobs, Options(select()))


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def test_what_contradicts_on_both_sides_of_a_change_is_told(tmp_path: Path) -> None:
    """The negotiation after the change went as the one before it, so that it is only counted."""
    report = check(tmp_path, "")
    assert "LOG012" not in rules(report)
    [finding] = [one for one in report.findings if one.rule == "AUT011"]
    assert finding.occurrences == 2


def test_what_contradicts_on_one_side_is_held_back(tmp_path: Path) -> None:
    report = check(tmp_path, "", "Contradiction")
    assert "LOG012" in rules(report)
    assert "AUT011" not in rules(report)


def test_a_change_of_something_else_holds_nothing_back(tmp_path: Path) -> None:
    log = cards()[CARD].example("Contradiction").files["hub.log"]
    change = next(line for line in log.splitlines() if "CONFIG_I" in line)
    command = "*Mar  3 07:15:01.100: %PARSER-5-CFGLOG_LOGGEDCMD: User:admin  logged command:logging buffered 100000"
    report = check(tmp_path, log.replace(change, f"{command}\n{change}"))
    assert "LOG012" not in rules(report)
    assert "AUT011" in rules(report)


def test_another_router_of_the_same_template_stops_the_comparison(tmp_path: Path) -> None:
    """The hostname in the prompt and the address differ; every name in the log is defined."""
    log = cards()[CARD].example("Contradiction").files["hub.log"]
    other = "hub2#debug crypto ikev2\n" + log.replace("198.51.100.1:", "198.51.100.2:").replace(
        "local address 198.51.100.1", "local address 198.51.100.2"
    )
    report = check(tmp_path, other)
    assert "LOG011" in rules(report)
    assert not rules(report) & {"AUT011", "LOG012"}
