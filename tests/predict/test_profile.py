"""Which profile a peer gets, and what is said of the others."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from flexlint.config.model import IdentityKind, Method
from flexlint.predict.model import Identity, PeerFacts, Sureness
from flexlint.predict.profile import select_profile

AUTH = " authentication local pre-share\n authentication remote pre-share\n"
HUB = f"""
hostname hub
interface GigabitEthernet1
 ip address 192.0.2.1 255.255.255.0
crypto ikev2 profile BRANCH
 match identity remote fqdn domain example.com
{AUTH}crypto ikev2 profile OFFICE
 match identity remote address 198.51.100.0 255.255.255.0
{AUTH}crypto ikev2 profile LAB
 match fvrf WAN
 match identity remote key-id lab-7
{AUTH}crypto ikev2 profile SIDE
 match address local interface GigabitEthernet1
 match identity remote email ops@example.com
{AUTH}crypto ikev2 profile HALF
 match identity remote fqdn half.example.net
 authentication local pre-share
crypto ikev2 profile CLOSED
 match identity remote fqdn closed.example.net
{AUTH} shutdown
"""


def facts(kind: str, value: str, **more) -> PeerFacts:
    more.setdefault("fvrf", "")
    more.setdefault("local", ip_address("192.0.2.1"))
    return PeerFacts(identity=Identity(IdentityKind(kind), value), **more)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("fqdn", "br7.example.com", "BRANCH"),
        ("fqdn", "example.com", "BRANCH"),
        ("fqdn", "br7.badexample.com", None),
        ("fqdn", "half.example.net", None),
        ("fqdn", "closed.example.net", None),
        ("address", "198.51.100.77", "OFFICE"),
        ("address", "198.51.101.77", None),
        ("address", "no address", None),
        ("email", "ops@example.com", "SIDE"),
        ("email", "dev@example.com", None),
        ("key-id", "198.51.100.77", None),
        ("key-id", "lab-7", None),
    ],
)
def test_the_type_and_value_of_the_identity_decide(read, kind, value, expected):
    choice = select_profile(read(HUB), facts(kind, value))
    assert (choice.chosen.name if choice.chosen else None) == expected


def test_the_vrf_and_the_local_address_decide_too(read):
    device = read(HUB)
    lab = select_profile(device, facts("key-id", "lab-7", fvrf="WAN"))
    assert lab.chosen.name == "LAB"
    reasons = {r.candidate.name: r.reason for r in lab.rejected}
    assert reasons["BRANCH"].startswith("has no `match fvrf`")
    elsewhere = select_profile(device, facts("email", "ops@example.com", local=ip_address("192.0.2.9")))
    reasons = {r.candidate.name: r.reason for r in elsewhere.rejected}
    assert reasons["SIDE"] == "wants local address GigabitEthernet1, not 192.0.2.9"
    assert reasons["LAB"] == "wants VRF WAN, and the packet came in the global VRF"


def test_each_rejection_says_why_at_its_line(read):
    choice = select_profile(read(HUB), facts("fqdn", "br7.example.net"))
    told = {r.candidate.name: (r.reason, r.at.place().line) for r in choice.rejected}
    assert choice.chosen is None
    assert told["BRANCH"] == ("wants an FQDN in domain example.com", 5)
    assert told["OFFICE"] == ("wants an IPv4 address in 198.51.100.0/24", 9)
    assert told["HALF"] == ("is incomplete: it lacks `authentication remote`", 22)
    assert told["CLOSED"] == ("is shut down", 29)


def test_what_came_nearest_is_first(read):
    choice = select_profile(read(HUB), facts("address", "198.51.101.1"))
    assert choice.rejected[0].candidate.name == "OFFICE"


def test_the_line_that_matched_is_named(read):
    choice = select_profile(read(HUB), facts("fqdn", "br7.example.com"))
    assert (choice.because.place().line, choice.sureness) == (5, Sureness.SURE)


def test_overlapping_profiles_are_contested_and_the_narrowest_leads(read):
    device = read(
        f"""
crypto ikev2 profile WIDE
 match identity remote address 0.0.0.0
{AUTH}crypto ikev2 profile NARROW
 match identity remote address 198.51.100.7 255.255.255.255
{AUTH}"""
    )
    choice = select_profile(device, facts("address", "198.51.100.7"))
    assert [p.name for p in choice.candidates] == ["NARROW", "WIDE"]
    assert (choice.sureness, choice.contested) == (Sureness.CONTESTED, "profile-overlap")
    assert [p.name for p in select_profile(device, facts("address", "203.0.113.5")).candidates] == ["WIDE"]


@pytest.mark.parametrize(("name", "contested"), [("a.b.example.com", "domain-depth"), ("a.EXAMPLE.com", "name-case")])
def test_what_the_sources_leave_open_is_marked(read, name, contested):
    assert select_profile(read(HUB), facts("fqdn", name)).contested == contested


def test_an_unknown_certificate_leaves_a_map_open(read):
    device = read(
        """
crypto pki certificate map BRANCHES 10
 subject-name co ou = branch
crypto ikev2 profile CERT
 match certificate BRANCHES
 authentication local rsa-sig
 authentication remote rsa-sig
"""
    )
    dn = facts("dn", "cn=br7,ou=branch")
    assert select_profile(device, dn).sureness is Sureness.PARTIAL
    dn.certificate = {"subject-name": "cn=br7,ou = Branch"}
    assert select_profile(device, dn).sureness is Sureness.SURE
    dn.certificate = {"subject-name": "cn=br7,ou = lab"}
    assert select_profile(device, dn).chosen is None
    by_key = facts("dn", "cn=br7,ou=branch", method=Method.PSK)
    assert select_profile(device, by_key).rejected[0].reason == "wants a certificate that map BRANCHES accepts"


SPOKE = f"""
hostname spoke
crypto ikev2 profile UPLINK
 match identity remote fqdn hub.example.com
{AUTH}crypto ipsec profile PROTECT
 set ikev2-profile UPLINK
interface Tunnel0
 ip address negotiated
 tunnel source GigabitEthernet1
 tunnel destination 192.0.2.1
 tunnel protection ipsec profile PROTECT
"""


def test_an_initiators_tunnel_names_the_profile(read):
    device = read(SPOKE)
    start = PeerFacts("initiator", ip_address("192.0.2.1"))
    assert select_profile(device, start).chosen.name == "UPLINK"
    start.identity = Identity(IdentityKind.FQDN, "hub.example.com")
    assert select_profile(device, start).sureness is Sureness.SURE
    start.identity = Identity(IdentityKind.ADDRESS, "192.0.2.1")
    refused = select_profile(device, start)
    assert refused.chosen is None
    assert refused.rejected[0].reason == "wants the FQDN hub.example.com"
    start.peer = ip_address("203.0.113.99")
    assert select_profile(device, start).missing == "nothing leads to peer 203.0.113.99"


def test_a_line_that_was_not_understood_may_complete_a_profile(read):
    device = read(
        """
crypto ikev2 profile NEW
 match identity remote fqdn domain example.com
 authentication local pre-share
 authentication remote by-some-later-release
"""
    )
    choice = select_profile(device, facts("fqdn", "br7.example.com"))
    assert (choice.chosen.name, choice.sureness) == ("NEW", Sureness.PARTIAL)
