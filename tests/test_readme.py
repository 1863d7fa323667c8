"""Every command the README shows runs and does what its paragraph says; its first screen is what flexlint prints."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
OURS = [command for command in COMMANDS if command.startswith("flexlint ")]


def test_there_are_commands():
    assert len(OURS) >= 5
    assert "make demo" in COMMANDS
    assert "make test" in COMMANDS


@pytest.mark.parametrize("command", OURS)
def test_command_runs(command: str, flexlint, tmp_path: Path):
    shutil.copytree(CHECKOUT / "examples", tmp_path / "examples")
    run = flexlint(*shlex.split(command)[1:], cwd=tmp_path)
    assert run.returncode in (0, 1), run.stderr
    assert run.stdout.strip()
    assert run.stderr == ""


def test_first_screen_is_what_flexlint_prints(flexlint):
    command, screen = re.search(
        r"```console\n\$ (flexlint [^\n]+)\n```\n\n```text\n(.*?)```", README, re.DOTALL
    ).groups()
    printed = flexlint(*shlex.split(command)[1:], "--output-format", "full").stdout  # as on a terminal
    assert screen.strip() in printed


def test_make_has_the_two_commands(checkout: Path):
    makefile = (checkout / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo:", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)
    assert (checkout / ".ci/run").read_text(encoding="utf-8").rstrip().endswith("make test")


def test_make_demo_prints_what_the_examples_are_for(checkout: Path):
    run = subprocess.run(["make", "demo"], cwd=checkout, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr
    for rule in ("SEL001", "AZN001", "TUN001", "AUT005"):
        assert rule in run.stdout
    assert "examples/healthy-hub/hub.log" in run.stdout
