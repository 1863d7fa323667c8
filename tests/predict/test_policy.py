"""Which policy and proposals an SA gets."""

from __future__ import annotations

from ipaddress import ip_address

from flexlint.predict.model import PeerFacts, Sureness
from flexlint.predict.policy import select_policy
from flexlint.predict.proposals import proposals_of

POLICIES = """
hostname hub
crypto ikev2 proposal STRONG
 encryption aes-gcm-256
 prf sha384
 group 20 19
crypto ikev2 policy GLOBAL
 proposal STRONG
crypto ikev2 policy WAN
 match fvrf WAN
 proposal STRONG
crypto ikev2 policy WAN-SECOND
 match fvrf WAN
 match address local 192.0.2.2
 proposal STRONG
crypto ikev2 policy EMPTY
 match fvrf any
"""


def at(fvrf: str | None, local: str = "192.0.2.1") -> PeerFacts:
    return PeerFacts(fvrf=fvrf, local=ip_address(local))


def test_a_policy_without_vrf_is_the_global_ones(read):
    device = read(POLICIES)
    assert select_policy(device, at("")).chosen.name == "GLOBAL"
    choice = select_policy(device, at("WAN"))
    assert choice.chosen.name == "WAN"
    assert {r.candidate.name for r in choice.rejected} == {"GLOBAL", "WAN-SECOND", "EMPTY"}


def test_the_policy_that_matches_more_types_leads_and_is_contested(read):
    choice = select_policy(read(POLICIES), at("WAN", "192.0.2.2"))
    assert [p.name for p in choice.candidates] == ["WAN-SECOND", "WAN"]
    assert (choice.sureness, choice.contested) == (Sureness.CONTESTED, "policy-overlap")


def test_nothing_else_fits_then_the_default_policy_does(read):
    device = read(POLICIES)
    choice = select_policy(device, at("LAB"))
    assert (choice.chosen.name, choice.chosen.implicit) == ("default", True)
    assert proposals_of(device, choice.chosen) == []
    disabled = read(POLICIES + "no crypto ikev2 policy default\n")
    assert select_policy(disabled, at("LAB")).missing == "no policy fits and the default one is disabled"


def test_an_unknown_vrf_leaves_it_open(read):
    assert select_policy(read(POLICIES), at(None)).sureness is Sureness.PARTIAL


def test_a_proposal_that_is_not_defined_leaves_the_list_open(read):
    device = read(POLICIES)
    assert [p.name for p in proposals_of(device, device.policies["WAN"])] == ["STRONG"]
    device = read("crypto ikev2 policy P\n proposal GONE\n")
    assert proposals_of(device, device.policies["P"]) == []
