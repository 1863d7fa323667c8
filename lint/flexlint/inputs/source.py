"""Bytes of the user's files: encodings, compression, standard input, and what kind of input a file is.

Comes in: a path. Goes out: an `Input` with the lines of a configuration, or the blocks of a log. Kinds are told apart
by content, never by ending. Nothing here knows what a line means beyond that.
"""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from flexlint.fact import fact
from flexlint.pattern import pattern

if TYPE_CHECKING:
    from flexlint.inputs.plainfile import PlainFile

BLOCK = 256 * 1024  # bytes read at once: larger blocks are slower, they fall out of the processor's cache
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_BLOCK = 1024  # bytes given to zstd at once, which cannot be told how much to give back: 4 may become 128 KiB
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", _ZSTD)  # gzip, bzip2, xz, zstd
HEAD = 1024 * 1024  # bytes looked at to tell the kind of a file
CONFIG_LIMIT = 256 * 1024 * 1024  # bytes of a configuration; a larger one is no configuration


class InputError(Exception):
    """Something the user can mend, on one line: what, where, what to do."""


@fact
class Input:
    """One file. `lines` are those of a configuration, without line ends; a log is read with `open_blocks`.

    `kind` is "config", "log" or "other" (prose, another product's file)."""

    path: str
    kind: str
    lines: Sequence[str] = ()
    started: bytes = b""  # what was read of standard input to tell its kind
    rest: Iterator[bytes] | None = None  # and what follows it
    parts: tuple[Input, ...] = ()  # the files of a rotated log, oldest first; `path` is the newest of them


def read_input(path: str) -> Input:
    """Tells the kind of a file and reads it whole when it is a configuration. `-` is standard input.

    Raises InputError when it cannot be read."""
    if path == "-":
        return _read_standard_input()
    blocks = _blocks_of(path)
    try:
        head, fault = _head(blocks)
        if b"\0" in head and not _utf16(head):
            return Input(path, "other")
        kind = kind_of(_decode(head))
        if kind == "log":
            return Input(path, kind)  # a fault is met again when it is read
        if fault is not None:
            raise fault
        pieces = [head]
        size = len(head)
        for block in blocks:
            size += len(block)
            if size > CONFIG_LIMIT:
                raise InputError(f"{path}: larger than {CONFIG_LIMIT >> 20} MiB and no log: not read")
            pieces.append(block)
    finally:
        blocks.close()
    return Input(path, kind, split_lines(_decode(b"".join(pieces))))


def _head(blocks: Iterator[bytes]) -> tuple[bytes, InputError | None]:
    """What tells the kind of a file, and what kept it from being read on."""
    head = b""
    try:
        while len(head) < HEAD and (block := next(blocks, b"")):
            head += block
    except InputError as fault:
        if not head:
            raise
        return head, fault
    return head, None


def _raising(fault: InputError) -> Iterator[bytes]:
    yield from ()
    raise fault


def _read_standard_input() -> Input:
    raw = sys.stdin.buffer
    magic = raw.peek(6)[:6] if hasattr(raw, "peek") else b""
    blocks = _read(raw, magic, "standard input")
    head, fault = _head(blocks)
    if b"\0" in head and not _utf16(head):
        return Input("-", "other")
    kind = kind_of(_decode(head))
    if kind == "log":
        return Input("-", kind, started=head, rest=blocks if fault is None else _raising(fault))
    if fault is not None:
        raise fault
    pieces = [head]
    size = len(head)
    while size <= CONFIG_LIMIT and (block := next(blocks, b"")):
        size += len(block)
        pieces.append(block)
    return Input("-", kind, split_lines(_decode(b"".join(pieces))))


def open_blocks(one: Input) -> Iterator[bytes]:
    """The bytes of a log in blocks, decompressed, UTF-16 turned into UTF-8.

    Raises InputError at the point where it cannot be read on; everything before it has been handed out."""
    if one.rest is not None:
        return _transcoded(chain((one.started,), one.rest))
    return _transcoded(_blocks_of(one.path))


def plain_file(one: Input) -> PlainFile | None:
    """The file of a log that is large and neither compressed nor UTF-16; None for any other."""
    from flexlint.inputs.plainfile import LEAST, PlainFile

    if one.rest is not None or one.parts:
        return None
    try:
        size = Path(one.path).stat().st_size if Path(one.path).is_file() else 0
        if size < LEAST:
            return None
        file = PlainFile(one.path, size)
        head = next(file.blocks(0, BLOCK), b"")
    except OSError as error:
        raise InputError(f"{one.path}: {error.strerror or error}") from error
    plain = not head.startswith((*_MAGIC, codecs.BOM_UTF8)) and not _utf16(head)
    return file if plain else None


