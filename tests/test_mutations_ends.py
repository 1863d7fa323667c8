"""One thing of one end of a healthy pair is changed, and both configurations are given, with one log or with both.

As in `test_mutations`, the logs are of the time before the change or of the changed routers themselves. What must be
said comes from `authoring.oracle` for each end and from `authoring.oracle_ends` for the two.
"""

from __future__ import annotations

import os
from functools import cache

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from authoring.course import initiate, respond
from authoring.framing import STYLES
from authoring.judge import report_on
from authoring.mutations import Mutation, mutations
from authoring.oracle import RULES, denied, side_effects
from authoring.oracle_ends import called, compared, explains, left_open, peers_of
from authoring.pairs import PAIRS, Pair
from flexlint.finding import Finding, Verdict
from flexlint.rulebook import Scope, all_checks

EXAMPLES = int(os.environ.get("FLEXLINT_MUTATIONS", "300"))
JUDGED = {rule for rule, one in all_checks().items() if one.scope is not Scope.DEVICE}
SILENT_AT_ONE_END = {"list", "author-policy", "responder-identity"}  # the responder finishes, and sees no failure


@cache
def all_mutations(name: str, end: str) -> list[Mutation]:
    return mutations(getattr(PAIRS[name](), end))


@st.composite
def changed(draw) -> tuple[str, str, Mutation, dict[str, object], bool]:
    """A pair, the end that is changed, the change, how the logs are kept, and whether there are two."""
    name, end = draw(st.sampled_from(sorted(PAIRS))), draw(st.sampled_from(["hub", "spoke"]))
    known = all_mutations(name, end)
    change = known[draw(st.sampled_from(range(len(known))))]
    style = st.sampled_from([s for s in STYLES if s != "old"])
    kept = {
        "seed": draw(st.integers(1, 10**6)),
        "styles": (draw(style), draw(style)),
        "at_spoke": draw(st.booleans()),
        "peer_log": draw(st.booleans()),
    }
    return name, end, change, kept, bool(kept["peer_log"])


def apply(pair: Pair, end: str, change: Mutation) -> Pair:
    pair = pair.copy()
    change.change(getattr(pair, end))
    return pair


def findings(files: dict[str, str]) -> list[Finding]:
    """What is said of the pair and its logs, beyond what one configuration gives alone and beyond notes on the log."""
    return [f for f in report_on(files).findings if f.rule in JUDGED and f.rule != "LOG002"]


def told(found: list[Finding]) -> str:
    return "; ".join(f"{f.rule} {f.verdict}: {f.message}" for f in found)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("FLEXLINT_MUTATIONS"))
@given(changed())
def test_both_ends_of_which_one_was_edited_since_the_logs(case):
    name, end, change, kept, both_logs = case
    was = PAIRS[name]()
    pair = apply(was, end, change)
    try:
        calls, (calling, answering) = called(pair), peers_of(was)
        assume(calls is not None)
    except AttributeError:
        assume(False)
    steps: set[str] = set()
    if both_logs or not kept["at_spoke"]:
        steps |= denied(pair.hub, calling, respond(was.hub, calling), False)
    if both_logs or kept["at_spoke"]:
        steps |= denied(pair.spoke, answering, initiate(was.spoke, answering), True)
    wanted = {step for step in steps if not step.endswith("?")}
    may = set().union(*(RULES[step.removesuffix("?")] for step in steps)) | compared(pair, calls)
    may |= {"LOG001"} if steps else set()
    found = findings(was.files(**kept, now=pair))
    rules = {f.rule for f in found}
    context = f"{name} {end}: {change.text}, {kept}: denies {sorted(steps)}, {calls}, said {told(found)}"
    assert rules <= may, context
    assert rules or not wanted, context
    assert all(f.verdict in (Verdict.CONTRADICTION, Verdict.DEFECT, Verdict.BLINDSPOT) for f in found), context


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("FLEXLINT_MUTATIONS"))
@given(changed())
def test_both_ends_of_which_one_was_broken_by_the_change(case):
    name, end, change, kept, both_logs = case
    pair = apply(PAIRS[name](), end, change)
    calls = called(pair)
    assume(calls is not None and calls.is_seen)
    assert calls is not None
    found = findings(pair.files(**kept))
    rules = {f.rule for f in found}
    calling, answering = peers_of(pair)
    answering.refuses_us = "" if not calls.hub else "identity"
    ways = [respond(pair.hub, calling), initiate(pair.spoke, answering)]
    besides = side_effects(pair.hub, ways) | side_effects(pair.spoke, ways) | compared(pair, calls)
    context = f"{name} {end}: {change.text}, {kept}: {calls}, said {told(found)}"
    if not calls.stop:
        assert rules <= besides, context
        return
    must = explains(calls, both_logs)
    is_seen = both_logs or kept["at_spoke"] or calls.stop not in SILENT_AT_ONE_END
    assert rules & must or not is_seen, context
    assert rules <= must | besides, context
    for finding in found:
        if finding.verdict is Verdict.UNEXPLAINED:
            assert not both_logs, context
            assert finding.rule in left_open(calls), context
