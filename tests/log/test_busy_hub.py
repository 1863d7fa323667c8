"""On a hub where many negotiate at the same time, each negotiation is found once, and its end is the true one."""

from __future__ import annotations

from collections import Counter

import pytest
from generate_log import STYLES, log

from flexlint.log.model import Outcome
from flexlint.log.reader import LogReader

ENDS = {
    "up": Outcome.UP,
    "gone": Outcome.DELETED,
    "wrong key": Outcome.FAILED,
    "no profile": Outcome.FAILED,
    "lost": Outcome.FAILED,
}


@pytest.mark.parametrize("quickly", [True, False])
@pytest.mark.parametrize(
    ("busy", "seed", "style"), [(1, 1, "plain"), (6, 2, "relay"), (12, 7, "year"), (24, 5, "zone"), (40, 4, "none")]
)
def test_every_negotiation_is_told_once_and_rightly(busy: int, seed: int, style: str, quickly: bool) -> None:
    assert style in STYLES
    told: dict[int, str] = {}
    data = [block.encode() for block in log(1_500_000, seed=seed, style=style, busy=busy, told=told)]
    reader = LogReader(data, "hub.log", quickly)
    found = list(reader.negotiations())
    assert len(told) > 40
    assert max(Counter(n.session for n in found if n.session).values()) == 1
    ends = {n.session: n.outcome for n in found}
    wrong = {session: (kind, ends.get(str(session))) for session, kind in told.items()}
    assert {s: end for s, end in wrong.items() if end[1] is not ENDS[end[0]]} == {}
    unfinished = len([n for n in found if n.session and int(n.session) not in told])
    assert unfinished <= busy
    assert not reader.coverage.is_excerpt
