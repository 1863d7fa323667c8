"""A syslog relay writes several routers into one file; the configuration is of one of them."""

from __future__ import annotations

from random import Random

import pytest

from authoring.judge import report_on
from authoring.scene import log_of
from authoring.site import config
from authoring.sites import hub_fqdn, hub_vrf


def mixed(first: str, second: str, seed: int) -> str:
    """Two logs in one file, a few lines of each at a time."""
    random, queues, out = Random(seed), [first.split("\n"), second.split("\n")], []
    while any(queues):
        queue = random.choice([q for q in queues if q])
        taken = random.randrange(1, 9)
        out += queue[:taken]
        del queue[:taken]
    return "\n".join(line for line in out if line) + "\n"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("style", ["relay", "relay-packed"])
def test_negotiations_of_another_router_are_not_held_against_this_one(style, seed):
    (site, peers), (other, callers) = hub_fqdn(), hub_vrf()
    log = mixed(log_of(site, peers, style, seed), log_of(other, callers, style, seed + 1), seed)
    report = report_on({"router.cfg": config(site), "router.log": log})
    assert [f.message for f in report.findings if f.severity != "note"] == []
    assert [str(n.outcome) for n in report.negotiations] == ["up"] * 4
    assert report.notices == ["router.log: negotiations of other routers (pe7) were not held against the configuration"]


def test_a_fault_of_this_router_is_found_among_those_of_another():
    (site, peers), (other, callers) = hub_fqdn(), hub_vrf()
    site.lists = {"FLEX": "local"}
    other.profiles[0].fvrf = None
    log = mixed(log_of(site, peers[:1], "relay", 3), log_of(other, callers, "relay", 4), 5)
    report = report_on({"router.cfg": config(site), "router.log": log})
    judged = {f.rule: f for f in report.findings if f.severity == "error"}
    assert set(judged) == {"AZN001", "NEG002"}
    assert judged["AZN001"].peers == {"203.0.113.21"}
    assert judged["NEG002"].peers <= {"198.51.100.66", "198.51.100.67"}  # the other router's, told from its log alone
    assert judged["NEG002"].device == "pe7"


def test_a_relay_that_calls_the_router_otherwise_is_believed():
    site, peers = hub_fqdn()
    site.lists = {"FLEX": "local"}
    log = log_of(site, peers, "relay", 1).replace(" berlin-hub ", " 10.9.8.7 ")
    report = report_on({"router.cfg": config(site), "router.log": log})
    assert "AZN001" in {f.rule for f in report.findings}
