"""The message catalogue: every row has a sample, which is that message and no other."""

import re

import pytest

from flexlint.log.catalogue import catalogue, messages

GROUP = {"debug": "tagged", "trace": "tagged", "continuation": "continuation"}


@pytest.mark.parametrize("row", messages().values(), ids=lambda row: row.id)
def test_a_sample_is_its_own_message(row):
    found = catalogue(GROUP.get(row.kind, "other")).match(row.sample)
    assert found is not None
    assert found[0] == (row.reads or row.id)


def test_the_catalogue_is_whole():
    # M348 is what an operator types, no message. From M350 on: lines that were met in logs since.
    assert list(messages()) == [f"M{n:03}" for n in (*range(1, 348), *range(350, 354))]
    for row in messages().values():
        assert row.sample, row.id
        assert row.source, row.id
        assert row.grade in ("V", "VA6", "R", "r"), row.id
        assert row.match in ("exact", "loose", "reading"), row.id
        assert row.polarity in ("+", "-", "0", "+/-", "0/-", "-/0"), row.id
        assert row.grade != "r" or row.match in ("loose", "reading"), row.id


@pytest.mark.parametrize("row", [r for r in messages().values() if r.match == "exact"], ids=lambda row: row.id)
def test_no_other_row_matches_a_sample(row):
    from flexlint.log.catalogue import Template

    for other in messages().values():
        same_group = GROUP.get(other.kind, "other") == GROUP.get(row.kind, "other")
        if other.id != row.id and other.match == "exact" and same_group:
            for text in other.template.split(" // "):
                assert not Template(other.id, text).pattern.fullmatch(row.sample), (row.id, other.id)


@pytest.mark.parametrize(
    "identity",
    [
        "203.0.113.7",
        "2001:db8::7",
        "hostname=br7,cn=Branch 7, O=Example",
        "o'brien' of type 'x",
        "*$AnyConnectClient$*",
    ],
)
def test_an_identity_may_hold_anything(identity):
    found = catalogue("tagged").match(f"Searching policy based on peer's identity '{identity}' of type 'DER ASN1 DN'")
    assert found == ("M111", {"identity": identity, "identity_type": "DER ASN1 DN"})


@pytest.mark.parametrize("text", ["Failed to verify PSK", "ERROR: NO_PROPOSAL_CHOSEN: x", "", "IKEV2 SA created"])
def test_what_no_router_prints_is_unknown(text):
    assert catalogue("tagged").match(text) is None


def test_field_names_are_words():
    for row in messages().values():
        for name in re.findall(r"\{(\w+)", row.template):
            assert name.islower()
