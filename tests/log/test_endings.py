"""Who ended a negotiation, where the log says so only by its packets or by a restart of the router."""

from __future__ import annotations

import pytest
from written import Session, read

from flexlint.log.model import Outcome
from flexlint.log.reader import LogReader


def received(s: Session, mid: int, payloads: str = "DELETE", direction: str = "REQUEST") -> list[str]:
    return s.packet(True, "INFORMATIONAL", direction, mid, payloads)


def sent(s: Session, mid: int, payloads: str = "DELETE", direction: str = "REQUEST") -> list[str]:
    building = [*s.s("Building packet for encryption."), "Payload contents:", f" {payloads}"] if payloads else []
    return [*building, *s.packet(False, "INFORMATIONAL", direction, mid, "ENCR")]


def test_a_delete_that_arrived_is_the_peers() -> None:
    s = Session()
    [n] = read(*s.whole(), *received(s, 2), *sent(s, 2, "DELETE", "RESPONSE"), *s.s("Deleting SA"))
    assert (n.outcome, n.deleted_by_peer) == (Outcome.DELETED, True)


def test_a_delete_that_was_sent_is_this_routers() -> None:
    s = Session()
    [n] = read(*s.whole(), *sent(s, 0), *received(s, 0, "DELETE", "RESPONSE"), *s.s("Deleting SA"))
    assert (n.outcome, n.deleted_by_peer) == (Outcome.DELETED, False)


def test_a_response_that_repeats_the_delete_says_nothing() -> None:
    s = Session()
    [n] = read(*s.whole(), *received(s, 0, "DELETE", "RESPONSE"), *s.s("Deleting SA"))
    assert n.deleted_by_peer is None


def test_the_end_of_an_ipsec_sa_is_not_that_of_the_ike_sa() -> None:
    s = Session()
    child = [*received(s, 2), *s.s("Processing DELETE INFO message for IPsec SA [SPI: 0x1A2B3C4D]")]
    [n] = read(*s.whole(), *child, *sent(s, 2, "DELETE", "RESPONSE"), *s.s("Deleting SA"))
    assert n.deleted_by_peer is None


def test_the_end_of_an_ipsec_sa_that_this_router_announces_is_not_that_of_the_ike_sa() -> None:
    s = Session()
    child = s.s("Sending DELETE INFO message for IPsec SA [SPI: 0x1A2B3C4D]")
    [n] = read(*s.whole(), *child, *sent(s, 0), *received(s, 0, "", "RESPONSE"), *s.s("Deleting SA"))
    assert n.deleted_by_peer is None


def test_a_delete_before_the_last_exchange_says_nothing() -> None:
    s = Session()
    probe = [*sent(s, 0, ""), *s.s("Retransmitting packet", "Maximum number of retransmissions reached")]
    [n] = read(*s.whole(), *received(s, 2), *sent(s, 2, "DELETE", "RESPONSE"), *probe, *s.s("Deleting SA"))
    assert n.deleted_by_peer is None


def test_the_notice_counts_more_than_the_packet() -> None:
    s = Session()
    own = s.s("Sending DELETE INFO message for IKEv2 SA [ISPI: 0xA1B2C3D4E5F60708 RSPI: 0x18F7E6D5C4B30708]")
    [n] = read(*s.whole(), *own, *sent(s, 0), *received(s, 3), *s.s("Deleting SA"))
    assert n.deleted_by_peer is False


RESTARTED = "*Mar  1 00:00:21.120: %SYS-5-RESTART: System restarted --"
RELOADED = "*Mar  3 08:00:00.000: %SYS-5-RELOAD: Reload requested by console. Reload Reason: Reload Command."


@pytest.mark.parametrize("line", [RESTARTED, RELOADED, "System Bootstrap, Version 16.12(2r), RELEASE SOFTWARE"])
def test_a_restart_ends_what_was_up(line: str) -> None:
    before, after = Session(5, 1), Session(5, 1, "0807060504030201")
    first, second = read(*before.whole(), line, *after.whole())
    assert (first.outcome, first.errors) == (Outcome.DELETED, [])
    assert first.operator_action is not None
    assert first.operator_action.text == line
    assert second.outcome is Outcome.UP
    assert first.last_line < first.operator_action.line < second.first_line


def test_ids_after_a_restart_are_not_those_before_it() -> None:
    before = Session(5, 1)
    lines = before.s("Verify peer's policy", "Peer's authentication method is 'PSK'")
    first, second = read(*before.whole(), RESTARTED, *lines)
    assert (first.outcome, second.outcome) == (Outcome.DELETED, Outcome.INCOMPLETE)


def test_a_restart_in_the_middle_is_not_a_failure() -> None:
    s = Session()
    [n] = read(*s.init(), *s.search(), *s.found(), RESTARTED)
    assert (n.outcome, n.errors) == (Outcome.DELETED, [])


def test_what_failed_before_a_restart_has_failed() -> None:
    s = Session()
    lines = [*s.init(), *s.search(), *s.found(), *s.verify("FAILED")]
    [n] = read(*lines, RESTARTED)
    assert n.outcome is Outcome.FAILED


def test_a_restart_of_one_router_leaves_the_sessions_of_another() -> None:
    here, there = Session(5, 1), Session(5, 1, "0807060504030201")
    restarted = f"Mar  3 08:00:00 hub1: {RESTARTED}"
    lines = [
        *(f"Mar  3 07:00:00 hub1: {line}" for line in here.whole()),
        *(f"Mar  3 07:00:00 hub2: {line}" for line in there.whole()),
        restarted,
    ]
    found = {n.device: n.outcome for n in read(*lines)}
    assert found == {"hub1": Outcome.DELETED, "hub2": Outcome.UP}


def test_a_log_read_from_memory_ends_its_sessions_alike() -> None:
    lines: list[str] = []
    for number in range(40):
        s = Session(number + 1, 1, f"A1B2C3D4E5F6{number:04X}")
        lines += [*s.whole(), *received(s, 2), *sent(s, 2, "DELETE", "RESPONSE"), *s.s("Deleting SA")]
        lines += Session(number + 1, 2, f"B1B2C3D4E5F6{number:04X}").whole()
        lines += [RESTARTED] if number % 8 == 7 else []
    data = [("\n".join(lines) + "\n").encode()]
    quickly, slowly = (
        [
            (n.id, n.outcome, n.deleted_by_peer, n.end_clock, n.deleted)
            for n in LogReader(data, "hub.log", how).negotiations()
        ]
        for how in (True, False)
    )
    assert quickly == slowly
    assert len([1 for n in quickly if n[1] is Outcome.DELETED and n[2]]) == 40


def test_what_an_operator_ended_is_said_though_the_peer_was_slow_to_answer() -> None:
    s = Session()
    own = s.s("Sending DELETE INFO message for IKEv2 SA [ISPI: 0xA1B2C3D4E5F60708 RSPI: 0x18F7E6D5C4B30708]")
    waits = [*sent(s, 0), *(line for _ in range(70) for line in s.s("Retransmitting packet"))]
    [n] = read(*s.whole(), "hub1#clear crypto ikev2 sa", *own, *waits, *s.s("Deleting SA"))
    assert (n.outcome, n.operator_action, n.deleted_by_peer) == (Outcome.DELETED, "clear crypto ikev2 sa", False)
