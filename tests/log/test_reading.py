"""What is read from memory is what is read line by line: same events, same coverage, whatever the framing."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from generate_log import STYLES, damaged, log
from hypothesis import given, settings
from hypothesis import strategies as st

from flexlint.log.events import Event, read_events
from flexlint.log.model import Coverage
from flexlint.log.reader import LogReader

CHECKOUT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = sorted(CHECKOUT.glob("examples/*/*.log"))


def _facts(coverage: Coverage) -> tuple[object, ...]:
    return (
        *(coverage.lines, coverage.ikev2_lines, coverage.recognised, coverage.unknown, coverage.unknown_shapes),
        *(sorted(coverage.debugs), coverage.gaps, coverage.is_excerpt, list(coverage.hostnames.items())),
        *([(str(seen), seen.line) for seen in coverage.config_changes], coverage.product),
    )


def both_ways(blocks: Iterable[bytes]) -> tuple[list[Event], list[Event]]:
    """The events line by line, and from memory; fails when the coverage differs."""
    blocks = list(blocks)
    coverage = Coverage()
    slowly = list(read_events(blocks, coverage))
    reader = LogReader(blocks, "hub.log")
    quickly = list(reader.events())
    assert _facts(reader.coverage) == _facts(coverage)
    return slowly, quickly


@pytest.mark.parametrize("style", list(STYLES))
@pytest.mark.parametrize("only_ikev2", [False, True])
def test_generated_logs_in_every_header_style(style: str, only_ikev2: bool):
    slowly, quickly = both_ways(["".join(log(300_000, only_ikev2, style)).encode()])
    assert quickly == slowly
    assert len(slowly) > 1000


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.parent.name)
def test_examples(path: Path):
    slowly, quickly = both_ways([path.read_bytes()])
    assert quickly == slowly
    assert slowly


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), style=st.sampled_from(list(STYLES)), cut=st.integers(200, 9000))
def test_damaged_logs(seed: int, style: str, cut: int):
    rng = random.Random(seed)
    lines = "".join(log(8_000, rng.random() < 0.5, style, seed, busy=3)).split("\n")
    if rng.random() < 0.3:
        rng.shuffle(lines)
    data = "\n".join(damaged(rng, lines)).encode()
    slowly, quickly = both_ways([data[i : i + cut] for i in range(0, len(data), cut)])
    assert quickly == slowly


def test_a_packet_with_the_spis_of_another_in_it():
    packet = (
        "*Mar  3 00:00:01.001: IKEv2:(SESSION ID = 3,SA ID = 3):Received Packet "
        "[From 203.0.113.9:500/To 198.51.100.1:500/VRF i0:f0] \n"
        "   Initiator SPI : 8FD75B420206EFE7 - Responder SPI : 0000000000000000 Message id: 0\n"
        "Initiator SPI : 8FD75B420206EFE7 - Responder SPI : 883A199401C4208D Message id: 0\n"
        "IKEv2 IKE_SA_INIT Exchange REQUEST \nPayload contents: \n SA KE N VID \n"
    )
    slowly, quickly = both_ways([packet.encode() * 3])
    assert quickly == slowly


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*range(256), *b"IKEv2:(SESSION ID = 1,SA ID = 1):\n\n\n"]), max_size=400).map(bytes))
def test_any_bytes(data: bytes):
    slowly, quickly = both_ways([b"*Mar  3 00:00:00.001: IKEv2:Verify SA init message\n" + data])
    assert quickly == slowly
