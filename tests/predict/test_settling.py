"""Contested choices under an assumption."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from flexlint.config.model import IdentityKind
from flexlint.predict import predict
from flexlint.predict.model import Identity, PeerFacts, Sureness
from flexlint.predict.settling import open_points

TWO = """
crypto ikev2 profile WIDE
 match identity remote address 0.0.0.0
 authentication local pre-share
 authentication remote pre-share
crypto ikev2 profile NARROW
 match identity remote address 198.51.100.7
 authentication local pre-share
 authentication remote pre-share
"""


@pytest.mark.parametrize(("value", "expected"), [("narrowest", "NARROW"), ("first", "WIDE"), ("none", None)])
def test_an_assumption_settles_overlapping_profiles(read, value, expected):
    facts = PeerFacts("responder", ip_address("198.51.100.7"), None, "", Identity(IdentityKind.ADDRESS, "198.51.100.7"))
    choice = predict(read(TWO), facts, {"profile-overlap": value}).profile
    assert (choice.chosen.name if choice.chosen else None) == expected
    assert (choice.sureness, choice.also) == (Sureness.SURE, [])
    assert len(choice.rejected) == (1 if expected else 2)


DEEP = """
crypto ikev2 keyring KEYS
 peer WIDE
  identity fqdn domain example.net
  pre-shared-key Zx8-branch-1-jT4wQp
 peer DEEP
  identity fqdn domain south.example.net
  pre-shared-key Zx8-branch-2-jT4wQp
crypto ikev2 profile WIDE
 match identity remote fqdn domain example.net
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
crypto ikev2 profile DEEP
 match identity remote fqdn domain south.example.net
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
"""


@pytest.mark.parametrize(
    ("name", "depth", "profile", "block"),
    [
        ("br7.south.example.net", None, "DEEP", "DEEP"),
        ("br7.south.example.net", "suffix", "DEEP", "DEEP"),
        ("br7.south.example.net", "exact", "DEEP", "DEEP"),
        ("br7.north.example.net", "suffix", "WIDE", "WIDE"),
        ("br7.north.example.net", "exact", None, None),
    ],
)
def test_the_depth_of_a_domain_is_settled_before_profiles_are_compared(read, name, depth, profile, block):
    facts = PeerFacts("responder", ip_address("198.51.100.7"), None, "", Identity(IdentityKind.FQDN, name))
    told = predict(read(DEEP), facts, {"domain-depth": depth} if depth else {})
    assert (told.profile.chosen and told.profile.chosen.name) == profile
    assert (told.peer_block.chosen and told.peer_block.chosen.name) == block
    if depth == "exact":
        assert "domain-depth=exact" in told.profile.rejected[0].reason
        assert told.profile.also == []
    if depth:
        assert "domain-depth" not in (told.profile.contested, told.peer_block.contested)


ZERO = """
crypto ikev2 keyring KEYS
 peer ANY
  address 0.0.0.0
  pre-shared-key Zx8-branch-1-jT4wQp
crypto ikev2 profile HUB
 match identity remote any
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
"""


@pytest.mark.parametrize(
    ("value", "block", "sureness"),
    [(None, None, Sureness.PARTIAL), ("host", None, Sureness.SURE), ("wildcard", "ANY", Sureness.SURE)],
)
def test_an_assumption_settles_what_a_bare_zero_is(read, value, block, sureness):
    facts = PeerFacts("responder", ip_address("198.51.100.7"), None, "", Identity(IdentityKind.FQDN, "br7.example.net"))
    choice = predict(read(ZERO), facts, {"keyring-bare-zero": value} if value else {}).peer_block
    assert (choice.chosen and choice.chosen.name, choice.sureness) == (block, sureness)


def test_every_default_is_one_of_the_values(checkout):
    from flexlint.data import read_table

    for row in read_table(checkout / "grammars" / "facts" / "contested.tsv"):
        assert row["default"] in open_points()[row["name"]]
        assert row["known"]
        assert row["source"]


def test_an_unknown_assumption_is_refused(flexlint):
    ran = flexlint("check", "examples/healthy-hub/hub.cfg", "--assume", "profile-overlap=best")
    assert ran.returncode == 2
    assert "profile-overlap=none|narrowest|first" in ran.stderr
