"""The GitHub action does what its steps say, run here as a runner runs them, but for the install."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
ACTION: dict[str, Any] = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))


def _check(tmp_path: Path, **chosen: str) -> subprocess.CompletedProcess[str]:
    """The last step, with its inputs put in as the runner does it, and flexlint where the first step puts it."""
    bin_folder = tmp_path / "flexlint" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "flexlint").symlink_to(Path(sys.executable).with_name("flexlint"))
    step = ACTION["runs"]["steps"][-1]
    values = {name: given["default"] for name, given in ACTION["inputs"].items()} | chosen
    environment = {**os.environ, "RUNNER_TEMP": str(tmp_path)}
    for name, text in step["env"].items():
        environment[name] = values[text.removeprefix("${{ inputs.").removesuffix(" }}")]
    command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
    return subprocess.run(
        command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize(("example", "status"), [("healthy-hub", 0), ("unmatched-identity", 1)])
def test_check_step(tmp_path: Path, example: str, status: int):
    sarif = tmp_path / "out.sarif"
    run = _check(tmp_path, **{"paths": f"examples/{example}", "sarif-file": str(sarif)})
    assert run.returncode == status, run.stderr
    results = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    assert bool(results) is bool(status)
    assert run.stdout.startswith("::error") is bool(status)


def test_several_paths_and_never_failing(tmp_path: Path):
    paths = "examples/unmatched-identity examples/key-length"
    run = _check(tmp_path, **{"paths": paths, "fail-on": "never", "sarif-file": str(tmp_path / "out.sarif")})
    assert run.returncode == 0, run.stderr
    assert "SEL001" in run.stdout
    assert "AUT005" in run.stdout


def test_first_step_installs_this_project():
    install = ACTION["runs"]["steps"][0]
    assert "$GITHUB_ACTION_PATH" in install["run"]
    assert (CHECKOUT / "pyproject.toml").is_file()
