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


def test_counted_errors_are_taken_from_the_exit_path_table() -> None:
    table = b"hub1#show crypto ikev2 diagnose error\n\nExit Path Table - status: enable, current entry 1, deleted 0\n\n"
    coverage = Coverage()
    data = table + b"Error(12): Detected an invalid IKE SPI\n -Traceback= 1#4f8d9a\n"
    assert b"".join(prepared([data[:70], data[70:]], coverage, TextFile("x.log", ()), lambda name: None)) == data
    ((_, one),) = coverage.incidents.items()
    assert (one.about, one.times, one.seen.line) == ("Detected an invalid IKE SPI", 12, 5)
