"""A configuration and its log in one text: a post in a forum, the capture of a terminal session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from flexlint.inputs.jobs import plan
from flexlint.inputs.mixed import configuration_in
from flexlint.inputs.source import split_lines
from flexlint.report.model import Report
from flexlint.rulebook import select
from flexlint.run import Options, run

PAIR = Path(__file__).resolve().parent.parent.parent / "examples/missing-group-list"
CONFIG = (PAIR / "hub.cfg").read_text(encoding="utf-8")
LOG = (PAIR / "hub.log").read_text(encoding="utf-8")

Command = Callable[..., CompletedProcess[str]]
BETWEEN = "crypto ikev2 profile FLEX-BRANCH\n"
RECORD = "*Apr  2 07:00:00.001: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.9)\n"
SHAPES: dict[str, Callable[[], str]] = {
    "post": lambda: f"Hi all, the branch does not come up.\n\n{CONFIG}\nand this is the debug:\n\n{LOG}\nAny ideas?\n",
    "debug first": lambda: f"Hello,\n\n{LOG}\nThe hub has:\n\n{CONFIG}",
    "fences": lambda: f"## hub\n```\n{CONFIG}```\n## debug\n```\n{LOG}```\n",
    "records between": lambda: f"{CONFIG.replace(BETWEEN, BETWEEN + RECORD)}\n{LOG}",
    "session": lambda: f"flexhub1#show running-config\n{CONFIG}flexhub1#debug crypto ikev2\n{LOG}flexhub1#\n",
}


def report_on(*paths: Path) -> Report:
    return run(plan([str(path) for path in paths]).jobs, Options(select()))


def said(report: Report) -> list[tuple[str, str]]:
    return sorted((one.rule, one.message) for one in report.findings)


@pytest.mark.parametrize("shape", SHAPES)
def test_one_text_says_what_the_pair_says(shape: str, tmp_path: Path):
    post = tmp_path / "post.txt"
    post.write_text(SHAPES[shape](), encoding="utf-8")
    report = report_on(post)
    assert said(report) == said(report_on(PAIR / "hub.cfg", PAIR / "hub.log"))
    found = next(one for one in report.findings if one.rule == "AZN001")
    assert found.primary is not None
    lines = post.read_text(encoding="utf-8").split("\n")
    assert "psk list FLEX-AUTHOR" in lines[found.primary.line - 1]


def test_a_few_records_behind_a_long_configuration_are_its_log(tmp_path: Path):
    post = tmp_path / "post.txt"
    records = [line for line in LOG.split("\n") if "IKEv2:" in line][:4]
    post.write_text(CONFIG + "!\n" * 200 + "\n".join(records) + "\n", encoding="utf-8")
    report = report_on(post)
    assert [one.kind for one in report.inputs] == ["config", "log"]
    assert len(report.negotiations) == 1


def test_what_an_operator_types_into_a_log_is_no_configuration():
    text = LOG + "flexhub1#conf t\nflexhub1(config)#crypto ikev2 profile FLEX-BRANCH\n"
    text += "flexhub1(config-ikev2-profile)#no virtual-template 1\nflexhub1(config-ikev2-profile)#virtual-template 2\n"
    text += "flexhub1(config-ikev2-profile)#interface Tunnel7\nflexhub1(config-if)#shutdown\n" + LOG
    assert configuration_in(split_lines(text)) == []


def test_a_log_keeps_the_configuration_it_was_given_with(tmp_path: Path):
    (tmp_path / "hub.log").write_text(f"flexhub1#show run\n{CONFIG}flexhub1#\n{LOG}", encoding="utf-8")
    (tmp_path / "hub.cfg").write_text(CONFIG, encoding="utf-8")
    report = report_on(tmp_path / "hub.cfg", tmp_path / "hub.log")
    assert [(Path(one.path).name, one.kind) for one in report.inputs] == [("hub.cfg", "config"), ("hub.log", "log")]


def test_the_story_of_such_a_text_names_the_lines_of_the_configuration(tmp_path: Path, flexlint: Command):
    post = tmp_path / "post.txt"
    post.write_text(SHAPES["post"](), encoding="utf-8")
    told = flexlint("trace", str(post)).stdout
    apart = flexlint("trace", str(PAIR / "hub.log"), str(PAIR / "hub.cfg")).stdout
    assert told.count("post.txt:") == apart.count("hub.log:") + apart.count("hub.cfg:") > 2
