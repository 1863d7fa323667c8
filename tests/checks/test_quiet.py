"""What healthy routers have and a careless rule would report."""

from __future__ import annotations

import pytest

from flexlint.config.parse import read_device
from flexlint.judging.book import Rulebook
from flexlint.place import TextFile
from flexlint.rulebook import DeviceCase, select

QUIET = {
    "an interface without indentation has a crypto map": (
        "CMP062",
        """hostname r1
version 15.4
crypto map OUT 10 ipsec-isakmp
set peer 203.0.113.9
set ikev2-profile P
match address VPN
interface GigabitEthernet0/0
ip address 198.51.100.4 255.255.255.0
crypto map OUT
""",
    ),
    "a remark is typed into a terminal": (
        "SYN205",
        """r1(config)#crypto ikev2 keyring K
r1(config-ikev2-keyring)#peer A
r1(config-ikev2-keyring-peer)#address 203.0.113.9
r1(config-ikev2-keyring-peer)#! the key comes next
r1(config-ikev2-keyring-peer)#pre-shared-key Zx8-jT4wQp-hub
""",
    ),
    "a header that is indented by mistake takes the lines behind it along": (
        "SYN209",
        """hostname r1
version 17.9
crypto ipsec profile ONE
 set transform-set GCM
 set ikev2-profile ONE
 crypto ipsec profile TWO
 set transform-set CBC
 set ikev2-profile TWO
""",
    ),
    "IPv6 on a physical interface of a VRF for IPv4 stays in the global table": (
        "TUN132",
        """hostname pe1
version 15.2
ip vrf CUSTOMER
 rd 64500:1
interface GigabitEthernet0/1
 ip vrf forwarding CUSTOMER
 ip address 198.51.100.2 255.255.255.252
 ipv6 address 2001:DB8:1::2/64
""",
    ),
    "a template of another profile leaves its own one without an IPsec profile": (
        "REF038",
        """hostname r1
version 17.9
crypto ikev2 profile BRANCHES
 match identity remote fqdn domain example.net
 virtual-template 1
crypto ikev2 profile FORMER
 match identity remote fqdn domain example.org
crypto ipsec profile PROTECT
 set ikev2-profile FORMER
interface Virtual-Template1 type tunnel
 tunnel protection ipsec profile PROTECT
""",
    ),
    "a snippet shows a tunnel without the interface it starts from": (
        "REF020",
        """interface Tunnel0
 ip address 10.20.0.1 255.255.255.0
 tunnel source GigabitEthernet1
 tunnel destination 203.0.113.7
 tunnel protection ipsec profile CORP
""",
    ),
}


@pytest.mark.parametrize("name", QUIET)
def test_no_alarm_that(name: str) -> None:
    rule, text = QUIET[name]
    book = Rulebook(select([rule]))
    book.device(DeviceCase(read_device(TextFile("r1.cfg", text.splitlines()))))
    assert [finding.message for finding in book.findings()] == []