def _blocks_of(path: str) -> Generator[bytes, None, None]:
    """Blocks of a file, decompressed by its magic number."""
    try:
        with Path(path).open("rb") as raw:
            magic = raw.read(6)
            raw.seek(0) if raw.seekable() else None
            yield from _read(raw, magic, path)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error


def _read(raw: BinaryIO, magic: bytes, path: str) -> Iterator[bytes]:
    """The bytes of a stream, decompressed. What a damaged archive still has before the damage comes first."""
    try:
        if magic.startswith(_MAGIC):
            yield from _unpacked(raw, magic, path)
            return
        while block := raw.read(BLOCK):
            yield block
    except InputError:
        raise
    except EOFError:
        raise InputError(f"{path}: the compressed file ends too early; what could be read has been checked") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except Exception as error:  # zlib.error, lzma.LZMAError, ZstdError have no common base
        raise InputError(f"{path}: the compressed file is damaged ({type(error).__name__})") from error


def _unpacked(raw: BinaryIO, magic: bytes, path: str) -> Iterator[bytes]:
    size = _ZSTD_BLOCK if magic.startswith(_ZSTD) else BLOCK
    data = raw.read(size)
    while data:  # one archive after another, as `cat a.gz b.gz` makes them
        archive = _archive(magic, path)
        while not archive.eof:
            if block := archive.decompress(data, BLOCK):
                yield block
            data = getattr(archive, "unconsumed_tail", b"")  # the other kinds keep what they have not looked at
            if not archive.eof and not data and getattr(archive, "needs_input", True):
                data = raw.read(size)
                if not data:
                    raise EOFError
        data = (archive.unused_data or raw.read(size)).lstrip(b"\0")


def _archive(magic: bytes, path: str) -> Any:
    if magic.startswith(_ZSTD):
        return _Zstd(path)
    if magic.startswith(b"BZh"):
        from bz2 import BZ2Decompressor

        return BZ2Decompressor()
    if magic.startswith(b"\xfd7zXZ\0"):
        from lzma import LZMADecompressor

        return LZMADecompressor()
    from zlib import decompressobj

    return decompressobj(wbits=31)


class _Zstd:
    """A frame of zstd, with the interface of the other kinds."""

    def __init__(self, path: str) -> None:
        try:
            import zstandard  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            raise InputError(f"{path}: compressed with zstd; install `zstandard`, or unpack it first") from None
        self._frame = zstandard.ZstdDecompressor().decompressobj()

    def decompress(self, data: bytes, _: int) -> bytes:
        return bytes(self._frame.decompress(data))

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._frame.unused_data)


def _utf16(head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:512]
    if len(sample) >= 8 and sample[1::2].count(0) > len(sample) // 3 and sample[0::2].count(0) == 0:
        return "utf-16-le"
    if len(sample) >= 8 and sample[0::2].count(0) > len(sample) // 3 and sample[1::2].count(0) == 0:
        return "utf-16-be"
    return ""


