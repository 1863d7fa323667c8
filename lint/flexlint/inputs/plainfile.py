"""A large file that is read as it is, in ranges.

Comes in: a path. Goes out: its bytes, range by range, and where to cut it. Nothing here knows what a line says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

LEAST = 16 << 20  # bytes of a file that is worth another process
RANGE = 2 << 20  # bytes of one range
BLOCK = 256 << 10  # bytes read at once
_NEAR = 64 << 10  # bytes in which a good place to cut is looked for


class PlainFile:
    """A file that is read as it is. Raises OSError where it cannot be read on."""

    def __init__(self, path: str, size: int) -> None:
        self.path = path
        self.size = size  # bytes when it was looked at
        self._raw: BinaryIO = Path(path).open("rb")  # noqa: SIM115

    def blocks(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of a range."""
        self._raw.seek(start)
        while start < end and (block := self._raw.read(min(BLOCK, end - start))):
            start += len(block)
            yield block

    def ranges(self, start: int, mark: bytes) -> Iterator[tuple[int, int]]:
        """Ranges that end after a line; where that is near, before one that begins with `mark`."""
        while start < self.size:
            end = start + RANGE
            while end < self.size:
                self._raw.seek(end)
                piece = self._raw.read(_NEAR)
                cut = piece.find(b"\n" + mark)
                cut = cut if cut >= 0 else piece.find(b"\n")
                if cut >= 0:
                    end += cut + 1
                    break
                end += len(piece) or self.size
            yield start, min(end, self.size)
            start = min(end, self.size)

    def close(self) -> None:
        self._raw.close()
