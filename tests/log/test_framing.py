"""Headers and noise around a message, as relays, terminals and web pages leave them."""

import pytest

from flexlint.log.framing import cleaned, header
from flexlint.log.records import tagged


@pytest.mark.parametrize(
    ("head", "clock", "device", "sequence"),
    [
        ("*Mar  3 10:00:00.001: ", "10:00:00.001", "", -1),
        (".Mar 13 10:00:00.001 CEST: ", "10:00:00.001", "", -1),
        ("Mar 13 2026 10:00:00: ", "10:00:00", "", -1),
        ("May 6 16:13:09.123 UTC+07:30: ", "16:13:09.123", "", -1),
        ("000304: *Mar  3 10:00:00.206: ", "10:00:00.206", "", 304),
        ("<189>387448: hub-01: Mar  3 10:00:00.001 UTC: ", "10:00:00.001", "hub-01", 387448),
        ("<190>77: Mar  3 10:00:01 192.0.2.2 hub-01: 42: Mar  3 2026 10:00:00.9 UTC: ", "10:00:00.9", "hub-01", 42),
        ("<191>1 2026-03-03T10:00:00.5Z hub-01 - - - - ", "10:00:00.5", "hub-01", -1),
        ("<0>91: *Oct 07 03:10:04: hub.example.com ", "03:10:04", "hub.example.com", 91),
        ("26w3d: ", "26w3d", "", -1),
        ("", "", "", -1),
    ],
)
def test_header(head, clock, device, sequence):
    found = header(head)
    assert (found.clock, found.device, found.sequence) == (clock, device, sequence)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"IKEv2:[IKEv2 -&gt; AAA] x\r", "IKEv2:[IKEv2 -> AAA] x"),
        ("IKEv2:Peer’s policy verified".encode(), "IKEv2:Peer's policy verified"),
        (b" --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08IKEv2:x", "IKEv2:x"),
        (b"\x1b[31mIKEv2:x\x1b[0m", "IKEv2:x"),
        ("IKEv2:Deleting SA      …… seen at the hub".encode(), "IKEv2:Deleting SA"),
    ],
)
def test_noise_is_taken_off(line, text):
    assert cleaned(line) == text


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("IKEv2:(SESSION ID = 7,SA ID = 2):x", ("IKEv2", "7", "2", "x")),
        ("IKEv2:(SESSION ID = 7, SA ID = 2): x", ("IKEv2", "7", "2", "x")),
        ("IKEv2:(SA ID = 2):x", ("IKEv2", "", "2", "x")),
        ("IKEv2-PROTO-1: (172): x", ("IKEv2-PROTO-1", "", "172", "x")),
        ("IKEv2-ERROR:(SESSION ID = 7,SA ID = 2):: x", ("IKEv2-ERROR", "7", "2", ": x")),
    ],
)
def test_tag_and_ids(text, ids):
    assert tagged(text)[1:] == ids
