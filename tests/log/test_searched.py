"""What `grep`, `zgrep` and `rg` print of a log says what the log says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from test_framings import BTRACE, FOLDER, FORMS, SCENARIOS, told

from flexlint.log.reader import LogReader
from flexlint.log.searched import Searched


def found(text: str, prefix: Callable[[int, str], str]) -> str:
    """As a search for `IKEv2` with enough context prints it; `prefix` is of line number and `:` or `-`."""
    return "".join(
        prefix(number, ":" if "IKEv2" in line else "-") + line + "\n"
        for number, line in enumerate(text.splitlines(), 118)
    )


def by_two_files(text: str) -> str:
    half = text.index("\n*", len(text) // 2) + 1
    return found(text[:half], lambda n, c: f"logs/hub.log.1{c}{n}{c}") + found(
        text[half:], lambda n, c: f"logs/hub.log{c}{n}{c}"
    )


PRINTED: dict[str, Callable[[str], str]] = {
    "grep -n": lambda t: found(t, lambda n, c: f"{n}{c}"),
    "grep -H": lambda t: found(t, lambda n, c: f"hub-01.log{c}"),
    "grep -Hn": lambda t: found(t, lambda n, c: f"/var/log/hub.log{c}{n}{c}"),
    "zgrep of several": by_two_files,
    "rg on a terminal": lambda t: "hub.log\n" + found(t, lambda n, c: f"{n}{c}"),
    "rg of several": lambda t: "hub.log\n" + found(t, lambda n, c: f"{n}{c}") + "\nother.log\n7:no debug\n",
    "CRLF": lambda t: found(t, lambda n, c: f"{n}{c}").replace("\n", "\r\n"),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("form", list(PRINTED))
def test_what_a_search_printed_says_the_same(form: str, scenario: str) -> None:
    plain = (FOLDER / f"{scenario}.log").read_text()
    assert told(PRINTED[form](plain).encode()) == told(plain.encode())


@pytest.mark.parametrize("form", ["sequence", "uptime", "RFC 3164", "no clock", "ISO clock"])
def test_other_headers_behind_what_a_search_prints(form: str) -> None:
    plain = FORMS[form]((FOLDER / "F24-key.log").read_text())
    assert told(PRINTED["grep -n"](plain).encode()) == told(plain.encode())
    assert told(PRINTED["grep -Hn"](plain).encode()) == told(plain.encode())


def test_lines_keep_their_numbers() -> None:
    plain = (FOLDER / "F24-key.log").read_text()
    numbers = [
        [(n.first_line, n.last_line, n.failure and n.failure.seen.line) for n in LogReader([data], "x").negotiations()]
        for data in (plain.encode(), PRINTED["grep -n"](plain).encode())
    ]
    assert numbers[0] == numbers[1]


def test_blocks_may_be_cut_anywhere() -> None:
    data = by_two_files((FOLDER / "F24-key.log").read_text()).encode() * 20
    whole = b"".join(Searched.of(data, lambda *_: None).off([data]))  # type: ignore[union-attr]
    for size in (1, 7, 300, 5000):
        off = Searched.of(data, lambda *_: None)
        assert off is not None
        blocks = [data[at : at + size] for at in range(0, len(data), size)]
        assert b"".join(off.off(blocks)) == whole
    assert whole.count(b"\n") == data.count(b"\n")


def test_a_log_that_rests_is_told_so() -> None:
    data = PRINTED["grep -n"]((FOLDER / "F24-key.log").read_text()).encode()
    off = Searched.of(data, lambda *_: None)
    assert off is not None
    assert [bool(block) for block in off.off([data[:700], b"", data[700:], b"", b""])] == [
        True,
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.log")), ids=lambda p: p.stem)
def test_an_ordinary_log_is_left_alone(path: Path) -> None:
    assert Searched.of(path.read_bytes(), lambda *_: None) is None


@pytest.mark.parametrize("form", list(FORMS))
def test_a_log_of_any_form_is_left_alone(form: str) -> None:
    text = FORMS[form]((FOLDER / "F24-key.log").read_text())
    assert Searched.of(text.encode(), lambda *_: None) is None


@pytest.mark.parametrize(
    "line",
    [
        "{n}:02:33: IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message",
        "{n}: *Mar  3 07:12:00.100: IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message",
        "10.1.1.{n}:*Mar  3 07:12:00.100: IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message",
        "192.0.2.7:{n}: *Mar  3 07:12:00.100: IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message",
        "AAA/BIND(0000{n}):bind, for IKEv2",
        "2026-03-{n}T07:12:00Z hub1 IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message",
        BTRACE.format("07:12:{n}") + "IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message",
    ],
)
def test_clocks_numbers_and_hosts_are_no_prefixes(line: str) -> None:
    text = "".join(re.sub(r"\{n\}", str(n), line) + "\n" for n in range(11, 31))
    assert Searched.of(text.encode(), lambda *_: None) is None


@pytest.mark.parametrize("apart", ["--\n", ""])
def test_what_a_search_left_out_is_a_gap(apart: str) -> None:
    plain = PRINTED["grep -n"]((FOLDER / "F24-key.log").read_text())
    rest = re.sub(r"(?m)^(\d+)", lambda m: str(int(m[1]) + 5000), plain)
    reader = LogReader([(plain + apart + rest).encode()], "hub.log")
    assert list(reader.negotiations())
    assert [gap.kind for gap in reader.coverage.gaps] == ["omitted"]
    assert reader.coverage.is_excerpt
    whole = LogReader([plain.encode()], "hub.log")
    assert list(whole.negotiations())
    assert not whole.coverage.gaps


def test_separators_alone_are_gaps_too() -> None:
    plain = (FOLDER / "F24-key.log").read_text()
    half = plain.index("\n*", len(plain) // 2) + 1
    reader = LogReader([f"{plain[:half]}--\n{plain[half:]}".encode()], "hub.log")
    assert list(reader.negotiations())
    assert [(gap.kind, gap.line) for gap in reader.coverage.gaps] == [("omitted", plain[:half].count("\n") + 1)]
