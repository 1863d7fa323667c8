"""The timeline: what happened in words, and the line of the configuration beside it."""

# ruff: noqa: E501

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import jsonschema_rs
import pytest

from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.log.clock import between
from flexlint.log.model import Negotiation
from flexlint.log.reader import LogReader
from flexlint.place import TextFile
from flexlint.report.trace_schema import SCHEMA_FILE, json_schema, record
from flexlint.story.ladder import Line, ladder, listing
from flexlint.story.trace import rows, wanted

CONFIG = """\
hostname hub9
aaa new-model
aaa authorization network NETS local
crypto ikev2 authorization policy SPOKES
 pool SPOKE-POOL
 route set interface
crypto ikev2 policy POL-9
 proposal PROP-9
crypto ikev2 proposal PROP-9
 encryption aes-cbc-256
 integrity sha256
 group 19
crypto ikev2 keyring RING
 peer SPOKE-A
  address 203.0.113.80
  pre-shared-key v3ry-hidden-k3y
crypto ikev2 profile EDGE
 match identity remote fqdn domain example.com
 identity local fqdn hub9.example.com
 authentication remote pre-share
 authentication local pre-share
 keyring local RING
 aaa authorization group psk list NETS SPOKES
 virtual-template 3
interface Virtual-Template3 type tunnel
 ip unnumbered Loopback0
 tunnel protection ipsec profile IPS
ip local pool SPOKE-POOL 10.90.0.10 10.90.0.90
"""

LOG = """\
*Mar  9 10:00:00.000: IKEv2:(SESSION ID = 5,SA ID = 1):Received Packet [From 203.0.113.80:500/To 198.51.100.9:500/VRF i0:f0]
Initiator SPI : 00AA00BB00CC00DD - Responder SPI : 11AA11BB11CC11DD Message id: 1
IKEv2 IKE_AUTH Exchange REQUEST
Payload contents:
 VID IDi AUTH CFG SA TSi TSr NOTIFY(INITIAL_CONTACT) NOTIFY(SET_WINDOW_SIZE)
*Mar  9 10:00:00.004: IKEv2:(SESSION ID = 5,SA ID = 1):Searching policy based on peer's identity 'a.example.com' of type 'FQDN'
*Mar  9 10:00:00.004: IKEv2:found matching IKEv2 profile 'EDGE'
*Mar  9 10:00:00.005: IKEv2:% Getting preshared key from profile keyring RING
*Mar  9 10:00:00.005: IKEv2:% Matched peer block 'SPOKE-A'
*Mar  9 10:00:00.006: IKEv2:Found Policy 'POL-9'
*Mar  9 10:00:00.006: IKEv2:(SESSION ID = 5,SA ID = 1):Verify peer's policy
*Mar  9 10:00:00.007: IKEv2:(SESSION ID = 5,SA ID = 1):Peer's authentication method is 'PSK'
*Mar  9 10:00:00.008: IKEv2:(SESSION ID = 5,SA ID = 1):Verify peer's authentication data
*Mar  9 10:00:00.008: IKEv2:(SESSION ID = 5,SA ID = 1):Use preshared key for id a.example.com, key len 15
*Mar  9 10:00:00.010: IKEv2:(SESSION ID = 5,SA ID = 1):Verification of peer's authentication data PASSED
*Mar  9 10:00:00.011: IKEv2:Using mlist NETS and username SPOKES for group author request
*Mar  9 10:00:00.011: IKEv2:(SA ID = 1):[IKEv2 -> AAA] Authorisation request sent
*Mar  9 10:00:02.511: IKEv2:(SA ID = 1):[AAA -> IKEv2] Received AAA authorisation response
*Mar  9 10:00:02.512: IKEv2:(SESSION ID = 5,SA ID = 1):Received valid config mode data
*Mar  9 10:00:02.513: IKEv2:Config data to send:
*Mar  9 10:00:02.513: IKEv2:(SESSION ID = 5,SA ID = 1):Config-type: Config-reply
*Mar  9 10:00:02.513: IKEv2:(SESSION ID = 5,SA ID = 1):Attrib type: ipv4-addr, length: 4, data: 10.90.0.17
"""

FAILED = """\
*Mar  9 10:05:00.000: IKEv2:(SESSION ID = 6,SA ID = 2):Searching policy based on peer's identity 'b.example.org' of type 'FQDN'
*Mar  9 10:05:00.001: IKEv2:% IKEv2 profile not found
*Mar  9 10:05:00.001: IKEv2:(SESSION ID = 6,SA ID = 2):: Failed to locate an item in the database
*Mar  9 10:05:00.002: IKEv2:(SESSION ID = 6,SA ID = 2):Auth exchange failed
*Mar  9 10:05:00.003: IKEv2:(SESSION ID = 6,SA ID = 2):Deleting SA
"""


