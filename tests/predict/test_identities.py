"""What statements about identities accept: laws that hold for all of them."""

from __future__ import annotations

from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from flexlint.config.model import IdentityKind, IdentityMatch, Line, LineKind, Network
from flexlint.place import TextFile, Word
from flexlint.predict.identities import accepts, covers, intersect, nearness, specificity, witness
from flexlint.predict.model import Identity

FILE = TextFile("hub.cfg", [""])
LINE = Line(1, 1, "", LineKind.COMMAND, FILE)
NAMES = st.sampled_from(
    ["example.com", "br7.example.com", "Br7.Example.COM", "a.br7.example.com", "example.net", "com"]
)
LENGTHS = st.sampled_from([0, 8, 16, 24, 25, 32])


def networks() -> st.SearchStrategy[Network]:
    v4 = st.builds(lambda n, p: ip_network((n, p), strict=False), st.integers(0xC6336400, 0xC63364FF), LENGTHS)
    v6 = st.builds(lambda p: ip_network((0x20010DB8 << 96, p), strict=False), st.sampled_from([0, 32, 128]))
    return st.one_of(v4, v6)


def statement(
    kind: IdentityKind, value: str | None, domain: bool = False, network: Network | None = None
) -> IdentityMatch:
    word = Word.at(value, 1, 1, FILE) if value is not None else None
    return IdentityMatch(kind=kind, value=word, domain=domain, network=network, line=LINE)


STATEMENTS = st.one_of(
    st.just(statement(IdentityKind.ANY, None)),
    st.builds(lambda n, d: statement(IdentityKind.FQDN, n, d), NAMES, st.booleans()),
    st.builds(lambda n: statement(IdentityKind.EMAIL, f"ops@{n}"), NAMES),
    st.builds(lambda n: statement(IdentityKind.EMAIL, n, True), NAMES),
    st.builds(lambda n: statement(IdentityKind.KEY_ID, n), st.sampled_from(["lab", "LAB", '"two words"'])),
    st.builds(lambda n: statement(IdentityKind.ADDRESS, str(n.network_address), network=n), networks()),
)
IDENTITIES = st.one_of(
    st.builds(lambda n: Identity(IdentityKind.FQDN, n), NAMES),
    st.builds(lambda n: Identity(IdentityKind.EMAIL, f"ops@{n}"), NAMES),
    st.builds(lambda n: Identity(IdentityKind.KEY_ID, n), st.sampled_from(["lab", "LAB", "two words"])),
    st.builds(lambda n: Identity(IdentityKind.ADDRESS, str(n.network_address)), networks()),
    st.builds(lambda n: Identity(IdentityKind.DN, f"cn={n}"), NAMES),
)


@given(STATEMENTS)
def test_a_statement_accepts_its_own_witness(match):
    assert accepts(match, witness(match))


@given(STATEMENTS, STATEMENTS)
def test_what_two_statements_share_both_accept(one, other):
    shared = intersect(one, other)
    assert shared is None or (accepts(one, shared) and accepts(other, shared))
    assert (shared is None) == (intersect(other, one) is None)


@given(STATEMENTS, STATEMENTS, IDENTITIES)
def test_an_identity_that_both_accept_means_that_they_share_one(one, other, identity):
    if accepts(one, identity) and accepts(other, identity):
        assert intersect(one, other) is not None


@given(STATEMENTS, STATEMENTS, IDENTITIES)
def test_the_narrower_of_two_that_accept_is_inside_the_wider(one, other, identity):
    if accepts(one, identity) and accepts(other, identity) and specificity(one) > specificity(other):
        assert accepts(other, witness(one))


@given(STATEMENTS, IDENTITIES)
def test_only_any_accepts_another_type(match, identity):
    if match.kind is not identity.kind:
        assert accepts(match, identity) == (match.kind is IdentityKind.ANY)
        assert nearness(match, identity) == 0


@given(STATEMENTS, STATEMENTS, IDENTITIES)
def test_who_covers_a_statement_accepts_all_it_accepts(wide, narrow, identity):
    if covers(wide, narrow):
        assert accepts(wide, witness(narrow))
        assert accepts(wide, identity) or not accepts(narrow, identity)


@given(STATEMENTS, STATEMENTS, STATEMENTS)
def test_cover_is_an_order(one, other, third):
    assert covers(one, one)
    if covers(one, other) and covers(other, third):
        assert covers(one, third)


@given(STATEMENTS, STATEMENTS)
def test_what_is_shared_is_the_narrower_of_the_two(one, other):
    assert (intersect(one, other) is not None) == (covers(one, other) or covers(other, one))


@given(STATEMENTS, STATEMENTS)
def test_of_two_that_differ_the_one_that_covers_is_wider(wide, narrow):
    if covers(wide, narrow) and not covers(narrow, wide):
        assert specificity(wide) < specificity(narrow)
