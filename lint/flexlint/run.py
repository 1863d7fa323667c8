"""One run: files in, a report out. The library entry that serves the command line, the hook and tests.

Comes in: jobs (a configuration, its logs, perhaps its peer's). Goes out: `Report`. A log is read forward once and each
negotiation judged when it closes; what is kept of it is a bounded summary. Nothing here prints, exits or looks at the
environment.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import field
from typing import TYPE_CHECKING

from flexlint.config.model import Device
from flexlint.fact import fact
from flexlint.finding import Confidence, Finding
from flexlint.inputs.rotated import Spread
from flexlint.inputs.source import Input, InputError, plain_file
from flexlint.judging.book import Rulebook
from flexlint.judging.suppression import Ignores
from flexlint.log.model import Coverage, Negotiation, Outcome, Side
from flexlint.place import TextFile
from flexlint.report.gathering import KEPT_CLASSES, KEPT_NEGOTIATIONS, add
from flexlint.report.model import InputRead, NegotiationClass, NegotiationSummary, Report
from flexlint.report.summary import summarize
from flexlint.rulebook import DeviceCase, EndsCase, LogCase, Settings, TraceCase

if TYPE_CHECKING:
    from flexlint.judging.joined import JoinedCase
    from flexlint.judging.joining import Joining
    from flexlint.judging.precedents import Case, Precedent, Precedents
    from flexlint.log.epochs import Epoch
    from flexlint.log.reader import LogReader
    from flexlint.story.details import Details


@fact
class Job:
    """What is judged together. A log alone and a configuration alone are jobs too."""

    config: Input | None = None
    logs: tuple[Input, ...] = ()
    peer: Input | None = None  # the configuration of the other end
    peer_logs: tuple[Input, ...] = ()


@fact
class Options:
    """What the user chose. `detailed` keeps the walk of each negotiation and the lines around each finding."""

    selected: frozenset[str]
    settings: Settings = field(default_factory=Settings)
    min_confidence: Confidence = Confidence.LOW
    detailed: bool = False
    tries_edits: bool = True  # whether edits are tried that would have let a negotiation succeed
    verifies_edits: bool = False  # whether those of findings on a configuration alone are tried too
    progress: Callable[[str, int, int], None] | None = None  # told the path, the bytes read, and of how many
    lists_negotiations: bool = True  # whether each one is wanted, or only their classes
    jobs: int = 1  # processes that may judge jobs, or read one large log
    by_precedent: bool = True  # count what went as before instead of judging it anew; the report is the same


class Stopped(Exception):
    """An internal error, with the position of the input at which it happened."""

    def __init__(self, position: str) -> None:
        super().__init__(position)
        self.position = position


def run(jobs: Iterable[Job], options: Options) -> Report:
    """Judges every job. Raises `Stopped` for an error of our own, `InputError` for a file that cannot be read."""
    jobs = [*jobs]
    report: Report | None = None
    with closing(_judged(jobs, options)) as reports:
        for one in reports:
            if report is None:
                report = one
            else:
                add(report, one)
    report = report or Report()
    report.findings.sort(key=_order)
    return report


def judged(job: Job, options: Options) -> Report:
    """The report on one job, not in order yet."""
    report = Report()
    _Run(options, report).job(job)
    return report


def _judged(jobs: list[Job], options: Options) -> Generator[Report, None, None]:
    """The report of each job, in order; of many, most are judged by other processes."""
    if len(jobs) > 1 and options.jobs > 1:
        from flexlint.fleet import spread

        yield from spread(jobs, options, judged)
        return
    for job in jobs:
        yield judged(job, options)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    place = finding.primary
    return (*((place.path, place.line, place.column) if place else ("", 0, 0)), finding.rule, finding.fingerprint)


class _Run:
    """One job: its rulebook, so that a finding that stops one pair leaves the next alone."""

    __slots__ = (
        "_book",
        "_details",
        "_joining",
        "_jointly",
        "_options",
        "_others",
        "_position",
        "_report",
        "_rotated",
        "_side",
    )

    def __init__(self, options: Options, report: Report) -> None:
        self._options = options
        self._report = report
        self._book = Rulebook(options.selected, options.settings, options.min_confidence)
        self._position = ""
        self._details: Details | None = None
        if options.detailed:
            from flexlint.story.details import Details

            self._details = Details()
        self._joining: Joining | None = None
        self._jointly: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}  # classes, and the rules of both ends
        self._side = 0  # of the log being read: 0 the device's, 1 its peer's
        self._rotated: list[Spread] = []
        self._others: set[str] = set()  # routers of the log being read that the configuration is not of

    def job(self, job: Job) -> None:
        try:
            self._judge(job)
        except (InputError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise Stopped(self._position) from error

    def _judge(self, job: Job) -> None:
        devices = self._devices(job.config) if job.config else []
        if len(devices) > 1:
            self._several(devices, job)
            return
        others = self._devices(job.peer) if job.peer else []
        if len(others) > 1:
            raise InputError(
                f"{others[0].source.path}: --peer wants the configuration of one router: {_labels(others)}"
            )
        self._one(next(iter(devices), None), next(iter(others), None), job)

    def _several(self, devices: list[Device], job: Job) -> None:
        """Judges each router of a file that holds several, with the logs that are its own."""
        path = devices[0].source.path
        if job.peer is not None:
            raise InputError(f"{path}: --peer is for the configuration of one router: {_labels(devices)}")
        from flexlint.judging.belonging import router_of

        owners = [router_of(log, devices) for log in job.logs]
        for device in devices:
            mine = tuple(log for log, owner in zip(job.logs, owners, strict=True) if owner is device)
            _Run(self._options, self._report)._one(device, None, Job(job.config, mine))
        for log, owner in zip(job.logs, owners, strict=True):
            if owner is None:
                told = f"{log.path}: of which router in {path} it is, it does not say: {_labels(devices)}"
                self._report.notices.append(told)
                _Run(self._options, self._report)._one(None, None, Job(None, (log,)))

    def _one(self, device: Device | None, other: Device | None, job: Job) -> None:
        if device is not None:
            self._book.device(DeviceCase(device, self._options.settings))
        if other is not None and (job.logs or job.peer_logs):  # of its file alone, what may explain the device's log
            self._book.device(DeviceCase(other, self._options.settings), errors_only=not job.peer_logs)
        if device and other:
            self._book.ends(EndsCase(device, other, self._options.settings))
            self._book.ends(EndsCase(other, device, self._options.settings))  # a session starts at one of them
            if not device.not_ios and not other.not_ios and (job.logs or job.peer_logs):
                from flexlint.judging.joining import Joining

                self._joining = Joining((device, other), bool(job.logs and job.peer_logs), self._options.settings)
        for log in job.logs:
            self._log(log, device)
        self._side = 1
        for log in job.peer_logs:
            self._log(log, other)
        self._join_rest()
        self._gather([d for d in (device, other) if d])

    def _devices(self, config: Input) -> list[Device]:
        """The routers of a configuration file, mostly one."""
        from flexlint.config.parse import read_devices

        self._position = config.path
        devices = read_devices(TextFile(config.path, config.lines))
        report, coverage = self._report, self._report.coverage
        name = ", ".join(one.label or str(one.hostname or "") for one in devices)
        report.inputs.append(InputRead(config.path, "config", len(config.lines), name))
        coverage.config_lines += len(config.lines)
        coverage.config_lines_unparsed += sum(len(one.unparsed) for one in devices)
        coverage.config_lines_out_of_scope += sum(one.out_of_scope for one in devices)
        return devices

    def _log(self, log: Input, device: Device | None) -> None:
        from flexlint.judging.precedents import Precedents, case_of
        from flexlint.log.reader import LogReader

        self._position = log.path
        spread = Spread(log)
        file = plain_file(log) if self._options.jobs > 1 else None
        reader = LogReader(spread.blocks(), log.path, file=file, jobs=self._options.jobs)
        offset, count = self._report.negotiations_total, 0
        summaries, classes = len(self._report.negotiations), set(self._report.classes)
        precedents = Precedents() if self._options.by_precedent else None
        try:
            for epoch in reader.epochs():
                count += 1
                if self._options.progress is not None:
                    self._options.progress(log.path, reader.position, file.size if file is not None else 0)
                case = case_of(epoch) if precedents is not None else None
                if case is not None and precedents is not None:
                    precedent = precedents.find(case)
                    if precedent is not None and self._counted(reader, epoch, case, precedent, offset):
                        continue
                negotiation = reader.written_down(epoch)
                negotiation.count_on(offset)
                self._position = ":".join(map(str, spread.at(negotiation.first_line)))
                self._negotiation(negotiation, reader.coverage, device, log.path, precedents, case)
        finally:
            if file is not None:
                file.close()
        self._report.unread.extend(spread.faults)  # what could be read before is judged
        if file is not None and file.fault:
            self._report.unread.append(f"{log.path}: {file.fault}")
        self._position = log.path
        settings = self._options.settings
        self._book.log(LogCase(log.path, reader.coverage, device, reader.names, count, settings))
        device_name = next(iter(reader.coverage.hostnames), "")
        if spread.is_rotated:
            self._rotated.append(spread)
            spread.settle_report(self._report, summaries, classes)
        for path, lines in spread.lines_of(reader.coverage.lines):
            self._report.inputs.append(InputRead(path, "log", lines, device_name))
        _add_coverage(self._report, reader.coverage, spread)
        if self._others:
            names = ", ".join(sorted(self._others)[:5])
            text = f"{log.path}: negotiations of other routers ({names}) were not held against the configuration"
            self._report.notices.append(text)
            self._others.clear()

    def _counted(self, reader: LogReader, epoch: Epoch, case: Case, precedent: Precedent, offset: int) -> bool:
        """Counts a negotiation that went as an earlier one did. False where it has to be judged after all."""
        summary = case.summary(precedent, epoch, epoch.id + offset)
        joining, spi = self._joining, epoch.initiator_spi
        if joining is not None:
            if not joining.drops(self._side, spi, summary.peer, precedent.outcome, precedent.cause):
                return False
            if not self._book.knows(precedent.found):
                return False
        came_up = precedent.outcome in (Outcome.UP, Outcome.DELETED)
        lent = summary.assigned_address if came_up and summary.role == Side.RESPONDER else ""
        went = precedent.outcome, precedent.excerpt, precedent.by_peer
        if not reader.counted(epoch, *went, summary.local, lent, summary.profile):
            return False
        if joining is not None:
            joining.dropped_like(self._side, spi, summary.peer)
        self._book.again(precedent.silences, precedent.found, epoch.peer, epoch.first_clock, epoch.first_line)
        self._sum_up(summary, precedent.rules)
        if self._details is not None:
            self._details.pass_by()
        return True

    def _negotiation(
        self,
        negotiation: Negotiation,
        coverage: Coverage,
        device: Device | None,
        path: str,
        precedents: Precedents | None,
        case: Case | None,
    ) -> None:
        settings = self._options.settings
        pair = None
        if device is not None and not device.not_ios and not self._of_other_router(negotiation, coverage, device):
            from flexlint.judging.pairs import pair_case

            pair = pair_case(device, negotiation, coverage, settings)
        seen, read = negotiation, None
        if case is not None and pair is None:
            from flexlint.judging.precedents import watched

            seen, read = watched(negotiation)
        found = self._book.negotiation(TraceCase(seen, coverage, settings), pair)
        fingerprints, rules = [f.fingerprint for f in found], sorted({f.rule for f in found})
        summary = summarize(negotiation, path)
        summed = self._sum_up(summary, rules)
        silences = self._book.heard
        if self._joining is not None:
            silences, read = [*silences], None  # what both ends show, no check of one end has looked at
            joined = self._joining.offer(self._side, negotiation, fingerprints, summed)
            if joined is not None:
                if self._judged_jointly(joined):
                    case = None
                elif not joined.both_logs:
                    silences = self._book.heard
        if case is not None and precedents is not None:
            precedents.keep(case, summary, silences, fingerprints, rules, negotiation, read)
        if self._details is not None:
            self._details.keep(negotiation, device)

    def _judged_jointly(self, case: JoinedCase) -> bool:
        """Whether both ends together had something to say of an IKE SA."""
        said = self._book.joined(case)
        if said is None:
            return False
        spoke, gone = said
        for key in case.classes:
            rules = tuple(sorted((set(key[5:]) - gone) | spoke))
            self._jointly[key, rules] = self._jointly.get((key, rules), 0) + 1
        return True

    def _sum_up(self, summary: NegotiationSummary, rules: list[str]) -> tuple[str, ...]:
        """Counts a negotiation in its class, and says in which: path, peer, identity, outcome, cause, rules."""
        report = self._report
        report.negotiations_total += 1
        if self._options.lists_negotiations and len(report.negotiations) < KEPT_NEGOTIATIONS:
            report.negotiations.append(summary)
        key = (summary.path, summary.peer, summary.identity, summary.outcome, summary.cause, *rules)
        if (known := report.classes.get(key)) is not None:
            known.times += 1
        elif len(report.classes) < KEPT_CLASSES:
            report.classes[key] = NegotiationClass(
                *(summary.peer, summary.identity, summary.outcome, summary.cause, summary.path, summary.first_line),
                *(1, rules),
            )
        else:
            report.classes_dropped += 1
        return key

    def _of_other_router(self, negotiation: Negotiation, coverage: Coverage, device: Device) -> bool:
        from flexlint.judging.belonging import of_other_router

        if not of_other_router(negotiation.device, coverage, device):
            return False
        self._others.add(negotiation.device)
        return True

    def _join_rest(self) -> None:
        if self._joining is None:
            return
        for case in self._joining.rest():
            self._judged_jointly(case)
        self._report.reclassed(self._jointly)
        self._report.notices.extend(self._joining.notices())

    def _gather(self, devices: list[Device]) -> None:
        """Takes the findings over into the report, once the comments of the configurations have had their say."""
        report = self._report
        findings = self._book.findings()
        if devices and devices[0].label:  # one of several in a file: the path does not tell them apart
            for finding in findings:
                finding.message = f"{devices[0].label}: {finding.message}"
        for spread in self._rotated:
            for finding in findings:
                spread.settle(finding)
        for device in devices:
            ignores = Ignores(device)
            ignores.apply(findings)
            report.notices.extend(ignores.complaints)
        if self._options.tries_edits and any(finding.fingerprint in self._book.cases for finding in findings):
            from flexlint.fixes.counterfactual import offer_all

            offer_all(findings, self._book.cases)
        if self._options.verifies_edits and any(finding.fix and finding.fix.edits for finding in findings):
            from flexlint.fixes.offered import keep_what_holds

            keep_what_holds(findings, devices, self._options.settings)
        for rule, times in self._book.not_kept().items():
            report.notices.append(f"{rule} spoke {times:,} times more, of other negotiations: too many to be listed")
        report.findings.extend(findings)
        for rule, reasons in self._book.silences.items():
            total = report.silences.setdefault(rule, {})
            for reason, times in reasons.items():
                total[reason] = total.get(reason, 0) + times
        if self._details is not None:
            self._details.hand_over(report, findings, devices, self._rotated)


def _labels(devices: Iterable[Device]) -> str:
    return ", ".join(one.label for one in devices)


def _add_coverage(report: Report, coverage: Coverage, spread: Spread) -> None:
    def at(line: int) -> str:
        return ":".join(map(str, spread.at(line)))

    total = report.coverage
    total.log_lines += coverage.lines
    total.ikev2_lines += coverage.ikev2_lines
    total.recognised += coverage.recognised
    total.unknown += coverage.unknown
    total.unknown_shapes.extend(f"{at(one.line)}: {one.shape} ({one.times})" for one in coverage.unknown_shapes[:20])
    total.debugs_seen = sorted({*total.debugs_seen, *coverage.debugs})
    total.gaps.extend(f"{at(gap.line)}: {gap.kind}" for gap in coverage.gaps[:100])