SENT = """\
IKEv2:(SESSION ID = 8,SA ID = 1):Sending Packet [To 203.0.113.81:500/From 198.51.100.9:500/VRF i0:f0]
Initiator SPI : 00AA00BB00CC00EE - Responder SPI : 0000000000000000 Message id: 0
IKEv2 IKE_SA_INIT Exchange REQUEST
Payload contents:
 SA KE N
"""


Flexlint = Callable[..., subprocess.CompletedProcess[str]]


def negotiations(text: str) -> list[Negotiation]:
    return list(LogReader([text.encode()], "hub9.log").negotiations())


@pytest.fixture
def device() -> Device:
    return read_device(TextFile("hub9.cfg", CONFIG.splitlines()))


def line_of(text: str) -> int:
    return 1 + next(i for i, line in enumerate(CONFIG.splitlines()) if line.strip() == text)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("M112", ["crypto ikev2 profile EDGE", "match identity remote fqdn domain example.com"]),
        ("M023", ["keyring local RING", "crypto ikev2 keyring RING"]),
        ("M025", ["peer SPOKE-A", "address 203.0.113.80"]),
        ("M029", ["crypto ikev2 policy POL-9", "proposal PROP-9"]),
        ("M122", ["authentication remote pre-share"]),
        ("M098", ["pre-shared-key v3ry-hidden-k3y"]),
        (
            "M182",
            [
                "aaa authorization group psk list NETS SPOKES",
                "aaa authorization network NETS local",
                "crypto ikev2 authorization policy SPOKES",
            ],
        ),
        ("M094", ["pool SPOKE-POOL", "ip local pool SPOKE-POOL 10.90.0.10 10.90.0.90"]),
    ],
)
def test_each_step_stands_beside_the_line_it_came_from(device: Device, message: str, expected: list[str]) -> None:
    row = next(r for r in rows(negotiations(LOG)[0], device) if r.message == message)
    assert [p.line for p in row.config] == [line_of(text) for text in expected]


def test_a_packet_is_one_row_with_its_direction_and_without_the_usual_notifies() -> None:
    first = next(iter(rows(negotiations(LOG)[0])))
    assert first.arrow == "<--"
    assert first.text == "IKE_AUTH request 1: VID IDi AUTH CFG SA TSi TSr INITIAL_CONTACT"


def drawn(lines: Iterable[Line]) -> list[str]:
    return [line.text for line in lines]


def test_no_key_is_printed(device: Device) -> None:
    text = "\n".join(drawn(ladder(negotiations(LOG)[0], device)))
    assert "v3ry-hidden-k3y" not in text
    assert "pre-shared-key ********" in text


def test_a_silence_and_a_milestone_have_lines_of_their_own() -> None:
    text = drawn(ladder(negotiations(LOG)[0]))
    assert any("2.5 s without a line" in line for line in text)
    assert any("|== peer authenticated =" in line for line in text)


def test_a_ladder_has_both_sides() -> None:
    text = drawn(ladder(negotiations(LOG)[0]))
    assert any("peer 203.0.113.80 " in line and line.endswith("this router") for line in text)
    received = next(line for line in text if "IKE_AUTH request 1" in line)
    assert "|--- IKE_AUTH request 1 -" in received
    assert received.endswith(">| VID IDi AUTH CFG SA TSi TSr INITIAL_CONTACT")
    (sent,) = (line for line in drawn(ladder(negotiations(SENT)[0])) if "IKE_SA_INIT request 0" in line)
    assert "|<-- IKE_SA_INIT request 0 -" in sent
    assert sent.endswith("-| SA KE N")


def test_the_cause_is_marked_and_the_profile_that_rejected_the_identity_stands_below(device: Device) -> None:
    text = drawn(ladder(negotiations(FAILED)[0], device))
    assert "failed in profile selection" in text[2]
    assert text[3] == "  in words: no IKEv2 profile fits identity 'b.example.org' (FQDN)"
    marked = [line for line in text if "first sign of failure" in line]
    assert len(marked) == 1
    assert any(f"hub9.cfg:{line_of('match identity remote fqdn domain example.com')}:" in line for line in text)


def test_the_list_has_one_line_a_negotiation() -> None:
    lines = drawn(listing(located(negotiations(LOG + FAILED))))
    assert [line.split()[0] for line in lines] == ["no", "1", "2"]
    assert lines[1].split() == (
        "1 1 10:00:00.000 203.0.113.80 a.example.com responder incomplete authorization answered".split()
    )
    assert "b.example.org" in lines[2]
    assert lines[2].endswith("no IKEv2 profile fits identity 'b.example.org' (FQDN)")


