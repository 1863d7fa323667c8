"""A responder chooses of what the peer offers; an initiator offers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize(("case", "said"), [(1, "the router chose ESP"), (2, "the router offered ESP")])
def test_what_a_router_prints_of_its_own_is_said_by_its_role(
    flexlint: Callable[..., subprocess.CompletedProcess[str]], checkout: Path, case: int, said: str
) -> None:
    folder = checkout / "tests" / "cases" / f"stale-transform-set-faulty-{case}"
    assert said in flexlint("check", str(folder), "--select", "TUN008").stdout
