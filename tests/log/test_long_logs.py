"""A session that is quiet for most of a long log is one negotiation, however much the router prints meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexlint.log import table
from flexlint.log.model import Negotiation, Outcome
from flexlint.log.reader import LogReader

HUB = (Path(__file__).parents[2] / "examples" / "healthy-hub" / "hub.log").read_text(encoding="utf-8")
OTHERS = (
    "*Mar  3 07:04:00.000: %SEC-6-IPACCESSLOGP: list EDGE-IN denied udp 192.0.2.7(53) -> 198.51.100.1(53), 1 packet\n"
)
ENDS = (
    "*Mar  3 09:00:00.000: IKEv2:(SESSION ID = 41,SA ID = 1):Process delete request from peer\n"
    "*Mar  3 09:00:00.001: IKEv2:(SESSION ID = 41,SA ID = 1):Deleting SA\n"
)


def read(*parts: str) -> tuple[list[Negotiation], LogReader]:
    reader = LogReader([part.encode() for part in parts], "hub.log")
    return list(reader.negotiations()), reader


def test_a_session_is_deleted_after_a_very_long_rest() -> None:
    found, reader = read(HUB, *[OTHERS * 20_000] * 15, ENDS)
    assert [(n.session, n.outcome) for n in found] == [("41", Outcome.DELETED), ("42", Outcome.UP)]
    assert not reader.coverage.is_excerpt


def test_an_attempt_that_came_to_nothing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "IDLE_LINES", 1_000)
    begun = HUB[: HUB.index("Generating IKE_SA_INIT message")] + "Generating IKE_SA_INIT message\n"
    meanwhile = OTHERS * 20_000 + "*Mar  3 07:05:00.000: IKEv2:(SESSION ID = 99,SA ID = 9):Checking NAT discovery\n"
    found, _ = read(begun, *[meanwhile] * 4, ENDS)
    first = next(n for n in found if n.session == "41")
    assert first.outcome is Outcome.INCOMPLETE
    assert first.last_line < 100


def sessions(count: int) -> str:
    """So many branches that came up one after the other, each with ids, SPIs and an address of its own."""
    one = HUB[: HUB.rindex("*Mar", 0, HUB.rindex("IKEv2:Received Packet"))]
    made = []
    for number in range(100, 100 + count):
        text = one.replace("SESSION ID = 41", f"SESSION ID = {number}").replace("SA ID = 1)", f"SA ID = {number})")
        for line in one.splitlines():
            if line.startswith("Initiator SPI : "):
                own, theirs = line.split()[3], line.split()[8]
                text = text.replace(own, f"{own[:-3]}{number}")
                text = text.replace(theirs, f"{theirs[:-3]}{number}" if theirs.strip("0") else theirs)
        made.append(text)
    return "".join(made)


@pytest.mark.parametrize("quickly", [True, False])
def test_more_sessions_than_are_remembered(monkeypatch: pytest.MonkeyPatch, quickly: bool) -> None:
    """The end of a session that was let go early is not taken for the log's beginning in the middle of things."""
    monkeypatch.setattr(table, "LIVE_LIMIT", 8)
    text = sessions(30) + ENDS.replace("SESSION ID = 41", "SESSION ID = 101").replace("SA ID = 1)", "SA ID = 101)")
    reader = LogReader([text.encode()], "hub.log", quickly)
    found = list(reader.negotiations())
    assert [n.outcome for n in found] == [Outcome.UP] * 30 + [Outcome.DELETED]
    assert not reader.coverage.is_excerpt
