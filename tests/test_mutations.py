"""One thing of a healthy configuration is changed: what follows must be said, and nothing else.

Two ways: the log is of the time before the change (the configuration contradicts it, or the change does not touch it),
or of the changed router itself (a failure that the configuration explains, or none). What must be said comes from
`authoring.oracle`, which knows IOS by the reference and flexlint not at all.

`FLEXLINT_MUTATIONS=5000` runs more of them; `make accuracy` runs every single change.
"""

from __future__ import annotations

import os
from functools import cache

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from authoring.course import Course
from authoring.framing import STYLES
from authoring.judge import report_on
from authoring.mutations import Mutation, mutations
from authoring.oracle import EXPLAINS, RULES, contested, denied, side_effects, unreliable
from authoring.scene import courses, is_spoke, log_of
from authoring.site import Site, config
from authoring.sites import HUBS, SPOKES
from flexlint.cards import cards
from flexlint.finding import Finding, Verdict
from flexlint.rulebook import Scope, all_checks

EXAMPLES = int(os.environ.get("FLEXLINT_MUTATIONS", "400"))
DESIGNS = {**HUBS, **SPOKES}
JUDGED = {rule for rule, one in all_checks().items() if one.scope in (Scope.PAIR, Scope.TRACE, Scope.LOG)}


@cache
def all_mutations(design: str) -> list[Mutation]:
    return mutations(DESIGNS[design]()[0])


@st.composite
def changed(draw) -> tuple[str, list[Mutation], str, int, bool]:
    """A design, one or two changes of it, and how its log is kept."""
    design = draw(st.sampled_from(sorted(DESIGNS)))
    known = all_mutations(design)
    changes = draw(st.lists(st.sampled_from(range(len(known))), min_size=1, max_size=2, unique=True))
    style = draw(st.sampled_from([s for s in STYLES if s != "old"]))
    return design, [known[i] for i in changes], style, draw(st.integers(1, 10**6)), draw(st.booleans())


def apply(site: Site, changes: list[Mutation]) -> Site:
    for change in changes:
        try:
            site = change.of(site)
        except (AttributeError, IndexError, KeyError, TypeError):
            assume(False)  # the first change took away what the second one changes
    return site


def findings(site: Site, log: str) -> list[Finding]:
    """What is said of the pair, beyond what the configuration alone gives and beyond notes on the log."""
    report = report_on({"router.cfg": config(site), "router.log": log})
    return [f for f in report.findings if f.rule in JUDGED and f.rule != "LOG002"]


def told(found: list[Finding]) -> str:
    return "; ".join(f"{f.rule} {f.primary.line if f.primary else 0}: {f.message}" for f in found)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("FLEXLINT_MUTATIONS"))
@given(changed())
def test_a_configuration_edited_since_the_log(case):
    design, changes, style, seed, interleaved = case
    was, peers = DESIGNS[design]()
    site, initiator = apply(was, changes), is_spoke(was)
    assume(not any(contested(site, peer, initiator) for peer in peers))
    steps: set[str] = set()
    for peer, course in zip(peers, courses(was, peers), strict=True):
        steps |= denied(site, peer, course, initiator)
    wanted = {step for step in steps if not step.endswith("?")}
    may = set().union(*(RULES[step.removesuffix("?")] for step in steps)) | {"LOG001"} if steps else set()
    found = findings(site, log_of(was, peers, style, seed, interleaved))
    rules = {f.rule for f in found}
    context = f"{design}: {', '.join(c.text for c in changes)}, {style}: denies {sorted(steps)}, said {told(found)}"
    assert rules <= may, context
    assert rules or not wanted, context
    assert all(f.verdict in (Verdict.CONTRADICTION, Verdict.DEFECT, Verdict.BLINDSPOT) for f in found), context


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("FLEXLINT_MUTATIONS"))
@given(changed())
def test_a_router_that_was_broken_by_the_change(case):
    design, changes, style, seed, interleaved = case
    healthy, peers = DESIGNS[design]()
    site, initiator = apply(healthy, changes), is_spoke(healthy)
    assume(not unreliable(site, peers, initiator))
    assume(not any(contested(site, peer, initiator) for peer in peers))
    ways: list[Course] = courses(site, peers)
    assume(not any(way.stop == "unprotected" or (way.stop == "refused" and not initiator) for way in ways))
    broken = {peer.address: way.stop for peer, way in zip(peers, ways, strict=True) if way.stop}
    found = findings(site, log_of(site, peers, style, seed, interleaved))
    rules = {f.rule for f in found}
    context = f"{design}: {', '.join(c.text for c in changes)}, {style}: ends {broken}, said {told(found)}"
    besides = side_effects(site, ways)
    for stop in broken.values():
        assert rules & EXPLAINS[stop], context
    assert rules <= set().union(besides, *(EXPLAINS[stop] for stop in broken.values())), context
    for finding in found:
        if finding.rule not in besides:
            assert finding.peers <= set(broken) | {""}, context
            assert finding.verdict in (Verdict.EXPLANATION, Verdict.UNEXPLAINED), context
            assert finding.verdict is Verdict.EXPLANATION or cards()[finding.rule].verdict is Verdict.UNEXPLAINED, (
                context
            )
