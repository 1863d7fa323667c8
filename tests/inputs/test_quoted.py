"""Texts in which something stands around every line: quoted in a mail, listed with numbers, marked up by a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from flexlint.inputs.jobs import plan
from flexlint.inputs.quoted import blanked, marks_of, without_marks
from flexlint.report.model import Report
from flexlint.rulebook import select
from flexlint.run import Options, run

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def around(before: str, behind: str) -> Callable[[list[str]], str]:
    return lambda lines: "".join(f"{before}{line}{behind}\n" for line in lines)


FORMS: dict[str, Callable[[list[str]], str]] = {
    "mail": around("> ", ""),
    "answer to a mail": around(">> ", ""),
    "table": around("| ", ""),
    "list": around("- ", ""),
    "list of a program": around('"', '",'),
    "bold": around("**", "**"),
    "starred": around("\u2605 ", " \u2605"),
    "page": around("", "<br>"),
    "page of XHTML": around("", "<br />"),
    "hard breaks": around("", "\\"),
    "numbers": lambda lines: "".join(f"{n:4}. {line}\n" for n, line in enumerate(lines, 1)),
    "cat -n": lambda lines: "".join(f"{n:6}\t{line}\n" for n, line in enumerate(lines, 1)),
    "grep -n": lambda lines: "".join(f"{n}: {line}\n" for n, line in enumerate(lines, 1)),
}


def said(report: Report) -> list[tuple[str, str, int, int]]:
    return sorted((f.rule, f.message, f.primary.line if f.primary else 0, len(f.related)) for f in report.findings)


def report_on(folder: Path) -> Report:
    return run(plan([str(folder / "hub.cfg"), str(folder / "hub.log")]).jobs, Options(select()))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("example", ["missing-group-list", "key-length"])
def test_a_pair_says_the_same_in_every_form(form: str, example: str, tmp_path: Path):
    for name in ("hub.cfg", "hub.log"):
        lines = (EXAMPLES / example / name).read_text(encoding="utf-8").splitlines()
        (tmp_path / name).write_text(FORMS[form](lines), encoding="utf-8")
    wanted = said(report_on(EXAMPLES / example))
    assert said(report_on(tmp_path)) == wanted
    assert wanted


@pytest.mark.parametrize(
    "text",
    [
        b"000001: *Apr  2 07:00:00.001: IKEv2:Found Policy 'P'\n" * 5,
        b"".join(b"%06d: *Apr  2 07:00:00.001: IKEv2:Found Policy 'P'\n" % n for n in range(61, 80)),
        b"".join(b"%06d: *Apr  2 07:00:00.001: IKEv2:Found Policy 'P'\n" % n for n in range(1, 80)),
        b"hub>enable\nhub#show logging\n*Apr  2 07:00:00.001: IKEv2:Found Policy 'P'\n",
        b"> quoted\n> quoted\n> quoted\nand the answer\n",
        b"*Apr  2 07:00:00.001: IKEv2:Found Policy 'P'\n" * 4,
        b"",
        b"\n\n\n\n",
    ],
)
def test_what_belongs_to_the_text_is_no_mark(text: bytes):
    assert marks_of(text) is None
    assert b"".join(without_marks(iter([text]))) == text


def test_marks_are_taken_off_wherever_the_blocks_end():
    text = b"".join(b"> IKEv2:line %d > 7\n" % n for n in range(200))
    marks = marks_of(text)
    assert marks is not None
    whole = blanked(text, marks)
    assert len(whole) == len(text)
    assert re.findall(rb"^  IKEv2:line \d+ > 7$", whole, re.MULTILINE) == whole.splitlines()
    for size in (2000, 2001, 2002, 2003, 3999):
        pieces = [text[:1024], *(text[at : at + size] for at in range(1024, len(text), size))]
        assert b"".join(without_marks(iter(pieces))) == whole
