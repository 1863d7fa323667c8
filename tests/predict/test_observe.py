"""What a negotiation shows of its peer."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from flexlint.config.model import IdentityKind, Method
from flexlint.judging.observe import facts_of, follow
from flexlint.log.model import Negotiation, Side
from flexlint.place import Seen, TextFile

LOG = TextFile("hub.log", [])
HUB = """
hostname hub
vrf definition WAN
interface GigabitEthernet1
 vrf forwarding WAN
 ip address 192.0.2.1 255.255.255.0
crypto ikev2 keyring KEYS
 peer BR7
  address 198.51.100.7
  pre-shared-key 0 nine-fathom-pilot
crypto ikev2 profile HUB
 match fvrf WAN
 match identity remote fqdn domain example.com
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
crypto ikev2 profile OTHER
 match fvrf WAN
 match identity remote key-id other
 authentication local pre-share
 authentication remote pre-share
"""


def seen(**values: str) -> Negotiation:
    negotiation = Negotiation(1, LOG, role=Side.RESPONDER)
    for name, value in values.items():
        setattr(negotiation, name, Seen.at(value, 1, value, LOG))
    return negotiation


@pytest.mark.parametrize(
    ("printed", "value", "kind"),
    [
        ("FQDN", "br7.example.com", IdentityKind.FQDN),
        ("IPv4 address", "198.51.100.7", IdentityKind.ADDRESS),
        ("IPv6 address", "2001:db8::7", IdentityKind.ADDRESS),
        ("DER ASN1 DN", "cn=br7", IdentityKind.DN),
        ("key ID", "br7", IdentityKind.KEY_ID),
        ("RFC822", "ops@example.com", IdentityKind.EMAIL),
    ],
)
def test_identity_types_as_printed(read, printed, value, kind):
    facts = facts_of(seen(identity=value, identity_type=printed), read(HUB))
    assert (facts.identity.kind, facts.identity.value) == (kind, value)


def test_an_unknown_type_is_no_identity(read):
    assert facts_of(seen(identity="x", identity_type="something new"), read(HUB)).identity is None


def test_the_vrf_is_named_by_the_interface(read):
    device = read(HUB)
    assert facts_of(seen(fvrf_id="0"), device).fvrf == ""
    assert facts_of(seen(fvrf_id="2", local="192.0.2.1"), device).fvrf == "WAN"
    assert facts_of(seen(fvrf_id="2", local="192.0.2.9"), device).fvrf is None
    assert facts_of(seen(), device).fvrf is None


def test_addresses_and_method(read):
    facts = facts_of(seen(peer="198.51.100.7", local="not an address", peer_method="PSK"), read(HUB))
    assert (facts.peer, facts.local, facts.method) == (ip_address("198.51.100.7"), None, Method.PSK)


def test_the_profile_the_log_names_is_followed(read):
    device = read(HUB)
    negotiation = seen(
        identity="other",
        identity_type="key ID",
        peer="198.51.100.7",
        local="192.0.2.1",
        profile="HUB",
        policy="default",
    )
    followed = follow(device, facts_of(negotiation, device), negotiation)
    assert (followed.profile.chosen.name, followed.policy.chosen.name) == ("HUB", "default")
    assert followed.peer_block.chosen.name == "BR7"


def test_an_undefined_name_is_not_followed(read):
    device = read(HUB)
    negotiation = seen(identity="other", identity_type="key ID", local="192.0.2.1", profile="GONE")
    assert follow(device, facts_of(negotiation, device), negotiation).profile.chosen.name == "OTHER"
