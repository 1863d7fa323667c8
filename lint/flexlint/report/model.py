"""What a run hands to the writers: findings, what was read, how the negotiations went, how much was understood.

Comes in: values that `run.py` gathers. Goes out: `Report`, the one thing every output format is made from. The
dataclasses here are also the definition of the published JSON schema (`schema.py`), so a change of a field is a change
of a public format. Nothing here reads a file or judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flexlint.finding import Finding, Severity, Silence
from flexlint.place import Place

if TYPE_CHECKING:
    from flexlint.story.trace import Row


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class InputRead:
    """One file of the run, as the user named it. `device` is the hostname, or empty when the file does not say."""

    path: str
    kind: str  # "config" or "log"
    lines: int = 0
    device: str = ""


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class NegotiationSummary:
    """How one negotiation went, in the words of its log. An empty string is: the log does not say."""

    id: int  # counts from 1 over all logs of the run
    path: str
    role: str
    peer: str
    local: str
    identity: str
    identity_type: str
    profile: str
    keyring: str
    peer_block: str
    policy: str
    auth_method: str  # the peer's
    aaa_list: str  # of the group authorization
    aaa_name: str
    virtual_access: str
    assigned_address: str
    routes: list[str]  # "10.1.0.0 255.255.0.0"
    milestone: str
    outcome: str  # up, failed, deleted, incomplete
    failed_phase: str
    cause: str  # the first error, as the log words it
    first_line: int
    last_line: int
    first_clock: str
    last_clock: str


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class CoverageSummary:
    """How much of all logs and configurations of the run was understood."""

    log_lines: int = 0
    ikev2_lines: int = 0
    recognised: int = 0
    unknown: int = 0
    unknown_shapes: list[str] = field(default_factory=list)
    config_lines: int = 0
    config_lines_unparsed: int = 0
    config_lines_out_of_scope: int = 0  # of commands that have no part in IKEv2
    files_passed_over: int = 0  # in folders: neither a configuration nor a log
    debugs_seen: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class NegotiationClass:
    """Negotiations that went the same way for the same peer: one line of the closing summary."""

    peer: str
    identity: str
    outcome: str
    cause: str
    path: str
    line: int  # where the first of them begins
    times: int = 1
    rules: list[str] = field(default_factory=list)  # those that say something of these negotiations, in order


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class RuleSilence:
    """How often a rule was asked and said nothing, by why: nothing was wrong, what it needs was not shown, or it does
    not concern what it was asked about."""

    rule: str
    satisfied: int
    no_evidence: int
    not_applicable: int


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Ladder:
    """One negotiation as a page shows it: who talked, how it ended, and each step. `router` is the log's own side."""

    number: int  # the id of the negotiation
    path: str
    first_line: int
    last_line: int
    router: str
    role: str
    peer: str
    identity: str
    ended: str
    rows: list[Row]
    dropped: int  # rows beyond the limit kept


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Report:
    """Everything one run found. `context`, `walks` and `ladders` are only filled for formats that ask for them."""

    inputs: list[InputRead] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    negotiations: list[NegotiationSummary] = field(default_factory=list)
    negotiations_total: int = 0
    classes: dict[tuple[str, ...], NegotiationClass] = field(default_factory=dict)
    classes_dropped: int = 0  # negotiations of classes beyond the limit kept
    coverage: CoverageSummary = field(default_factory=CoverageSummary)
    notices: list[str] = field(default_factory=list)  # things the user should know that are no findings
    unread: list[str] = field(default_factory=list)  # inputs that could not be read to their end: the run has failed
    silences: dict[str, dict[str, int]] = field(default_factory=dict)
    walks: dict[int, list[Place]] = field(default_factory=dict)  # negotiation id to its steps through both files
    ladders: dict[int, Ladder] = field(default_factory=dict)  # negotiations that findings are about, by their ids
    context: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)  # lines around a configuration line

    def summary(self) -> list[NegotiationClass]:
        """The classes of negotiations, with the rules whose findings are in this report."""
        told = {finding.rule for finding in self.findings}
        return [replace(one, rules=[r for r in one.rules if r in told]) for one in self.classes.values()]

    def reclassed(self, moved: Mapping[tuple[tuple[str, ...], tuple[str, ...]], int]) -> None:
        """So many negotiations of a class are of one with other rules: they were explained by both ends together."""
        for (key, rules), times in moved.items():
            one = self.classes.get(key)
            other = (*key[:5], *rules)
            if one is None or other == key:
                continue
            if (known := self.classes.get(other)) is not None:
                known.times += times
            else:
                classes = {}
                for each, found in self.classes.items():  # beside the one it was in
                    if each == key:
                        classes[other] = replace(found, times=times, rules=list(rules))
                    classes[each] = found
                self.classes = classes
            one.times -= times
            if one.times <= 0:
                del self.classes[key]

    def silent_rules(self) -> list[RuleSilence]:
        """Every rule that was asked and said nothing, in the order of the ids; reasons in the order of `Silence`."""
        return [
            RuleSilence(rule, *(why.get(str(reason), 0) for reason in Silence))
            for rule, why in sorted(self.silences.items())
        ]

    def count(self, severity: Severity) -> int:
        return sum(1 for f in self.findings if f.severity is severity and f.suppressed is None)

    @property
    def suppressed(self) -> int:
        return sum(1 for f in self.findings if f.suppressed is not None)
