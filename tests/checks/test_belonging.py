"""Whether a log and a configuration belong together, over whole runs."""

from __future__ import annotations

from pathlib import Path

import pytest

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


# ---- addresses that were changed -------------------------------------------------------------------------------------


def other(folder: Path, *changes: tuple[str, str], config: tuple[str, str] = ("", "")) -> Report:
    """The log of the card, whose addresses are not those of its configuration, with changes."""
    files = dict(cards()["LOG013"].example("Contradiction").files)
    for old, new in changes:
        assert old in files["hub.log"]
        files["hub.log"] = files["hub.log"].replace(old, new)
    files["hub.cfg"] = files["hub.cfg"].replace(*config)
    for name, text in files.items():
        (folder / name).write_text(text)
    return run(plan([str(folder)]).jobs, Options(select()))


def test_a_log_with_other_addresses_is_still_compared(tmp_path: Path) -> None:
    report = other(tmp_path, ("key len 19", "key len 21"))
    assert {"LOG013", "AUT005"} <= rules(report)
    assert "LOG011" not in rules(report)


def test_what_goes_by_addresses_is_held_back(tmp_path: Path) -> None:
    by_address = ("  identity fqdn branch1.example.net\n", "  address 203.0.113.21\n")
    report = other(tmp_path, config=by_address)
    assert "AUT004" not in rules(report)
    [finding] = [one for one in report.findings if one.rule == "LOG013"]
    assert any(note.startswith("held back: AUT004") for note in finding.notes)


@pytest.mark.parametrize(
    "change",
    [
        ("hub1.example.net", "hub2.example.net"),  # another router of the same template
        ("Matched peer block 'BRANCH1'", "Matched peer block 'BRANCH2'"),  # a name that this one does not have
        ("*Mar  3 07:12:14.001", "hub2#show clock\n*Mar  3 07:12:14.001"),  # the prompt of another one
    ],
)
def test_a_log_of_a_router_made_alike_is_not_this_one_s(change: tuple[str, str], tmp_path: Path) -> None:
    report = other(tmp_path, change)
    assert "LOG011" in rules(report)
    assert "LOG013" not in rules(report)
