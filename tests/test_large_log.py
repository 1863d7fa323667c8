"""A large log read by several processes, and logs that are large in an evil way."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from generate_log import STYLES, log

from authoring.hostile import LINES, blocks
from flexlint.inputs import plainfile
from flexlint.inputs.jobs import plan
from flexlint.judging import book
from flexlint.log import ranges
from flexlint.report.formats import render
from flexlint.report.look import Look
from flexlint.rulebook import select
from flexlint.run import Options, run


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plainfile, "LEAST", 50_000)
    monkeypatch.setattr(plainfile, "RANGE", 40_000)


def report(path: Path, jobs: int) -> str:
    """The JSON report on one log."""
    found = run(plan([str(path)]).jobs, Options(select(), jobs=jobs))
    return "".join(render("json", found, Look(False, "/")))


@pytest.mark.parametrize("style", list(STYLES))
@pytest.mark.parametrize("jobs", [2, 3])
def test_the_same_report_to_the_byte(tmp_path: Path, style: str, jobs: int):
    path = tmp_path / "hub.log"
    path.write_text("".join(log(600_000, style=style, busy=8)), encoding="utf-8")
    assert report(path, jobs) == report(path, 1)


def _styles_mixed() -> str:
    return "".join("".join(log(150_000, style=style, seed=i)) for i, style in enumerate(STYLES))


def _lines_lost() -> str:
    rng = random.Random(3)
    return "".join(part for part in "".join(log(500_000)).splitlines(keepends=True) if rng.random() > 0.02)


def _table_inside() -> str:
    head = "".join(log(300_000))
    return (
        head + "\nExit Path Table - status: enable\n\nError(3): Auth exchange failed\n" + "".join(log(200_000, seed=2))
    )


def _foreign_lines() -> str:
    lines = "".join(log(400_000)).splitlines(keepends=True)
    for at in range(100, len(lines), 300):
        lines[at] = "hub1#show clock\n*Mar  3 00:00:01.000: IKEv2:Some text that is in no catalogue\n" + lines[at]
    return "".join(lines)


@pytest.mark.parametrize("text", [_styles_mixed, _lines_lost, _table_inside, _foreign_lines], ids=lambda f: f.__name__)
def test_the_same_report_on_logs_of_many_kinds(tmp_path: Path, text: Callable[[], str]):
    path = tmp_path / "hub.log"
    path.write_text(text(), encoding="utf-8")
    assert report(path, 2) == report(path, 1)


def test_a_process_that_dies_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "hub.log"
    path.write_text("".join(log(600_000)), encoding="utf-8")
    alone = report(path, 1)
    met = []

    def scan(self: object, blocks: Iterator[bytes], shape: object) -> bytes:
        met.append(1)
        raise OSError("gone") if len(met) > 2 else None

    real = ranges._Numbers.scan
    monkeypatch.setattr(ranges._Numbers, "scan", lambda s, b, h: real(s, b, h) if len(met) < 2 else scan(s, b, h))
    assert report(path, 2) == alone


# -- evil logs: the time is linear in the bytes ----------------------------------------------------------------------

_HEAD = "*Mar  3 00:00:01.000: IKEv2:"


def _long_line(size: int) -> Iterator[str]:
    yield _HEAD + "Searching policy based on peer's identity '"
    for _ in range(size // 1000):
        yield "a" * 1000
    yield "' of type 'FQDN'\n"


def _many_spis(size: int) -> Iterator[str]:
    for n in range(size // 200):
        yield (
            f"{_HEAD}(SESSION ID = {n % 977},SA ID = 1):Received Packet [From 203.0.113.{n % 250}:500/To 198.51.100.1"
            f":500/VRF i0:f0] \nInitiator SPI : {n:016X} - Responder SPI : 0000000000000000 Message id: 0\n"
        )


def _many_unknown(size: int) -> Iterator[str]:
    for n in range(size // 70):
        yield f"{_HEAD}(SESSION ID = {n},SA ID = 1):Nobody knows '{n}' or {'x' * (n % 17)}\n"


def _nested_wraps(size: int) -> Iterator[str]:
    for _ in range(size // 130):
        yield f"{_HEAD}(SESSION ID = 1,SA ID = 1):Searching policy based on peer\n's identity 'a\n' of\n 'FQDN\n'\n"


def _prompts(size: int) -> Iterator[str]:
    for n in range(size // 25):
        yield f"hub{n}#show clock {n}\n# # #\n"


def _one_negotiation(size: int) -> Iterator[str]:
    for n in range(size // 80):
        yield f"{_HEAD}(SESSION ID = 1,SA ID = 1):Retransmitting packet\n" if n % 3 else f"{_HEAD}Found Policy 'P{n}'\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "evil", [_long_line, _many_spis, _many_unknown, _nested_wraps, _prompts, _one_negotiation], ids=lambda f: f.__name__
)
def test_time_is_linear_whatever_the_log(tmp_path: Path, evil: Callable[[int], Iterator[str]]):
    path = tmp_path / "hub.log"

    def seconds(size: int) -> float:
        path.write_text("".join(log(20_000)) + "".join(evil(size)), encoding="utf-8")
        started = time.process_time()
        report(path, 1)
        return time.process_time() - started

    seconds(50_000)
    small, large = (min(seconds(size) for _ in range(2)) for size in (250_000, 2_000_000))
    assert large < small * 24  # eight times the bytes; four times is granted to a busy machine


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
def test_a_truncated_archive_is_told_and_what_came_before_is_reported(tmp_path: Path, flexlint, pack):
    whole = pack("".join(log(3_000_000, only_ikev2=True)).encode())
    path = tmp_path / "hub.log.gz"
    path.write_bytes(whole[: len(whole) // 2])
    run = flexlint("check", str(path))
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "ends too early" in run.stderr
    assert "NEG" in run.stdout


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gzip", "bzip2", "xz"])
def test_an_archive_of_several(tmp_path: Path, pack):
    text = "".join(log(900_000)).encode()
    path = tmp_path / "hub.log"
    path.write_bytes(text)
    plain = report(path, 1)
    path.write_bytes(pack(text[:300_000]) + pack(text[300_000:]))
    assert report(path, 2) == plain


def test_a_binary_file_is_told_in_one_line(tmp_path: Path, flexlint):
    path = tmp_path / "hub.log"
    path.write_bytes(bytes(range(256)) * 500)
    run = flexlint("check", str(path))
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert run.stderr.count("\n") == 1


def test_so_many_failures_that_the_rest_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(book, "KEPT_FINDINGS", 3)
    path = tmp_path / "hub.log"
    path.write_bytes(b"".join(blocks(LINES["failures that differ"](10))))
    found = run(plan([str(path)]).jobs, Options(select()))
    assert [f.rule for f in found.findings] == ["NEG002"] * 3
    assert found.notices == ["NEG002 spoke 7 times more, of other negotiations: too many to be listed"]
    assert found.negotiations_total == 10
