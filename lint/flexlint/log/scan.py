"""Blocks of bytes to physical lines, at speed and in constant memory.

Comes in: an iterable of byte blocks cut anywhere. Goes out: lists of whole lines with the 1-based number of the first.
A line longer than `LINE_LIMIT` is cut there and its rest dropped. Nothing here knows what a line says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LINE_LIMIT = 16 * 1024  # bytes of one line that are looked at; a debug line is some hundreds long
_PIECE = 1 << 20  # longest piece that is split at once


def lines(blocks: Iterable[bytes]) -> Iterator[tuple[int, list[bytes], bytes]]:
    """Yields (number of the first line, lines, the bytes they were cut from); the lines have no line end."""
    number = 1
    tail = b""
    for block in blocks:
        for start in range(0, len(block), _PIECE):
            piece = block if len(block) <= _PIECE else block[start : start + _PIECE]
            cut = piece.rfind(b"\n")
            if cut < 0:
                tail += piece[: max(0, LINE_LIMIT - len(tail))]
                continue
            found = piece[:cut].split(b"\n")
            found[0] = tail + found[0]
            tail = piece[cut + 1 :][:LINE_LIMIT]
            yield number, found, piece
            number += len(found)
    if tail:
        yield number, [tail], tail
