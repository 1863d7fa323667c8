"""What `check` says of negotiations as a whole, and of the rules that were silent."""

from __future__ import annotations

import json

import pytest

HUB = "tests/cases/undefined-list-faulty-3"


def report(flexlint, case: str) -> dict:
    return json.loads(flexlint("check", case, "--output-format", "json").stdout)


def test_a_line_for_each_peer_says_how_it_ended_and_which_rule_explains_it(flexlint):
    lines = flexlint("check", HUB, "--output-format", "concise").stdout.split("\n")
    told = [
        line.partition("router.log:")[2].partition(": ")[2] for line in lines if " peer " in line and "[" in line[-10:]
    ]
    assert told == ["peer 203.0.113.5 (203.0.113.5) failed: Auth exchange failed [AZN001]"]
    assert sum(" up" in line and "peer 198.51.100." in line for line in lines) == 3


def test_the_summary_in_json(flexlint):
    summary = report(flexlint, HUB)["summary"]
    assert {(one["peer"], one["outcome"], tuple(one["rules"])) for one in summary} == {
        ("198.51.100.17", "up", ()),
        ("198.51.100.18", "up", ()),
        ("198.51.100.200", "up", ()),
        ("203.0.113.5", "failed", ("AZN001",)),
    }
    assert all(one["times"] == 1 for one in summary)


@pytest.mark.parametrize(
    ("rule", "satisfied", "no_evidence", "not_applicable"),
    [
        ("AUT005", 4, 0, 0),  # four keys in use, each as long as the configured one
        ("SEL009", 4, 0, 0),  # what was agreed on is in the proposals
        ("AUT008", 0, 0, 4),  # no authentication failed
        ("AUT012", 0, 4, 0),  # no DPD in the log of any of the four
        ("NEG003", 0, 0, 4),  # one of several rules behind one function
    ],
)
def test_why_a_rule_was_silent(rule, satisfied, no_evidence, not_applicable, flexlint):
    (one,) = [s for s in report(flexlint, HUB)["silences"] if s["rule"] == rule]
    assert (one["satisfied"], one["no_evidence"], one["not_applicable"]) == (satisfied, no_evidence, not_applicable)


def test_a_rule_that_spoke_is_silent_of_the_other_negotiations(flexlint):
    said = flexlint("check", HUB, "--output-format", "concise", "--explain-silence", "missing-group-list").stderr
    assert said == "AZN001: satisfied (3 times)\n"
