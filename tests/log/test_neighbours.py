"""What is said of a negotiation does not change because another one stands between its lines.

A router prints what it does for one peer in one go, up to where another process has the word, or the peer: there the
lines of another negotiation may stand."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexlint.log.model import Negotiation
from flexlint.log.reader import LogReader

TESTS = Path(__file__).parents[1]
_HEAD = re.compile(r"\*[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d\.\d{3}: ")
_PAUSE = re.compile(r"\[IKEv2 ->|Starting timer|Sending Packet|Deleting SA|Request queued")
_OPERATOR = re.compile(r"clear crypto|CONFIG_I|DBG_|ebug")  # what an operator does concerns all negotiations
MEETINGS = 150


def records(text: str) -> list[str]:
    """The records of a log whose headers are of one common form; nothing of other logs."""
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        if _HEAD.match(line):
            found.append(line)
        elif not found:
            return []
        else:
            found[-1] += line
    return found


def with_ids(some: list[str], number: int) -> list[str]:
    """The records with SESSION IDs and SA IDs that no other log has."""
    return [
        re.sub(
            r"(SESSION|SA) ID = (\d+)",
            lambda m: f"{m[1]} ID = {int(m[2]) + number * (1000 if m[1] == 'SESSION' else 100)}",
            one,
        )
        for one in some
    ]


def together(first: list[str], second: list[str], rng: random.Random) -> str:
    """Both in one log, changing where a router would; with clocks that go on."""
    left = [list(reversed(first)), list(reversed(second))]
    turn, at = 0, 0
    text = last = ""
    while left[0] or left[1]:
        paused = not last or _PAUSE.search(last) is not None
        if not left[turn] or (left[1 - turn] and paused and rng.random() < 0.5):
            turn = 1 - turn
        last = left[turn].pop()
        at += rng.randrange(1, 9)
        text += _HEAD.sub(f"*Apr 12 07:{12 + at // 60_000:02}:{at // 1000 % 60:02}.{at % 1000:03}: ", last, count=1)
    return text


def read(text: str, quickly: bool) -> list[Negotiation]:
    return list(LogReader([text.encode()], "router.log", quickly).negotiations())


def said(n: Negotiation) -> tuple[str, ...]:
    failure = (n.failure.message, str(n.failure.phase)) if n.failure is not None else ()
    values = (n.identity, n.profile, n.keyring, n.peer_block, n.policy, n.peer_method, n.own_method, n.own_identity)
    return str(n.outcome), str(n.role), *failure, *(str(one or "") for one in values)


def pairs() -> Iterator[tuple[str, str, random.Random]]:
    logs = {}
    for path in [*sorted(TESTS.glob("log/scenarios/*.log")), *sorted(TESTS.glob("cases/*/router.log"))]:
        text = path.read_text(encoding="utf-8")
        if "SESSION ID" in text and not _OPERATOR.search(text) and len(records(text)) in range(5, 400):
            logs[str(path.relative_to(TESTS))] = text
    rng = random.Random(20)
    for _ in range(MEETINGS):
        yield (*rng.sample(sorted(logs), 2), random.Random(rng.random()))


def known_by(some: list[Negotiation]) -> dict[tuple[str, str], Negotiation]:
    return {(str(n.initiator_spi or ""), str(n.peer or "")): n for n in some}


@pytest.mark.parametrize("quickly", [True, False])
def test_another_negotiation_changes_nothing(quickly: bool) -> None:
    met = 0
    for one, other, rng in pairs():
        first = with_ids(records((TESTS / one).read_text(encoding="utf-8")), 1)
        second = with_ids(records((TESTS / other).read_text(encoding="utf-8")), 2)
        alone = [known_by(read("".join(some), quickly)) for some in (first, second)]
        spis, peers = ([{key[part] for key in some} for some in alone] for part in (0, 1))
        if spis[0] & spis[1] or peers[0] & peers[1]:
            continue  # the router could not tell them apart either
        both = known_by(read(together(first, second, rng), quickly))
        for key, n in {**alone[0], **alone[1]}.items():
            assert key in both, (one, other)
            assert said(both[key]) == said(n), (one, other)
        met += 1
    assert met > MEETINGS / 2
