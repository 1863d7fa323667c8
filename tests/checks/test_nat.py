"""What is said of an address as identity where the log tells which end is behind NAT."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

CONFIG = """\
hostname hub9
crypto ikev2 keyring RING
 peer SPOKES
  address 203.0.113.0 255.255.255.0
  pre-shared-key Zx8-branch-1-jT4wQp
crypto ikev2 profile EDGE
 match identity remote address 203.0.113.0 255.255.255.0
 authentication remote pre-share
 authentication local pre-share
 keyring local RING
 virtual-template 3
interface Loopback0
 ip address 198.51.100.9 255.255.255.255
interface Virtual-Template3 type tunnel
 ip unnumbered Loopback0
 tunnel mode ipsec ipv4
 tunnel protection ipsec profile IPS
crypto ipsec profile IPS
 set ikev2-profile EDGE
"""
LOG = """\
IKEv2:(SESSION ID = 8,SA ID = 1):Received Packet [From 203.0.113.80:500/To 198.51.100.9:500/VRF i0:f0]
Initiator SPI : 00AA00BB00CC00EE - Responder SPI : 0000000000000000 Message id: 0
IKEv2 IKE_SA_INIT Exchange REQUEST
Payload contents:
 SA KE N NOTIFY(NAT_DETECTION_SOURCE_IP) NOTIFY(NAT_DETECTION_DESTINATION_IP)
IKEv2:(SESSION ID = 8,SA ID = 1):Checking NAT discovery
IKEv2:(SESSION ID = 8,SA ID = 1):NAT {side} found
IKEv2:(SESSION ID = 8,SA ID = 1):Searching policy based on peer's identity '192.0.2.80' of type 'IPv4 address'
IKEv2:% IKEv2 profile not found
IKEv2:(SESSION ID = 8,SA ID = 1):: Failed to locate an item in the database
IKEv2:(SESSION ID = 8,SA ID = 1):Auth exchange failed
IKEv2:(SESSION ID = 8,SA ID = 1):Deleting SA
"""


@pytest.mark.parametrize(("side", "told"), [("OUTSIDE", True), ("INSIDE", False)])
def test_a_peer_is_behind_nat_only_where_the_log_says_so(
    flexlint: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, side: str, told: bool
) -> None:
    (tmp_path / "hub9.cfg").write_text(CONFIG)
    (tmp_path / "hub9.log").write_text(LOG.format(side=side))
    found = flexlint("check", str(tmp_path), "--output-format", "full").stdout
    assert "error[SEL001]" in found
    assert ("the peer is behind NAT" in found) is told
