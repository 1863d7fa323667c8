"""The shipped example pairs, through the installed command: each finds what the README says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

EXPECTED = {
    "healthy-hub": set(),
    "unmatched-identity": {"SEL001"},
    "missing-group-list": {"AZN001"},
    "wrong-virtual-template": {"TUN001"},
    "key-length": {"AUT005"},
}


def test_every_example_has_an_expectation_and_a_line_in_the_readme(checkout: Path):
    folders = {path.name for path in (checkout / "examples").iterdir() if path.is_dir()}
    assert folders == set(EXPECTED)
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `examples/([\w-]+)` \| (.+) \|$", readme, re.MULTILINE))
    assert set(listed) == folders
    for name, rules in EXPECTED.items():
        assert set(re.findall(r"`([A-Z]{3}\d{3})`", listed[name])) == rules


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_example_yields_exactly_its_finding(name: str, flexlint):
    run = flexlint("check", f"examples/{name}", "--output-format", "json")
    report = json.loads(run.stdout)
    serious = {f["rule"] for f in report["findings"] if f["severity"] != "note"}
    assert serious == EXPECTED[name]
    assert run.returncode == (1 if EXPECTED[name] else 0)
    assert run.stderr == ""


def test_the_healthy_hub_yields_nothing_at_all(flexlint):
    report = json.loads(flexlint("check", "examples/healthy-hub", "--output-format", "json").stdout)
    assert report["findings"] == []
    assert [n["outcome"] for n in report["negotiations"]] == ["up", "up"]


@pytest.mark.parametrize(
    ("name", "config_line", "log_text"),
    [
        ("unmatched-identity", "match identity remote fqdn domain example.net", "Searching policy"),
        ("missing-group-list", "aaa authorization group psk list FLEX-AUTHOR", "Using mlist"),
        ("wrong-virtual-template", "set ikev2-profile FLEX-BRANCH-OLD", "no IPSEC policy"),
        ("key-length", "pre-shared-key", "key len 17"),
    ],
)
def test_finding_points_at_the_line_in_each_file(name: str, config_line: str, log_text: str, flexlint, checkout: Path):
    report = json.loads(flexlint("check", f"examples/{name}", "--output-format", "json").stdout)
    (finding,) = [f for f in report["findings"] if f["severity"] == "error"]
    lines = {kind: (checkout / "examples" / name / f"hub.{kind}").read_text().split("\n") for kind in ("cfg", "log")}
    assert config_line in lines["cfg"][finding["primary"]["line"] - 1]
    cited = [lines["log"][r["line"] - 1] for r in finding["related"] if r["role"] == "log"]
    assert any(log_text in line for line in cited)


def test_no_key_leaves_the_examples(flexlint, checkout: Path):
    keys = re.findall(r"pre-shared-key (\S+)", (checkout / "examples/key-length/hub.cfg").read_text())
    assert keys
    for form in ("full", "concise", "json", "sarif"):
        printed = flexlint("check", "examples/key-length", "--output-format", form).stdout
        assert printed
        assert not any(key in printed for key in keys)
