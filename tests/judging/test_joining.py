"""Both ends with their logs: one IKE SA, one finding, with the lines of both configurations and both logs."""

from __future__ import annotations

from pathlib import Path

import pytest

import flexlint.judging.joining
from authoring.lab import Lab
from flexlint.finding import Confidence, Finding, Verdict
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
    [notice] = report.notices
    assert notice == (
        "16 negotiations with 203.0.113.21 were not looked up in the log of the other end: they went as earlier ones "
        "did, of which only so many are kept until it is read"
    )


def test_what_waits_of_other_peers_is_no_worry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long log of a hub with many branches: those of other branches are not in this one's log."""
    monkeypatch.setattr(flexlint.judging.joining, "KEPT_ALIKE", 5)
    lab = Lab(tmp_path, "SEL221", "Consistent")
    own = lab.files["hub.log"]
    other = own.replace("203.0.113.21", "203.0.113.22").replace("branch1.", "branch2.")
    lab.files["hub.log"] = own + "".join(other.replace("5C1E90A7", f"{n:08X}") for n in range(1, 21))
    assert lab.check().notices == []


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


def without_spis(text: str) -> str:
    """The log of a collector that keeps the first line of each message: packets have no SPIs then."""
    return "".join(line for line in text.splitlines(keepends=True) if line.startswith(("*", "M")))


def without_packets(text: str) -> str:
    """The log of a debug that prints no packets: neither SPIs nor addresses."""
    return "".join(line for line in without_spis(text).splitlines(keepends=True) if "Packet [" not in line)


def bare(tmp_path: Path, rule: str, part: str = "Contradiction") -> Lab:
    """Both logs without SPIs."""
    lab = Lab(tmp_path, rule, part)
    for name in ("hub.log", "spoke.log"):
        lab.files[name] = without_spis(lab.files[name])
        assert "SPI" not in lab.files[name].replace("SPI size", "")
    return lab


@pytest.mark.parametrize("rule", ["SEL221", "SEL222", "AUT221", "TUN221"])
def test_ends_are_joined_without_spis_where_only_one_fits(rule: str, tmp_path: Path) -> None:
    report = bare(tmp_path, rule).check()
    [finding] = [one for one in report.findings if one.rule == rule]
    assert {"hub.log", "spoke.log"} <= files_of(finding)
    assert finding.confidence is Confidence.MEDIUM
    assert any("share no SPI: joined by addresses, identities and time" in note for note in finding.notes)
    assert not [one for one in report.notices if "SPI" in one]


def test_one_log_without_spis_is_joined_with_one_that_has_them(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "TUN221")
    lab.files["hub.log"] = without_packets(lab.files["hub.log"])
    [finding] = [one for one in lab.check().findings if one.rule == "TUN221"]
    assert {"hub.log", "spoke.log"} <= files_of(finding)


def test_healthy_ends_without_spis_are_silent(tmp_path: Path) -> None:
    report = bare(tmp_path, "SEL221", "Consistent").check()
    assert rules(report) == []
    assert not [one for one in report.notices if "SPI" in one]


def at(text: str, clock: str) -> str:
    """The log at another time of its hour."""
    return text.replace("07:12:", clock)


def test_two_attempts_that_both_fit_are_not_joined(tmp_path: Path) -> None:
    """Within a second of each other: which of them the other log shows, nothing says."""
    lab = bare(tmp_path, "TUN221")
    second = lab.files["hub.log"].replace("SESSION ID = 7,", "SESSION ID = 8,").replace("SA ID = 1", "SA ID = 2")
    lab.files["hub.log"] += second
    report = lab.check()
    assert not [one for one in report.findings if any("share no SPI" in note for note in one.notes)]
    [notice] = [one for one in report.notices if "SPIs" in one]
    assert notice.startswith("3 negotiations have no SPIs in their log")


def test_attempts_an_hour_apart_are_not_joined(tmp_path: Path) -> None:
    lab = bare(tmp_path, "TUN221")
    lab.files["hub.log"] = at(lab.files["hub.log"], "08:12:")
    report = lab.check()
    assert not [one for one in report.findings if any("share no SPI" in note for note in one.notes)]
    assert [one for one in report.notices if one.startswith("2 negotiations have no SPIs in their log")]


def test_of_several_attempts_each_is_joined_with_its_own(tmp_path: Path) -> None:
    """The spoke tries every minute; the hub's log has the same attempts, its clock 20 seconds ahead."""
    lab = bare(tmp_path, "TUN221")
    spoke, hub = lab.files["spoke.log"], lab.files["hub.log"]
    lab.files["spoke.log"] = "".join(at(spoke, f"07:{minute}:") for minute in (12, 13, 14))
    lab.files["hub.log"] = "".join(at(hub, f"07:{minute}:") for minute in (12, 13, 14)).replace(":14.", ":34.")
    [finding] = [one for one in lab.check().findings if one.rule == "TUN221"]
    assert (finding.occurrences, finding.confidence) == (3, Confidence.LOW)


def test_what_the_responder_refused_is_not_what_came_up_at_the_initiator(tmp_path: Path) -> None:
    """At the same second, from the same addresses: but one of the two cannot be the other's half."""
    lab = bare(tmp_path, "SEL221", "Consistent")
    lab.files["hub.log"] = without_spis(Lab(tmp_path, "SEL223").files["hub.log"])
    report = lab.check()
    assert not [one for one in report.findings if any("share no SPI" in note for note in one.notes)]


def test_the_attempt_of_another_spoke_is_not_joined(tmp_path: Path) -> None:
    lab = bare(tmp_path, "SEL222").edit("hub.log", "branch1.example.com", "branch9.example.com")
    report = lab.check()
    assert not [one for one in report.findings if any("share no SPI" in note for note in one.notes)]


def test_more_than_can_wait_without_spis_are_not_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flexlint.judging.joining, "KEPT_ALIKE", 2)
    lab = bare(tmp_path, "TUN221")
    lab.files["hub.log"] = "".join(at(lab.files["hub.log"], f"07:{minute}:") for minute in range(12, 17))
    report = lab.check()
    assert not [one for one in report.findings if any("share no SPI" in note for note in one.notes)]
    assert [one for one in report.notices if one.startswith("6 negotiations have no SPIs in their log")]
