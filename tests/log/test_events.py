"""Events of a log: what a reader of the log would say each line is."""

import pytest

from flexlint.log.events import read_events
from flexlint.log.model import Coverage

IDS = "IKEv2:(SESSION ID = 7,SA ID = 2):"


def read(text, coverage=None):
    data = text.encode() if isinstance(text, str) else text
    return list(read_events([data], coverage or Coverage()))


def test_a_received_packet_and_the_lines_that_continue_it():
    events = read(
        f"*Mar  3 10:00:00.001: {IDS}Received Packet [From 203.0.113.7:500/To 198.51.100.1:500/VRF i0:f0]\n"
        "Initiator SPI : A1B2C3D4E5F60718 - Responder SPI : 0000000000000000 Message id: 0\n"
        "IKEv2 IKE_SA_INIT Exchange REQUEST\nPayload contents:\n\n SA KE N VID NOTIFY(COOKIE)\n"
    )
    assert [e.message for e in events] == ["M001", "M003", "M004", "M005", "M006"]
    assert [e.line for e in events] == [1, 2, 3, 4, 6]
    assert events[0].fields["peer"] == "203.0.113.7"
    assert {(e.session, e.sa, e.clock) for e in events} == {("7", "2", "10:00:00.001")}


@pytest.mark.parametrize(
    "wrapped",
    [
        "*Mar  3 10:00:00.001: IKEv2:(SESSION ID = 7,SA ID = 2)\n:Verify peer's policy\n",
        "*Mar  3 10:00:00.001: IKEv2:(SESSION ID = 7,SA ID = 2):\nVerify peer's policy\n",
        "*Mar  3 10:00:00.001: IKEv2:(SESSION ID = 7,SA ID =\n2):Verify peer's policy\n",
        "*Mar  3 10:00:00.001: IKEv2:(SESSION ID = 7,SA ID = 2):Verify\npeer's policy\n",
    ],
)
def test_a_line_wrapped_by_the_terminal_is_joined(wrapped):
    (event,) = read(wrapped)
    assert (event.message, event.line, event.session, event.sa) == ("M119", 1, "7", "2")


def test_policies_on_one_line_carry_their_proposals():
    events = read(
        "IKEv2-ERROR:(SESSION ID = 9,SA ID = 1):Received Policies: : Failed to find a matching policy"
        "Proposal 1:  ENCRYPTION: AES-CBC-128 PRF: SHA512 INTEGRITY: SHA512 DH GROUP: DH_GROUP_384_ECP/Group 20\n"
    )
    assert [e.message for e in events] == ["M065", "M068"]
    assert events[0].fields["error"] == "Failed to find a matching policy"


def test_prose_and_configuration_are_not_log():
    coverage = Coverage()
    assert read("We use IKEv2 here.\n\ncrypto ikev2 profile P\n match identity remote any\n", coverage) == []
    assert coverage.unknown == 0


def test_unknown_lines_are_counted_by_shape():
    coverage = Coverage()
    read("".join(f"{IDS}Frobnicated {n} times\n" for n in range(50)), coverage)
    assert coverage.unknown == 50
    (shape,) = coverage.unknown_shapes
    assert (shape.times, shape.line) == (50, 1)


@pytest.mark.parametrize("cut", [1, 7, 64])
def test_blocks_may_be_cut_anywhere(cut):
    text = (f"*Mar  3 10:00:00.001: {IDS}Verify peer's policy\n" * 5).encode()
    events = list(read_events([text[i : i + cut] for i in range(0, len(text), cut)], Coverage()))
    assert [e.line for e in events] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00IKEv2:\x00", b"IKEv2:" * 5000, b"A" * 300_000, b"\n" * 1000])
def test_any_bytes_are_read(data):
    list(read_events([data], Coverage()))


def test_gaps_are_noted():
    coverage = Coverage()
    read(f"000010: *Mar  3 10:00:00.001: {IDS}Deleting SA\n000015: *Mar  3 10:00:00.002: {IDS}Deleting SA\n", coverage)
    read("...output omitted...\n", coverage)
    assert [g.kind for g in coverage.gaps] == ["sequence", "omitted"]


def test_a_line_that_is_none_of_ours_leaves_no_gap_in_the_sequence_numbers():
    coverage = Coverage()
    read(
        f"000010: *Mar  3 10:00:00.001: {IDS}Deleting SA\n000011: *Mar  3 10:00:00.001: \n"
        f"000012: *Mar  3 10:00:00.002: NTP Core (NOTICE): clock stepped\n"
        f"000013: *Mar  3 10:00:00.002: {IDS}Deleting SA\n",
        coverage,
    )
    assert coverage.gaps == []


@pytest.mark.parametrize(
    "head",
    ["Feb 12 16:52:33 r66 Feb 12 16:52:33.229: ", "<191>44881: r66: 044958: *Mar 27 10:16:44.012: ", "26w3d: "],
)
def test_a_relay_gives_every_line_of_a_record_a_header(head):
    events = read(
        f"{head}{IDS}Received Packet [From 203.0.113.7:500/To 198.51.100.1:500/VRF i0:f0]\n"
        f"{head}Initiator SPI : A1B2C3D4E5F60718 - Responder SPI : 0000000000000001 Message id: 1\n"
        f"{head}IKEv2 IKE_AUTH Exchange RESPONSE\n{head}Payload contents:\n"
        f"{head} VID IDr AUTH NOTIFY(TS_UNACCEPTABLE)\n"
        f"{head}{IDS}ESP Proposal: 1, SPI size: 4 (IPSec negotiation),\n{head}Num. transforms: 3\n"
        f"{head}   AES-CBC   SHA96   Don't use ESN\n"
        f"{head}{IDS}Received Policies:\n{head}Proposal 1:  AES-CBC-256 SHA256 SHA256 DH_GROUP_2048_MODP/Group 14\n"
    )
    assert [e.message for e in events] == [
        "M001",
        "M003",
        "M004",
        "M005",
        "M006",
        "M106",
        "M045",
        "M107",
        "M065",
        "M067",
    ]
