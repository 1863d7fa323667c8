"""Edits that findings on a configuration carry, tried before a format that carries them on offers them.

Comes in: findings with edits, and the routers of one file. Goes out: the same findings; an edit stays only where the
rules, run over the edited file, miss the finding and find nothing that was not there. The advice in words stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from flexlint.config.model import Device
from flexlint.config.parse import read_devices
from flexlint.finding import Edit, Finding, Fix
from flexlint.fixes.fixing import as_many_as_hold, chosen, counted, mends
from flexlint.judging.book import Rulebook
from flexlint.place import TextFile
from flexlint.rulebook import DeviceCase, Settings, select

MOST_LINES = 400_000  # lines read again for one file; what is not tried by then is not offered


def applied(lines: Sequence[str], edits: Iterable[Edit]) -> list[str]:
    """The lines with edits made that do not touch each other. Their numbers are those of `lines`."""
    out = list(lines)
    for edit in sorted(edits, key=lambda one: -one.first):
        out[edit.first - 1 : max(edit.last, edit.first - 1)] = edit.lines
    return out


def keep_what_holds(findings: Iterable[Finding], devices: Iterable[Device], settings: Settings) -> None:
    """Takes the edits from findings of these configurations that would not mend them."""
    open_ = [f for f in findings if f.fix is not None and f.fix.edits and not f.fix.proven and f.suppressed is None]
    for device in devices:
        path = device.source.path
        mine = [f for f in open_ if f.fix is not None and all(edit.path == path for edit in f.fix.edits)]
        if mine:
            _Trial(device.source, settings).run(mine)


class _Trial:
    """The edits of one file."""

    __slots__ = ("_before", "_left", "_lines", "_path", "_settings")

    def __init__(self, source: TextFile, settings: Settings) -> None:
        self._path = source.path
        self._lines = list(source.lines)
        self._settings = settings
        self._left = MOST_LINES
        self._before: Counter[str] | None = None

    def run(self, findings: list[Finding]) -> None:
        while findings:
            picked = chosen(findings, unsafe=True)
            kept = as_many_as_hold(picked, self._holds)
            for one in picked:
                if one.fix is not None and not any(one is other for other in kept):
                    one.fix = Fix(one.fix.text)
            findings = [one for one in findings if not any(one is other for other in picked)]

    def _holds(self, fixes: list[Finding], new: list[Finding]) -> bool:
        if self._before is None:
            self._before = self._found(self._lines)
        if self._left < 0:
            return False
        after = self._found(applied(self._lines, (edit for one in fixes if one.fix for edit in one.fix.edits)))
        return mends(new, self._before, after)

    def _found(self, lines: list[str]) -> Counter[str]:
        self._left -= len(lines)
        book = Rulebook(select(), self._settings)
        for device in read_devices(TextFile(self._path, lines)):
            book.device(DeviceCase(device, self._settings))
        return counted(book.findings())
