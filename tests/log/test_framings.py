"""One log in every form in which logs come: each must say the same as the plain one."""

# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexlint.log.diagnosis import diagnose
from flexlint.log.model import Coverage
from flexlint.log.prepare import prepared, terminal_width, whole_records
from flexlint.log.reader import LogReader
from flexlint.place import TextFile

FOLDER = Path(__file__).parent / "scenarios"
SCENARIOS = ("F02-responder", "F24-key", "F43-undecided", "F58-transform-set", "F59-initiator", "F62-rekey")
_LINE = re.compile(r"^\*Apr 12 (\S+): (.*)")


def stamped(text: str, head: Callable[[int, str], str], every: bool = False) -> str:
    """The log with other headers: `head` of line number and time of day. `every`: on lines that continue a record too,
    as a relay writes them; blank lines are then left out."""
    lines, time = [], "07:12:00.000"
    for number, line in enumerate(text.splitlines()):
        m = _LINE.match(line)
        time = m[1] if m else time
        if m or (every and line):
            lines.append(head(number, time) + (m[2] if m else line))
        elif not every:
            lines.append(line)
    return "\n".join(lines) + "\n"


def cut(text: str, width: int) -> str:
    """As a terminal of this width shows it and its capture keeps it."""
    return "\n".join(
        "\n".join(line[at : at + width] for at in range(0, len(line), width)) or line for line in text.splitlines()
    )


