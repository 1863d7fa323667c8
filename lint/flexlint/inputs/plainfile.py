"""A large file that is read as it is, in ranges.

Comes in: a path. Goes out: its bytes, range by range, and where to cut it. Nothing here knows what a line says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LEAST = 16 << 20  # bytes of a file that is worth another process
RANGE = 2 << 20  # bytes of one range
BLOCK = 256 << 10  # bytes read at once
SHORTER = "became shorter while it was read; what could be read has been checked"
_NEAR = 64 << 10  # bytes in which a good place to cut is looked for


class PlainFile:
    """A file that is read as it is. Where it cannot be read on, its bytes end, and `fault` says why."""

    def __init__(self, path: str, size: int) -> None:
        self.path = path
        self.size = size  # bytes when it was looked at
        self.fault = ""
        self._raw: BinaryIO = Path(path).open("rb")  # noqa: SIM115

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of a range."""
        while start < end and (block := self._read(start, min(BLOCK, end - start))):
            start += len(block)
            yield block

    def _read(self, start: int, length: int) -> bytes:
        try:
            self._raw.seek(start)
            return self._raw.read(length)
        except OSError as error:
            self.fault = error.strerror or str(error)
            return b""

    def ranges(self, start: int, mark: bytes) -> Iterator[tuple[int, int]]:
        """Ranges that end after a line; where that is near, before one that begins with `mark`."""
        while start < self.size:
            end = start + RANGE
            while end < self.size:
                piece = self._read(end, _NEAR)
                cut = piece.find(b"\n" + mark)
                cut = cut if cut >= 0 else piece.find(b"\n")
                if cut >= 0:
                    end += cut + 1
                    break
                end += len(piece) or self.size
            yield start, min(end, self.size)
            start = min(end, self.size)

    def close(self) -> None:
        if os.fstat(self._raw.fileno()).st_size < self.size:  # another process may have met its end
            self.fault = self.fault or SHORTER
        self._raw.close()
