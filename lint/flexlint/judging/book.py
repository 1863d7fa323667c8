"""What becomes of what the checks yield.

Comes in: devices, negotiations and their predictions, as cases. Goes out: findings, complete with what their cards
say, equal ones counted, symptoms folded into their cause, and why the other rules were silent. It never looks into a
configuration or a log itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cache
from typing import TYPE_CHECKING

from flexlint.cards import Card, cards
from flexlint.config.model import Device
from flexlint.fact import fact
from flexlint.finding import Confidence, Finding, Severity, Silence, Verdict
from flexlint.judging.folding import fold, lend, order
from flexlint.log.model import Negotiation
from flexlint.rulebook import (
    STEPS,
    Check,
    DeviceCase,
    EndsCase,
    LogCase,
    PairCase,
    Scope,
    Settings,
    TraceCase,
    behind,
    checks_on,
)

if TYPE_CHECKING:
    from flexlint.judging.joined import JoinedCase

KEPT_FINDINGS = 5_000  # different ones of one rule on negotiations; beyond it they are only counted
KEPT_CASES = 100  # explanations with which the negotiation is kept
LONGEST_MESSAGE = 2_000  # characters; names that long are made to be a nuisance
_GENERAL = "NEG"  # of what is said of both ends, these rules speak where no other does
# What is said of a negotiation only as long as nothing explains it.
_OPEN = (Verdict.UNEXPLAINED, Verdict.BLINDSPOT)
_EXPLAINED = (Verdict.EXPLANATION, Verdict.CONTRADICTION)


@cache
def _logwide() -> frozenset[str]:
    """Rules that speak of a peer for the whole of a log: silent where a finding explains what happens to that peer."""
    return frozenset(one.rule for one in checks_on(Scope.LOG))


@fact
class Rulebook:
    """Runs the selected checks over cases and gathers their findings."""

    selected: frozenset[str]
    settings: Settings = field(default_factory=Settings)
    min_confidence: Confidence = Confidence.LOW
    silences: dict[str, dict[str, int]] = field(default_factory=dict)  # rule to reason to how often
    cases: dict[str, PairCase | JoinedCase] = field(default_factory=dict)  # by fingerprint, for a second look
    heard: list[tuple[str, str]] = field(default_factory=list)  # silences on the last negotiation
    _found: dict[str, Finding] = field(default_factory=dict)
    _kept: dict[str, int] = field(default_factory=dict)  # by rule: different findings on negotiations
    _explained: set[str] = field(default_factory=set)  # what one end alone did not explain, and both together did

    def device(self, case: DeviceCase, errors_only: bool = False) -> None:
        self._run(Scope.DEVICE, case, _device_name(case.device), errors_only=errors_only)

    def ends(self, case: EndsCase) -> None:
        self._run(Scope.ENDS, case, _device_name(case.device))

    def negotiation(self, trace: TraceCase, pair: PairCase | None) -> list[Finding]:
        """Judges one closed negotiation. What the configuration explains is not reported as unexplained too."""
        self.heard.clear()
        name = _device_name(pair.device) if pair else _log_name(trace.negotiation)
        of_pair = self._of_pair(pair, name) if pair is not None else []
        for finding in of_pair:
            self._keep(finding, pair)
        explained = any(f.verdict in _EXPLAINED for f in of_pair)
        of_trace = self._run(Scope.TRACE, trace, name, trace.negotiation, drop_unexplained=explained)
        if pair is not None:
            self._rule_out(pair, of_pair + of_trace)
        return of_pair + of_trace

    def _rule_out(self, case: PairCase, found: list[Finding]) -> None:
        """Adds to a finding that leaves a failure open what the configuration rules out, and what to look at there."""
        open_ends = [f for f in found if f.verdict is Verdict.UNEXPLAINED and case.negotiation.failure is not None]
        if open_ends:
            from flexlint.checks.pair.left_open import point_out
            from flexlint.checks.pair.ruled_out import ruled_out

            for finding in open_ends:
                point_out(case, finding)
            if sentence := ruled_out(case):
                for finding in open_ends:
                    finding.because(sentence)

    def _of_pair(self, case: PairCase, device: str) -> list[Finding]:
        """What the configuration says of a negotiation. Of several explanations of a failure the first step's is the
        cause: what comes after it was never reached."""
        found = list(self._findings_on(Scope.PAIR, case, device))
        steps = [STEPS.index(f.rule[:3]) for f in found if f.verdict is Verdict.EXPLANATION and f.rule[:3] in STEPS]
        first = min(steps, default=0)
        kept = [
            f
            for f in found
            if f.verdict is not Verdict.EXPLANATION or f.rule[:3] not in STEPS or STEPS.index(f.rule[:3]) == first
        ]
        for finding in kept:
            _stamp(finding, case.negotiation)
            self._add(finding)
        return kept

    def again(
        self, silences: Iterable[tuple[str, str]], found: Iterable[str], peer: str, clock: str, line: int
    ) -> None:
        """Counts what was said of an earlier negotiation for one that went the same way and begins with this line.

        `found` are fingerprints."""
        for rule, reason in silences:
            reasons = self.silences[rule]
            reasons[reason] += 1
        for fingerprint in found:
            first = self._found.get(fingerprint)
            if first is None:
                continue  # beyond those that are kept
            if peer:
                first.peers.add(peer)
            first.occurrences += 1
            first.last_clock = clock or first.last_clock
            if first.span:
                first.span = min(first.span[0], line), max(first.span[1], line)

    def knows(self, found: Iterable[str]) -> bool:
        """Whether these findings stand: one that both ends explained together may have been taken out."""
        return all(fingerprint in self._found for fingerprint in found)

    def joined(self, case: JoinedCase) -> tuple[set[str], set[str]] | None:
        """Judges one IKE SA from both ends. What both ends together explain, neither says alone; where one end's
        configuration has explained it already, that finding gets the lines of the other end. The rules that speak of
        both ends, and those that no longer do of either; None where there was nothing to say."""
        found = list(self._findings_on(Scope.JOINED, case, _device_name(case.responder.device)))
        told = [f for f in found if not f.rule.startswith(_GENERAL)] or found[:1]
        if case.limit is not None:
            told = [f for f in told if self._limited(f, case.limit, case.joined_by)]
        if not told:
            return None
        spoke, gone = set[str](), set[str]()
        absorbed = frozenset().union(*(cards()[f.rule].absorbs for f in told))
        earlier = [f for fingerprint in case.findings if (f := self._found.get(fingerprint)) is not None]
        for one in earlier:
            if one.verdict in _OPEN:
                self._explained.add(one.fingerprint)
                gone.add(one.rule)
            elif one.rule in absorbed:
                one.occurrences -= 1
                gone.add(one.rule)
                if not one.occurrences:
                    self._found.pop(one.fingerprint, None)
        for finding in told:
            cause = next((f for f in earlier if f.verdict is Verdict.EXPLANATION and f.occurrences), None)
            if cause is not None and finding.rule.startswith(_GENERAL):
                lend(finding, cause)
                spoke.add(cause.rule)
            else:
                _stamp_both(finding, case)
                self._add(finding)
                self._keep(finding, case)
                spoke.add(finding.rule)
        return spoke, gone

    def _limited(self, finding: Finding, limit: Confidence, because: str) -> bool:
        """Says a finding less surely; whether it is sure enough to be said then."""
        finding.because(because)
        finding.confidence = min(finding.confidence or limit, limit, key=lambda one: one.rank)
        return finding.confidence.rank >= self.min_confidence.rank

    def log(self, case: LogCase) -> None:
        """Judges a whole log, when its negotiations have been; what it says of them all may hold findings back."""
        spoken = [f for f in self._found.values() if f.span and _cites(f, case.path)]
        case.contradictions = [f for f in spoken if f.verdict is Verdict.CONTRADICTION]
        case.explanations = [f for f in spoken if f.verdict is Verdict.EXPLANATION]
        name = _device_name(case.device) if case.device else case.path.rpartition("/")[2]
        for finding in self._run(Scope.LOG, case, name):
            for held in finding.holds_back:
                self._found.pop(held, None)
        # A redirect is no failure where the other gateway answered (RFC 5685 section 3).
        for one in [f for f in self._found.values() if f.key[:1] == ("redirected",) and _cites(f, case.path)]:
            if one.peers and one.peers <= case.coverage.followed:
                self._found.pop(one.fingerprint, None)

    def not_kept(self) -> dict[str, int]:
        """By rule: how often it spoke of further negotiations than the findings that are kept."""
        return {rule: kept - KEPT_FINDINGS for rule, kept in self._kept.items() if kept > KEPT_FINDINGS}

    def findings(self) -> list[Finding]:
        """Everything found, symptoms folded into causes, in order of file and line."""
        kept = [f for f in self._found.values() if f.fingerprint not in self._explained]
        if stopped := {f.device for f in kept if cards()[f.rule].stops}:
            pairwise = {c.rule for c in checks_on(Scope.PAIR)}
            of_both = {c.rule for c in checks_on(Scope.JOINED)}
            kept = [f for f in kept if not (f.rule in pairwise and f.device in stopped) and f.rule not in of_both]
        if explained := {peer for f in kept if f.verdict in _EXPLAINED for peer in f.peers}:
            kept = [f for f in kept if not (f.peer in explained and f.verdict in _OPEN and f.rule in _logwide())]
        return sorted(fold(kept), key=order)

    def _run(
        self,
        scope: Scope,
        case: DeviceCase | EndsCase | TraceCase | PairCase | LogCase,
        device: str,
        negotiation: Negotiation | None = None,
        drop_unexplained: bool = False,
        errors_only: bool = False,
    ) -> list[Finding]:
        yielded: list[Finding] = []
        for finding in self._findings_on(scope, case, device):
            if (drop_unexplained and finding.verdict in _OPEN) or (
                errors_only and finding.severity is not Severity.ERROR
            ):
                continue
            if negotiation is not None:
                _stamp(finding, negotiation)
            yielded.append(finding)
            self._add(finding)
        return yielded

    def _findings_on(self, scope: Scope, case: object, device: str) -> Iterator[Finding]:
        done: set[int] = set()
        for one in checks_on(scope):
            # One function may stand behind several rules; it runs once.
            if one.rule not in self.selected or id(one.function) in done:
                continue
            done.add(id(one.function))
            for finding in self._ask(one, case):
                finding.device = device
                if len(finding.message) > LONGEST_MESSAGE:
                    finding.message = finding.message[:LONGEST_MESSAGE] + " ..."
                yield finding

    def _ask(self, one: Check, case: object) -> Iterator[Finding]:
        generator = one.function(case)
        spoke: set[str] = set()
        while True:
            try:
                finding = next(generator)
            except StopIteration as end:
                reason = Silence.NOT_APPLICABLE if spoke else end.value or Silence.SATISFIED
                for rule in behind(one):
                    if rule in self.selected and rule not in spoke:
                        self._hear(rule, str(reason))
                return
            finding.rule = finding.rule or one.rule
            spoke.add(finding.rule)
            if finding.rule in self.selected:
                complete(finding, cards()[finding.rule])
                if (finding.confidence or Confidence.HIGH).rank >= self.min_confidence.rank:
                    yield finding

    def _keep(self, finding: Finding, case: PairCase | JoinedCase | None) -> None:
        """Keeps the first case of an explanation, for those who try what would have helped."""
        if case is not None and finding.verdict is Verdict.EXPLANATION and len(self.cases) < KEPT_CASES:
            self.cases.setdefault(finding.fingerprint, case)

    def _hear(self, rule: str, reason: str) -> None:
        reasons = self.silences.setdefault(rule, {})
        reasons[reason] = reasons.get(reason, 0) + 1
        self.heard.append((rule, reason))

    def _add(self, finding: Finding) -> None:
        """Counts a finding that says the same as an earlier one instead of repeating it."""
        if finding.negotiation is not None and finding.fingerprint not in self._found:
            kept = self._kept[finding.rule] = self._kept.get(finding.rule, 0) + 1
            if kept > KEPT_FINDINGS:
                return
        first = self._found.setdefault(finding.fingerprint, finding)
        if finding.span and first.span:
            first.span = min(first.span[0], finding.span[0]), max(first.span[1], finding.span[1])
        if finding.peer:
            first.peers.add(finding.peer)
        first.peers |= finding.peers
        if first is not finding:
            first.occurrences += 1
            first.last_clock = finding.last_clock or first.last_clock


def complete(finding: Finding, card: Card) -> None:
    """Puts in what the card says and the check left open."""
    finding.name = card.name
    finding.verdict = finding.own_verdict or card.verdict
    finding.severity = finding.severity or card.severity
    confidence = finding.confidence or card.confidence
    finding.confidence = min(confidence, finding.limit or confidence, key=lambda one: one.rank)


def _stamp(finding: Finding, negotiation: Negotiation) -> None:
    finding.negotiation = negotiation.id
    finding.peer = str(negotiation.peer or "")
    finding.span = negotiation.first_line, negotiation.first_line
    finding.first_clock = finding.last_clock = negotiation.first_clock


def _stamp_both(finding: Finding, case: JoinedCase) -> None:
    seen = [n for end in case.ends if (n := end.negotiation) is not None]
    finding.negotiation = seen[-1].id
    finding.counterpart = seen[0].id if len(seen) > 1 else None
    finding.peers.update(str(n.peer) for n in seen if n.peer)
    finding.first_clock = finding.last_clock = seen[-1].first_clock


def _cites(finding: Finding, path: str) -> bool:
    return any(place is not None and place.path == path for place in (finding.primary, *finding.related))


def _device_name(device: Device) -> str:
    return device.label or str(device.hostname or device.source.path.rpartition("/")[2].rpartition(".")[0])


def _log_name(negotiation: Negotiation) -> str:
    return negotiation.device or negotiation.origin.path.rpartition("/")[2].rpartition(".")[0]


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The highest severity among findings that are not suppressed."""
    severities = [f.severity for f in findings if f.severity and f.suppressed is None]
    return max(severities, key=lambda s: s.rank, default=None)
