"""No key survives in any line of any command that holds one; control characters are shown, not sent."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexlint.mask import MASK, mask, mask_columns, visible

BEFORE_A_KEY = [
    "  pre-shared-key ",
    "  pre-shared-key 0 ",
    "  pre-shared-key local 6 ",
    "  pre-shared-key hex ",
    " authentication remote pre-share key ",
    " authentication local pre-share key 0 ",
    "crypto isakmp key ",
    "username ops privilege 15 secret 9 ",
    "username ops password ",
    "enable secret 5 ",
    " key 7 ",
    " key-string ",
    "snmp-server community ",
    " server-private 192.0.2.1 auth-port 1812 acct-port 1813 key ",
    "radius-server host 192.0.2.1 key ",
    " ppk manual id A key 0 ",
    "crypto ikev2 reconnect key 1 active ",
    " aaa authorization group psk list L N password 0 ",
    "R1(config-ikev2-keyring-peer)#pre-shared-key ",
    "Mar  1 00:00:01: %PARSER-5-CFGLOG_LOGGEDCMD: User:ops  logged command:pre-shared-key ",
    " ip nhrp authentication ",
    " auth loc pre key ",
    "  pre-sh loc 6 ",
    "  pre\u2011shared\u2011key ",
    '  pre-shared-key "Kq',
    "ena sec ",
    "user ops pass ",
    "username ops privilege 15 sec 0 ",
    "snmp-server host 192.0.2.1 version 2c ",
    "snmp-server user ops GROUP v3 auth sha ",
    "cry isa key ",
    " ip ospf authentication-key ",
    "ntp authentication-key 1 md5 ",
    " standby 1 authentication ",
    " standby 1 authentication md5 key-string 7 ",
    "  psk id A key ",
    "ldap bind authenticate root-dn cn=x password ",
    "crypto pki import TP pkcs12 tftp: password ",
    "*Mar  1 00:00:01.000: RADIUS:  User-Password       [2]   18  ",
]
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=30).map(lambda t: "Kq" + t)


@pytest.mark.parametrize("before", BEFORE_A_KEY)
@given(key=KEYS)
def test_the_key_never_survives(before: str, key: str):
    assert key not in mask(before + key)
    assert MASK in mask(before + key)


@pytest.mark.parametrize("before", BEFORE_A_KEY)
def test_neither_does_its_length_or_a_second_word(before: str):
    assert mask(before + "Kq1") == mask(before + "Kq1 and-the-rest of-the-key")


@pytest.mark.parametrize(
    "line",
    [
        "crypto ikev2 keyring KEYS",
        " authentication remote pre-share",
        "IKEv2:Use preshared key for id 192.0.2.1, key len 8",
        "IKEv2:% Getting preshared key from profile keyring KEYS",
        "service password-encryption",
        "password encryption aes",
        "crypto key generate rsa modulus 2048",
        "the router used a key of 17 characters, but the key of peer block 'B' has 16",
        " tunnel key 100",
    ],
)
def test_a_line_without_a_key_stays_as_it_is(line: str):
    assert mask(line) == line


@given(st.text(max_size=200))
def test_any_text_can_be_masked_and_shown(text: str):
    shown = visible(mask(text))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not any(ord(c) < 32 for c in shown)


@pytest.mark.parametrize(("column", "end"), [(3, 17), (18, 24), (3, 24), (20, 22)])
def test_a_region_still_fits_its_masked_line(column: int, end: int):
    masked, start, stop = mask_columns("  pre-shared-key secret", column, end)
    assert 1 <= start < stop <= len(masked) + 1


@pytest.mark.parametrize(
    "piece", ["user ", "pre-", "key hex ", "standby authentication ", "tunnel-password" + " " * 50_000]
)
def test_no_line_takes_long(piece: str):
    line = (piece * (400_000 // len(piece)))[:400_000]
    start = perf_counter()
    mask(line)
    assert perf_counter() - start < 2


def test_a_sentence_about_keys_is_not_a_command():
    sentence = "authentication failed: 192.0.2.1: the pre-shared keys of both ends differ"
    assert mask(sentence) == sentence


def test_letters_that_only_look_alike_hide_no_key():
    assert "Kq9x7wvz" not in mask("username ops pa\u017f\u017fword 0 Kq9x7wvz")
    assert "Kq9x7wvz" not in mask("enable \u017fecret 5 Kq9x7wvz")