def joined(text: str) -> str:
    """Each record on one line, as rsyslog writes them."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("*") or not lines:
            lines.append(line)
        elif line:
            lines[-1] += "#012" + line
    return "\n".join(lines) + "\n"


def captured(text: str) -> str:
    """From a terminal: prompt, pager, CRLF, and a command typed while a line was printed."""
    lines = ["hub1#debug crypto ikev2", "IKEv2 default debugging is on", "hub1#"]
    for number, line in enumerate(text.splitlines()):
        lines.append(line)
        if number % 9 == 4:
            lines.append(" --More-- " + "\x08" * 9 + " " * 9 + "\x08" * 9)
    return "\r\n".join(lines).replace("Verify SA init message", "Verify SA init messageshow clock", 1) + "\r\n"


def copied(text: str) -> str:
    """From a web page: entities, other quotes, blanks that are none."""
    return "\n".join(
        "  " + line.replace("->", "-&gt;").replace("'", "\u2019").replace(" ", "\u00a0", 1) if line else line
        for line in text.splitlines()
    )


def between(*extra: str) -> Callable[[str], str]:
    """With these lines before every sixth."""

    def put(text: str) -> str:
        lines: list[str] = []
        for number, line in enumerate(text.splitlines()):
            lines += extra if number % 6 == 5 and line.startswith("*") else ()
            lines.append(line)
        return "\n".join(lines) + "\n"

    return put


def glued(extra: str, to: str) -> Callable[[str], str]:
    return lambda text: "".join(line + (extra if to in line else "") + "\n" for line in text.splitlines())


def dumped(text: str) -> str:
    """With the bytes behind each payload."""
    dump = "      00 1a 2b 3c 4d 5e 6f 70 81 92 a3 b4 c5 d6 e7 f8\n      00 1a 2b 3c\n"
    return re.sub(r"(?m)^( (?:SA|VID|ENCR)\b.*\n)", r"\1" + dump, text)


def decoded(text: str) -> str:
    """With what `debug crypto ikev2 packet` prints before each packet."""
    decode = (
        r"\1IKEv2-PAK:\2Next payload: SA, version: 2.0 Exchange type: IKE_SA_INIT, flags: INITIATOR Message id: 0, length: 466\n"
        "Payload contents:\n SA  Next payload: KE, reserved: 0x0, length: 48\n"
        "  last proposal: 0x0, reserved: 0x0, length: 44\n"
        "  Proposal: 1, Protocol id: IKE, SPI size: 0, #trans: 4    last transform: 0x3, reserved: 0x0: length: 12\n"
        "    type: 1, reserved: 0x0, id: AES-CBC\n KE  Next payload: N, reserved: 0x0, length: 72\n"
        "    DH group: 19, Reserved: 0x0\n" + "     " + "1f " * 16 + "\n\n"
    )
    return re.sub(
        r"(?m)^(\*Apr 12 \S+: )IKEv2:(\(SESSION[^)]*\):)?(?=Received Packet|Sending Packet)", decode + r"\g<0>", text
    )


def broken_off(text: str) -> str:
    """A line into which something was typed, and which the router then printed again."""
    return re.sub(r"(?m)^(.{60}).*Verify SA init message\n", r"\g<1>1r cr\nhub1#show ver\n\g<0>", text)


def reflowed(text: str) -> str:
    """As an editor of web pages breaks the lines of a packet."""
    text = re.sub(r"(Responder SPI :) (?=[0-9A-F]{16} Message)", r"\1\n", text)
    return re.sub(r"(?m)^ ((?:VID|SA) .+?) (?=(?:KE|SA) )", r"\1\n", text)


BTRACE = "2024/04/12 {}123456 {{iosrp_R0-0}}{{255}}: [iosrp] [16352]: (debug): "
PREAMBLE = (
    "Logging display requested on 2024/04/12 09:00:00 (UTC) for Hostname: [hub1], Model: [C8000V], Version: [17.09.04a]\n"
    "\nexecuting cmd on chassis local ...\nUnified Decoder Library Init .. DONE\nFound 1 UTF Streams\n\n"
)
BUFFER = (
    "hub1#show logging\n"
    "Syslog logging: enabled (0 messages dropped, 3 messages rate-limited, 0 flushes, 0 overruns, xml disabled)\n\n"
    "    Console logging: disabled\n    Buffer logging:  level debugging, 4711 messages logged, xml disabled,\n"
    "        Logging to 192.0.2.9  (udp port 514, audit disabled,\n              link up),\n\n"
    "Log Buffer (100000 bytes):\nON ID = 40,SA ID = 2):Deleting SA\n"
)
FORMS: dict[str, Callable[[str], str]] = {
    "no clock": lambda t: stamped(t, lambda n, c: ""),
    "uptime": lambda t: stamped(t, lambda n, c: f"{200 + n:06}: 3w2d: "),
    "year and zone": lambda t: stamped(t, lambda n, c: f"Apr 12 2024 {c} CEST: "),
    "sequence": lambda t: stamped(t, lambda n, c: f"{200 + n:06}: *Apr 12 {c}: "),
    "RFC 3164": lambda t: stamped(t, lambda n, c: f"<191>{2000 + n}: hub1: Apr 12 {c} UTC: ", every=True),
    "two clocks": lambda t: stamped(
        t, lambda n, c: f"Apr 12 07:12:01 192.0.2.7 {2000 + n}: hub1: {300 + n}: Apr 12 2024 {c} UTC: ", every=True
    ),
    "RFC 5424": lambda t: stamped(t, lambda n, c: f"<191>1 2024-04-12T{c}Z hub1 - - - - {n}: Apr 12 {c}: ", every=True),
    "Kiwi": lambda t: stamped(
        t,
        lambda n, c: (
            f"<190>Original Address=192.0.2.7 1 2024-04-12T{c}Z w Kiwi_SyslogNet_Server 3 OUT HUB1: *Apr 12 {c}: "
        ),
        every=True,
    ),
    "IPv6 origin": lambda t: stamped(
        t, lambda n, c: f"<191>{3000 + n}: 2001:db8:40::7: {300 + n}: Apr 12 2024 {c} UTC: ", every=True
    ),
    "host after the clock": lambda t: stamped(t, lambda n, c: f"<191>91: *Apr 12 {c}: hub1.example.net ", every=True),
    "ISO clock and host": lambda t: stamped(t, lambda n, c: f"2024-04-12T{c}+02:00 hub1 ", every=True),
    "rsyslog": joined,
    "terminal": captured,
    "web page": copied,
    "ANSI": lambda t: "".join(f"\x1b[32m{line}\x1b[0m\n" for line in t.splitlines()),
    "binary trace": lambda t: PREAMBLE + stamped(t, lambda n, c: BTRACE.format(c)),
    "binary trace, every line": lambda t: PREAMBLE + stamped(t, lambda n, c: BTRACE.format(c), every=True),
    "clock that lost its source": lambda t: stamped(t, lambda n, c: f".Apr 12 {c}: "),
    "no milliseconds": lambda t: stamped(t, lambda n, c: f"*Apr 12 {c[:8]}: "),
    "microseconds": lambda t: stamped(t, lambda n, c: f"*Apr 12 {c}001: "),
    "zone with an offset": lambda t: stamped(t, lambda n, c: f"Apr 12 {c} UTC+07:30: "),
    "zone in small letters": lambda t: stamped(t, lambda n, c: f"Apr 12 {c} mdt: "),
    "zone of six letters": lambda t: stamped(t, lambda n, c: f"Apr 12 {c} METDST: "),
    "year before the month": lambda t: stamped(t, lambda n, c: f"hub1: 2024 Apr 12 {c} CDT: "),
    "one blank before the day": lambda t: stamped(t, lambda n, c: f"*Apr 2 {c}: "),
    "uptime in hours": lambda t: stamped(t, lambda n, c: f"{c[:8]}: "),
    "uptime in days": lambda t: stamped(t, lambda n, c: "3d04h: "),
    "uptime in years": lambda t: stamped(t, lambda n, c: f"{n + 7}: 2y10w: "),
    "uptime of two numbers": lambda t: stamped(t, lambda n, c: "101 21: "),
    "ISO clock": lambda t: stamped(t, lambda n, c: f"2024-04-12T{c}Z: "),
    "ISO clock behind an empty number": lambda t: stamped(t, lambda n, c: f"<165>:2024-04-12T{c}Z: "),
    "relay, address, host and number": lambda t: stamped(
        t, lambda n, c: f"<190>{n + 3}: Jul 13 08:23:43 192.0.2.7 hub1: {n + 9}: Apr 12 2024 {c} UTC: ", every=True
    ),
    "two sequence numbers": lambda t: stamped(
        t, lambda n, c: f"<190>{n + 3}: {n + 9}: Apr 12 2024 {c} UTC: ", every=True
    ),
    "no sequence number but its colon": lambda t: stamped(
        t, lambda n, c: f"<190>: hub1: Apr 12 2024 {c}: ", every=True
    ),
    "neither number nor host": lambda t: stamped(t, lambda n, c: f"<189>: Apr 12 2024 {c}: ", every=True),
    "IPv6 origin of three colons": lambda t: stamped(
        t, lambda n, c: f"<190>{n + 3}: 2001:db8:40::: {n + 9}: Apr 12 2024 {c} UTC: ", every=True
    ),
    "RFC 5424 with data": lambda t: stamped(
        t,
        lambda n, c: f'<191>1 2024-04-12T{c}Z hub1 x 12 ID1 [meta id="{n}" y="a]b"][b c="d"] {n}: Apr 12 {c}: ',
        every=True,
    ),
    "RFC 5424 alone": lambda t: stamped(t, lambda n, c: f"<191>1 2024-04-12T{c}Z hub1 - - - - ", every=True),
    "host of digits": lambda t: stamped(t, lambda n, c: f"<190>{n + 3}: 12345: Apr 12 {c}: ", every=True),
    "stamps of a console server": lambda t: stamped(t, lambda n, c: f"[2024-04-12 09:12:44] *Apr 12 {c}: ", every=True),
    "leading blanks": lambda t: t.replace("*Apr", " *Apr"),
    "trailing blanks": lambda t: t.replace("\n", "   \n"),
    "tabs": lambda t: t.replace(": IKEv2", ":\tIKEv2"),
    "bullets": lambda t: t.replace("*Apr", "\u2022 *Apr"),
    "retyped": lambda t: t.replace(",SA ID", ", SA ID").replace("):", "): "),
    "blank lines": lambda t: t.replace("\n", "\n\n"),
    "CR CR LF": lambda t: t.replace("\n", "\r\r\n"),
    "NULs": lambda t: t.replace("\n", "\n\0\0"),
    "no end of the last line": lambda t: t.rstrip("\n"),
    "SPIs in small letters": lambda t: t.replace("7B3C11D2E4F50619", "7b3c11d2e4f50619"),
    "dumps of packets": dumped,
    "decoded packets": decoded,
    "tracebacks": between("-Traceback= 55A1B2C3D4E5z 55A1B2C3D4E6z"),
    "help and a refused command": between(
        "hub1#show ?",
        "  aaa       Show AAA values",
        "  ikev2     Show IKEv2",
        "             ^",
        "% Invalid input detected at '^' marker.",
        "",
        "hub1#",
    ),
    "a ping": between(
        "Type escape sequence to abort.",
        "Sending 5, 100-byte ICMP Echos to 192.0.2.1, timeout is 2 seconds:",
        "!!!!!",
        "Success rate is 100 percent (5/5), round-trip min/avg/max = 1/1/1 ms",
    ),
    "a ping behind a line": glued(".....", "Verify SA init message"),
    "a command behind a line": glued("no shut", "Insert SA"),
    "a line that was broken off": broken_off,
    "reflowed": reflowed,
    "saved": between(
        "[OK]",
        "Enter configuration commands, one per line.  End with CNTL/Z.",
        "hub1(config)#",
        "hub1#wr",
        "Building configuration...",
    ),
    "empty prompts": between("hub1#", "hub1#", "hub1#"),
    "show logging": lambda t: BUFFER + t + "hub1#\n",
}


def told(data: bytes) -> list[tuple[str, ...]]:
    """What a reader of the log is told of each negotiation."""
    found = []
    for n in LogReader([data], "hub.log").negotiations():
        named = diagnose(n)
        assert named is not None
        found.append((named.scenario.name, named.say, str(n.peer), str(n.local), str(n.identity), n.role.value))
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_says_the_same(form: str, scenario: str) -> None:
    plain = (FOLDER / f"{scenario}.log").read_text()
    assert told(FORMS[form](plain).encode()) == told(plain.encode())


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("width", [48, 62, 72, 80, 100, 132])
def test_lines_cut_by_a_terminal_are_made_whole(width: int, scenario: str) -> None:
    plain = (FOLDER / f"{scenario}.log").read_text()
    for text in (plain, stamped(plain, lambda n, c: f"{2328304 + n}: *Apr 12 {c} GMT: ")):
        assert told(cut(text, width).encode()) == told(text.encode())


def test_a_line_made_whole_keeps_its_number() -> None:
    text = cut((FOLDER / "F24-key.log").read_text(), 80)
    (negotiation,) = LogReader([text.encode()], "hub.log").negotiations()
    assert negotiation.failure is not None
    assert "Computed authentication value" in "".join(text.splitlines()[negotiation.failure.seen.line - 1 :][:2])


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.log")), ids=lambda p: p.stem)
def test_an_ordinary_log_is_left_alone(path: Path) -> None:
    assert terminal_width(path.read_bytes()) == 0


@given(st.lists(st.text("Ab :#\r", max_size=60), max_size=40), st.integers(1, 60))
def test_no_line_is_lost_or_gained(lines: list[str], size: int) -> None:
    data = "\n".join(lines).encode()
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    whole = b"".join(whole_records(blocks, 40))
    assert whole.replace(b"\n", b"").replace(b"\r", b"") == data.replace(b"\n", b"").replace(b"\r", b"")
    assert whole.count(b"\n") - data.count(b"\n") in (0, 1)


def interleaved(*routers: tuple[str, str, str]) -> bytes:
    """One relay's file of several routers, whose lines alternate; each with its name, its peer and its SPI."""
    plain = (
        (FOLDER / "F59-initiator.log").read_text().replace("198.51.100.20", "PEER").replace("7B3C11D2E4F50619", "OWN")
    )
    files = [
        stamped(
            plain.replace("PEER", peer).replace("OWN", spi),
            lambda n, c, name=name: f"Apr 12 07:12:01 {name} {100 + n}: Apr 12 {c}: ",  # type: ignore[misc]
            every=True,
        ).splitlines()
        for name, peer, spi in routers
    ]
    return "".join(line + "\n" for lines in zip(*files, strict=True) for line in lines).encode()


