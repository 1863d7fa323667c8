"""What is taken in phrases is what is taken record by record: the same negotiations, the same coverage."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from generate_log import STYLES, damaged, log
from hypothesis import given, settings
from hypothesis import strategies as st

from flexlint.fact import names_of
from flexlint.log.events import Event
from flexlint.log.model import Coverage
from flexlint.log.phrases import Phrases
from flexlint.log.reader import LogReader
from flexlint.place import Seen


def facts(value: object) -> object:
    """Everything that a negotiation or the coverage says, to be compared."""
    if isinstance(value, Seen):
        return str(value), value.line, value.certainty, value.text
    if isinstance(value, Event):
        return value[:-1]  # the name of the router may come later in the log
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return {str(key): facts(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [facts(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    names = names_of(type(value))
    assert names, type(value)
    return {name: facts(getattr(value, name)) for name in names if name != "origin"}


def read(blocks: Iterable[bytes], quickly: bool) -> tuple[list[object], object, object]:
    reader = LogReader(blocks, "hub.log", quickly)
    negotiations = [facts(one) for one in reader.negotiations()]
    return negotiations, facts(reader.coverage), reader.names


@pytest.mark.parametrize("busy", [1, 4, 12])
@pytest.mark.parametrize("only_ikev2", [False, True])
@pytest.mark.parametrize("style", ["plain", "sequence", "relay", "none"])
def test_generated_logs(style: str, only_ikev2: bool, busy: int):
    data = "".join(log(250_000, only_ikev2, style, busy=busy)).encode()
    quickly, slowly = read([data], True), read([data], False)
    assert quickly == slowly
    assert len(quickly[0]) >= 10


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9), style=st.sampled_from(list(STYLES)), cut=st.integers(200, 9000))
def test_damaged_logs(seed: int, style: str, cut: int):
    rng = random.Random(seed)
    lines = "".join(log(12_000, rng.random() < 0.5, style, seed, busy=rng.choice((1, 3, 8)))).split("\n")
    if rng.random() < 0.5:
        lines = [line for line in lines if rng.random() > 0.02]
    else:
        lines = list(damaged(rng, lines))
    data = "\n".join(lines).encode()
    blocks = [data[i : i + cut] for i in range(0, len(data), cut)]
    assert read(blocks, True) == read(blocks, False)


def test_most_records_of_a_busy_hub_are_taken_in_phrases(monkeypatch: pytest.MonkeyPatch):
    taken = []
    take = Phrases.take

    def counted(self: Phrases, router: object, start: int) -> int:
        end = take(self, router, start)  # type: ignore[arg-type]
        taken.append(end - start if end > 0 else 0)
        return end

    monkeypatch.setattr(Phrases, "take", counted)
    reader = LogReader(["".join(log(3_000_000, True)).encode()], "hub.log")
    assert sum(1 for _ in reader.negotiations()) > 200
    assert isinstance(reader.coverage, Coverage)
    assert sum(taken) > 0.8 * reader.coverage.ikev2_lines


def test_a_line_of_another_negotiation_between_two_of_a_phrase_is_not_taken_with_it():
    data = "".join(log(120_000, True, busy=1)).encode()
    lines = data.split(b"\n")
    stranger = b"*Mar  3 00:00:00.001: IKEv2:(SESSION ID = 990,SA ID = 990):Verify peer's policy"
    mixed = b"\n".join(one for line in lines for one in (line, stranger))
    quickly, slowly = read([mixed], True), read([mixed], False)
    assert quickly == slowly
    assert any(n["session"] == "990" for n in quickly[0])  # type: ignore[index]
