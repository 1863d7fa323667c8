"""Which peer block of a keyring serves a peer."""

from __future__ import annotations

from ipaddress import ip_address
from time import perf_counter

import pytest

from flexlint.config.model import IdentityKind
from flexlint.predict.keys import LISTED, keyring_of, select_block
from flexlint.predict.model import Identity, PeerFacts, Sureness

KEYS = """
crypto ikev2 keyring KEYS
 peer ALL
  address 0.0.0.0 0.0.0.0
  pre-shared-key 0 nine-fathom-pilot
 peer REGION
  address 198.51.100.0 255.255.255.0
  pre-shared-key 0 nine-fathom-pilot
 peer HOST
  address 198.51.100.7
  pre-shared-key 0 nine-fathom-pilot
 peer NAMED
  identity fqdn br7.example.com
  pre-shared-key 0 nine-fathom-pilot
 peer DOMAIN
  identity fqdn domain example.com
  pre-shared-key 0 nine-fathom-pilot
"""


def facts(peer: str, name: str | None = None, role: str = "responder") -> PeerFacts:
    identity = Identity(IdentityKind.FQDN, name) if name else Identity(IdentityKind.KEY_ID, "nobody")
    return PeerFacts(role, ip_address(peer), identity=identity)


@pytest.mark.parametrize(
    ("peer", "expected"), [("198.51.100.7", "HOST"), ("198.51.100.8", "REGION"), ("203.0.113.1", "ALL")]
)
def test_the_longest_address_wins_whatever_the_order(read, peer, expected):
    device = read(KEYS)
    assert select_block(device, device.keyrings["KEYS"], facts(peer)).chosen.name == expected


@pytest.mark.parametrize(
    ("role", "name", "expected"),
    [
        ("responder", "br7.example.com", "NAMED"),
        ("responder", "br8.example.com", "DOMAIN"),
        ("responder", "br7.example.net", "HOST"),
        ("initiator", "br7.example.com", "HOST"),
    ],
)
def test_a_responder_asks_identities_first_and_an_initiator_never(read, role, name, expected):
    device = read(KEYS)
    choice = select_block(device, device.keyrings["KEYS"], facts("198.51.100.7", name, role))
    assert (choice.chosen.name, choice.sureness) == (expected, Sureness.SURE)


def test_blocks_of_other_peers_say_what_they_want(read):
    device = read(
        """
crypto ikev2 keyring KEYS
 peer A
  address 198.51.100.7
 peer B
  identity fqdn domain example.com
 peer C
  address 198.51.100.8
  identity email ops@example.com
"""
    )
    choice = select_block(device, device.keyrings["KEYS"], facts("203.0.113.1", "br7.example.net"))
    assert [r.reason for r in choice.rejected] == [
        "wants a peer at 198.51.100.7",
        "wants an FQDN in domain example.com",
        "wants the e-mail address ops@example.com or a peer at 198.51.100.8",
    ]
    own = select_block(device, device.keyrings["KEYS"], facts("203.0.113.1", role="initiator"))
    assert own.rejected[1].reason == "has an identity only, which an initiator does not look at"


def test_two_equal_blocks_are_contested(read):
    device = read(
        """
crypto ikev2 keyring KEYS
 peer A
  address 198.51.100.7
 peer B
  address 198.51.100.7
"""
    )
    choice = select_block(device, device.keyrings["KEYS"], facts("198.51.100.7"))
    assert ([b.name for b in choice.candidates], choice.contested) == (["A", "B"], "keyring-duplicates")
    assert choice.rejected == [], "a block that fits as well did not fall out"


def test_a_keyring_that_is_not_defined_is_told(read):
    device = read("crypto ikev2 profile P\n keyring local GONE")
    assert keyring_of(device, device.profiles["P"]).missing == "P names keyring GONE, which is not defined"


def test_a_key_on_the_authentication_line_needs_no_keyring(read):
    device = read("crypto ikev2 profile P\n authentication local pre-share key nine-fathom-pilot")
    assert keyring_of(device, device.profiles["P"]).missing == "P has its key on the `authentication` line"


def test_twenty_thousand_blocks_are_indexed_once(read):
    blocks = "\n".join(f" peer P{n}\n  address 10.{n >> 8}.{n & 255}.1\n  pre-shared-key key{n}" for n in range(20_000))
    device = read("crypto ikev2 keyring BIG\n" + blocks)
    keyring = device.keyrings["BIG"]
    select_block(device, keyring, facts("10.0.0.1"))
    begin = perf_counter()
    for n in range(0, 20_000, 40):
        choice = select_block(device, keyring, facts(f"10.{n >> 8}.{n & 255}.1"))
        assert choice.chosen.name == f"P{n}"
    assert perf_counter() - begin < 2
    assert len(choice.rejected) == LISTED


def test_a_match_by_identity_is_open_while_the_role_is(read):
    device = read(KEYS)
    choice = select_block(device, device.keyrings["KEYS"], facts("198.51.100.7", "br7.example.com", "unknown"))
    assert (choice.chosen.name, choice.sureness) == ("NAMED", Sureness.PARTIAL)
