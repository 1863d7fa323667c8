"""Judging a log while it is being written: each finding as soon as its negotiation is over.

Comes in: a growing log, perhaps the configuration of its router, and the time. Goes out: findings, each once, and a
report when the log has ended. A negotiation is over when it was deleted, or when no line has named it for a while: a
log that rests says nothing more of it. Nothing here prints or waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from flexlint.finding import Finding
from flexlint.judging.book import Rulebook
from flexlint.judging.suppression import Ignores
from flexlint.log.reader import LogReader
from flexlint.report.gathering import KEPT_NEGOTIATIONS
from flexlint.report.model import InputRead, Report
from flexlint.report.summary import summarize
from flexlint.rulebook import DeviceCase, LogCase, PairCase, TraceCase
from flexlint.run import Options

if TYPE_CHECKING:
    from flexlint.config.model import Device
    from flexlint.inputs.tail import Tail
    from flexlint.log.model import Coverage, Negotiation

# Seconds without a line after which a negotiation is over: more than a router waits between two lines of one.
# V: 30 s for the IKE_AUTH request (debug-log.md M085). R: retransmissions double their distance, to about 30 s.
SILENT = 75.0
OFTEN = 1.0  # seconds between two looks, while lines come without a rest


class Follower:
    """One log being followed. `now` gives seconds from any fixed point, `idle` is what `SILENT` is."""

    def __init__(
        self,
        tail: Tail,
        device: Device | None,
        options: Options,
        now: Callable[[], float],
        idle: float = SILENT,
    ) -> None:
        self._idle = idle
        self.report = Report()
        self._tail = tail
        self._device = device
        self._options = options
        self._now = now
        self._book = Rulebook(options.selected, options.settings, options.min_confidence)
        self._ignores = Ignores(device) if device is not None else None
        self._told: dict[str, Finding] = {}
        self._growth: deque[tuple[float, int]] = deque([(now(), 0)])  # when the log had how many lines
        self._looked = now()
        self._reader = LogReader(self._blocks(), tail.path)
        if device is not None:
            self._book.device(DeviceCase(device, options.settings))

    def run(self, tell: Callable[[Finding], None]) -> Report:
        """Reads until the log ends; `tell` gets each finding as it is made. Raises InputError when it cannot."""
        self._tell = tell
        self._take_stock()
        for negotiation in self._reader.negotiations():
            self._judge(negotiation)
        reader, settings = self._reader, self._options.settings
        self._book.log(
            LogCase(
                self._tail.path, reader.coverage, self._device, reader.names, self.report.negotiations_total, settings
            )
        )
        self._take_stock()
        report = self.report
        if self._device is not None:
            name = str(self._device.hostname or "")
            report.inputs.append(InputRead(self._device.source.path, "config", len(self._device.source.lines), name))
        report.inputs.append(InputRead(self._tail.path, "log", reader.coverage.lines))
        report.findings = list(self._told.values())
        return report

    def _blocks(self) -> Iterator[bytes]:
        for block in self._tail.blocks(self._rest):
            yield block
            now = self._now()
            if now - self._growth[-1][0] >= OFTEN:
                self._growth.append((now, self._tail.lines))
            else:
                self._growth[-1] = (self._growth[-1][0], self._tail.lines)
            if now - self._looked >= OFTEN:
                self._rest(deleted=False)

    def _rest(self, deleted: bool = True) -> None:
        """Nothing to read for the moment, or lines have come for long: whatever is over is judged."""
        self._looked = now = self._now()
        quiet = 0
        while len(self._growth) > 1 and self._growth[1][0] <= now - self._idle:
            self._growth.popleft()
        if self._growth[0][0] <= now - self._idle:
            quiet = self._growth[0][1]
        for negotiation in self._reader.let_go(quiet, deleted):
            self._judge(negotiation)
        self._take_stock()

    def _judge(self, negotiation: Negotiation) -> None:
        coverage, settings = self._reader.coverage, self._options.settings
        trace = TraceCase(negotiation, coverage, settings)
        self._book.negotiation(trace, self._pair(negotiation, coverage))
        self.report.negotiations_total += 1
        if len(self.report.negotiations) < KEPT_NEGOTIATIONS:
            self.report.negotiations.append(summarize(negotiation, self._tail.path))

    def _pair(self, negotiation: Negotiation, coverage: Coverage) -> PairCase | None:
        device, settings = self._device, self._options.settings
        if device is None or device.not_ios:
            return None
        from flexlint.judging.pairs import pair_case

        return pair_case(device, negotiation, coverage, settings)

    def _take_stock(self) -> None:
        """Tells what is new since the last time."""
        findings = self._book.findings()
        if self._ignores is not None:
            self._ignores.apply(findings)
        for finding in findings:
            if finding.fingerprint not in self._told:
                self._settle(finding)
                self._told[finding.fingerprint] = finding
                if finding.suppressed is None:
                    self._tell(finding)

    def _settle(self, finding: Finding) -> None:
        """Line numbers as the file has them that is there now, or was when the line was read."""

        def own(line: int, path: str) -> int:
            return self._tail.line_in_file(line) if path == self._tail.path else line

        if (place := finding.primary) is not None:
            finding.primary = place._replace(line=own(place.line, place.path), end_line=own(place.end_line, place.path))
        finding.related = [
            place._replace(line=own(place.line, place.path), end_line=own(place.end_line, place.path))
            for place in finding.related
        ]
