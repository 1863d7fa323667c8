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
