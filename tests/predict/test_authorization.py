"""Authorization lines, the names they ask for, and the routes they push."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from flexlint.config.model import IdentityKind, Method
from flexlint.predict.authorization import (
    aaa_list_of,
    authorization_name,
    authorization_policy_of,
    pool_of,
    routes_sent,
    select_authorization,
)
from flexlint.predict.model import Identity, Sureness

HUB = """
aaa authorization network LOCAL-LIST local
aaa authorization network SERVERS group RADIUS-A local
crypto ikev2 authorization policy BRANCHES
 pool BRANCH-POOL
 route set interface
 route set access-list INSIDE
 route set remote ipv4 10.9.0.0 255.255.0.0
crypto ikev2 name-mangler PARTS
 fqdn domain
 email username
 dn organization-unit
crypto ikev2 profile HUB
 aaa authorization group psk list LOCAL-LIST BRANCHES
 aaa authorization group cert list SERVERS name-mangler PARTS
interface Loopback0
 ip address 10.0.0.1 255.255.255.255
interface Virtual-Template1 type tunnel
 ip unnumbered Loopback0
ip local pool BRANCH-POOL 10.0.8.1 10.0.8.99
ip access-list standard INSIDE
 permit 10.1.0.0 0.0.255.255
 permit 10.2.0.0 0.0.255.255
"""


@pytest.mark.parametrize(
    ("method", "listed"), [(Method.PSK, "LOCAL-LIST"), (Method.RSA, "SERVERS"), (Method.EAP, None)]
)
def test_the_method_of_the_peer_decides_which_line_counts(read, method, listed):
    choice = select_authorization(read(HUB).profiles["HUB"], method, "group")
    assert (choice.chosen.list if choice.chosen else None) == listed
    assert len(choice.rejected) == (1 if listed else 2)


def test_without_the_method_any_line_may_count(read):
    assert select_authorization(read(HUB).profiles["HUB"], None, "group").sureness is Sureness.PARTIAL


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("fqdn", "br7.example.com", "example.com"),
        ("email", "ops@example.com", "ops"),
        ("dn", "cn=br7,ou=branches,o=example", "branches"),
        ("fqdn", "br7", None),
        ("address", "198.51.100.7", None),
        ("key-id", "br7", None),
    ],
)
def test_a_name_mangler_takes_its_part_of_the_identity(read, kind, value, expected):
    device = read(HUB)
    line = select_authorization(device.profiles["HUB"], Method.RSA, "group").chosen
    assert authorization_name(device, line, Identity(IdentityKind(kind), value))[0] == expected


def test_the_local_list_leads_to_policy_and_pool(read):
    device = read(HUB)
    line = select_authorization(device.profiles["HUB"], Method.PSK, "group").chosen
    found = authorization_policy_of(device, aaa_list_of(device, line).chosen, authorization_name(device, line, None)[0])
    assert (found.chosen.name, found.sureness) == ("BRANCHES", Sureness.SURE)
    assert pool_of(device, found.chosen).chosen.name == "BRANCH-POOL"
    servers = device.aaa_lists["authorization network", "SERVERS"]
    assert authorization_policy_of(device, servers, "BRANCHES").sureness is Sureness.PARTIAL
    local = device.aaa_lists["authorization network", "LOCAL-LIST"]
    assert authorization_policy_of(device, local, "default").chosen.implicit


def test_routes_of_interface_access_list_and_prefix(read):
    device = read(HUB)
    sent = routes_sent(device, device.authorization_policies["BRANCHES"], device.interfaces["Virtual-Template1"])
    assert sent == [IPv4Network(n) for n in ("10.0.0.1/32", "10.1.0.0/16", "10.2.0.0/16", "10.9.0.0/16")]


@pytest.mark.parametrize(("denied", "known"), [("any", True), ("10.1.3.0 0.0.0.255", False)])
def test_a_deny_entry_leaves_the_routes_open(read, denied, known):
    device = read(HUB + f" deny {denied}\n")
    sent = routes_sent(device, device.authorization_policies["BRANCHES"], device.interfaces["Virtual-Template1"])
    assert (sent is not None) is known


def test_an_undefined_access_list_leaves_the_routes_open(read):
    device = read("crypto ikev2 authorization policy P\n route set access-list GONE\n")
    assert routes_sent(device, device.authorization_policies["P"], None) is None
