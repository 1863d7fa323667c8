"""A prediction in words, as `flexlint predict` prints it."""

from __future__ import annotations

from ipaddress import ip_address

from flexlint.config.model import IdentityKind
from flexlint.predict import predict
from flexlint.predict.explain import explain
from flexlint.predict.model import Identity, PeerFacts

HUB = """
hostname hub
crypto ikev2 keyring KEYS
 peer BR7
  address 198.51.100.7
  pre-shared-key 0 nine-fathom-pilot
crypto ikev2 profile HUB
 match identity remote fqdn domain example.com
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
 virtual-template 3
crypto ikev2 profile LAB
 match identity remote key-id lab
 authentication local pre-share
 authentication remote pre-share
"""


def test_each_step_with_its_line_and_what_fell_out(read):
    facts = PeerFacts("responder", ip_address("198.51.100.7"), None, "", Identity(IdentityKind.FQDN, "br7.example.com"))
    assert (
        "\n".join(explain(predict(read(HUB), facts)))
        == """\
this router is responder; the peer: identity fqdn br7.example.com, at 198.51.100.7, global VRF
profile               HUB  (hub.cfg:6, by line 7)
                      not LAB: wants the key-id lab  (hub.cfg:13)
policy                default (implicit)
keyring               KEYS  (hub.cfg:2, by line 10)
peer block            BR7  (hub.cfg:3, by line 4)
group authorization   none: HUB has no `aaa authorization group` line
user authorization    none: HUB has no `aaa authorization user` line
interface             none: HUB clones Virtual-Template3, which is not defined"""
    )


def test_no_key_is_told(read):
    assert "fathom" not in "\n".join(explain(predict(read(HUB), PeerFacts())))
