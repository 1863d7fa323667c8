"""What every test may use: the checkout, and flexlint as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True)  # a build says the same twice; new examples are tried at home
if os.environ.get("CI"):
    settings.load_profile("ci")

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture(scope="session")
def flexlint() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed command, as a user would, in the checkout unless `cwd` says otherwise."""
    command = Path(sys.executable).with_name("flexlint")

    def run(*arguments: str, stdin: str | None = None, cwd: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(command), *arguments], input=stdin, capture_output=True, text=True, timeout=60, cwd=cwd, check=False
        )

    return run
