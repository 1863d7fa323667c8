"""Faults in forms that the examples of the cards do not show, each beside the same configuration without it."""

from __future__ import annotations

import pytest

from flexlint.config.parse import read_device
from flexlint.judging.book import Rulebook
from flexlint.place import TextFile
from flexlint.rulebook import DeviceCase, Settings, select

PROFILE = """crypto ikev2 profile HUB
 match identity remote fqdn domain example.net
 authentication local pre-share key Zx8-jT4wQp-hub
 authentication remote pre-share key Zx8-jT4wQp-spoke
"""
WEAK = """crypto ikev2 proposal OLD
 encryption 3des
 integrity sha256
 group 19
crypto ikev2 policy EDGE
 proposal OLD
"""
FORMS = {
    "a client that connects a tunnel without protection": (
        "CMP060",
        (
            "crypto ikev2 client flexvpn C\n peer 1 198.51.100.7\n client connect Tunnel1\n"
            "interface Tunnel1\n ip address negotiated\n"
        ),
        (
            "crypto ikev2 client flexvpn C\n peer 1 198.51.100.7\n client connect Tunnel1\n"
            "interface Tunnel1\n ip address negotiated\n tunnel protection ipsec profile P\n"
        ),
        "error",
    ),
    "a server without an address": (
        "AZN151",
        (
            PROFILE + " aaa authorization group psk list F P\naaa authorization network F group G\n"
            "aaa group server radius G\n server name S\nradius server S\n key 7 0822455D0A16\n"
        ),
        (
            PROFILE + " aaa authorization group psk list F P\naaa authorization network F group G\n"
            "aaa group server radius G\n server name S\nradius server S\n address ipv4 192.0.2.5\n"
        ),
        "warning",
    ),
    "a source in the global VRF for a tunnel of another": (
        "TUN134",
        (
            "interface GigabitEthernet1\n ip address dhcp\ninterface Tunnel1\n tunnel source GigabitEthernet1\n"
            " tunnel vrf INET\n"
        ),
        (
            "interface GigabitEthernet1\n vrf forwarding INET\n ip address dhcp\ninterface Tunnel1\n"
            " tunnel source GigabitEthernet1\n tunnel vrf INET\n"
        ),
        "warning",
    ),
    "the built-in policy without its proposal": (
        "REF003",
        "no crypto ikev2 proposal default\n" + PROFILE,
        "no crypto ikev2 proposal default\ncrypto ikev2 policy EDGE\n proposal CBC\n" + PROFILE,
        "error",
    ),
    "an address of another VRF": (
        "AUT194",
        "interface Loopback0\n ip address 10.20.0.1 255.255.255.255\n"
        + PROFILE
        + " match fvrf INET\n match address local 10.20.0.1\n",
        "interface Loopback0\n vrf forwarding INET\n ip address 10.20.0.1 255.255.255.255\n"
        + PROFILE
        + " match fvrf INET\n match address local 10.20.0.1\n",
        "warning",
    ),
    "a shared tunnel that starts from an address": (
        "TUN128",
        "interface Tunnel1\n tunnel source 198.51.100.1\n tunnel protection ipsec profile HUB shared\n",
        "interface Tunnel1\n tunnel source GigabitEthernet1\n tunnel protection ipsec profile HUB shared\n",
        "warning",
    ),
    "a route from an interface that is not there": (
        "REF020",
        "crypto ikev2 authorization policy P\n route set interface Loopback7\n",
        "crypto ikev2 authorization policy P\n route set interface Loopback7\ninterface Loopback7\n",
        "warning",
    ),
    "a default route into the tunnel of an outside VRF": (
        "TUN133",
        (
            "interface Tunnel1\n tunnel vrf INET\n tunnel destination 198.51.100.10\n"
            "ip route vrf INET 0.0.0.0 0.0.0.0 Tunnel1\n"
        ),
        (
            "interface Tunnel1\n tunnel vrf INET\n tunnel destination 198.51.100.10\n"
            "ip route 0.0.0.0 0.0.0.0 Tunnel1\nip route vrf INET 0.0.0.0 0.0.0.0 203.0.113.1\n"
        ),
        "warning",
    ),
    "a floating route into the tunnel": (
        "TUN133",
        (
            "interface Tunnel1\n tunnel destination 198.51.100.10\nip route 198.51.100.0 255.255.255.0 Tunnel1\n"
            "ip route 198.51.100.0 255.255.255.0 203.0.113.1 200\n"
        ),
        (
            "interface Tunnel1\n tunnel destination 198.51.100.10\nip route 198.51.100.0 255.255.255.0 Tunnel1 200\n"
            "ip route 198.51.100.0 255.255.255.0 203.0.113.1\n"
        ),
        "warning",
    ),
}


def told(text: str, rule: str, version: str = "17.9", release: str | None = None) -> list[str]:
    book = Rulebook(select([rule]), Settings(release))
    lines = ["hostname hub1", f"version {version}", *text.splitlines()]
    book.device(DeviceCase(read_device(TextFile("hub.cfg", lines)), book.settings))
    return [str(finding.severity) for finding in book.findings()]


@pytest.mark.parametrize("name", FORMS)
def test_it_is_found_and_its_healthy_twin_is_not(name: str) -> None:
    rule, faulty, healthy, severity = FORMS[name]
    assert told(faulty, rule) == [severity]
    assert told(healthy, rule) == []


@pytest.mark.parametrize(
    ("version", "release", "refused", "weak"),
    [
        ("15.7", None, [], ["note"]),
        ("17.10", None, [], ["note"]),
        ("17.11", None, ["warning"], []),
        ("17.15", None, ["error"], []),
        ("15.7", "17.15", ["error"], []),
        ("17.15", "17.3", [], ["note"]),
    ],
)
def test_the_release_decides_whether_a_weak_algorithm_is_refused(
    version: str, release: str | None, refused: list[str], weak: list[str]
) -> None:
    assert told(WEAK, "CRY001", version, release) == refused
    assert told(WEAK, "CRY002", version, release) == weak


@pytest.mark.parametrize("version", ["15.7", "17.9"])
def test_the_built_in_proposal_is_weak_where_no_policy_takes_its_place(version: str) -> None:
    text = PROFILE + " virtual-template 1\n"
    assert told(text, "CRY173", version) == ["note"]
    assert told(text + WEAK, "CRY173", version) == []
