"""Edits that are offered for a failed negotiation: they were tried, and they are the smallest that help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from authoring.lab import Lab
from flexlint.finding import Finding, Fix
from flexlint.inputs.jobs import plan
from flexlint.report.model import Report
from flexlint.rulebook import select
from flexlint.run import Options, run


def fixes(finding: Finding) -> list[Fix]:
    return [one for one in (finding.fix, *finding.alternatives) if one is not None and one.proven]


def said(report: Report, rule: str) -> list[str]:
    """The proven fixes of a rule, in words."""
    return [one.text for finding in report.findings if finding.rule == rule for one in fixes(finding)]


def by_address(lab: Lab) -> Lab:
    """The hub finds its key by address, so that no identity of the keyring is in the way."""
    return lab.edit("hub.cfg", "  identity fqdn branch1.example.net\n", "  address 203.0.113.21\n")


def test_both_ends_are_named_where_either_would_do(tmp_path: Path) -> None:
    assert said(by_address(Lab(tmp_path, "SEL222")).check(), "SEL222") == [
        "on 'hub1': add `match identity remote fqdn branch1.example.com` to profile 'BRANCHES'",
        "on 'branch1': set `identity local fqdn branch1.example.net` in profile 'TO-HUB'",
    ]
    assert said(Lab(tmp_path, "SEL221").check(), "SEL221") == [
        "on 'branch1': add `match identity remote fqdn hub-a.example.net` to profile 'TO-HUB'",
        "on 'hub1': set `identity local fqdn hub1.example.net` in profile 'BRANCHES'",
    ]


def test_an_edit_that_only_moves_the_failure_is_not_offered(tmp_path: Path) -> None:
    """The hub's keyring has no block for the identity either: matching it would end at the key."""
    assert said(Lab(tmp_path, "SEL222").check(), "SEL222") == [
        "on 'branch1': set `identity local fqdn branch1.example.net` in profile 'TO-HUB'"
    ]


@pytest.mark.parametrize("rule", ["SEL221", "SEL223", "AUT222", "TUN221"])
def test_each_edit_alone_silences_the_rule(rule: str, tmp_path: Path) -> None:
    lab = Lab(tmp_path, rule)
    report = lab.check()
    offered = [one for finding in report.findings if finding.rule == rule for one in fixes(finding)]
    assert offered
    for fix in offered:
        if "identity local" in fix.text:
            continue  # the log still shows the identity of before
        again = Lab(tmp_path, rule)
        for edit in fix.edits:
            lines = again.files[Path(edit.path).name].splitlines()
            lines[edit.first - 1 : max(edit.last, edit.first - 1)] = edit.lines
            again.files[Path(edit.path).name] = "\n".join(lines) + "\n"
        assert rule not in {finding.rule for finding in again.check().findings}, fix.text


def test_a_weak_group_is_not_offered(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "SEL223").edit("spoke.cfg", " group 20\n", " group 2\n")
    assert said(lab.check(), "SEL223") == ["on 'branch1': add group 19 to proposal 'CORP'"]


def test_what_a_log_says_is_written_only_if_it_is_a_name(tmp_path: Path) -> None:
    evil = "x ! no crypto"
    lab = by_address(Lab(tmp_path, "SEL222"))
    report = lab.edit("hub.log", "branch1.example.com", evil).check(peer_logs=())
    edits = [edit for finding in report.findings for one in fixes(finding) for edit in one.edits]
    assert not [line for edit in edits for line in edit.lines if "!" in line]


def test_a_list_that_exists_is_named_or_the_list_is_defined(tmp_path: Path) -> None:
    examples = Path(__file__).parent.parent.parent / "examples" / "missing-group-list"
    report = run(plan([str(examples)]).jobs, Options(select()))
    texts = said(report, "AZN001")
    assert texts[0] == "on 'flexhub1': name list 'FLEX-AUTHZ' in profile 'FLEX-BRANCH'"
    assert texts[1:] == ["on 'flexhub1': add `aaa authorization network FLEX-AUTHOR local`"]


def test_it_is_shown_as_a_difference_and_as_commands_and_made(tmp_path: Path) -> None:
    Lab(tmp_path, "SEL223").check()
    start = [sys.executable, "-c", "from flexlint.cli import main; main()", "check", "hub.cfg", "--log", "hub.log"]
    ends = ["--peer", "spoke.cfg", "--peer-log", "spoke.log", "--unsafe-fixes"]

    def flexlint(*options: str) -> str:
        done = subprocess.run([*start, *ends, *options], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    assert "- group 19\n+ group 19 20\n" in flexlint("--diff")
    assert "crypto ikev2 proposal CORP\n group 19 20\n exit\n" in flexlint("--fix-commands")
    assert "or: on 'branch1': add group 19 to proposal 'CORP'" in flexlint("--output-format", "full")
    flexlint("--fix")
    assert " group 19 20\n" in (tmp_path / "hub.cfg").read_text()


def test_formats_without_fixes_try_none(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "SEL223")
    lab.check()
    code = (
        "import sys; from flexlint.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "assert 'flexlint.fixes.counterfactual' not in sys.modules"
    )
    paths = ["hub.cfg", "--log", "hub.log", "--peer", "spoke.cfg"]
    done = subprocess.run(
        [sys.executable, "-c", code, "check", *paths, "--output-format", "concise"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
