"""The whole process on a pair of everyday size, against `python -c "import ciscoconfparse2"` in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
TARGET = 0.20
BAR = 0.25  # what fails the build: the target is met or missed by a few percent, as the machine has it


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False, cwd=CHECKOUT, timeout=60, env=environment)
    return time.perf_counter() - started


def _pair(folder: Path) -> tuple[Path, Path]:
    """A 400-line configuration and a 2,000-line log, grown from the healthy example."""
    hub = (CHECKOUT / "examples/healthy-hub/hub.cfg").read_text(encoding="utf-8")
    peers = "".join(
        f" peer SITE{n}\n  address 192.0.2.{n}\n  identity fqdn site{n}.example.net\n"
        f"  pre-shared-key Kx7-site-{n}-key-q\n !\n"
        for n in range(1, 59)
    )
    config = hub.replace("crypto ikev2 keyring FLEX-KEYS\n", f"crypto ikev2 keyring FLEX-KEYS\n{peers}")
    trace = (CHECKOUT / "examples/healthy-hub/hub.log").read_text(encoding="utf-8")
    log = "".join(
        trace.replace("SESSION ID = 4", f"SESSION ID = {n}4")
        .replace("5C1E90A7", f"5C1E9{n:03X}")
        .replace("71F3D80C", f"71F3D{n:03X}")
        for n in range(1, 9)
    )
    (folder / "hub.cfg").write_text(config, encoding="utf-8")
    (folder / "hub.log").write_text(log, encoding="utf-8")
    assert 390 <= config.count("\n") <= 420
    assert 1_900 <= log.count("\n") <= 2_100
    return folder / "hub.cfg", folder / "hub.log"


@pytest.mark.bench
def test_check_takes_a_fraction_of_importing_ciscoconfparse2(tmp_path: Path):
    config, log = _pair(tmp_path)
    ours = [str(Path(sys.executable).with_name("flexlint")), "check", str(config), str(log)]
    peer = [sys.executable, "-c", "import ciscoconfparse2"]
    # Both with compiled modules, as they are once installed.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path / "compiled")
    for command in (ours, peer):
        _seconds(command, environment)
    rounds: list[float] = []
    while len(rounds) < 4 and (not rounds or min(rounds) > TARGET):  # a busy machine gets another try
        # The quickest of each, run in turn: what else the machine does can only add to a time.
        pairs = [(_seconds(ours, environment), _seconds(peer, environment)) for _ in range(9)]
        rounds.append(min(one for one, _ in pairs) / min(other for _, other in pairs))
    print(f"flexlint check / import ciscoconfparse2: {min(rounds):.3f}, target {TARGET}, bar {BAR}")
    assert min(rounds) <= BAR


def test_check_loads_nothing_heavy(tmp_path: Path):
    config, log = _pair(tmp_path)
    code = (
        "import sys; from flexlint.commands.checking import check\n"
        "from click.testing import CliRunner; from flexlint.cli import main\n"
        f"CliRunner().invoke(main, ['check', {str(config)!r}, {str(log)!r}])\n"
        "print([m for m in ('pydantic', 'rich', 'ciscoconfparse2', 'lark') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip().splitlines()[-1] == "[]"
