"""The hook as a user has it: a repository of configurations, a commit, and what the commit says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
pytestmark = pytest.mark.slow


def run(*command: str, cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs in a world of its own: neither the user's git settings nor pre-commit's cache is seen or changed."""
    settings = {
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "n",
        "GIT_AUTHOR_EMAIL": "n@example.com",
        "GIT_COMMITTER_NAME": "n",
        "GIT_COMMITTER_EMAIL": "n@example.com",
        "GIT_ALLOW_PROTOCOL": "file",
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "FLEXLINT"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command, cwd=cwd, env={**kept, **settings, "PATH": path}, capture_output=True, text=True, timeout=500
    )


def checked(*command: str, cwd: Path, home: Path) -> str:
    done = run(*command, cwd=cwd, home=home)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def configurations(tmp_path: Path, home: Path) -> Path:
    """A repository with a healthy pair, committed."""
    folder = tmp_path / "configurations"
    folder.mkdir()
    checked("git", "init", "-q", cwd=folder, home=home)
    write_pair(folder, healthy=True)
    checked("git", "add", ".", cwd=folder, home=home)
    checked("git", "commit", "-qm", "start", cwd=folder, home=home)
    return folder


def write_pair(folder: Path, *, healthy: bool) -> None:
    """The healthy hub and its log; or the same log, and a profile that asks for another authorization policy."""
    config = (CHECKOUT / "examples/healthy-hub/hub.cfg").read_text()
    broken = config.replace("psk list FLEX-AUTHZ BRANCH-POLICY", "psk list FLEX-AUTHZ BRANCHES")
    assert broken != config
    for name in ("configs", "logs"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "configs/hub.cfg").write_text(config if healthy else broken)
    shutil.copyfile(CHECKOUT / "examples/healthy-hub/hub.log", folder / "logs/hub.debug.log")


@pytest.fixture
def tagged(tmp_path: Path, home: Path) -> Path:
    """This checkout as a repository with a tag, as users name it in their `.pre-commit-config.yaml`."""
    clone = tmp_path / "flexlint"
    clone.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (CHECKOUT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CHECKOUT / name, clone / name)
    checked("git", "init", "-q", cwd=clone, home=home)
    checked("git", "add", ".", cwd=clone, home=home)
    checked("git", "commit", "-qm", "all", cwd=clone, home=home)
    checked("git", "tag", "v0.1.0", cwd=clone, home=home)
    return clone


def test_hook_blocks_a_broken_pair_and_lets_a_healthy_one_pass(configurations: Path, tagged: Path, home: Path) -> None:
    (configurations / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {tagged}\n  rev: v0.1.0\n  hooks:\n  - id: flexlint\n"
    )
    checked("pre-commit", "install", cwd=configurations, home=home)
    with (configurations / "configs/hub.cfg").open("a") as config:
        config.write("!\n")
    (configurations / "notes.txt").write_text("The hub was moved to the other rack, and nobody has seen it since.\n")
    checked("git", "add", ".", cwd=configurations, home=home)
    checked("git", "commit", "-qm", "healthy", cwd=configurations, home=home)

    write_pair(configurations, healthy=False)
    checked("git", "add", "configs/hub.cfg", cwd=configurations, home=home)  # its log is found, not handed over
    blocked = run("git", "commit", "-m", "broken", cwd=configurations, home=home)
    assert blocked.returncode == 1
    assert "AZN004" in blocked.stdout + blocked.stderr

    tried = run(
        "pre-commit", "try-repo", str(tagged), "flexlint", "--files", "configs/hub.cfg", cwd=configurations, home=home
    )
    assert tried.returncode == 1
    assert "AZN004" in tried.stdout
