"""Bytes of the user's files: encodings, compression, standard input, and what kind of input a file is.

Comes in: a path. Goes out: an `Input` with the lines of a configuration, or the blocks of a log. Kinds are told apart
by content, never by ending. Nothing here knows what a line means beyond that.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from io import BufferedReader, FileIO, RawIOBase
from itertools import chain
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any, BinaryIO

from flexlint.fact import fact
from flexlint.inputs.kinds import HEAD, look, product_of
from flexlint.inputs.plainfile import SHORTER
from flexlint.inputs.quoted import blanked, marks_of, without_marks

if TYPE_CHECKING:
    from flexlint.inputs.plainfile import PlainFile

BLOCK = 256 * 1024  # bytes read at once: larger blocks are slower, they fall out of the processor's cache
_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_BLOCK = 1024  # bytes given to zstd at once, which cannot be told how much to give back: 4 may become 128 KiB
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", _ZSTD)  # gzip, bzip2, xz, zstd
_STANZAS = (b"crypto ikev2 profile ", b"crypto ikev2 keyring ", b"crypto ipsec profile ")
DAMAGED = "the compressed file is damaged; what could be read has been checked"
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\b\x1b\x07\f"))  # what no terminal is sent
PIPE_PATIENCE = 100  # tenths of a second in which somebody must write into a pipe
CONFIG_LIMIT = 256 * 1024 * 1024  # bytes of a configuration; a larger one is no configuration


class InputError(Exception):
    """Something the user can mend, on one line: what, where, what to do."""


@fact
class Input:
    """One file. `lines` are those of a configuration, without line ends; a log is read with `open_blocks`, and has
    lines where a configuration stands in the same text.

    `kind` is "config", "log", "other" (prose, another product's file) or "binary"."""

    path: str
    kind: str
    lines: Sequence[str] = ()
    started: bytes = b""  # what was read of a stream to tell its kind
    rest: Iterator[bytes] | None = None  # and what follows it
    product: str = ""  # whose log an "other" file is, where that is known
    quotes: bool = False  # prose that quotes a log or a configuration, which is its kind
    parts: tuple[Input, ...] = ()  # the files of a rotated log, oldest first; `path` is the newest of them


def read_input(path: str) -> Input:
    """Tells the kind of a file and reads it whole when it is a configuration. `-` is standard input; it and a pipe
    (`<(zcat hub.log.gz)`) are read once, so that what tells their kind is kept.

    Raises InputError when it cannot be read."""
    if path == "-":
        raw = sys.stdin.buffer
        magic = raw.peek(6)[:6] if hasattr(raw, "peek") else b""
        return _told(path, _read(raw, magic, "standard input"), once=True)
    if (pipe := _pipe(path)) is not None:
        return _told(path, _read_pipe(pipe, path), once=True)
    blocks = _blocks_of(path)
    try:
        return _told(path, blocks, once=False)
    finally:
        blocks.close()


def _told(path: str, blocks: Iterator[bytes], once: bool) -> Input:
    """The input, and of a configuration what is in it."""
    head, fault = _head(blocks)
    if _is_binary(head):
        return Input(path, "binary")
    marks = marks_of(head)
    bare = blanked(head, marks) if marks is not None else head
    kind, quotes = look(_decode(bare))
    if kind == "log" or (kind == "other" and once):
        lines = _beside(bare) if kind == "log" else ()
        if once:
            return Input(path, kind, lines, started=head, rest=blocks if fault is None else _raising(fault))
        return Input(path, kind, lines, quotes=quotes)  # a fault is met again when it is read
    if fault is not None:
        raise fault
    pieces = [head]
    size = len(head)
    for block in blocks:
        size += len(block)
        if size > CONFIG_LIMIT:
            raise InputError(f"{path}: larger than {CONFIG_LIMIT >> 20} MiB and no log: not read")
        pieces.append(block)
    data = b"".join(pieces)
    if marks is not None and not marks.numbers:  # the outline takes numbers off
        data = blanked(data, marks)
    text = _decode(data)
    product = product_of(text) if kind == "other" else ""
    return Input(path, kind, split_lines(text), product=product, quotes=quotes)


def _beside(head: bytes) -> Sequence[str]:
    """The configuration that stands in one text with a log."""
    if not any(mark in head for mark in _STANZAS):
        return ()
    from flexlint.inputs.mixed import configuration_in

    return configuration_in(split_lines(_decode(head)))


def _is_binary(head: bytes) -> bool:
    """Whether this is no text. A few NULs come from serial lines and editors."""
    if b"\0" not in head or _utf16(head):
        return False
    sample = head[:65536]
    return (len(sample) - len(sample.translate(None, _CONTROLS))) * 50 > len(sample)


def _pipe(path: str) -> BufferedReader | None:
    """A pipe, opened to be read once, when somebody writes into it; None for what is no pipe.

    Raises InputError when nobody does."""
    try:
        if not Path(path).is_fifo():
            return None
        raw = FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        first = raw.read(BLOCK)
        for _ in range(PIPE_PATIENCE):
            if first != b"":
                break
            sleep(0.1)
            first = raw.read(BLOCK)
        os.set_blocking(raw.fileno(), True)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    if first == b"":
        raw.close()
        raise InputError(f"{path}: a pipe into which nobody writes")
    return BufferedReader(_Begun(raw, first or b""))


class _Begun(RawIOBase):
    """A pipe of which the first bytes were read already."""

    def __init__(self, raw: FileIO, first: bytes) -> None:
        self._raw, self._first = raw, first

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._first:
            return self._raw.readinto(buffer) or 0
        given, self._first = self._first[: len(buffer)], self._first[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)


def _read_pipe(pipe: BufferedReader, path: str) -> Iterator[bytes]:
    yield from _read(pipe, pipe.peek(6)[:6], path)


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


def open_blocks(one: Input) -> Iterator[bytes]:
    """The bytes of a log in blocks, decompressed, UTF-16 turned into UTF-8.

    Raises InputError at the point where it cannot be read on; everything before it has been handed out."""
    if one.rest is not None:
        return without_marks(_transcoded(chain((one.started,), one.rest)))
    return without_marks(_transcoded(_blocks_of(one.path)))


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
    except OSError:
        return None  # what is wrong with it is told when it is read
    plain = not head.startswith((*_MAGIC, codecs.BOM_UTF8)) and not _utf16(head) and marks_of(head) is None
    return file if plain else None


def _blocks_of(path: str) -> Generator[bytes, None, None]:
    """Blocks of a file, decompressed by its magic number."""
    try:
        with Path(path).open("rb") as raw:
            size = os.fstat(raw.fileno()).st_size
            magic = raw.read(6)
            raw.seek(0) if raw.seekable() else None
            yield from _read(raw, magic, path)
            if size and raw.tell() < size:
                raise InputError(f"{path}: {SHORTER}")
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
        if error.errno is None:  # as bz2 says that an archive is damaged
            raise InputError(f"{path}: {DAMAGED} ({error})") from error
        raise InputError(f"{path}: {error.strerror or error}") from error
    except Exception as error:  # zlib.error, lzma.LZMAError, ZstdError have no common base
        raise InputError(f"{path}: {DAMAGED} ({type(error).__name__})") from error


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
    data = data.replace(b"\0", b"")
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