def test_routers_of_one_relay_are_told_apart_though_their_lines_alternate() -> None:
    data = interleaved(
        ("r1.example.net", "198.51.100.1", "1111AAAA2222BBBB"),
        ("r2.example.net", "198.51.100.2", "2222BBBB3333CCCC"),
        ("192.0.2.33", "198.51.100.3", "3333CCCC4444DDDD"),
    )
    found = list(LogReader([data], "relay.log").negotiations())
    assert sorted((n.device, str(n.peer), n.role.value) for n in found) == [
        ("192.0.2.33", "198.51.100.3", "initiator"),
        ("r1.example.net", "198.51.100.1", "initiator"),
        ("r2.example.net", "198.51.100.2", "initiator"),
    ]
    assert {d.scenario.name for n in found if (d := diagnose(n))} == {"transform-set-refused"}


def test_the_preamble_names_the_router_and_the_process_does_not() -> None:
    text = PREAMBLE + stamped((FOLDER / "F24-key.log").read_text(), lambda n, c: BTRACE.format(c))
    reader = LogReader([text.encode()], "hub.log")
    (negotiation,) = reader.negotiations()
    assert negotiation.device == "hub1"
    assert reader.coverage.hostnames == {"hub1": 1}


@pytest.mark.parametrize("size", [1, 70, 110, 125, 1000])
def test_counted_errors_are_taken_from_the_exit_path_table(size: int) -> None:
    table = b"hub1#show crypto ikev2 diagnose error\n\nExit Path Table - status: enable, current entry 1, deleted 0\n\n"
    coverage = Coverage()
    data = table + b"Error(12): Detected an invalid IKE SPI\n -Traceback= 1#4f8d9a\n"
    blocks = [table, *(data[at : at + size] for at in range(len(table), len(data), size))]
    assert b"".join(prepared(blocks, coverage, TextFile("x.log", ()), lambda name: None)) == data
    ((_, one),) = coverage.incidents.items()
    assert (one.about, one.times, one.seen.line) == ("Detected an invalid IKE SPI", 12, 5)


