"""Profiles that meet the same peer: found whatever number of others stands beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexlint.config.parse import read_device
from flexlint.judging.book import Rulebook
from flexlint.place import TextFile
from flexlint.predict.identities import intersect
from flexlint.rulebook import DeviceCase, Settings, select

SERVES = """ authentication local pre-share
 authentication remote pre-share key Zx8-branch-1-jT4wQp
 virtual-template 1
"""


def told(text: str, rule: str, **assumptions: str) -> list[tuple[str, ...]]:
    """The profiles each finding is about."""
    book = Rulebook(select([rule]), Settings(assumptions={k.replace("_", "-"): v for k, v in assumptions.items()}))
    book.device(DeviceCase(read_device(TextFile("hub.cfg", text.split("\n"))), book.settings))
    return [finding.key for finding in book.findings()]


def profile(name: str, *lines: str) -> str:
    return f"crypto ikev2 profile {name}\n" + "".join(f" {line}\n" for line in lines) + SERVES


PLACES = ["match fvrf V{}", "match address local 198.51.100.{}"]


@pytest.mark.parametrize("place", PLACES)
def test_twins_are_found_in_each_of_many_places(place: str) -> None:
    text = "".join(
        profile(f"{side}{n}", place.format(n), "match identity remote any")
        for n in range(20)
        for side in ("ONE", "TWO")
    )
    assert told(text, "SEL101") == [(f"ONE{n}", f"TWO{n}") for n in range(20)]


@pytest.mark.parametrize("place", PLACES)
def test_certificates_within_any_are_found_in_each_of_many_places(place: str) -> None:
    text = "".join(
        profile(f"WIDE{n}", place.format(n), "match identity remote any")
        + profile(f"CERT{n}", place.format(n), "match certificate MAP")
        for n in range(20)
    )
    assert sorted(told(text, "SEL102")) == sorted((f"CERT{n}", f"WIDE{n}") for n in range(20))


@pytest.mark.parametrize("place", PLACES)
def test_policies_that_overlap_are_found_in_each_of_many_places(place: str) -> None:
    text = "".join(
        f"crypto ikev2 policy {side}{n}\n {place.format(n)}\n proposal CBC\n"
        for n in range(20)
        for side in ("ONE", "TWO")
    )
    assert told(text, "SEL105") == [(f"ONE{n}", f"TWO{n}") for n in range(20)]


STATEMENTS = st.sampled_from(
    [
        "any",
        "address 0.0.0.0",
        "address 198.51.100.0 255.255.255.0",
        "address 198.51.100.7 255.255.255.255",
        "address 203.0.113.0 255.255.255.128",
        "address 2001:DB8::/32",
        "address 2001:DB8:7::/48",
        "fqdn domain example.net",
        "fqdn domain south.example.net",
        "fqdn br7.South.example.net",
        "fqdn example.net",
        "email domain example.net",
        "email ops@south.example.net",
        "key-id lab",
    ]
)


@given(st.lists(STATEMENTS, min_size=1, max_size=4), st.lists(STATEMENTS, min_size=1, max_size=4))
def test_two_profiles_are_reported_just_when_two_of_their_statements_meet(ones: list[str], others: list[str]) -> None:
    text = profile("ONE", *(f"match identity remote {one}" for one in ones))
    text += profile("OTHER", *(f"match identity remote {one}" for one in others))
    one, other = read_device(TextFile("hub.cfg", text.split("\n"))).profiles.values()
    meet = any(intersect(a, b) for a in one.identities for b in other.identities)
    assert bool(told(text, "SEL101")) == meet


def test_a_profile_of_every_vrf_meets_those_of_one() -> None:
    every = profile("EVERY", "match fvrf any", "match identity remote fqdn domain example.net")
    others = "".join(
        profile(f"P{n}", f"match fvrf V{n}", f"match identity remote fqdn b{n}.example.net") for n in range(12)
    )
    assert sorted(told(every + others, "SEL101")) == sorted(tuple(sorted(("EVERY", f"P{n}"))) for n in range(12))


def test_how_deep_a_domain_reaches_decides_whether_profiles_meet() -> None:
    text = profile("DOMAIN", "match identity remote fqdn domain example.net") + profile(
        "BELOW", "match identity remote fqdn domain south.example.net"
    )
    assert told(text, "SEL101") == [("BELOW", "DOMAIN")]
    assert told(text, "SEL101", domain_depth="suffix") == [("BELOW", "DOMAIN")]
    assert told(text, "SEL101", domain_depth="exact") == []
