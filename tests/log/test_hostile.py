"""Any bytes, in any order: no traceback, and nothing changes in a negotiation once it was handed out."""

from __future__ import annotations

import random
from time import perf_counter

import pytest

from flexlint.log.catalogue import messages
from flexlint.log.model import Outcome
from flexlint.log.reader import LogReader
from flexlint.story.ladder import ladder

IDS = (
    b"(SESSION ID = 3,SA ID = 1):",
    b"(SESSION ID = 4,SA ID = 2):",
    b"(SESSION ID = 5,SA ID = 1):",
    b"(SA ID = 1):",
    b"",
)


def pool() -> list[bytes]:
    """Every message of the catalogue, as IKEv2 debug with and without ids, and bare."""
    samples = [row.sample.encode() for row in messages().values()]
    return [b"*Feb 13 03:58:03.389: IKEv2:" + ids + s for ids in IDS for s in samples] + samples * 2


@pytest.mark.parametrize("seed", range(6))
def test_lines_in_any_order_with_damage(seed: int) -> None:
    chance = random.Random(seed)
    lines = pool()
    for _ in range(40):
        chosen = [bytearray(chance.choice(lines)) for _ in range(chance.randint(1, 300))]
        for line in chosen:
            if line and chance.random() < 0.1:
                line[chance.randrange(len(line))] = chance.randrange(256)
        handed_out = {}
        for n in LogReader([b"\n".join(chosen)], "x.log").negotiations():
            assert n.id not in handed_out
            handed_out[n.id] = (n, len(n.steps), n.outcome)
            assert n.first_line <= n.last_line
            assert n.outcome is not Outcome.FAILED or n.failure is not None
            assert list(ladder(n))
        assert all((len(n.steps), n.outcome) == (steps, outcome) for n, steps, outcome in handed_out.values())


@pytest.mark.parametrize(
    "line",
    [
        b"IKEv2:Using mlist A and username" + b" " * 2000 + b"x",
        b"%SYS-5-CONFIG_I: Configured from" + b" " * 2000 + b"x",
        b"IKEv2:Next payload: " + b"a, version: " * 160,
        b"(4)" + b" " * 8000 + b"x",
    ],
    ids=["blanks", "blanks of another producer", "words", "blanks of nobody"],
)
def test_a_line_that_nearly_fits_costs_no_more_than_another(line: bytes) -> None:
    started = perf_counter()
    list(LogReader([b"\n".join(line + b"%d" % n for n in range(20))], "x.log").negotiations())
    assert perf_counter() - started < 2  # seconds; one such line took three
