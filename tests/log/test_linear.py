"""Time grows with the log and not faster, whatever is in it.

Memory is measured in `tests/bench/test_hostile_logs.py`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from authoring.hostile import LINES, ONE_LINE, blocks
from flexlint.log.reader import LogReader

FEWER, MORE = 1_500, 9_000  # lines
SHORTER, LONGER = 1_000, 6_000  # kilobytes of one line
WORST = 14  # times as long for six times as much; a quadratic pattern takes 36 times
UNMEASURED = 0.05  # seconds that any machine may lose


def seconds(make: Callable[[int], Iterator[str]], size: int) -> float:
    """Of the processor, the better of two."""
    data = list(blocks(make(size)))
    found = []
    for _ in range(2):
        started = time.process_time()
        assert list(LogReader(data, "x.log").negotiations())
        found.append(time.process_time() - started)
    return min(found)


@pytest.mark.parametrize("kind", LINES)
def test_six_times_as_many_lines_take_six_times_as_long(kind: str) -> None:
    assert seconds(LINES[kind], MORE) < WORST * (seconds(LINES[kind], FEWER) + UNMEASURED)


@pytest.mark.parametrize("kind", ONE_LINE)
def test_a_line_six_times_as_long_takes_six_times_as_long(kind: str) -> None:
    assert seconds(ONE_LINE[kind], LONGER) < WORST * (seconds(ONE_LINE[kind], SHORTER) + UNMEASURED)
