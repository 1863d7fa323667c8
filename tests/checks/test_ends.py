"""Two configurations held against each other: each fault is told once, and strangers are not compared."""

from __future__ import annotations

import pytest

from flexlint.checks.ends.links import links
from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.place import TextFile
from flexlint.rulebook import EndsCase, Rulebook, select

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