def test_the_list_is_in_the_order_of_numbers_whichever_is_over_first() -> None:
    both = negotiations(LOG + FAILED)
    assert drawn(listing(located(both[::-1]))) == drawn(listing(located(both)))


def test_ladders_and_their_list_are_in_the_order_in_which_they_began(flexlint: Flexlint, tmp_path: Path) -> None:
    path = tmp_path / "hub9.log"
    late = LOG.splitlines(keepends=True)
    third = FAILED.replace("SESSION ID = 6,SA ID = 2", "SESSION ID = 7,SA ID = 3")
    path.write_text("".join([*late[:8], FAILED, *late[10:11] * 320, third, *late[10:]]))
    told = flexlint("trace", str(path)).stdout.splitlines()
    assert [line.split()[1] for line in told if line.startswith("negotiation ")] == ["1:", "2:", "3:"]
    assert [line.split()[0] for line in told[-4:]] == ["no", "1", "2", "3"]
    chosen = flexlint("trace", str(path), "--negotiation", "1", "--negotiation", "2").stdout.splitlines()
    assert [line.split()[0] for line in chosen[-3:]] == ["no", "1", "2"]


def test_only_what_was_asked_for() -> None:
    both = negotiations(LOG + FAILED)
    assert [wanted(n, only_failed=True) for n in both] == [False, True]
    assert [wanted(n, peer="203.0.113.80") for n in both] == [True, False]
    assert [wanted(n, peer="b.example.org") for n in both] == [False, True]


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "hub9.log").write_text(LOG + FAILED)
    (tmp_path / "hub9.cfg").write_text(CONFIG)
    return str(tmp_path / "hub9.log")


def located(found: list[Negotiation]) -> list[tuple[Negotiation, Callable[[int], tuple[str, int]]]]:
    return [(n, lambda line: ("hub9.log", line)) for n in found]


def test_many_are_listed_a_few_are_told(flexlint: Flexlint, log: str) -> None:
    told = flexlint("trace", log).stdout.splitlines()
    assert [line for line in told if line.startswith("negotiation ")] == [
        "negotiation 1: SESSION 5, SA 1, " + log + ":1-22",
        "negotiation 2: SESSION 6, SA 2, " + log + ":23-27",
    ]
    assert [line.split()[0] for line in told[-3:]] == ["no", "1", "2"]
    many = [LOG.replace("SESSION ID = 5", f"SESSION ID = {n}5").replace("SA ID = 1", f"SA ID = {n}") for n in range(9)]
    spis = [text.replace("Initiator SPI : ", f"Initiator SPI : {n}") for n, text in enumerate(many)]
    Path(log).write_text("".join(spis))
    listed = flexlint("trace", log).stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["no", *"123456789"]


def test_one_is_told_where_it_is_asked_for(flexlint: Flexlint, log: str) -> None:
    for chosen in (("--negotiation", "2"), ("--only", "failed"), ("--peer", "b.example.org")):
        told = flexlint("trace", log, *chosen).stdout
        assert told.startswith("negotiation 2: SESSION 6, SA 2")
        assert "<== the first sign of failure" in told
    assert flexlint("trace", log, "--peer", "192.0.2.1").stdout == "no negotiation that was asked for\n"


def test_with_a_configuration_each_is_told_beside_its_lines(flexlint: Flexlint, log: str) -> None:
    told = flexlint("trace", log, log.replace(".log", ".cfg")).stdout
    assert "negotiation 1:" in told
    assert "negotiation 2:" in told
    assert f"hub9.cfg:{line_of('crypto ikev2 profile EDGE')}: crypto ikev2 profile EDGE" in told
    assert told.splitlines()[-1].startswith("2 ")


def test_colours_are_for_terminals(flexlint: Flexlint, log: str) -> None:
    assert "\x1b[" not in flexlint("trace", log).stdout
    painted = flexlint("trace", log, "--color", "always").stdout
    assert "\x1b[1;31m2 " in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == flexlint("trace", log).stdout


def test_json_follows_the_published_schema(flexlint: Flexlint, log: str) -> None:
    schema = json.loads(SCHEMA_FILE.read_text())
    for arguments in ((), (log.replace(".log", ".cfg"),)):
        lines = flexlint("trace", log, *arguments, "--json").stdout.splitlines()
        assert len(lines) == 2
        for line in lines:
            jsonschema_rs.validate(schema, json.loads(line))
            assert "v3ry-hidden-k3y" not in line
    assert json.loads(flexlint("schema", "trace").stdout) == schema