# -- what is no debug but says the same ------------------------------------------------------------------------------

ENDS = "Remote: 203.0.113.66/500 Local: 198.51.100.20/500"
TRACED = f"""\
hub1#show monitor event-trace crypto ikev2 event all
ikev2_event:
Tracing currently disabled, from exec command
*Apr 12 07:12:00.101: SA ID:0 SESSION ID:0 {ENDS}  (R) Received IKEv2 IKE_SA_INIT Exchange REQUEST
*Apr 12 07:12:00.110: SA ID:3 SESSION ID:41 {ENDS}  (R) Sending IKEv2 IKE_SA_INIT Exchange RESPONSE
*Apr 12 07:12:00.120: SA ID:3 SESSION ID:41 {ENDS}  Completed SA init exchange
*Apr 12 07:12:00.150: SA ID:3 SESSION ID:41 {ENDS}  (R) Received IKEv2 IKE_AUTH Exchange REQUEST
*Apr 12 07:12:00.190: SA ID:3 SESSION ID:41 {ENDS}  (R) Sending IKEv2 IKE_AUTH Exchange RESPONSE
*Apr 12 07:12:00.191: SA ID:3 SESSION ID:41 {ENDS}  Session with IKE ID PAIR(br66.example.org , hub.example.org) is UP
"""


