"""Reading large logs: against `grep -c`, a loop of expressions a line, one process against two, plain against gzip.

Each figure is a ratio of two things measured in turn in the same run, the better of some rounds: of processor time, and
where two processes are compared with one, of time on the clock. The target is what we want, the bar what fails the
build: where it stands today, less what a busy machine takes.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from generate_log import log

from flexlint.log.catalogue import _expression, messages

CHECKOUT = Path(__file__).resolve().parent.parent.parent
MEGABYTE = 1_000_000
MIXED, ONLY = 50 * MEGABYTE, 20 * MEGABYTE
ROUNDS = 2
pytestmark = pytest.mark.bench


class Bar(NamedTuple):
    target: float
    bar: float


GREP_MIXED = Bar(0.15, 0.005)  # of the speed of `grep -c IKEv2:`
GREP_ONLY = Bar(60 / 1700, 0.002)
LOOP = Bar(20, 3)  # times the speed of a loop of expressions
TWO = Bar(1.5, 0.8)  # times the speed of one process; two need a second processor that is free
FLEET = Bar(1.6, 0.7)  # the same for many pairs
GZIP = Bar(0.5, 0.4)  # of the speed on the plain file
RESIDENT = Bar(80, 70)  # MB


class Run(NamedTuple):
    seconds: float  # of the processor
    elapsed: float  # on the clock
    resident: float  # MB
    output: bytes


# A small process starts the one that is measured: a child of this one would begin with the memory of all tests.
_STARTER = (
    "import os, subprocess, sys; p = subprocess.Popen(sys.argv[1:]); _, _, u = os.wait4(p.pid, 0); "
    "print(u.ru_utime + u.ru_stime, u.ru_maxrss, file=sys.stderr)"
)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mixed") / "hub.log"
    with path.open("w", encoding="utf-8") as out:
        out.writelines(log(MIXED))
    return path


@pytest.fixture(scope="module")
def only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("only") / "hub.log"
    with path.open("w", encoding="utf-8") as out:
        out.writelines(log(ONLY, only_ikev2=True))
    return path


def _run(*command: str) -> Run:
    """One process: how long it took, and the most memory it had resident."""
    started = time.perf_counter()
    starter = [sys.executable, "-c", _STARTER, *command]
    done = subprocess.run(starter, capture_output=True, cwd=CHECKOUT, check=True, timeout=300)
    elapsed = time.perf_counter() - started
    seconds, resident = done.stderr.split()[-2:]
    return Run(float(seconds), elapsed, int(resident) / 1024, done.stdout)


def _check(path: Path, *options: str) -> Run:
    return _run(str(Path(sys.executable).with_name("flexlint")), "check", str(path), *options)


def _quickest(first: Callable[[], Run], second: Callable[[], Run]) -> tuple[Run, Run]:
    rounds = [(first(), second()) for _ in range(ROUNDS)]
    return min(one for one, _ in rounds), min(other for _, other in rounds)


def _hold(what: str, found: float, bar: Bar) -> None:
    print(f"{what}: {found:.3f}, target {bar.target:.3g}, bar {bar.bar:.3g}")
    assert found >= bar.bar


@pytest.mark.parametrize(("kind", "bar"), [("mixed", GREP_MIXED), ("only", GREP_ONLY)])
def test_against_grep(kind: str, bar: Bar, request: pytest.FixtureRequest):
    path = request.getfixturevalue(kind)
    ours, grep = _quickest(lambda: _check(path, "--jobs", "1"), lambda: _run("grep", "-c", "IKEv2:", str(path)))
    speed = path.stat().st_size / MEGABYTE / ours.seconds
    _hold(f"{kind} log, {speed:.0f} MB/s, of grep", grep.seconds / ours.seconds, bar)


def test_against_a_loop_of_expressions(mixed: Path, tmp_path: Path):
    """The usual way: each line that has a tag is tried with the expression of each message until one fits."""
    small = tmp_path / "hub.log"
    small.write_bytes(mixed.read_bytes()[:MEGABYTE])
    expressions = [
        re.compile(_expression(text))
        for row in messages().values()
        if row.kind in ("debug", "continuation") and row.match != "reading"
        for text in row.template.replace("‹", "").replace("›", "").split(" // ")
    ]
    tag = re.compile(r"IKEv2(?:-ERROR|-INTERNAL)?:(?:\([^)]*\):)?")
    started = time.process_time()
    with small.open(encoding="utf-8") as lines:
        for line in lines:
            body = tag.split(line.rstrip(), maxsplit=1)[-1]
            any(expression.fullmatch(body) for expression in expressions)
    loop = MEGABYTE / (time.process_time() - started)
    ours = _check(mixed, "--jobs", "1")
    _hold("times a loop of expressions", MIXED / ours.seconds / loop, LOOP)


def test_two_processes_and_the_same_report(mixed: Path):
    one, two = _quickest(lambda: _check(mixed, "--jobs", "1"), lambda: _check(mixed, "--jobs", "2"))
    assert one.output == two.output
    _hold("two processes against one", one.elapsed / two.elapsed, TWO)


def test_a_fleet_of_pairs_by_two_processes_and_the_same_report(tmp_path: Path):
    for number in range(60):
        shutil.copytree(CHECKOUT / "examples", tmp_path / f"{number:02}")
    one, two = _quickest(
        lambda: _check(tmp_path, "--jobs", "1", "--fail-on", "never"),
        lambda: _check(tmp_path, "--jobs", "2", "--fail-on", "never"),
    )
    assert one.output == two.output
    _hold("two processes against one on 300 pairs", one.elapsed / two.elapsed, FLEET)


def test_gzip(only: Path, tmp_path: Path):
    packed = tmp_path / "hub.log.gz"
    packed.write_bytes(gzip.compress(only.read_bytes(), compresslevel=6))
    plain, unpacked = _quickest(lambda: _check(only, "--jobs", "1"), lambda: _check(packed))
    _hold("gzip against plain", plain.seconds / unpacked.seconds, GZIP)


def test_memory_does_not_grow_with_the_file(mixed: Path, tmp_path: Path):
    half = tmp_path / "hub.log"
    half.write_bytes(mixed.read_bytes()[: MIXED // 2])
    small, large = _check(half, "--jobs", "1").resident, _check(mixed, "--jobs", "1").resident
    print(f"resident: {large:.0f} MB, target {RESIDENT.target}, bar {RESIDENT.bar}; half the file {small:.0f} MB")
    assert large <= RESIDENT.bar
    assert large - small < 40
