"""One line, one meaning: word-exact keywords, exact columns, the exact expected set; tables that are lark's own."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexlint.config import compile as compiling
from flexlint.config.grammar import Command, Mismatch, parse
from flexlint.data import folder


def test_the_tables_are_up_to_date_with_the_grammars():
    committed = json.loads((folder("grammars") / "tables.json").read_text(encoding="utf-8"))
    assert committed == json.loads(json.dumps(compiling.tables())), "run python -m flexlint.config.compile"


@pytest.mark.parametrize(
    ("stanza", "line", "kind", "values"),
    [
        ("profile", "keyring local KEYS", "keyring_local", ["KEYS"]),
        (
            "profile",
            "match identity remote address 192.0.2.0 255.255.255.0",
            "match_identity",
            ["192.0.2.0", "255.255.255.0"],
        ),
        ("profile", "match identity remote fqdn domain example.net", "match_identity", ["example.net"]),
        ("profile", "match identity remote key-id *$AnyConnectClient$*", "match_identity", ["*$AnyConnectClient$*"]),
        ("profile", "aaa authorization group psk list default default", "aaa_group", ["default", "default"]),
        ("profile", "aaa authorization group override psk list L N", "aaa_group", ["L", "N"]),
        ("profile", "aaa authorization group psk list local name-mangler M", "aaa_group", ["local", "M"]),
        ("profile", "aaa authorization user eap cached", "aaa_user", []),
        ("profile", "authentication remote eap query-identity", "authentication_remote", []),
        ("profile", "dpd 30 5 on-demand", "dpd", ["30", "5"]),
        ("profile", "virtual-template 1 mode auto", "virtual_template", ["1"]),
        ("peer", "pre-shared-key 6 ab c!#?", "key", ["6", "ab c!#?"]),
        ("peer", "pre-shared-key 6", "key", ["6"]),
        ("peer", "pre-shared-key local 0 x y", "local_key", ["0", "x y"]),
        ("peer", "address 2001:db8::/32", "address", ["2001:db8::/32"]),
        ("global", "interface Virtual-Template1 type tunnel", "interface", ["Virtual-Template1", "tunnel"]),
        ("global", "interface Tunnel 0", "interface", ["Tunnel", "0"]),
        ("global", "ip local pool P 192.0.2.1 192.0.2.9", "ip_local_pool", ["P", "192.0.2.1", "192.0.2.9"]),
        ("global", "aaa authorization network L local group R", "aaa_authorization_network", ["L", "local", "R"]),
        ("interface", "tunnel protection ipsec profile P shared", "protection", ["P"]),
    ],
)
def test_a_line_gives_its_kind_and_values(stanza: str, line: str, kind: str, values: list[str]):
    command = parse(stanza, line)
    assert isinstance(command, Command), command
    assert (command.kind, [piece.text for piece in command.values]) == (kind, values)


@pytest.mark.parametrize(
    ("stanza", "short", "full"),
    [
        ("profile", "match id rem addr 192.0.2.1", "match identity remote address 192.0.2.1"),
        ("profile", "keyr loc K", "keyring local K"),
        ("global", "int Tunnel0", "interface Tunnel0"),
        ("interface", "tun prot ips prof P", "tunnel protection ipsec profile P"),
        ("proposal", "enc aes-cbc-256", "encryption aes-cbc-256"),
        ("proposal", "integ sha256", "integrity sha256"),
    ],
)
def test_a_unique_abbreviation_is_the_keyword(stanza: str, short: str, full: str):
    one, other = parse(stanza, short), parse(stanza, full)
    assert isinstance(one, Command)
    assert isinstance(other, Command)
    assert [(p.terminal, p.text) for p in one.pieces] == [(p.terminal, p.text) for p in other.pieces]


@pytest.mark.parametrize(
    ("stanza", "line", "word", "column", "expected"),
    [
        ("profile", "keyring localab", "localab", 8, {"aaa", "local", "ppk"}),
        ("profile", "identity local fqdnfoo", "fqdnfoo", 15, {"address", "dn", "email", "fqdn", "key-id"}),
        ("profile", "match identity remote access", "access", 22, {"address", "any", "email", "fqdn", "key-id"}),
        ("proposal", "group 19 xx", "xx", 9, {"14", "19", "20", "21", "end of line"}),
        ("profile", "dpd 30", "", 6, {"number"}),
        ("profile", "match fvrf A B", "B", 13, {"end of line"}),
    ],
)
def test_a_fault_has_its_word_column_and_what_was_expected(stanza, line, word, column, expected):
    fault = parse(stanza, line)
    assert isinstance(fault, Mismatch)
    assert (fault.word, fault.column) == (word, column)
    assert expected <= set(fault.expected)


def test_a_near_keyword_is_suggested():
    fault = parse("profile", "authentication remot pre-share")
    assert isinstance(fault, Mismatch | Command)
    fault = parse("profile", "kyering local K")
    assert isinstance(fault, Mismatch)
    assert fault.suggestion == "keyring"


@given(st.sampled_from(compiling.STARTS), st.text(max_size=80))
def test_any_text_gives_a_command_or_a_fault_within_the_line(stanza: str, text: str):
    said = parse(stanza, text)
    if isinstance(said, Mismatch):
        assert 0 <= said.column <= len(text)
        assert said.expected
    else:
        assert all(0 <= piece.column < len(text) for piece in said.pieces)


LINES = [
    ("profile", "match identity remote address 192.0.2.0 255.255.255.0"),
    ("profile", "aaa authorization group psk list L N"),
    ("profile", "dpd 30 5 periodic"),
    ("profile", "dpd 30"),
    ("profile", "keyring locall K"),
    ("peer", "identity fqdn domain example.net"),
    ("proposal", "encryption aes-cbc-256 aes-gcm-128"),
    ("proposal", "encryption aes-cbc-512"),
    ("policy", "match address local 192.0.2.1"),
    ("interface", "ip address 192.0.2.1 255.255.255.0 secondary"),
    ("global", "crypto ikev2 limit max-sa 100"),
    ("global", "crypto ikev2 limit max-sa"),
    ("flexvpn_client", "peer 1 192.0.2.1 track 3 up"),
]


@pytest.fixture(scope="module")
def lark():
    from lark import Lark

    return Lark(compiling.grammar_text(), parser="lalr", lexer="contextual", start=list(compiling.STARTS))


@pytest.mark.parametrize(("stanza", "line"), LINES)
def test_the_driver_agrees_with_lark(lark, stanza: str, line: str):
    """Lark, fed with the terminals our lexer chose, accepts and refuses the same lines and names the same kind."""
    from lark import Token
    from lark.exceptions import UnexpectedInput

    names = {t.pattern.value: t.name for t in lark.terminals if type(t.pattern).__name__ == "PatternStr"}
    ours = parse(stanza, line)
    interactive = lark.parse_interactive("", start=stanza)
    words = ours.pieces if isinstance(ours, Command) else ()
    if isinstance(ours, Mismatch):
        whole = line[: ours.column].strip()
        before = parse(stanza, whole)
        assert isinstance(before, Mismatch) or ours.word or not whole
        return
    try:
        for piece in words:
            name = piece.terminal or names[piece.text]
            interactive.feed_token(Token("NAME" if name == "PLACEHOLDER" else name, piece.text))
        found = interactive.feed_eof()
    except UnexpectedInput as error:
        pytest.fail(f"lark refuses what the driver accepts: {error}")
    assert str(found.data) == ours.kind


SAMPLES = {
    "ENC": "6",
    "INT": "77",
    "IPV4": "192.0.2.7",
    "NET6": "2001:db8::/48",
    "IPV6": "2001:db8::7",
    "IFNAME": "Loopback7",
    "IFTYPE": "Loopback",
    "IFNUM": "7/7",
    "NAME": "zq.name",
    "TEXT": "zq.text to the end",
    "HOLE": "{{ value }}",
}


@pytest.mark.parametrize("stanza", compiling.STARTS)
def test_the_driver_reads_every_line_that_lark_can_make(lark, stanza: str):
    """Lines made from lark's own automaton: the driver accepts each, gives it the same kind, and refuses each that ends
    where lark says that it must not end."""
    from lark import Token

    texts = {t.name: t.pattern.value for t in lark.terminals if type(t.pattern).__name__ == "PatternStr"} | SAMPLES
    choose = Random(7)
    for _ in range(60):
        interactive, words = lark.parse_interactive("", start=stanza), []
        while len(words) < 14:
            accepted = interactive.accepts()
            if "$END" not in accepted and words[-1:] != [SAMPLES["ENC"]]:  # a digit alone is a key of one digit
                assert isinstance(parse(stanza, " ".join(words)), Mismatch), words
            if not {"NAME", "TEXT"}.isdisjoint(accepted):
                accepted -= {"HOLE"} | ({"TEXT"} if "NAME" in accepted else set())
            terminal = choose.choice(sorted(accepted))
            if terminal == "$END" or (words and words[-1] == SAMPLES["TEXT"]):
                ours, theirs = parse(stanza, " ".join(words)), interactive.feed_eof()
                assert isinstance(ours, Command), (words, ours)
                assert ours.kind == str(theirs.data), words
                break
            interactive.feed_token(Token(terminal, texts[terminal]))
            words.append(texts[terminal])
