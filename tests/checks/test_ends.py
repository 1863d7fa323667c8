"""Two configurations held against each other: each fault is told once, and strangers are not compared."""

from __future__ import annotations

import pytest

from flexlint.checks.ends.links import links
from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.judging.book import Rulebook
from flexlint.place import TextFile
from flexlint.rulebook import EndsCase, select

END = """hostname {name}
crypto ikev2 proposal CORP
 encryption aes-cbc-256
 integrity sha384
 group {group}
crypto ikev2 policy EDGE
 proposal CORP
crypto ikev2 keyring KEYS
 peer OTHER
  address {peer}
  pre-shared-key {key}
crypto ikev2 profile OTHER
 match identity remote address {peer} 255.255.255.255
 authentication remote pre-share
 authentication local pre-share
 keyring local KEYS
crypto ipsec transform-set GCM esp-gcm 256
crypto ipsec profile EDGE
 set transform-set GCM
 set ikev2-profile OTHER
interface Tunnel1
 ip address {inside} 255.255.255.0
 tunnel source GigabitEthernet1
 tunnel destination {peer}
 tunnel protection ipsec profile EDGE
{outside}"""
OUTSIDE = "interface GigabitEthernet1\n ip address {} 255.255.255.0\n"


def end(name: str, own: str, peer: str, shows_outside: bool = True, **values: str) -> Device:
    values = {"group": "20", "key": "Zx8-jT4wQp", "inside": f"10.20.0.{own[-1]}"} | values
    outside = OUTSIDE.format(own) if shows_outside else ""
    return read_device(
        TextFile(f"{name}.cfg", END.format(name=name, peer=peer, outside=outside, **values).splitlines())
    )


def rules(one: Device, other: Device) -> list[str]:
    book = Rulebook(select())
    book.ends(EndsCase(one, other))
    book.ends(EndsCase(other, one))
    return [finding.rule for finding in book.findings()]


@pytest.mark.parametrize("shows_outside", [True, False])
def test_healthy_ends_have_nothing_to_tell(shows_outside: bool) -> None:
    one = end("left", "198.51.100.1", "203.0.113.2", shows_outside)
    other = end("right", "203.0.113.2", "198.51.100.1", shows_outside)
    assert len(links(EndsCase(one, other))) + len(links(EndsCase(other, one))) == 1
    assert rules(one, other) == []


@pytest.mark.parametrize(
    ("values", "rule"),
    [({"group": "19"}, "SEL203"), ({"key": "Zx8-jT4wQq"}, "AUT203"), ({"inside": "10.20.0.1"}, "TUN203")],
)
def test_each_fault_is_told_once_whichever_file_comes_first(values: dict[str, str], rule: str) -> None:
    one = end("left", "198.51.100.1", "203.0.113.2")
    other = end("right", "203.0.113.2", "198.51.100.1", **values)
    assert rules(one, other) == rules(other, one) == [rule]


def test_strangers_are_not_compared() -> None:
    one = end("left", "198.51.100.1", "203.0.113.2")
    other = end("right", "192.0.2.3", "198.51.100.77", group="19", inside="10.30.0.3")
    assert rules(one, other) == []


def test_no_key_is_shown() -> None:
    book = Rulebook(select(["AUT203"]))
    one = end("left", "198.51.100.1", "203.0.113.2", key="Left-jT4wQp")
    book.ends(EndsCase(one, end("right", "203.0.113.2", "198.51.100.1", key="Right-jT4wQp")))
    (finding,) = book.findings()
    assert "jT4wQp" not in finding.message + "".join(finding.notes) + "".join(finding.key)


