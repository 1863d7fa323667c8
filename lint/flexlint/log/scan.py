"""Blocks of bytes to whole lines, in constant memory.

Comes in: an iterable of byte blocks cut anywhere. Goes out: blocks of whole lines, each line with the line end before
it, so that a pattern can begin with one. Nothing here knows what a line says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

LINE_LIMIT = 16 * 1024  # bytes of a line that goes on over blocks; a debug line is some hundreds long
_NEAR = 4096  # bytes before the end of a block in which a good place to cut it is looked for
_PIECE = 1 << 20  # longest piece that is looked at at once


def whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yields blocks of the form `\\nline\\nline`. A line without an end for long is cut there, its rest dropped.

    An empty block says that nothing more is there for now: the whole lines kept back are then yielded."""
    tail = b"\n"
    mark = b""
    for block in blocks:
        if not block and (cut := tail.rfind(b"\n")) > 0:
            yield tail[:cut]
            tail = tail[cut:]
        for start in range(0, len(block), _PIECE):
            piece = block if len(block) <= _PIECE else block[start : start + _PIECE]
            cut = piece.rfind(mark, -_NEAR) if mark else -1  # before a line that begins as the first one did
            if cut < 0:
                cut = piece.rfind(b"\n")
            if cut < 0:
                if len(tail) <= LINE_LIMIT:
                    tail = (tail + piece)[: LINE_LIMIT + 1]
                continue
            whole = tail + piece[:cut]
            if not mark and (at := whole.find(b"IKEv2:")) >= 0:
                start = whole.rfind(b"\n", 0, at)
                mark = whole[start : min(start + 2, at)]
            yield whole
            tail = piece[cut : cut + LINE_LIMIT + 1]
    if len(tail) > 1:
        yield tail.removesuffix(b"\n")  # the end of the last line begins no other


def lines(whole: bytes) -> list[bytes]:
    """The lines of such a block, without line ends."""
    return whole[1:].split(b"\n")