def test_published_schema_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json_schema(), "run python -m flexlint.report.trace_schema"


def test_json_is_plain_values(device: Device) -> None:
    (n,) = negotiations(FAILED)
    one = asdict(record(n, device))
    assert json.loads(json.dumps(one)) == one
    assert one["outcome"] == "failed"
    assert one["timeline"][0]["text"] == "looks for a profile for b.example.org (FQDN)"
    assert one["diagnosis"]["scenario"] == "no-profile"


def test_time_over_midnight_and_clocks_without_time_of_day() -> None:
    assert between("23:59:59.500", "00:00:00.250") == pytest.approx(0.75)
    assert between("3w2d", "10:00:00") is None
    assert between("10:00:00.100", "10:00:00.099") == pytest.approx(-0.001)  # lines of two processors


def test_a_negotiation_that_says_nothing_known() -> None:
    log = "IKEv2:(SESSION ID = 1,SA ID = 1):Abort exchange\n"
    assert any("gives up" in line for line in drawn(ladder(negotiations(log)[0])))


def test_a_rotated_log_is_told_as_one(flexlint: Flexlint, tmp_path: Path) -> None:
    text = (LOG + FAILED).splitlines(keepends=True)
    (tmp_path / "hub9.log.1").write_text("".join(text[:10]))
    (tmp_path / "hub9.log").write_text("".join(text[10:]))
    told = flexlint("trace", "hub9.log", "hub9.log.1", cwd=tmp_path).stdout
    assert "negotiation 1: SESSION 5, SA 1, hub9.log.1:1-hub9.log:12" in told
    assert "negotiation 2: SESSION 6, SA 2, hub9.log:13-17" in told
    assert told.count(":  hub9.log\n") == 1
    rows_of = [
        json.loads(one)["timeline"]
        for one in flexlint("trace", *("hub9.log", "hub9.log.1"), "--json", cwd=tmp_path).stdout.splitlines()
    ]
    assert {row["path"] for row in rows_of[0]} == {"hub9.log.1", "hub9.log"}
    assert all(row["path"] == "hub9.log" and row["line"] <= 17 for row in rows_of[1])


def test_several_logs_are_numbered_on(flexlint: Flexlint, tmp_path: Path) -> None:
    (tmp_path / "east.log").write_text(LOG)
    (tmp_path / "west.log").write_text(FAILED)
    told = flexlint("trace", "east.log", "west.log", cwd=tmp_path).stdout
    assert "negotiation 1: SESSION 5, SA 1, east.log:1-22" in told
    assert "negotiation 2: SESSION 6, SA 2, west.log:1-5" in told
    assert flexlint("trace", "east.log", "west.log", "--negotiation", "2", cwd=tmp_path).stdout.startswith(
        "negotiation 2:"
    )


def relayed(text: str, name: str) -> list[str]:
    """The lines as a relay writes them, each with the name of its router."""
    lines = []
    for line in text.splitlines():
        head, clock, rest = re.match(r"(\*Mar  9 (\d\d:\d\d:\d\d)\.\d{3}: )?(.*)", line).group(1, 2, 3)  # type: ignore[union-attr]
        lines.append(f"Mar  9 {clock or '10:00:00'} {name} {head or ''}{rest}\n")
    return lines


def test_two_routers_of_one_relay_are_told_apart(flexlint: Flexlint, tmp_path: Path) -> None:
    """Their lines alternate, and both call their sessions by the same ids."""
    one, two = (
        relayed(LOG, "hub9"),
        relayed(LOG.replace("203.0.113.80", "203.0.113.90").replace("198.51.100.9", "192.0.2.9"), "hub8"),
    )
    (tmp_path / "relay.log").write_text("".join(a + b for a, b in zip(one, two, strict=True)))
    (tmp_path / "hub9.cfg").write_text(CONFIG)
    told = flexlint("trace", "relay.log", cwd=tmp_path).stdout
    assert "this router hub9 198.51.100.9 is the responder; the peer is 203.0.113.80:500" in told
    assert "this router hub8 192.0.2.9 is the responder; the peer is 203.0.113.90:500" in told
    assert [line.split()[3] for line in told.splitlines()[-3:]] == ["router", "hub9", "hub8"]
    paired = [
        json.loads(line)
        for line in flexlint("trace", "relay.log", "hub9.cfg", "--json", cwd=tmp_path).stdout.splitlines()
    ]
    of = {one["peer"]: any(row["config"] for row in one["timeline"]) for one in paired}
    assert of == {"203.0.113.80": True, "203.0.113.90": False}
