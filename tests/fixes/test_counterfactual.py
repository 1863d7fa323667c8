"""Edits that are offered for a failed negotiation: they were tried, and they are the smallest that help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from authoring.lab import Lab
from flexlint.cards import cards
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
    """The hub's keyring has no block for the identity either, nor one that is meant for it: matching the identity would
    end at the key."""
    lab = Lab(tmp_path, "SEL222").edit("hub.cfg", " peer BRANCH1\n", " peer SITE-7\n")
    lab.edit("hub.cfg", "  identity fqdn branch1.example.net\n", "  identity fqdn site7.example.net\n")
    assert said(lab.check(), "SEL222") == []


@pytest.mark.parametrize("block", ["BRANCH1", "SITE-7"])
def test_a_match_goes_with_the_identity_of_the_block_that_is_meant(block: str, tmp_path: Path) -> None:
    """The branch has its name in another domain: the profile must accept it, and the keyring must find its key."""
    lab = Lab(tmp_path, "SEL222").edit("hub.cfg", " peer BRANCH1\n", f" peer {block}\n")
    for logs in ({}, {"peer_logs": ()}):
        assert said(lab.check(**logs), "SEL222") == [
            (
                "on 'hub1': add `match identity remote fqdn branch1.example.com` to profile 'BRANCHES', "
                f"and set `identity fqdn branch1.example.com` in peer block '{block}'"
            ),
            "on 'branch1': set `identity local fqdn branch1.example.net` in profile 'TO-HUB'",
        ]


def test_two_blocks_that_may_be_meant_are_left_alone(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "SEL222").edit("hub.cfg", " peer BRANCH1\n", " peer SITE-7\n")
    other = (
        "crypto ikev2 keyring KEYS\n peer SITE-8\n  identity fqdn branch1.example.org\n  pre-shared-key Zp4kettle88\n"
    )
    lab.edit("hub.cfg", "crypto ikev2 profile", f"{other}crypto ikev2 profile")
    assert not [text for text in said(lab.check(), "SEL222") if "peer block" in text]


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


# ---- edits by rule ---------------------------------------------------------------------------------------------------


def pair(folder: Path, rule: str, *changes: tuple[str, str]) -> Report:
    """The contradiction of a card with changes of its configuration."""
    for name, text in cards()[rule].example("Contradiction").files.items():
        for old, new in changes if name == "hub.cfg" else ():
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text)
    return run(plan([str(folder)]).jobs, Options(select()))


EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def template(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """The fixes for the virtual-template of the example, with changes of its configuration."""
    for name in ("hub.cfg", "hub.log"):
        text = (EXAMPLES / "wrong-virtual-template" / name).read_text()
        for old, new in changes if name == "hub.cfg" else ():
            assert old in text
            text = text.replace(old, new)
        (folder / name).write_text(text)
    return said(run(plan([str(folder)]).jobs, Options(select())), "TUN001")


RIGHT = ("set ikev2-profile FLEX-BRANCH-OLD", "set ikev2-profile FLEX-BRANCH")
PROTECTED = " tunnel protection ipsec profile FLEX-IPSEC\n"
OTHER = """crypto ikev2 profile FORMER
 match identity remote fqdn f.example.org
 authentication remote pre-share
 authentication local pre-share
 keyring local FLEX-KEYS
 dpd 30 5 on-demand
 virtual-template 2
crypto ipsec profile MEANT
 set transform-set ESP-GCM
 set ikev2-profile FLEX-BRANCH
