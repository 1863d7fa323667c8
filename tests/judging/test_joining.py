"""Both ends with their logs: one IKE SA, one finding, with the lines of both configurations and both logs."""

from __future__ import annotations

from pathlib import Path

import pytest

import flexlint.judging.joining
from authoring.lab import Lab
from flexlint.finding import Finding, Verdict
from flexlint.report.model import Report


def files_of(finding: Finding) -> set[str]:
    return {Path(place.path).name for place in (finding.primary, *finding.related) if place is not None}


def rules(report: Report) -> list[str]:
    return [finding.rule for finding in report.findings if finding.severity and finding.severity.rank > 0]


@pytest.mark.parametrize("rule", ["SEL221", "SEL222", "SEL223", "AUT221", "TUN221"])
def test_one_fault_is_one_finding_with_all_four_files(rule: str, tmp_path: Path) -> None:
    report = Lab(tmp_path, rule).check()
    assert rules(report) == [rule]
    [finding] = report.findings
    assert files_of(finding) == {"hub.cfg", "spoke.cfg", "hub.log", "spoke.log"}
    assert finding.verdict is Verdict.EXPLANATION
    assert {finding.negotiation, finding.counterpart} == {1, 2}


@pytest.mark.parametrize("rule", ["SEL221", "SEL222", "SEL223", "AUT221", "TUN221"])
def test_the_log_of_the_spoke_alone_is_explained_by_both_configurations(rule: str, tmp_path: Path) -> None:
    report = Lab(tmp_path, rule).check(logs=())
    assert rules(report) == [rule]
    assert files_of(report.findings[0]) == {"hub.cfg", "spoke.cfg", "spoke.log"}


@pytest.mark.parametrize("rule", ["SEL222", "SEL223", "AUT221", "TUN221"])
def test_the_log_of_the_hub_alone_is_explained_by_both_configurations(rule: str, tmp_path: Path) -> None:
    report = Lab(tmp_path, rule).check(peer_logs=())
    assert rules(report) == [rule]
    assert files_of(report.findings[0]) == {"hub.cfg", "spoke.cfg", "hub.log"}


def test_healthy_ends_are_silent(tmp_path: Path) -> None:
    assert rules(Lab(tmp_path, "SEL221", "Consistent").check()) == []


def test_a_fault_in_one_configuration_is_told_with_both_logs(tmp_path: Path) -> None:
    """The hub's AAA list is not defined; the spoke only reads AUTHENTICATION_FAILED, as for a wrong key."""
    lab = Lab(tmp_path, "NEG201").edit(
        "hub.cfg", "aaa authorization network FLEX local", "aaa authorization exec x local"
    )
    report = lab.check()
    [finding] = [f for f in report.findings if f.verdict is Verdict.EXPLANATION]
    assert finding.rule == "AZN001"
    assert files_of(finding) == {"hub.cfg", "hub.log", "spoke.log"}
    assert not [f for f in report.findings if f.verdict is Verdict.UNEXPLAINED or f.rule == "AUT008"]


def test_another_branch_with_the_same_fault_is_still_told(tmp_path: Path) -> None:
    """Two branches share a block; only one of them is the peer."""
    lab = Lab(tmp_path, "AUT221").edit(
        "hub.cfg", "  identity fqdn branch1.example.net\n", "  address 0.0.0.0 0.0.0.0\n"
    )
    own = lab.files["hub.log"]
    other = own.replace("203.0.113.21", "203.0.113.99").replace("branch1.", "branch9.").replace("5C1E90A7", "77AA0001")
    lab.files["hub.log"] = own + other
    report = lab.check()
    found = {f.rule: f for f in report.findings}
    assert files_of(found["AUT221"]) == {"hub.cfg", "spoke.cfg", "hub.log", "spoke.log"}
    assert found["AUT008"].occurrences == 1
    assert "203.0.113.99" in found["AUT008"].peers


def test_attempts_are_joined_by_spi_whatever_their_order(tmp_path: Path) -> None:
    """The hub's log has three attempts, the spoke's the last of them only."""
    lab = Lab(tmp_path, "SEL222")
    own = lab.files["hub.log"]
    lab.files["hub.log"] = "".join(own.replace("5C1E90A7", spi) for spi in ("00000A01", "00000A02")) + own
    report = lab.check()
    [finding] = report.findings
    assert (finding.rule, finding.occurrences) == ("SEL222", 3)
    assert report.negotiations_total == 4


def test_the_same_initiator_spi_at_another_responder_is_another_sa(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "NEG202").edit("hub.log", "A90377CE15D26B31", "1111111111111111")
    assert "NEG202" not in rules(lab.check())


def test_what_waits_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flexlint.judging.joining, "KEPT_ALIKE", 5)
    lab = Lab(tmp_path, "SEL222")
    own = lab.files["hub.log"]
    lab.files["hub.log"] = "".join(own.replace("5C1E90A7", f"{n:08X}") for n in range(1, 21)) + own
    report = lab.check()
    assert any("16 negotiations were not held against the other end" in notice for notice in report.notices)


def test_the_peer_of_another_spoke_is_left_alone(tmp_path: Path) -> None:
    """The hub's log is of a spoke whose configuration is not the one given."""
    lab = Lab(tmp_path, "SEL222").edit("hub.log", "branch1.example.com", "branch9.example.com")
    report = lab.edit("spoke.cfg", "203.0.113.21", "203.0.113.77").check(peer_logs=())
    assert "SEL222" not in rules(report)
    assert "SEL001" in rules(report)


@pytest.mark.parametrize("rule", ["SEL221", "SEL222", "SEL223", "AUT221", "TUN221"])
def test_the_closing_summary_names_what_both_ends_explain(rule: str, tmp_path: Path) -> None:
    for logs in ({}, {"logs": ()}):
        report = Lab(tmp_path, rule).check(**logs)
        failed = [one for one in report.summary() if one.rules]
        assert {tuple(one.rules) for one in report.summary() if one.outcome == "failed"} == {(rule,)}
        assert all(one.times == 1 for one in failed)
        assert sum(one.times for one in report.summary()) == report.negotiations_total


def test_negotiations_that_cannot_be_joined_are_told(tmp_path: Path) -> None:
    """A log of a debug that prints no packets: nothing says which line of the other log it belongs to."""
    lab = Lab(tmp_path, "TUN221")
    lines = lab.files["hub.log"].splitlines(keepends=True)
    lab.files["hub.log"] = "".join(line for line in lines if line.startswith(("*", "M")) and "Packet [" not in line)
    report = lab.check()
    [notice] = [one for one in report.notices if "SPIs" in one]
    assert notice.startswith("1 negotiations have no SPIs in their log")
    assert not [one for one in Lab(tmp_path, "TUN221").check().notices if "SPIs" in one]
