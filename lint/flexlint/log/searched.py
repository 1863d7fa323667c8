"""What `grep -n`, `grep -H`, `zgrep` and `rg` put before the lines they print is taken off.

Comes in: blocks of bytes as the file has them. Goes out: the same lines without file names and line numbers; a line
keeps its place in the file. Where lines were left out between two that are printed, that is told. A sequence number, a
clock or a host is no such prefix: those of `grep` have no blank behind them, stand on every line, and count upwards.
Nothing here knows what a line says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from flexlint.log.scan import LINE_LIMIT
from flexlint.pattern import pattern

SAMPLE = 400  # lines looked at
LEAST = 3  # lines that must have the prefix
NAMES = 64  # files of one search
SEPARATOR = b"--"
_APART = pattern(rb"\n--\r?\n")
_NUMBER = pattern(rb"([1-9]\d{0,11})([:-])")
_NAME = pattern(rb"([^\s:()<>%\[\]]{0,200}[./][^\s:()<>%\[\]]{0,200}):(?=\S)")
_NO_NAME = pattern(rb"IKEv2|AAA|RADIUS|[\d.]+$|[\dT:.Z+-]+$")
_CLOCK = pattern(rb"\d\d:\d\d")
Gap = Callable[[int, bytes], None]


class Searched:
    """The prefixes of one search: names of files or none, line numbers or none; without both, its separators alone."""

    def __init__(self, names: list[bytes], numbered: bool, gap: Gap) -> None:
        self._names = names
        self._numbered = numbered
        self._gap = gap
        self._prefix = _prefix(names, numbered)
        self._number = 0  # of the line in the file
        self._last, self._name = 0, b""  # number and file of the line before, as the search printed them

    @classmethod
    def of(cls, first: bytes, gap: Gap) -> Searched | None:
        """The prefixes of the lines of a first block; None where they have none. `gap` is told the number and the text
        of each line before which some were left out."""
        if b"IKEv2" not in first:
            return None
        sample = [line.rstrip(b"\r") for line in first.split(b"\n", SAMPLE)[:SAMPLE]]
        sample = [line for line in (sample[:-1] or sample) if line and line != SEPARATOR]
        if len(sample) < LEAST:
            return None
        if _counts(sample):
            return cls([], True, gap)
        names = _names(sample)
        if not names:
            return cls([], False, gap) if _APART.search(first) else None
        numbered = _prefix(names, True)
        return cls(names, all(numbered.match(line) for line in sample), gap)

    def off(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The blocks without the prefixes, cut at the ends of lines. An empty block says that nothing more is there for
        now, here as in `whole_lines`; so does what is kept of a line without end."""
        tail = b""
        for block in blocks:
            cut = block.rfind(b"\n")
            if cut < 0:
                if not block:
                    yield b""
                elif len(tail) <= LINE_LIMIT:
                    tail += block[:LINE_LIMIT]
                continue
            whole, tail = tail + block[:cut], block[cut + 1 : cut + 1 + LINE_LIMIT]
            yield self._stripped(whole) + b"\n"
        if tail:
            yield self._stripped(tail)

    def _stripped(self, whole: bytes) -> bytes:
        done: list[bytes] = []
        for line in whole.split(b"\n"):
            self._number += 1
            m = self._prefix.match(line)
            if m is None and self._names and line not in (b"", b"\r", SEPARATOR):
                self._learn(line)
                m = self._prefix.match(line)
            if m is None:
                apart = line.rstrip(b"\r") == SEPARATOR
                if apart:
                    self._gap(self._number, line)
                self._last, self._name = 0, self._name if apart else b""
                done.append(b"" if apart else line)
                continue
            if self._numbered:
                counted = int(m[3])
                if self._last and counted > self._last + 1 and m[1] == self._name:
                    self._gap(self._number, line)
                self._last, self._name = counted, m[1]
            done.append(line[m.end() :])
        return b"\n".join(done)

    def _learn(self, line: bytes) -> None:
        """A file that the lines before were not of."""
        m = _NAME.match(line)
        if m is not None and len(self._names) < NAMES and not _NO_NAME.match(m[1]):
            self._names.append(m[1])
            self._prefix = _prefix(self._names, self._numbered)


def _prefix(names: list[bytes], numbered: bool) -> re.Pattern[bytes]:
    """A line's prefix: the file, `:` or `-`, the number."""
    files = b"|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    if numbered and names:
        return pattern(rb"(" + files + rb")([:-])([1-9]\d{0,11})\2")
    if names:
        return pattern(rb"(" + files + rb")([:-])")
    return pattern(rb"()()([1-9]\d{0,11})[:-]" if numbered else rb"(?!)")


def _counts(sample: list[bytes]) -> bool:
    """Whether the lines begin with numbers that only a search could have put there."""
    last, found, tight = 0, 0, False
    for line in sample:
        m = _NUMBER.match(line)
        if m is None:
            last = 0  # the name of a file stands above its lines
            continue
        if int(m[1]) <= last or _CLOCK.match(line, m.end()):
            return False
        last, found = int(m[1]), found + 1
        tight = tight or line[m.end() : m.end() + 1].strip() != b""
    return found >= LEAST and found * 10 >= len(sample) * 9 and tight


def _names(sample: list[bytes]) -> list[bytes]:
    """The files that the lines say they are of; empty where some say none."""
    found = dict.fromkeys(m[1] for line in sample if (m := _NAME.match(line)) is not None and not _NO_NAME.match(m[1]))
    if not found or len(found) > NAMES:
        return []
    prefix = _prefix(list(found), False)
    return list(found) if all(prefix.match(line) for line in sample) else []
