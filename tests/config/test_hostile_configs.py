"""Files that mean harm, or are merely broken: each gives a report or one line, in bounded time and memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexlint.config.model import LineKind
from flexlint.config.parse import read_devices
from flexlint.inputs.source import read_input, split_lines
from flexlint.place import TextFile

HEAD = b"hostname hub1\nversion 17.9\ncrypto ikev2 profile P\n match identity remote any\n"
MEMORY = 1_200_000_000  # bytes of address space that a run may ask for
SECONDS = 100  # a busy machine; alone each takes less than ten


def check(path: Path) -> subprocess.CompletedProcess[bytes]:
    command = [str(Path(sys.executable).with_name("flexlint")), "check", path.name, "--output-format", "concise"]
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=path.parent,
        capture_output=True,
        timeout=SECONDS,
        env={**os.environ, "FLEXLINT_DEBUG": ""},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        check=False,
    )
    assert time.monotonic() - started < SECONDS
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    assert done.stderr.count(b"\n") <= 1
    assert len(done.stdout) < 10_000  # nothing prints a line of a hundred million characters
    return done


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (HEAD + b" authentication local " + b"x" * 100_000_000 + b"\n", b"is not understood in this profile"),
        (HEAD + b"crypto ikev2 proposal Q\n encryption " + b"aes-cbc-128 " * 400_000 + b"\n", b"not understood"),
        (HEAD + b" \n" * 1_000_000 + b" keyring locall K\n", b"hub.cfg:1000005:10:"),
        (HEAD + b"".join(b" " * (n % 1_000) + b"\n" for n in range(100_000)), b"CMP040"),
        (HEAD + b"".join(b" " * n + b"interface Tunnel1\n" for n in range(3_000)), b"CMP040"),
        (HEAD + b"banner motd ^C\n" + b"no more of this\n" * 200_000 + b" keyring\n", b"CMP040"),
        (HEAD + b"banner motd ^C\n" * 100_000, b"CMP040"),
        (HEAD + b"crypto pki certificate chain T\n certificate 01\n" + b"  30820301 3082030A\n" * 200_000, b"CMP040"),
        (HEAD + b"!" * 30_000_000 + b"\n", b"CMP040"),
        (HEAD + b"crypto ikev2 profile Q ! " * 400_000 + b"\n", b"a line of at most"),
        (HEAD + b"crypto ikev2 keyring K " + b"peer A address 192.0.2.1 " * 700 + b"\n", b"CMP"),
        (b"".join(b"R%d(config)#interface Tunnel0\n" % n for n in range(50_000)), b""),
        (b"".join(b"hostname R%d\ninterface Tunnel0\n" % n for n in range(20_000)), b""),
        (HEAD + b'\n match certificate "' * 20_000, b"profile"),
        (HEAD + b" match fvrf " + b"{{ x " * 5_000 + b"\n match fvrf " + b"<x" * 10_000 + b"\n", b""),
        (HEAD + Random(7).randbytes(2_000_000).replace(b"\0", b" "), b""),
    ],
    ids=[
        *("a line of 100 MB", "words without end", "a million blank lines", "blanks", "ever deeper", "open banner"),
        *("only banners", "certificate cut in half", "marks", "one line", "glued", "routers by prompt"),
        *("routers by name", "quotes", "placeholders", "random"),
    ],
)
def test_a_file_of_that_kind_is_reported_in_time(data: bytes, told: bytes, tmp_path: Path):
    (tmp_path / "hub.cfg").write_bytes(data)
    done = check(tmp_path / "hub.cfg")
    assert done.returncode in (0, 1)
    assert told in done.stdout


def test_a_certificate_cut_in_half_costs_nothing_after_it():
    text = (
        "crypto pki certificate chain CA\n certificate ca 01\n  30820301 3082030A\n  3082\n"
        "crypto ikev2 profile P\n match identity remote any\n"
    )
    (device,) = read_devices(TextFile("r.cfg", text.splitlines()))
    assert list(device.profiles) == ["P"]
    assert device.profiles["P"].identities[0].line.number == 6


def test_an_open_banner_costs_nothing_after_it():
    text = "banner motd ^C\n unauthorised access is not allowed\ncrypto ikev2 profile P\n match identity remote any\n"
    (device,) = read_devices(TextFile("r.cfg", text.splitlines()))
    assert list(device.profiles) == ["P"]


def test_encodings_that_are_mixed_cost_no_line(tmp_path: Path):
    """UTF-8 in one line, Latin-1 in the next, halves of neither: names and places stay."""
    lines = ["hostname hub1", "interface Tunnel0", " description Zürich", " ip address 192.0.2.1 255.255.255.0"]
    data = b"\n".join(
        [
            lines[0].encode(),
            lines[1].encode(),
            lines[2].encode("utf-8"),
            lines[2].encode("latin-1"),
            b" description \xc3\x28 \xf0\x9f",
            lines[3].encode(),
        ]
    )
    (tmp_path / "r.cfg").write_bytes(data)
    one = read_input(str(tmp_path / "r.cfg"))
    (device,) = read_devices(TextFile("r.cfg", one.lines))
    assert device.hostname == "hub1"
    (word, _, _) = device.interfaces["Tunnel0"].addresses[0]
    assert (word, word.line, word.column) == ("192.0.2.1", 6, 13)


PIECES = st.sampled_from(
    [
        *(
            "crypto ikev2 profile P",
            " match identity remote any",
            " keyring local",
            "crypto ikev2 keyring K",
            " peer A",
        ),
        *(
            "  pre-shared-key 6 x",
            "banner motd ^C",
            "^C",
            " certificate 01",
            "quit",
            "!",
            "",
            "no crypto ikev2 profile P",
        ),
        *(
            "default crypto ikev2 proposal",
            "R1(config)#hostname R2",
            "R2(config-if)#exit",
            "interface Tunnel0",
            " no",
            "no",
        ),
        *(
            "crypto ikev2 proposal P encryption des group 2 ! crypto ikev2 policy Q proposal P",
            "cry ike",
            "int",
            "hostname",
        ),
        *(
            " default",
            " no ip address",
            "ip local pool P 1.1.1.1",
            "access-list 1 permit",
            "crypto map M 1 ipsec-isakmp",
        ),
    ]
)


@given(
    st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=30).map("\n".join)
    | st.binary(max_size=400).map(lambda data: data.decode("cp1252", "replace"))
)
def test_any_text_gives_devices_whose_places_are_in_the_file(text: str):
    lines = split_lines(text)
    for device in read_devices(TextFile("r.cfg", lines)):
        for one in device.unparsed:
            assert 1 <= one.line.number <= len(lines)
            assert one.line.kind is LineKind.COMMAND
            assert one.expected
            assert one.word.column >= 1
