"""Writes a realistic hub log: `python generate_log.py MEGABYTES [--only-ikev2]` to standard output."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

_OTHERS = (
    "%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/0/{n}, changed state to up",
    "%SEC-6-IPACCESSLOGP: list EDGE denied udp 192.0.2.{n}(4500) -> 198.51.100.1(53), 1 packet",
    "%BGP-5-ADJCHANGE: neighbor 10.0.{n}.2 Up",
    "NAT: s=10.0.{n}.9->198.51.100.1, d=192.0.2.{n} [2{n}]",
)


def negotiation(rng: random.Random, number: int) -> Iterator[tuple[str, str]]:
    """The lines of one successful negotiation: (header or "", text)."""
    sa = number % 400 + 1
    ids = f"IKEv2:(SESSION ID = {number},SA ID = {sa}):"
    short = f"IKEv2:(SA ID = {sa}):"
    peer = f"203.0.{number // 250 % 250}.{number % 250 + 1}"
    ispi, rspi = f"{rng.getrandbits(64):016X}", f"{rng.getrandbits(64):016X}"
    for mid, exchange, payloads in ((0, "IKE_SA_INIT", "SA KE N VID"), (1, "IKE_AUTH", "VID IDi AUTH CFG SA TSi TSr")):
        yield "h", f"{ids}Received Packet [From {peer}:500/To 198.51.100.1:500/VRF i0:f0]"
        yield "", f"Initiator SPI : {ispi} - Responder SPI : {rspi} Message id: {mid}"
        yield "", f"IKEv2 {exchange} Exchange REQUEST"
        yield "", "Payload contents:"
        yield "", f" {payloads} NOTIFY(INITIAL_CONTACT)"
        yield "h", f"{ids}Processing {exchange} message"
    yield "h", f"{ids}Searching policy based on peer's identity 'br{number}.example.com' of type 'FQDN'"
    yield "h", "IKEv2:found matching IKEv2 profile 'FLEX'"
    yield "h", "IKEv2:% Getting preshared key from profile keyring KR"
    yield "h", "IKEv2:% Matched peer block 'BRANCHES'"
    yield "h", "IKEv2:Searching Policy with fvrf 0, local address 198.51.100.1"
    yield "h", "IKEv2:Found Policy 'POL'"
    yield "h", f"{ids}Verify peer's policy"
    yield "h", f"{ids}Peer's policy verified"
    yield "h", f"{ids}Get peer's authentication method"
    yield "h", f"{ids}Peer's authentication method is 'PSK'"
    yield "h", f"{ids}Use preshared key for id br{number}.example.com, key len 12"
    yield "h", f"{ids}Verification of peer's authentication data PASSED"
    yield "h", "IKEv2:Using mlist FLEX and username FLEX for group author request"
    yield "h", f"{short}[IKEv2 -> AAA] Authorisation request sent"
    yield "h", f"{short}[AAA -> IKEv2] Received AAA authorisation response"
    yield "h", f"{ids}Config-type: Config-reply"
    yield "h", f"{ids}Attrib type: ipv4-addr, length: 4, data: 10.7.{number // 250 % 250}.{number % 250}"
    yield "h", f"{ids}IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started"
    yield "h", f"{ids}Session with IKE ID PAIR (br{number}.example.com, hub.example.com) is UP"
    yield "h", f"{ids}Deleting SA"


def log(size: int, only_ikev2: bool = False, seed: int = 1) -> Iterator[str]:
    """Lines, with line ends, until `size` bytes are reached; two in five are IKEv2 unless `only_ikev2`."""
    rng = random.Random(seed)
    written = number = tick = 0
    while written < size:
        number += 1
        for header, text in negotiation(rng, number):
            tick += 3
            hours, minutes, seconds = tick // 3_600_000 % 24, tick // 60_000 % 60, tick // 1000 % 60
            clock = f"*Feb 13 {hours:02}:{minutes:02}:{seconds:02}.{tick % 1000:03}: "
            chunk = ""
            if not only_ikev2 and header:
                for _ in range(2):
                    chunk += clock + rng.choice(_OTHERS).format(n=rng.randrange(200)) + "\n"
            chunk += (clock if header else "") + text + "\n"
            written += len(chunk)
            yield chunk


if __name__ == "__main__":
    sys.stdout.writelines(log(int(sys.argv[1]) * 1_000_000, "--only-ikev2" in sys.argv))
