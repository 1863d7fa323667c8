"""Rotated logs: several files read as one, and the lines of that one told as lines of the files.

Comes in: an `Input` with `parts`, oldest first. Goes out: the bytes of all of them, and for a line number of the whole
the file and line where it stands. A plain log passes through untouched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from flexlint.finding import Finding
from flexlint.inputs.source import Input, InputError, open_blocks
from flexlint.place import Place, Role
from flexlint.report.model import Report


class Spread:
    """One log, which may be spread over several files. `blocks` is read once; `at` knows what has been read, and
    `faults` what could not be."""

    __slots__ = ("_first", "_log", "_paths", "faults")

    def __init__(self, log: Input) -> None:
        self._log = log
        self.faults: list[str] = []  # a line each
        self._paths: list[str] = []
        self._first: list[int] = []  # the line of the whole with which each file begins

    @property
    def path(self) -> str:
        """The name under which the whole is read."""
        return self._log.path

    @property
    def is_rotated(self) -> bool:
        return bool(self._log.parts)

    def blocks(self) -> Iterator[bytes]:
        """The bytes of all files, each as far as it can be read."""
        if not self._log.parts:
            yield from self._readable(self._log)
            return
        line = 1
        for part in self._log.parts:
            self._paths.append(part.path)
            self._first.append(line)
            last = b"\n"
            for block in self._readable(part):
                line += block.count(b"\n")
                last = block[-1:] or last
                yield block
            if last != b"\n":  # a file that was cut within a line does not run into the next one
                line += 1
                yield b"\n"

    def _readable(self, part: Input) -> Iterator[bytes]:
        try:
            yield from open_blocks(part)
        except InputError as fault:
            self.faults.append(str(fault))

    def at(self, line: int) -> tuple[str, int]:
        """The file and the 1-based line in it of a line of the whole."""
        if not self._first or line < 1:
            return self._log.path, line
        part = bisect_right(self._first, line) - 1
        return self._paths[part], line - self._first[part] + 1

    def lines_of(self, total: int) -> list[tuple[str, int]]:
        """Each file with the number of its lines, when the whole has `total`."""
        if not self._first:
            return [(self._log.path, total)]
        ends = [*self._first[1:], total + 1]
        return [(path, end - first) for path, first, end in zip(self._paths, self._first, ends, strict=True)]

    def place(self, place: Place) -> Place:
        if place.role is not Role.LOG or place.path != self._log.path:
            return place
        path, line = self.at(place.line)
        return place._replace(path=path, line=line, end_line=line + place.end_line - place.line)

    def settle(self, finding: Finding) -> None:
        """Makes a finding point at the files."""
        finding.primary = self.place(finding.primary) if finding.primary else None
        finding.related = [self.place(place) for place in finding.related]

    def settle_report(self, report: Report, summaries: int, known: set[tuple[str, ...]]) -> None:
        """Makes what the report gained from this log point at the files: the summaries from that index on, and the
        classes that are not among the known ones."""
        for summary in report.negotiations[summaries:]:
            summary.path, first = self.at(summary.first_line)
            summary.last_line += first - summary.first_line  # counted on from the file in which it began
            summary.first_line = first
        for key, one in report.classes.items():
            if key not in known:
                one.path, one.line = self.at(one.line)
