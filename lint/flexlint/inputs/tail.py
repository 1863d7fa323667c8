"""The bytes of a log that is still being written: a file that grows, is rotated or cut off, or standard input.

Comes in: a path, a function that waits a little, and one that says whether to go on. Goes out: blocks as they are
written, until the input ends or nobody wants more. Nothing here knows what a line says, what time it is, or how long a
wait is.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from flexlint.inputs.source import BLOCK, InputError

_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")


class Tail:
    """One growing log. `lines` counts the line ends handed out, `begins` has their number before each new file."""

    def __init__(self, path: str, wait: Callable[[], bool], going: Callable[[], bool] = lambda: True) -> None:
        """`wait` waits a little and says whether to go on; `going` only says so, where there is no need to wait."""
        self.path = path
        self.lines = 0
        self.begins = [0]
        self._wait = wait
        self._going = going
        self._whole = True  # the last byte handed out was a line end

    def blocks(self, rest: Callable[[], None]) -> Iterator[bytes]:
        """What is there and what comes; `rest` is called, after an empty block, whenever nothing more is there for now.

        Raises InputError when the file cannot be read."""
        for block in self._read():
            if not self._going():
                return
            if block:
                if not self.lines and block.startswith(_PACKED):
                    raise InputError(f"{self.path}: compressed; --follow reads a log that is still being written")
                self.lines += block.count(b"\n")
                self._whole = block.endswith(b"\n")
                yield block
            else:
                yield b""
                rest()

    def line_in_file(self, line: int) -> int:
        """The number that a line, counted over all files, has in its own."""
        return line - max(begin for begin in self.begins if begin < max(line, 1))

    def _read(self) -> Iterator[bytes]:
        if self.path == "-":
            return self._stream(0, begun=True)
        try:
            if Path(self.path).is_fifo():
                return self._stream(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK), begun=False)
        except OSError as error:
            raise InputError(f"{self.path}: {error.strerror or error}") from error
        return self._file()

    def _stream(self, number: int, begun: bool) -> Iterator[bytes]:
        """What a pipe is given; before it has `begun`, nobody may have opened it to write."""
        while True:
            ready, _, _ = select.select([number], [], [], 0)
            block = os.read(number, BLOCK) if ready else b""
            if block:
                begun = True
                yield block
            elif ready and begun:
                return
            else:
                yield b""
                if not self._wait():
                    return

    def _file(self) -> Iterator[bytes]:
        opened = None
        try:
            opened = _opened(self.path)
            while True:
                block = opened.read(BLOCK) or b""
                if block:
                    yield block
                    continue
                fresh = self._replaced(opened)
                if fresh is not None:
                    if not self._whole:
                        yield b"\n"
                    self.begins.append(self.lines)
                    if fresh is not opened:
                        opened.close()
                        opened = fresh
                    continue
                yield b""
                if not self._wait():
                    return
        except OSError as error:
            raise InputError(f"{self.path}: {error.strerror or error}") from error
        finally:
            if opened is not None:
                opened.close()

    def _replaced(self, opened: FileIO) -> FileIO | None:
        """The file to read on in, when the path has become another one or was cut off; None while it is as it was."""
        here = os.fstat(opened.fileno())
        try:
            there = Path(self.path).stat()
        except FileNotFoundError:  # moved away, and the next one is not there yet
            return None
        if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
            return _opened(self.path)
        if here.st_size < opened.tell():
            opened.seek(0)
            return opened
        return None


def _opened(path: str) -> FileIO:
    return FileIO(path)  # unbuffered: what is there is read, and no more is waited for
