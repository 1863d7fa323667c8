"""The memory of a run over logs that are made to be a nuisance: bounded, whatever their size."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from authoring.hostile import LINES, ONE_LINE, blocks

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LINES_READ, KILOBYTES_READ = 120_000, 30_000
BAR = 160  # MB; 25 of them are there before anything is read
GROWTH = 20  # MB that half as much again may add: what is kept is bounded, but not yet full
pytestmark = pytest.mark.bench
_STARTER = (
    "import os, subprocess, sys; p = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL); "
    "_, status, u = os.wait4(p.pid, 0); print(status, u.ru_maxrss)"
)


def _resident(path: Path) -> float:
    """MB of one process that checks the log."""
    command = [str(Path(sys.executable).with_name("flexlint")), "check", str(path), "--jobs", "1"]
    starter = [sys.executable, "-c", _STARTER, *command, "--fail-on", "never"]
    done = subprocess.run(starter, capture_output=True, cwd=CHECKOUT, check=True, timeout=300, text=True)
    status, resident = done.stdout.split()
    assert status == "0", done.stderr
    return int(resident) / 1024


@pytest.mark.parametrize(
    ("kind", "size"), [*((kind, LINES_READ) for kind in LINES), *((kind, KILOBYTES_READ) for kind in ONE_LINE)]
)
def test_memory_is_bounded(kind: str, size: int, tmp_path: Path):
    found = []
    if kind == "failures that differ":  # each of which is judged
        size //= 6
    for part in (size, size * 3 // 2):
        path = tmp_path / "hub.log"
        with path.open("wb") as out:
            out.writelines(blocks((LINES | ONE_LINE)[kind](part)))
        found.append(_resident(path))
    print(f"{kind}: resident {found[0]:.0f} and {found[1]:.0f} MB, bar {BAR}")
    assert max(found) <= BAR
    assert found[1] - found[0] < GROWTH