HUB = """hostname hub1
version 17.9
crypto ikev2 keyring KEYS
 peer BRANCH1
  identity fqdn branch1.example.net
  pre-shared-key Zx8-jT4wQp
crypto ikev2 profile BRANCHES
 match identity remote fqdn domain example.net
 identity local fqdn hub1.example.net
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
 virtual-template 1
crypto ipsec profile EDGE
 set ikev2-profile BRANCHES
interface GigabitEthernet1
 ip address 198.51.100.1 255.255.255.0
interface Virtual-Template1 type tunnel
 ip unnumbered Loopback0
 tunnel protection ipsec profile EDGE
"""
BRANCH = """hostname branch1
version 17.9
crypto ikev2 keyring KEYS
 peer HUB
  address 198.51.100.1
  pre-shared-key Zx8-jT4wQp
crypto ikev2 profile HUB
 match identity remote fqdn hub1.example.net
 identity local fqdn branch1.example.net
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
crypto ikev2 client flexvpn HUBS
 peer 1 198.51.100.1
 source 1 GigabitEthernet1
 client connect Tunnel1
crypto ipsec profile EDGE
 set ikev2-profile HUB
interface GigabitEthernet1
 ip address dhcp
interface Tunnel1
 ip unnumbered Loopback0
 tunnel source dynamic
 tunnel destination dynamic
 tunnel protection ipsec profile EDGE
"""
NAMELESS = BRANCH.replace(" identity local fqdn branch1.example.net\n", "")
FIXED = (" ip address dhcp", " ip address 203.0.113.2 255.255.255.0")


def read(text: str, name: str) -> Device:
    return read_device(TextFile(name, text.splitlines()))


def told(hub: str, branch: str) -> list[tuple[str, str]]:
    book = Rulebook(select())
    one, other = read(hub, "hub.cfg"), read(branch, "branch.cfg")
    book.ends(EndsCase(one, other))
    book.ends(EndsCase(other, one))
    return [(finding.rule, finding.message) for finding in book.findings()]


def test_a_healthy_branch_with_a_learnt_address_has_nothing_to_tell() -> None:
    assert told(HUB, BRANCH) == []
    assert told(HUB, BRANCH.replace(*FIXED)) == []


def test_an_address_that_is_learnt_is_still_an_address() -> None:
    ((rule, message),) = told(HUB, NAMELESS)
    assert rule == "SEL201"
    assert "presents its address" in message
    wide = HUB.replace(" match identity", " match identity remote address 203.0.113.0 255.255.255.0\n match identity")
    assert told(wide, NAMELESS) == []


def test_the_source_of_a_client_is_that_of_its_tunnel() -> None:
    ((rule, message),) = told(HUB, NAMELESS.replace(*FIXED))
    assert rule == "SEL201"
    assert "presents address 203.0.113.2" in message


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        ("encryption", "aes-cbc-256 sha384 sha384 20", "aes-cbc-128 sha384 sha384 20"),
        ("integrity", "aes-cbc-256 sha384 sha384 20", "aes-cbc-256 sha512 sha384 20"),
        ("prf", "aes-cbc-256 sha384 sha384 20", "aes-cbc-256 sha384 sha256 20"),
        ("group", "aes-cbc-256 sha384 sha384 20", "aes-cbc-256 sha384 sha384 21"),
    ],
)
def test_each_type_of_transform_is_told_with_both_lists(kind: str, ours: str, theirs: str) -> None:
    def proposal(words: str) -> str:
        cipher, integrity, prf, group = words.split()
        lines = f" encryption {cipher}\n integrity {integrity}\n prf {prf}\n group {group}\n"
        return f"crypto ikev2 proposal CORP\n{lines}crypto ikev2 policy EDGE\n proposal CORP\n"

    ((rule, message),) = told(HUB + proposal(ours), BRANCH + proposal(theirs))
    assert rule == "SEL203"
    values = dict(
        zip(("encryption", "integrity", "prf", "group"), zip(ours.split(), theirs.split(), strict=True), strict=True)
    )
    assert f"has {kind} {values[kind][1]}, the other end's 'CORP' {values[kind][0]}" in message
    assert told(HUB + proposal(ours), BRANCH + proposal(ours)) == []


def test_swapped_asymmetric_keys_are_told_and_not_shown() -> None:
    pair = "pre-shared-key local Hub-jT4wQp\n  pre-shared-key remote Branch-jT4wQp"
    mirrored = "pre-shared-key local Branch-jT4wQp\n  pre-shared-key remote Hub-jT4wQp"
    hub = HUB.replace("pre-shared-key Zx8-jT4wQp", pair)
    assert told(hub, BRANCH.replace("pre-shared-key Zx8-jT4wQp", mirrored)) == []
    ((rule, message),) = told(hub, BRANCH.replace("pre-shared-key Zx8-jT4wQp", pair))
    assert rule == "AUT203"
    assert "the local key here must be the remote key there" in message
    assert "jT4wQp" not in message
