"""Whether an edit would have let a negotiation succeed: the configuration edited, read again, and judged again.

Comes in: findings of negotiations and the cases they were found in. Goes out: for each the edits that hold, as its fix
and its alternatives. An edit holds when the rule falls silent over the same negotiation, the prediction for the same
peer has no gap it had not before, and the edited configuration has no fault that was not there, by itself or beside
the one of the other end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache
from typing import Any

from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.finding import Edit, Finding, Fix, Severity
from flexlint.fixes.candidate import Candidate, Case
from flexlint.fixes.candidates import candidates
from flexlint.fixes.offered import applied
from flexlint.judging.book import Rulebook
from flexlint.judging.joined import JoinedCase, joined
from flexlint.judging.pairs import pair_case
from flexlint.log.model import Negotiation
from flexlint.place import TextFile
from flexlint.predict.model import Choice, Prediction
from flexlint.rulebook import DeviceCase, EndsCase, Scope, Settings, checks_on, select

MOST_LINES = 200_000  # lines read again in one run
_SECURITY = ("CRY", "SEC")  # families of which even a note is no price for a tunnel
MOST_FIXES = 3  # edits offered for one finding


class Counterfactuals:
    """Tries edits for the findings of one job."""

    def __init__(self) -> None:
        self._lines = 0

    def offer(self, finding: Finding, case: Case) -> None:
        """Gives the finding the edits that hold; its advice stays where none does."""
        if finding.fix is not None and finding.fix.edits:
            return
        held: list[Fix] = []
        for candidate in candidates(finding.rule, case):
            if any(set(fix.edits) < set(candidate.edits) for fix in held):
                continue  # a smaller edit does
            if len(held) < MOST_FIXES and self._holds(finding.rule, case, candidate):
                held.append(Fix(candidate.text, candidate.edits, proven=True))
        if held:
            finding.fix, finding.alternatives = held[0], held[1:]

    def _holds(self, rule: str, case: Case, candidate: Candidate) -> bool:
        old = _devices(case)
        new = {path: self._edited(device, candidate.edits) for path, device in old.items()}
        if None in new.values():
            return False
        changed = {path: device for path, device in new.items() if device is not None}
        after = _case_with(case, changed, candidate.leaves_log)
        if not candidate.leaves_log and rule in _said(after):
            return False
        if any(gaps - earlier for gaps, earlier in zip(_gaps(after), _gaps(case), strict=True)):
            return False
        if rule in _CLOSES and any(_CLOSES[rule] in gaps for gaps in _gaps(after)):
            return False
        settings = case.settings
        if isinstance(case, JoinedCase) and isinstance(after, JoinedCase) and not _between(after) <= _between(case):
            return False
        return all(
            _faults(device, settings) <= _faults(old[path], settings)
            for path, device in changed.items()
            if device is not old[path]
        )

    def _edited(self, device: Device, edits: Sequence[Edit]) -> Device | None:
        """The device with its edits; None for one that cannot be read again, alone or at all."""
        mine = [edit for edit in edits if edit.path == device.source.path]
        if not mine:
            return device
        lines = device.source.lines
        self._lines += len(lines)
        if device.label or self._lines > MOST_LINES:
            return None
        return read_device(TextFile(device.source.path, applied(lines, mine)))


# The step of a prediction that must be there after an edit for these rules, whatever they say themselves.
_CLOSES = {"SEL001": "profile", "SEL010": "profile", "SEL221": "profile", "SEL222": "profile"} | {
    "AUT009": "peer block",
    "AZN001": "AAA list",
    "AZN002": "authorization policy",
}


def _devices(case: Case) -> dict[str, Device]:
    devices = [end.device for end in case.ends] if isinstance(case, JoinedCase) else [case.device]
    return {device.source.path: device for device in devices}


def _case_with(case: Case, devices: Mapping[str, Device], unseen: bool) -> Case:
    """The case with other configurations; `unseen` when what the ends present is no longer what the logs show."""
    if isinstance(case, JoinedCase):
        mine, theirs = (end.negotiation for end in case.ends)
        if unseen:
            mine, theirs = _without_identities(mine), _without_identities(theirs)
        return joined(devices[case.initiator.path], mine, devices[case.responder.path], theirs, case.settings)
    device = devices[case.device.source.path]
    return pair_case(device, case.negotiation, case.coverage, case.settings)


def _without_identities(negotiation: Negotiation | None) -> Negotiation | None:
    if negotiation is None:
        return None
    n = copy(negotiation)
    n.identity = n.identity_type = n.own_identity = n.own_identity_type = None
    return n


def _said(case: Case) -> set[str]:
    """The rules that speak of the case."""
    scope = Scope.JOINED if isinstance(case, JoinedCase) else Scope.PAIR
    found: set[str] = set()
    for one in {id(one.function): one for one in checks_on(scope)}.values():
        found.update(finding.rule or one.rule for finding in one.function(case))
    return found


def _gaps(case: Case) -> list[set[str]]:
    """The steps at which each prediction finds nothing, that of this end or of both."""
    ends = case.ends if isinstance(case, JoinedCase) else ()
    return [_missing(end.prediction) for end in ends] or [_missing(case.prediction)]  # type: ignore[union-attr]


def _missing(prediction: Prediction) -> set[str]:
    steps: dict[str, Choice[Any]] = {
        "profile": prediction.profile,
        "keyring": prediction.keyring,
        "peer block": prediction.peer_block,
        "AAA list": prediction.aaa_list,
        "authorization policy": prediction.authorization_policy,
        "pool": prediction.pool,
        "interface": prediction.template,
        "ipsec profile": prediction.ipsec_profile,
    }
    if prediction.profile.chosen is None:  # nothing can follow, so nothing more is missing
        return {"profile"}
    return {name for name, choice in steps.items() if choice.chosen is None and (choice.missing or choice.rejected)}


def _between(case: JoinedCase) -> frozenset[str]:
    """What the two configurations have against each other."""
    book, (one, other) = Rulebook(select(), case.settings), (end.device for end in case.ends)
    book.ends(EndsCase(one, other, case.settings))
    book.ends(EndsCase(other, one, case.settings))
    return frozenset(f.fingerprint for f in book.findings() if f.severity is not Severity.NOTE)


@lru_cache(maxsize=8)
def _faults_of(device: Device, release: str | None, assumptions: tuple[tuple[str, str], ...]) -> frozenset[str]:
    book = Rulebook(select(), Settings(release, dict(assumptions)))
    book.device(DeviceCase(device, book.settings))
    return frozenset(
        f.fingerprint for f in book.findings() if f.severity is not Severity.NOTE or f.rule.startswith(_SECURITY)
    )


def _faults(device: Device, settings: Settings) -> frozenset[str]:
    return _faults_of(device, settings.release, tuple(sorted(settings.assumptions.items())))


def offer_all(findings: Iterable[Finding], cases: Mapping[str, Case]) -> None:
    """Tries edits for every finding whose case was kept."""
    trying = Counterfactuals()
    for finding in findings:
        if (case := cases.get(finding.fingerprint)) is not None and finding.suppressed is None:
            trying.offer(finding, case)
