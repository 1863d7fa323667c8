"""Bytes as they come: encodings, compression, kinds told apart by content, and errors of one line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from flexlint.inputs.kinds import look, platform_of
from flexlint.inputs.source import InputError, open_blocks, read_input

CONFIG = "hostname hub\ncrypto ikev2 profile P\n match identity remote any\n"
LOG = "*Mar  3 07:12:14.101: IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message\n" * 3


@pytest.mark.parametrize(
    "data",
    [
        CONFIG.encode(),
        b"\xef\xbb\xbf" + CONFIG.encode(),
        CONFIG.replace("\n", "\r\n").encode(),
        CONFIG.encode("utf-16"),
        CONFIG.encode("utf-16-le"),
        gzip.compress(CONFIG.encode()),
        bz2.compress(CONFIG.encode()),
        lzma.compress(CONFIG.encode()),
        zstandard.compress(CONFIG.encode()),
    ],
    ids=["plain", "bom", "crlf", "utf-16", "utf-16-le", "gzip", "bzip2", "xz", "zstd"],
)
def test_a_configuration_in_any_wrapping(data: bytes, tmp_path: Path):
    (tmp_path / "hub").write_bytes(data)
    one = read_input(str(tmp_path / "hub"))
    assert one.kind == "config"
    assert list(one.lines) == CONFIG.split("\n")[:-1]


@pytest.mark.parametrize(
    "data", [LOG.encode(), gzip.compress(LOG.encode()), LOG.encode("utf-16")], ids=["plain", "gzip", "utf-16"]
)
def test_a_log_in_any_wrapping(data: bytes, tmp_path: Path):
    (tmp_path / "hub").write_bytes(data)
    one = read_input(str(tmp_path / "hub"))
    assert one.kind == "log"
    assert b"".join(open_blocks(one)).decode() == LOG


def test_latin_1_is_read(tmp_path: Path):
    (tmp_path / "hub").write_bytes("hostname hub\ninterface Tunnel0\n description B\xfcro\n".encode("latin-1"))
    assert read_input(str(tmp_path / "hub")).lines[2] == " description B\xfcro"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (CONFIG, "config"),
        (LOG, "log"),
        (
            "A note on tunnels.\n\nThis page says how we built them and why it took a week to find the fault.\n" * 5,
            "other",
        ),
        (CONFIG + LOG, "log"),
        (
            "R1(config)#" + CONFIG.replace("\n", "\nR1(config)#") + "*Mar 1 00:00:01: %SYS-5-CONFIG_I: Configured\n",
            "config",
        ),
        ("", "other"),
    ],
)
def test_kinds_are_told_apart_by_content(text: str, kind: str):
    assert look(text).kind == kind


def test_a_binary_file_is_neither(tmp_path: Path):
    (tmp_path / "x").write_bytes(bytes(range(256)) * 40)
    assert read_input(str(tmp_path / "x")).kind == "binary"


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_truncated_archive_gives_what_can_be_read_and_then_one_line(packed: Callable[[bytes], bytes], tmp_path: Path):
    path = tmp_path / "hub.log.packed"
    noise = "".join(LOG.replace("ID = 1", f"ID = {n * 7919}") for n in range(19_000))
    path.write_bytes(packed(noise.encode())[:-400])
    blocks = open_blocks(read_input(str(path)))
    assert next(blocks).startswith(b"*Mar")
    with pytest.raises(InputError, match=r"hub\.log\.packed: .*too early") as error:
        list(blocks)
    assert "\n" not in str(error.value)


def test_archives_behind_one_another_are_one_file(tmp_path: Path):
    path = tmp_path / "hub.log.zst"
    path.write_bytes(zstandard.compress(LOG.encode()) * 3)
    assert b"".join(open_blocks(read_input(str(path)))) == LOG.encode() * 3


def test_a_missing_file_is_one_line():
    with pytest.raises(InputError, match=r"^nowhere\.cfg: No such file"):
        read_input("nowhere.cfg")


@pytest.mark.parametrize(
    ("line", "platform"),
    [
        ("tunnel-group 192.0.2.1 type ipsec-l2l", "asa"),
        ("feature ospf", "nxos"),
        ("!! IOS XR Configuration 7.3.2", "iosxr"),
        ("set security ike proposal P dh-group group14", "junos"),
        ("crypto ikev2 profile P", ""),
    ],
)
def test_other_platforms_are_recognised(line: str, platform: str):
    assert platform_of([line]) == platform


@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, zstandard.compress])
def test_standard_input_may_be_compressed(packed: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch):
    log = b"*Mar  1 00:00:01.000: IKEv2:(SESSION ID = 1,SA ID = 1):Processing IKE_AUTH message\n" * 20_000
    for data, kind in ((log, "log"), (b"hostname r1\ncrypto ikev2 proposal P\n", "config")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(packed(data)))))
        one = read_input("-")
        assert one.kind == kind
        if kind == "log":
            assert b"".join(open_blocks(one)) == data
        else:
            assert one.lines == ["hostname r1", "crypto ikev2 proposal P"]


@pytest.mark.parametrize(
    ("line", "product"),
    [
        ("ike 0:7296e98108a42bd1/0000000000000000:34538: responder received SA_INIT msg", "a FortiGate"),
        (
            "Mar  3 07:12:14 gw charon: 11[IKE] IKE_SA br4[1] established with 203.0.113.4",
            "strongSwan",
        ),
        (
            'Mar  3 07:12:14 gw pluto[4711]: "br4" #1: initiating IKEv2 connection to 203.0.113.4',
            "Libreswan",
        ),
        (
            "| 4 | 5 | ike | a table of something else that is not a log of anything at all |",
            "",
        ),
    ],
)
def test_logs_of_other_products_are_called_by_name(
    flexlint: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, line: str, product: str
):
    (tmp_path / "other.log").write_text(f"{line}\n" * 6)
    done = flexlint("check", "other.log", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    said = f"the log of {product}, which is not read" if product else "neither a configuration nor a log of IKEv2"
    assert done.stderr.startswith(f"flexlint: other.log: {said}")
