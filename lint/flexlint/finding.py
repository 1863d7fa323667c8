"""Findings: what a rule says, about which lines, how surely.

Comes in: places and a message from a check. Goes out: `Finding`, complete once the rulebook has put in what the card
says. A finding knows nothing of how it will be printed.
"""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum, StrEnum
from typing import NamedTuple, Self

from flexlint.fact import fact
from flexlint.place import Certainty, Located, Place, Seen


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        return ("note", "warning", "error").index(self.value)


class Confidence(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        return ("low", "medium", "high").index(self.value)


# How sure a finding can be at most whose lines belong to the negotiation this surely.
_SURENESS = {Certainty.MEDIUM: Confidence.MEDIUM, Certainty.LOW: Confidence.LOW}


class Verdict(StrEnum):
    DEFECT = "defect"  # the configuration alone is wrong
    CONTRADICTION = "contradiction"  # the log denies what the configuration says
    EXPLANATION = "explanation"  # this configuration line explains that logged failure
    UNEXPLAINED = "unexplained"  # a failure that nothing in the configuration accounts for
    BLINDSPOT = "blindspot"  # something could not be read or checked


class Safety(IntEnum):
    UNSAFE = 0
    SAFE = 1  # cannot drop an established session


class Edit(NamedTuple):
    """One change of a configuration: replace lines `first`..`last` (1-based, inclusive) by `lines`; `last` < `first`
    inserts before `first`."""

    path: str
    first: int
    last: int
    lines: tuple[str, ...]


class Fix(NamedTuple):
    """How to mend it: a sentence, and the edits where they are certain."""

    text: str
    edits: tuple[Edit, ...] = ()
    safety: Safety = Safety.UNSAFE
    proven: bool = False  # the same negotiation was judged again with the edits made, and nothing was in its way


class Silence(StrEnum):
    """Why a check yielded nothing; a check returns it, and returning nothing means SATISFIED."""

    SATISFIED = "satisfied"
    NO_EVIDENCE = "no evidence"
    NOT_APPLICABLE = "not applicable"


@fact
class Finding:
    """One statement of a rule. Checks make it in one chain:

    `Finding("profile 'A' names keyring 'kr1', which is not defined").at(profile.keyring).about("A", "kr1")`
    """

    message: str
    rule: str = ""
    name: str = ""
    verdict: Verdict = Verdict.DEFECT
    severity: Severity | None = None  # None: as the card says
    confidence: Confidence | None = None
    primary: Place | None = None
    related: list[Place] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # further sentences: rejected candidates, what is available
    fix: Fix | None = None
    alternatives: list[Fix] = field(default_factory=list)  # further fixes, any one of which would do as well
    limit: Confidence | None = None  # the most that the attribution of the cited log lines allows
    key: tuple[str, ...] = ()
    device: str = ""
    negotiation: int | None = None
    counterpart: int | None = None  # the same IKE SA in the log of the other end
    peer: str = ""
    occurrences: int = 1
    peers: set[str] = field(default_factory=set)
    first_clock: str = ""
    last_clock: str = ""
    own_verdict: Verdict | None = None  # when the check knows better than the card
    span: tuple[int, int] | None = None  # the lines with which the first and last negotiation it is about begin
    holds_back: list[str] = field(default_factory=list)  # fingerprints of findings that this one replaces
    suppressed: str | None = None  # the reason given, when a comment or sidecar silences it

    def at(self, where: Located, note: str = "") -> Self:
        """The primary location: the configuration line at fault, or the log line when there is none."""
        self.primary = where.place(note)
        self._trust(where)
        return self

    def also(self, where: Located | None, note: str = "") -> Self:
        """A related location, in the same or the other file. None is ignored."""
        if where is not None:
            self.related.append(where.place(note))
            self._trust(where)
        return self

    saw = also

    def _trust(self, where: Located) -> None:
        """A finding is no surer than it is that the lines it cites belong to its negotiation."""
        if isinstance(where, Seen) and (limit := _SURENESS.get(where.certainty)) is not None:
            self.limit = limit if self.limit is None else min(self.limit, limit, key=lambda one: one.rank)

    def because(self, *sentences: str) -> Self:
        self.notes.extend(sentences)
        return self

    def mend(self, text: str, *edits: Edit, safe: bool = False) -> Self:
        self.fix = Fix(text, edits, Safety.SAFE if safe else Safety.UNSAFE)
        return self

    def about(self, *key: object) -> Self:
        """What it is about, by meaning: object names, identity class. Never lines, times, SPIs or secrets."""
        self.key = tuple(str(k) for k in key)
        return self

    def lowered(self, severity: Severity | None = None, confidence: Confidence | None = None) -> Self:
        """Say it less loudly or less surely than the card does."""
        self.severity = severity or self.severity
        self.confidence = confidence or self.confidence
        return self

    def judged(self, verdict: Verdict) -> Self:
        """Another verdict than the card's: the same fault explains a failure in one log and contradicts another."""
        self.own_verdict = verdict
        return self

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits, equal for equal meaning from run to run and from checkout to checkout."""
        import hashlib  # here, since its import costs more than a run that finds nothing

        text = "\x1f".join((self.rule, self.device, *self.key))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
