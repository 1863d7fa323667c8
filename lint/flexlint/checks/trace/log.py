"""A whole log: whether it belongs to the configuration, and what of it could not be read.

Comes in: the coverage of a log and every name it mentioned. Goes out: findings of the family LOG.
"""

from __future__ import annotations

from collections import Counter

from flexlint.checks.trace.accounts import of_ikev1
from flexlint.checks.trace.belonging import At
from flexlint.finding import Finding, Silence
from flexlint.log.diagnosis import diagnose
from flexlint.log.model import Outcome, Turn
from flexlint.rulebook import LogCase, Scope, TraceCase, Yielded, check

_GAPS = {
    "dropped": "the router dropped messages",
    "omitted": "lines were left out, by hand or by a search",
    "sequence": "the sequence numbers jump",
    "repeated": "a relay counted repetitions instead of writing them",
    "clock": "the clock was set back, or the router restarted",
}


@check("LOG002", on=Scope.LOG)
def incomplete_log(case: LogCase) -> Yielded:
    """The router or the terminal dropped lines: a step that is missing proves nothing."""
    gaps = [gap for gap in case.coverage.gaps if gap.kind in _GAPS]
    if not gaps:
        return Silence.SATISFIED
    first = gaps[0]
    counts = Counter(gap.kind for gap in gaps)
    told = ", ".join(f"{_GAPS[kind]}{f' ({times} times)' if times > 1 else ''}" for kind, times in counts.items())
    finding = Finding(f"lines are missing from this log: {told}; what it does not show proves nothing")
    finding.at(At(case.path, first.line, first.text))
    for gap in gaps[1:4]:
        finding.also(At(case.path, gap.line, gap.text))
    yield finding.about("gaps", *sorted(counts))
    return None


@check("LOG003", on=Scope.LOG)
def unknown_messages(case: LogCase) -> Yielded:
    """IKEv2 lines that the catalogue does not know."""
    coverage = case.coverage
    if coverage.unknown * 20 < coverage.ikev2_lines or not coverage.unknown_shapes:
        return Silence.SATISFIED
    shapes = sorted(coverage.unknown_shapes, key=lambda s: -s.times)
    finding = Finding(f"{coverage.unknown:,} of {coverage.ikev2_lines:,} IKEv2 lines are not in the message catalogue")
    finding.at(At(case.path, shapes[0].line, shapes[0].example))
    finding.because(*(f"{s.times} times like line {s.line}: {s.shape[:100]}" for s in shapes[:5]))
    if coverage.product == "asa":
        finding.because("this is the debug of an ASA, of which only what it shares with IOS is known")
    yield finding.about("unknown")
    return None


@check("LOG004", on=Scope.LOG)
def changed_configuration(case: LogCase) -> Yielded:
    """A peer's attempts end otherwise after a change of the configuration: a file fits one side of it only."""
    words = {Outcome.FAILED: "failed", Outcome.UP: "came up"}
    for turn in case.coverage.turns:
        finding = Finding(
            f"negotiations with {turn.peer} {words[turn.before]} before this change of the configuration and "
            f"{words[turn.after]} after it: one configuration does not fit both"
        )
        finding.at(turn.change).about("turn", turn.peer, turn.before)
        if turn.before is Outcome.FAILED and _is_older(case, turn):
            finding.because(
                "the configuration is from before the change, as what contradicts it afterwards shows: "
                "what it explains of the failures stands"
            )
        elif turn.before is Outcome.FAILED:
            for one in _mended(case, turn):
                finding.holds_back.append(one.fingerprint)
                finding.because(f"held back, since it is over: {one.rule} {one.message}")
        yield finding
    return None if case.coverage.turns else Silence.NO_EVIDENCE


def _mended(case: LogCase, turn: Turn) -> list[Finding]:
    """What explains failures of this peer alone, all of them before the change: it came up since."""
    return [
        one
        for one in case.explanations
        if one.peers == {turn.peer} and one.span is not None and one.span[1] < turn.change.line
    ]


def _is_older(case: LogCase, turn: Turn) -> bool:
    """Whether the configuration is the one from before the change: what this peer does contradicts it afterwards, and
    nothing did before."""
    spans = [one.span for one in case.contradictions if turn.peer in one.peers and one.span is not None]
    return bool(spans) and all(first > turn.change.line for first, _ in spans)


@check("LOG005", on=Scope.TRACE)
def edited_log(case: TraceCase) -> Yielded:
    """One negotiation looks for one identity and takes the key of another: its lines are not of one log."""
    n = case.negotiation
    if n.other_identity is None or n.identity is None:
        return Silence.NOT_APPLICABLE
    finding = Finding(
        f"the identity searched is '{n.identity}', the key taken that of '{n.other_identity}': lines of two logs "
        "stand together here, or names were changed by hand"
    )
    yield finding.at(n.other_identity).saw(n.identity).about("edited", n.identity, n.other_identity)
    return None


@check("LOG006", on=Scope.LOG)
def ikev1_lines(case: LogCase) -> Yielded:
    """IKEv1 is spoken beside IKEv2."""
    found = case.coverage.incidents.get(("ikev1", ""))
    if found is None:
        return Silence.SATISFIED
    too = " too" if case.coverage.ikev2_lines else ", and no IKEv2"
    lines = f"{found.times:,} ISAKMP line{'s' * (found.times != 1)}"
    finding = Finding(f"IKEv1 is spoken here{too} ({lines}), which is not checked")
    finding.at(found.seen).because(
        "from a FlexVPN peer they mean that its ipsec profile, or the one here, lacks `set ikev2-profile`"
    )
    yield of_ikev1(finding.about("ikev1"), case.device, found)
    return None


@check("LOG007", on=Scope.TRACE)
def unseen_debug(case: TraceCase) -> Yielded:
    """The log does not decide why a negotiation failed, and a debug that is not on would show it."""
    if case.negotiation.operator_action is not None:
        return Silence.NOT_APPLICABLE
    found = diagnose(case.negotiation)
    if found is None or found.decided or not found.scenario.debug:
        return Silence.NOT_APPLICABLE
    debug = found.scenario.debug
    if debug in case.coverage.debugs:
        return Silence.SATISFIED
    phase = _PHASE_OF[found.scenario.rule]
    finding = Finding(
        f"why {phase} failed cannot be told from this log; `{_DEBUGS[debug]}` would show it, and is not in it"
    )
    failure = case.negotiation.failure
    finding.at(failure.seen if failure is not None else case.negotiation)
    yield finding.about("debug", debug, found.scenario.name)
    return None


_DEBUGS = {
    "aaa": "debug aaa authorization",
    "ikev2": "debug crypto ikev2",
    "ipsec": "debug crypto ipsec",
    "pki": "debug crypto pki transactions",
    "radius": "debug radius",
}
_PHASE_OF = {
    "NEG001": "IKE_SA_INIT",
    "NEG002": "the look-up of a profile",
    "NEG003": "authentication",
    "NEG004": "authorization",
    "NEG005": "config mode",
    "NEG006": "the child SA",
    "NEG007": "the exchange",
    "NEG008": "the rekey",
}
