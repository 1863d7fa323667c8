"""One thing of a healthy configuration is changed: what follows must be said, and nothing else.

Two ways: the log is of the time before the change (the configuration contradicts it, or the change does not touch it),
or of the changed router itself (a failure that the configuration explains, or none). What must be said comes from
`authoring.oracle`, which knows IOS by the reference and flexlint not at all.

`FLEXLINT_MUTATIONS=5000` runs more of them; `make accuracy` runs every single change.
"""

from __future__ import annotations

import os
from functools import cache

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from authoring.course import Course, Peer
from authoring.drafts_keys import by_eap, remote_access
from authoring.framing import STYLES
from authoring.judge import report_on
from authoring.mutations import Mutation, mutations
from authoring.oracle import EXPLAINS, RULES, contested, denied, side_effects, unreliable
from authoring.scene import Retelling, courses, is_spoke, log_of
from authoring.site import Site, config
from authoring.sites import HUBS, SPOKES
from flexlint.cards import cards
from flexlint.finding import Finding, Verdict
from flexlint.rulebook import Scope, all_checks

EXAMPLES = int(os.environ.get("FLEXLINT_MUTATIONS", "400"))
DESIGNS = {**HUBS, **SPOKES, "eap": remote_access}
# Commands for all of IKEv2 that change nothing of what a log of these designs shows.
GLOBALS = (
    "crypto ikev2 nat keepalive 20",
    "no crypto ikev2 http-url cert",
    "crypto ikev2 certificate-cache 500",
    "crypto ikev2 cookie-challenge 100",
    "crypto ikev2 diagnose error 200",
    "crypto ikev2 disconnect-revoked-peers",
    "crypto ikev2 fragmentation mtu 1300",
    "crypto ikev2 fragmentation",
    "crypto ikev2 limit max-in-negotation-sa 200",
    "crypto ikev2 limit max-sa 4000",
    "crypto ikev2 redirect gateway init",
    "crypto ikev2 redirect client max-redirects 3",
    "crypto ikev2 window 20",
    "crypto logging ikev2",
)
JUDGED = {rule for rule, one in all_checks().items() if one.scope in (Scope.PAIR, Scope.TRACE, Scope.LOG)}


@cache
def all_mutations(design: str) -> list[Mutation]:
    return mutations(DESIGNS[design]()[0])


def retelling(design: str, site: Site, peers: list[Peer]) -> Retelling | None:
    """Users who come by EAP are told of otherwise."""
    return by_eap(site, peers) if design == "eap" else None


def further(draw) -> Mutation:
    """A command for all of IKEv2, or a post-quantum key that is not demanded, besides."""
    line = draw(st.sampled_from([*GLOBALS, "ppk"]))

    def change(site: Site) -> None:
        if line != "ppk":
            site.crypto.append(line)
        for block in [b for k in site.keyrings for b in k.blocks if line == "ppk"]:
            block.extra.append("ppk manual id some-ppk key 0 Quantum-Key-Seven")

    return Mutation(f"{line} besides", change)


@st.composite
def changed(draw) -> tuple[str, list[Mutation], str, int, bool]:
    """A design, one or two changes of it, and how its log is kept."""
    design = draw(st.sampled_from(sorted(DESIGNS)))
    known = all_mutations(design)
    changes = draw(st.lists(st.sampled_from(range(len(known))), min_size=1, max_size=2, unique=True))
    style = draw(st.sampled_from([s for s in STYLES if s != "old"]))
    besides = [further(draw)] if draw(st.booleans()) else []
    return design, [*(known[i] for i in changes), *besides], style, draw(st.integers(1, 10**6)), draw(st.booleans())


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


def has_undefined_map(site: Site) -> bool:
    """Whether a profile rests on a certificate map that is not there, or asks for nothing: its own defect says it."""
    return any(p.certificate_map and not site.certificate_maps.get(p.certificate_map) for p in site.profiles)


def says_other_field(site: Site) -> bool:
    """Whether a certificate map asks for what no log shows."""
    return any("issuer-name" in line for lines in site.certificate_maps.values() for line in lines)


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
    if has_undefined_map(site) or says_other_field(site):
        wanted.discard("profile")
    may = set().union(*(RULES[step.removesuffix("?")] for step in steps)) | {"LOG001"} if steps else set()
    found = findings(site, log_of(was, peers, style, seed, interleaved, retelling(design, was, peers)))
    rules = {f.rule for f in found}
    context = f"{design}: {', '.join(c.text for c in changes)}, {style}: denies {sorted(steps)}, said {told(found)}"
    assert rules <= may, context
    assert rules or not wanted, context
    assert all(f.verdict in (Verdict.CONTRADICTION, Verdict.DEFECT, Verdict.BLINDSPOT) for f in found), context


@settings(max_examples=EXAMPLES, deadline=None, derandomize=not os.environ.get("FLEXLINT_MUTATIONS"))
@given(changed())
def test_a_router_that_was_broken_by_the_change(case):
    design, changes, style, seed, interleaved = case
    assume(design != "eap")  # of a user who does not get in there are few logs to go by
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


@pytest.mark.parametrize(
    ("line", "rules"), [("crypto ikev2 dpd 30 5 on-demand", set()), ("crypto ikev2 dpd 60 5 periodic", {"AUT012"})]
)
@pytest.mark.parametrize("design", ["fqdn", "spoke", "client"])
def test_dead_peer_detection_for_all_profiles(design, line, rules):
    was, peers = DESIGNS[design]()
    site = was.copy()
    site.crypto.append(line)
    assert not findings(site, log_of(was, peers)), "the profile's own goes first"
    site.profiles[0].dpd = None
    assert {f.rule for f in findings(site, log_of(was, peers))} == rules