"""


def test_the_broken_link_of_a_template_is_mended(tmp_path: Path) -> None:
    assert template(tmp_path) == ["on 'flexhub1': set `set ikev2-profile FLEX-BRANCH` in ipsec profile 'FLEX-IPSEC'"]


def test_what_serves_another_profile_is_not_taken_from_it(tmp_path: Path) -> None:
    second = "interface Virtual-Template2 type tunnel\n ip unnumbered Loopback0\n"
    texts = template(
        tmp_path,
        ("set ikev2-profile FLEX-BRANCH-OLD", "set ikev2-profile FORMER"),
        ("crypto ipsec transform-set", f"{OTHER}crypto ipsec transform-set"),
        ("interface Virtual-Template1", f"{second}{PROTECTED}interface Virtual-Template1"),
    )
    assert texts == ["on 'flexhub1': protect Virtual-Template1 by ipsec profile 'MEANT'"]


@pytest.mark.parametrize(
    ("change", "fix"),
    [
        ((PROTECTED, ""), "add `tunnel protection ipsec profile FLEX-IPSEC` to Virtual-Template1"),
        (("Virtual-Template1 type tunnel", "Virtual-Template1"), "make Virtual-Template1 `type tunnel`"),
        (("virtual-template 1", "virtual-template 7"), "clone `virtual-template 1` in profile 'FLEX-BRANCH'"),
        ((PROTECTED, PROTECTED.replace("IPSEC", "X")), "protect Virtual-Template1 by ipsec profile 'FLEX-IPSEC'"),
        (
            ("set transform-set ESP-GCM", "set transform-set X"),
            "name transform-set 'ESP-GCM' in ipsec profile 'FLEX-IPSEC'",
        ),
    ],
)
def test_each_link_of_the_chain(tmp_path: Path, change: tuple[str, str], fix: str) -> None:
    assert template(tmp_path, RIGHT, change) == [f"on 'flexhub1': {fix}"]


def test_two_lines_where_one_is_not_enough(tmp_path: Path) -> None:
    bare = ("Virtual-Template1 type tunnel", "Virtual-Template1")
    assert template(tmp_path, RIGHT, bare, (PROTECTED, "")) == [
        "on 'flexhub1': make Virtual-Template1 `type tunnel`, with `tunnel protection ipsec profile FLEX-IPSEC`"
    ]


def test_a_method_is_accepted_with_what_it_takes_to_check_it(tmp_path: Path) -> None:
    assert said(pair(tmp_path, "AUT006"), "AUT006") == []  # the router has no trustpoint to check signatures with
    trustpoint = "crypto pki trustpoint CORP\n enrollment url http://192.0.2.80:80\n revocation-check crl\n"
    signed = ("crypto ikev2 keyring", f"{trustpoint}crypto ikev2 keyring")
    texts = said(pair(tmp_path, "AUT006", signed), "AUT006")
    assert texts == ["on 'hub1': add `authentication remote rsa-sig` to profile 'BRANCHES', and `pki trustpoint CORP`"]


def test_a_block_is_found_under_the_name_of_the_peer(tmp_path: Path) -> None:
    texts = said(pair(tmp_path, "AUT009"), "AUT009")
    assert texts[0] == "on 'hub1': set `identity fqdn branch1.example.net` in peer block 'BRANCH1'"
    assert texts[1:] == ["on 'hub1': set `address 203.0.113.21` in peer block 'BRANCH1'"]


def test_a_keyring_that_has_the_block_is_named(tmp_path: Path) -> None:
    other = "crypto ikev2 keyring SPARE\n peer NORTH\n  address 203.0.113.21\n  pre-shared-key Zx8-branch-1\n"
    report = pair(tmp_path, "AUT009", ("crypto ikev2 profile", f"{other}crypto ikev2 profile"), ("BRANCH1", "SOUTH"))
    assert said(report, "AUT009")[:1] == ["on 'hub1': name keyring 'SPARE' in profile 'BRANCHES'"]


def test_a_profile_in_another_vrf_gets_both_lines(tmp_path: Path) -> None:
    report = pair(
        tmp_path,
        "SEL001",
        ("hostname hub1\n", "hostname hub1\nvrf definition INTERNET\n address-family ipv4\n"),
        (" match identity remote", " match fvrf INSIDE\n match identity remote"),
    )
    assert said(report, "SEL001") == []  # the packet came in the global table, for which there is no name to write


def test_aaa_is_switched_on_before_its_list_is_defined(tmp_path: Path) -> None:
    for name in ("hub.cfg", "hub.log"):
        text = (EXAMPLES / "missing-group-list" / name).read_text()
        (tmp_path / name).write_text(text.replace("aaa new-model\n", "") if name == "hub.cfg" else text)
    texts = said(run(plan([str(tmp_path)]).jobs, Options(select())), "AZN001")
    assert "on 'flexhub1': add `aaa new-model` and `aaa authorization network FLEX-AUTHOR local`" in texts


def test_keys_that_differ_are_set_at_either_end_and_never_shown(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "AUT221")
    report = lab.check()
    fingers = [f for f in report.findings if f.rule == "AUT221"]
    texts = said(report, "AUT221")
    assert [text.partition(":")[0] for text in texts] == ["on 'hub1'", "on 'branch1'"]
    for fix in fixes(fingers[0]):
        again = Lab(tmp_path, "AUT221")
        for edit in fix.edits:
            lines = again.files[Path(edit.path).name].splitlines()
            lines[edit.first - 1] = edit.lines[0]
            again.files[Path(edit.path).name] = "\n".join(lines) + "\n"
        assert not {"AUT221", "AUT203"} & {finding.rule for finding in again.check().findings}
    lab.edit("hub.cfg", "Zx8-branch-1-jT4wQP", "Vm3-north-7-kP9dRb").edit(
        "spoke.cfg", "Zx8-branch-1-jT4wQp", "Vm3-north-7-kP9dRc"
    )
    keys = {line.split()[-1] for text in lab.files.values() for line in text.splitlines() if "pre-shared-key" in line}
    assert len(keys) == 2
    lab.check()
    start = [sys.executable, "-c", "from flexlint.cli import main; main()", "check", "hub.cfg", "--log", "hub.log"]
    for name in ("full", "json", "sarif", "html", "markdown"):
        options = ["--peer", "spoke.cfg", "--peer-log", "spoke.log", "--output-format", name, "--unsafe-fixes"]
        for more in ([], ["--diff"], ["--fix-commands"]):
            done = subprocess.run(
                [*start, *options, *more], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode in (0, 1)
            assert not any(key in done.stdout + done.stderr for key in keys), (name, more)


def test_a_format_for_programs_has_no_edit_that_would_not_mend(tmp_path: Path) -> None:
    """The proposal gets another hash, but another fault stays in the same line: the finding would not go away."""
    config = tmp_path / "hub.cfg"
    config.write_text("hostname hub1\nversion 17.9\ncrypto ikev2 proprosal A\n encryption aes-cbc-256\n")
    [plain, offered] = (
        run(plan([str(config)]).jobs, Options(select(["SYN"]), verifies_edits=flag)).findings for flag in (False, True)
    )
    with_edits = [[f.rule for f in found if f.fix and f.fix.edits] for found in (plain, offered)]
    assert with_edits[0]
    assert with_edits[1] == []
    assert [f.fix.text for f in offered if f.fix] == [f.fix.text for f in plain if f.fix]
