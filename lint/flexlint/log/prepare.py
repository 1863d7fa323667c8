"""What is done to a log before its lines are read: what a search put before them is taken off, lines that a terminal
cut at its width are made whole, the counters of `show crypto ikev2 diagnose error` are taken out, and the preamble of
`show logging process` names the router.

Comes in: blocks of bytes as the file has them. Goes out: blocks in which every record has its line; each line keeps its
number, since a joined one leaves blank lines behind. Which of this is needed, the first block tells, so that an
ordinary log passes untouched. Nothing here knows negotiations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

from flexlint.log.framing import cleaned
from flexlint.log.model import Coverage, Gap, Incident
from flexlint.log.records import continuation
from flexlint.log.searched import Searched
from flexlint.place import Origin, Seen

NARROWEST, WIDEST = 40, 255  # columns of a terminal
SAMPLE = 5_000  # lines looked at to find its width
CUT_LINES = 3  # so many lines must have been cut there, and most of those of that length
LONGEST = 4096  # bytes of a line put together
PREAMBLE = 64 * 1024  # bytes in which `show logging process` says of which router it is
ERRORS = 200  # different errors counted
_BEGINS = re.compile(  # a line that is no rest of another: a header, a tag, a prompt, nothing
    rb"\s*$|[*.]?[A-Z][a-z]{2} [ \d]\d \d\d:|\d{1,12}: |<\d{1,3}>|\d{4}[-/]\d\d|\d{1,3}:\d\d:\d\d|\d+[wdy]\d"
    rb"|IKEv2|%|AAA[/ ]|RADIUS|CRYPTO_PKI|IPSEC|ISAKMP|SA ID:|-Traceback|[\w.-]{1,63}(?:\([\w-]{1,40}\))?[#>]"
)
_HEADED = re.compile(
    rb"[A-Z][a-z]{2} [ \d]?\d (?:\d{4} )?\d\d:\d\d|\d{4}[-/]\d\d[-/]\d\d|IKEv2[\w-]*:|%[A-Z][\w-]*-\d-[A-Z]"
)
_PREAMBLE = re.compile(rb"(?m)^Logging display requested on [^\n]{1,80} for Hostname: \[([\w.-]{1,63})\]")
_ERROR = re.compile(rb"(?m)^[ \t]*Error\((\d{1,9})\): ?([^\r\n]{1,200})")


def prepared(
    blocks: Iterable[bytes], coverage: Coverage, origin: Origin, named: Callable[[str], None]
) -> Iterator[bytes]:
    """The blocks, mended where the first one shows that they need it. What is counted goes into `coverage`; `named` is
    told the router that a preamble names."""
    rest = iter(blocks)
    first = next(rest, b"")
    searched = Searched.of(first, partial(_left_out, coverage))
    if searched is not None:
        rest = searched.off(chain((first,), rest))
        first = next(rest, b"")
    if m := _PREAMBLE.search(first[:PREAMBLE]):
        named(m[1].decode("ascii"))
    blocks = chain((first,), rest)
    width = terminal_width(first)
    yield from counted(whole_records(blocks, width) if width else blocks, coverage, origin)


def is_mended(first: bytes) -> bool:
    """Whether `prepared` would change a log with this first block, or look on in it."""
    mended = _PREAMBLE.search(first[:PREAMBLE]) is not None or terminal_width(first) > 0
    return mended or b"Exit Path Table" in first or Searched.of(first, lambda *_: None) is not None


def _left_out(coverage: Coverage, number: int, line: bytes) -> None:
    """A search printed this line behind one that it does not follow."""
    coverage.is_excerpt = True
    if len(coverage.gaps) < ERRORS:
        coverage.gaps.append(Gap("omitted", number, cleaned(line[:LONGEST])))


# -- lines cut by a terminal -----------------------------------------------------------------------------------------


def terminal_width(block: bytes) -> int:
    """The columns at which lines were cut, or 0 where none were."""
    found = [line.rstrip(b"\r") for line in block.split(b"\n", SAMPLE)[:SAMPLE]]
    found = found[: len(found) - (len(found) > 1)]  # the last one may go on in the next block
    width = max(map(len, found), default=0)
    if not NARROWEST <= width <= WIDEST or not any(b"IKEv2" in line for line in found):
        return 0
    full = [i for i, line in enumerate(found[:-1]) if len(line) == width]
    cut = [i for i in full if _is_rest(found[i + 1])]
    return width if len(cut) >= CUT_LINES and len(cut) * 5 >= len(full) * 4 else 0


def _is_rest(line: bytes) -> bool:
    """Whether this line is the rest of the one before, if that was cut: nothing begins with it."""
    if _BEGINS.match(line) is not None or _HEADED.search(line) is not None:
        return False
    return not continuation(cleaned(line[:LONGEST]))


def whole_records(blocks: Iterable[bytes], width: int) -> Iterator[bytes]:
    """The same lines with those put together that were cut at `width`; blank lines keep the numbers right."""
    tail = b""
    waiting, blanks, full = b"", -1, False  # a line that may go on, lines that it took, whether it reached the edge
    for block in blocks:
        found = (tail + block).split(b"\n")
        tail = found.pop()[: LONGEST * 4]
        done: list[bytes] = []
        for line in found:
            bare = line.rstrip(b"\r")
            if full and blanks >= 0 and len(waiting) < LONGEST and _is_rest(bare):
                waiting += bare
                blanks += 1
            else:
                if blanks >= 0:
                    done.append(waiting + b"\n" * blanks)
                waiting, blanks = bare, 0
            full = len(bare) == width
        if not block and blanks >= 0 and not full:  # nothing more for now
            done.append(waiting + b"\n" * blanks)
            waiting, blanks = b"", -1
        yield b"".join(line + b"\n" for line in done)
    if full and tail and _is_rest(tail):
        waiting, tail, blanks = waiting + tail, b"", blanks + 1
    if blanks >= 0:
        yield waiting + b"\n" * (blanks + 1)
    if tail:
        yield tail


# -- show crypto ikev2 diagnose error --------------------------------------------------------------------------------


def counted(blocks: Iterable[bytes], coverage: Coverage, origin: Origin, number: int = 1) -> Iterator[bytes]:
    """Passes the blocks on, and takes the counted errors of an exit path table into `coverage`. `number` is
    that of the first line."""
    inside = False
    tail = b""
    for block in blocks:
        inside = inside or b"Exit Path Table" in block
        if inside and block:
            cut = block.rfind(b"\n") + 1
            block, tail = (tail + block[:cut], block[cut:]) if cut else (b"", (tail + block)[:LONGEST])
            at = 0
            for m in _ERROR.finditer(block):
                number += block.count(b"\n", at, m.start())
                at = m.start()
                _count(m, number, coverage, origin)
            number += block.count(b"\n", at)
            if block:
                yield block
            continue
        number += block.count(b"\n")
        yield block
    if tail:
        yield tail


def _count(m: re.Match[bytes], line: int, coverage: Coverage, origin: Origin) -> None:
    text = cleaned(m[2]).strip()
    key = ("counted", text)
    if key in coverage.incidents:
        coverage.incidents[key].times += int(m[1])
    elif len(coverage.incidents) < ERRORS:
        seen = Seen.at(text, line, cleaned(m[0]), origin)
        coverage.incidents[key] = Incident("counted", text, "", "", seen, int(m[1]))