def _transcoded(blocks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(blocks, b"")
    if not first:
        return
    if not (encoding := _utf16(first)):
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")


def _decode(data: bytes) -> str:
    """Text of any bytes: UTF-16 and UTF-8 by their marks, UTF-8 where it fits, else Windows-1252 as editors do."""
    if encoding := _utf16(data):
        return data.decode(encoding, "replace").removeprefix("\ufeff")
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def split_lines(text: str) -> list[str]:
    """Lines without their ends. Only LF, CRLF and CR CR LF end a line; form feeds and the like stand in the text.

    A file of old Mac line ends (CR alone) is split at them."""
    if "\r" in text:
        if "\n" not in text:
            text = text.replace("\r", "\n")
        else:
            text = text.replace("\r\r\n", "\n").replace("\r\n", "\n")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


# Records of the debugs we read, wherever their header ends. `IKEv2:` must be followed by text, as in every debug line.
_RECORD = pattern(
    r"IKEv2(?:-(?:ERROR|INTERNAL|PAK|CLIENT|CLUSTER|(?:PROTO|PLAT)-\d))?:[ \t]*[^ \t\n]"
    r"|SA ID:\d+ SESSION ID:\d+|\bikev2_(?:internal_)?(?:event|error):|^Exit Path Table|^Error\(\d+\): "
    r"|^Logging display requested|^Syslog logging: "
)
_SYSLOG = pattern(
    r"%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)?[0-7]-[A-Z0-9_]+ ?:|\b(?:AAA/[A-Z]|RADIUS[(:/]|CRYPTO_PKI:|ISAKMP[:-]|IPSEC\()"
)
_COMMAND = pattern(
    r"(?:crypto |cry |interface |int |hostname |aaa |ip (?:local|route|vrf|access-list|domain)|ipv6 |vrf definition "
    r"|version \d|router |line (?:vty|con)|username |radius |ntp |access-list |route-map |match identity"
    r"|authentication (?:local|remote)|keyring |pre-shared-key |set |tunnel (?:source|mode|protection|destination)"
    r"|encryption |integrity |proposal |peer |pki trustpoint|virtual-template|no crypto |tunnel-group |service )",
    re.IGNORECASE,
)
_PROMPT = pattern(r"^[\w.-]{1,63}(?:\([\w-]+\))?[#>]\s*")


def kind_of(text: str) -> str:
    """ "config", "log" or "other", by what the first part of a file holds."""
    records = syslogs = commands = prose = 0
    for number, line in enumerate(text[:HEAD].split("\n", 20_000)[:20_000]):
        if number % 500 == 499 and records > 100 and commands * 10 < records:
            break  # nothing that follows could make a configuration of it
        stripped = line.strip()
        if not stripped or stripped.startswith(("!", "```")):
            commands += stripped.startswith("!")
            continue
        if len(stripped) > 4000:
            stripped = stripped[:4000]
        if _RECORD.search(stripped):
            records += 1
        elif _SYSLOG.search(stripped):
            syslogs += 1
        elif _COMMAND.match(_PROMPT.sub("", stripped, count=1)):
            commands += 1
        elif stripped.count(" ") > 8:
            prose += 1
    if records and records + syslogs >= commands // 20:
        return "log"
    if syslogs > commands:
        return "log"
    if commands and commands * 2 >= prose:
        return "config"
    return "config" if commands >= 12 else "other"


# Marks that IOS cannot print, by platform. The first word is looked up, so that few lines are ever matched.
_PLATFORMS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "asa",
        ("asa", "pix", "nameif", "security-level", ":"),
        r"ASA Version |PIX Version|nameif |security-level \d|: Saved",
    ),
    ("asa", ("tunnel-group",), r"tunnel-group \S+ (?:type|ipsec-attributes|general)"),
    ("asa", ("group-policy",), r"group-policy \S+ (?:internal|attributes)"),
    ("asa", ("crypto",), r"crypto ikev2 enable \w|crypto ipsec ikev[12] |crypto ikev2 policy \d+\s*$"),
    ("nxos", ("feature",), r"feature (?:ospf|bgp|vpc|interface-vlan|lacp|crypto)"),
    ("nxos", ("vdc", "!command:"), r"vdc \S+ id \d|!Command: show running-config"),
    ("iosxr", ("!!", "interface"), r"!! IOS XR|!! Last configuration change.*by |interface (?:MgmtEth|Bundle-Ether)"),
    (
        "junos",
        ("set", "##", "system"),
        r"set (?:system|interfaces|security|routing-options|protocols) |## Last commit|system \{",
    ),
    ("fortios", ("config", "#config-version"), r"#config-version=|config (?:system|vpn|firewall|router) "),
    ("panos", ("set",), r"set deviceconfig |set network ike "),
    ("vyos", ("set",), r"set vpn ipsec "),
)
_MARKS: dict[str, list[tuple[str, str]]] = {}
for _name, _words, _mark in _PLATFORMS:
    for _word in _words:
        _MARKS.setdefault(_word, []).append((_name, _mark))


def platform_of(lines: Iterable[str]) -> str:
    """The platform of a configuration that is not IOS: "asa", "nxos", "iosxr", "junos" ...; empty for IOS.

    One mark that IOS cannot print is enough when nothing in the file is IOS's own form of IKEv2."""
    votes: dict[str, int] = {}
    ios = 0
    for line in lines:
        first, _, rest = line.lstrip()[:80].partition(" ")
        if first in ("match", "crypto") and rest.startswith(_IOS):
            ios += 1
        if (marks := _MARKS.get(first.partition("=")[0].lower())) is not None:
            for name, mark in marks:
                if re.match(mark, line.strip(), re.IGNORECASE):
                    votes[name] = votes.get(name, 0) + 1
    best = max(votes, key=lambda name: votes[name], default="")
    return best if best and votes[best] > ios else ""


_IOS = ("ikev2 profile ", "ikev2 keyring ", "identity remote ")
