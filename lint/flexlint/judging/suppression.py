"""Comments of a configuration that silence a rule: `! flexlint: ignore SEL001 the lab spoke is retired`.

Comes in: a device and findings. Goes out: the findings, some of them with the reason for which they are silenced, and
complaints about comments that cannot be obeyed. A comment covers the next command; before the header of a stanza, or at
the end of that header's line, it covers the stanza. A reason is required: it is what the next reader needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flexlint.cards import by_id_or_name
from flexlint.config.model import Device, Line, LineKind
from flexlint.finding import Finding
from flexlint.pattern import pattern
from flexlint.place import Place, Role

_COMMENT = pattern(r"!\s*flexlint:\s*ignore\b\s*(\S*)\s*(.*)", re.IGNORECASE)


class _Ignore(NamedTuple):
    rules: frozenset[str]
    reason: str
    first: int  # the lines it covers, 1-based and inclusive
    last: int


class Ignores:
    """The comments of one configuration that silence rules. `complaints` says which of them are not obeyed, and why."""

    def __init__(self, device: Device) -> None:
        self._path = device.source.path
        self.complaints: list[str] = []
        self._ignores: list[_Ignore] = []
        if any("flexlint:" in line for line in device.source.lines):
            self._ignores = list(self._read(device.lines))

    def apply(self, findings: Iterable[Finding]) -> None:
        """Writes the reason into each finding that a comment silences."""
        for finding in findings:
            lines = [p.line for p in _judged(finding) if p.path == self._path]
            for one in self._ignores:
                if finding.rule in one.rules and any(one.first <= line <= one.last for line in lines):
                    finding.suppressed = one.reason

    def _read(self, lines: list[Line]) -> Iterator[_Ignore]:
        ordered = list(_flat(lines))
        for position, line in enumerate(ordered):
            found = _COMMENT.search(line.text)
            if not found or line.kind not in (LineKind.COMMAND, LineKind.COMMENT):
                continue
            named = [by_id_or_name(name) for name in found[1].split(",") if name]
            reason = found[2].strip()
            where = f"{self._path}:{line.number}"
            if not named or None in named:
                self.complaints.append(f"{where}: 'flexlint: ignore' names no rule there is; nothing is silenced")
                continue
            if not reason:
                self.complaints.append(f"{where}: 'flexlint: ignore {found[1]}' gives no reason; nothing is silenced")
                continue
            covered = line
            if line.kind is LineKind.COMMENT:
                covered = next((after for after in ordered[position + 1 :] if after.kind is LineKind.COMMAND), line)
            yield _Ignore(frozenset(card.id for card in named if card), reason, covered.number, _last(covered))


def _judged(finding: Finding) -> Iterator[Place]:
    """Where a finding can be silenced: its primary place, or its lines of configuration when that is in a log."""
    places = [finding.primary] if finding.primary and finding.primary.role is Role.CONFIG else finding.related
    return (p for p in places if p.role is Role.CONFIG)


def _flat(lines: list[Line]) -> Iterator[Line]:
    """Every line in the order of the file, without recursion: hostile files nest deep."""
    todo = list(reversed(lines))
    while todo:
        line = todo.pop()
        yield line
        todo.extend(reversed(line.children))


def _last(line: Line) -> int:
    while line.children:
        line = line.children[-1]
    return line.number