@pytest.mark.parametrize(
    "form",
    [
        TRACED,
        TRACED.replace("ikev2_event:\n", "ikev2_event:\ninterrupt context allocation count = 0\n"),
        re.sub(r"(?m)(?<=\d: )SA ID", "ikev2_event: SA ID", TRACED).replace("\nikev2_event:\n", "\n"),
        TRACED.replace("*Apr 12 ", "Apr 12 2024 "),
    ],
    ids=["event", "with counts", "merged", "with the year"],
)
def test_an_event_trace_is_read(form: str) -> None:
    """Each line names both ends, so that it tells the whole of a negotiation without any debug."""
    reader = LogReader([form.encode()], "hub.log")
    (n,) = reader.negotiations()
    assert (str(n.peer), str(n.local), n.peer_port) == ("203.0.113.66", "198.51.100.20", "500")
    assert (str(n.identity), n.role.value, n.outcome.value) == ("br66.example.org", "responder", "up")
    assert n.session == "41"


def test_an_error_trace_says_why_nothing_came_up() -> None:
    text = TRACED[: TRACED.rindex("*Apr")].replace("ikev2_event:", "ikev2_error:")
    text += f"*Apr 12 07:12:00.191: SA ID:3 SESSION ID:41 {ENDS}  Failed to authenticate the IKE SA\n"
    (n,) = LogReader([text.encode()], "hub.log").negotiations()
    named = diagnose(n)
    assert named is not None
    assert named.say == "the peer's proof was not accepted: the keys differ, or the signature is bad"
