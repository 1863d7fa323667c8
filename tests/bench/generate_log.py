"""Writes the log of a busy hub: `python generate_log.py MEGABYTES [--only-ikev2] [--style STYLE]` to standard output.

Two thousand spokes come, fail, go and come back; several negotiate at the same time, so that their lines stand between
each other's. Texts and their order are those of `examples/healthy-hub`; everything a router makes anew (SPIs, ids,
addresses of the pool, interfaces) is made anew.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush

SPOKES = 2000
HUB = "198.51.100.10"

# Header styles: from milliseconds since the start, and the number of the line, to what stands before the message.
_Header = Callable[[int, int], str]


def _day(ms: int) -> str:
    return f"{ms // 3_600_000 % 24:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


STYLES: dict[str, _Header] = {
    "plain": lambda ms, n: f"*Mar  3 {_day(ms)}: ",
    "zone": lambda ms, n: f"Mar 13 {_day(ms)} CET: ",
    "year": lambda ms, n: f"Mar 13 2026 {_day(ms)} CET: ",
    "sequence": lambda ms, n: f"{n:06}: *Mar  3 {_day(ms)}: ",
    "seconds": lambda ms, n: f"*Mar  3 {_day(ms)[:8]}: ",
    "relay": lambda ms, n: f"Mar 13 {_day(ms)[:8]} flexhub1.example.net {n}: Mar 13 {_day(ms)}: ",
    "priority": lambda ms, n: f"<191>{n}: flexhub1: Mar 13 {_day(ms)} CET: ",
    "rfc5424": lambda ms, n: f"<191>1 2026-03-13T{_day(ms)}Z flexhub1 - - - - {n}: Mar 13 {_day(ms)}: ",
    "uptime": lambda ms, n: f"{_day(ms)[:8]}: ",
    "none": lambda ms, n: "",
}

# A line that begins with `=` carries both ids, `~` the SA ID alone, `-` none; `.` continues the line before it;
# `%` is a system message. A number before it is how many milliseconds later it comes.
_HEARD = """
-Received Packet [From {peer}:{port}/To {hub}:500/VRF i0:f0]{blank}
.Initiator SPI : {ispi} - Responder SPI : {rspi} Message id: {mid}
.IKEv2 {exchange} Exchange {direction}{blank}
.Payload contents:{blank}
. {payloads}{blank}
.
"""
_SENT = _HEARD.replace("Received Packet [From", "Sending Packet [To").replace("/To ", "/From ")

_INIT = """
=Verify SA init message
=Insert SA
-Searching Policy with fvrf 0, local address {hub}
-Found Policy 'FLEX-POL'
=Processing IKE_SA_INIT message
=Checking NAT discovery
=NAT not found
=[IKEv2 -> Crypto Engine] Computing DH public key, DH Group 20
9~[Crypto Engine -> IKEv2] DH key Computation PASSED
=Request queued for computation of DH key
=Generating IKE_SA_INIT message
=IKE Proposal: 1, SPI size: 0 (initial negotiation),{blank}
.Num. transforms: 3
.   AES-GCM   SHA384   DH_GROUP_384_ECP/Group 20{blank}
<IKE_SA_INIT RESPONSE|{offer}
=Completed SA init exchange
=Starting timer (30 sec) to wait for auth message
"""
_ASKED = """
38>IKE_AUTH REQUEST|VID IDi AUTH CFG SA TSi TSr NOTIFY(INITIAL_CONTACT) NOTIFY(SET_WINDOW_SIZE) \
NOTIFY(ESP_TFC_NO_SUPPORT) NOTIFY(NON_FIRST_FRAGS)
=Stopping timer to wait for auth message
=Checking NAT discovery
=Searching policy based on peer's identity '{name}' of type 'FQDN'
"""
_KEY = """
-found matching IKEv2 profile 'FLEX-BRANCH'
-% Getting preshared key from profile keyring FLEX-KEYS
-% Matched peer block '{block}'
-Searching Policy with fvrf 0, local address {hub}
-Found Policy 'FLEX-POL'
=Verify peer's policy
=Peer's policy verified
=Get peer's authentication method
=Peer's authentication method is 'PSK'
=Get peer's preshared key for {name}
=Verify peer's authentication data
=Use preshared key for id {name}, key len 16
-[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data
-[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED
"""
_GRANTED = """
=Verification of peer's authentication data PASSED
=Processing INITIAL_CONTACT
-Using mlist FLEX-AUTHZ and username BRANCH-POLICY for group author request
~[IKEv2 -> AAA] Authorisation request sent
14~[AAA -> IKEv2] Received AAA authorisation response
=Received valid config mode data
-Config data recieved:
=Config-type: Config-request{blank}
=Attrib type: ipv4-addr, length: 0{blank}
=Attrib type: ipv4-subnet, length: 0{blank}
=Set received config mode data
5%LINEPROTO-5-UPDOWN: Line protocol on Interface {interface}, changed state to down
=Processing IKE_AUTH message
-IPSec policy validate request sent for profile FLEX-BRANCH with psh index {index}.
.
5~[IPsec -> IKEv2] Callback received for the validate proposal - PASSED.
.
=Get my authentication method
=My authentication method is 'PSK'
=Get peer's preshared key for {name}
=Generate my authentication data
=Use preshared key for id flexhub1.example.net, key len 16
-[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data
-[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED
=Generating IKE_AUTH message
=Constructing IDr payload: 'flexhub1.example.net' of type 'FQDN'
-Config data to send:
=Config-type: Config-reply{blank}
=Attrib type: ipv4-addr, length: 4, data: {address}
=Attrib type: ipv4-subnet, length: 8, data: 10.77.0.1 255.255.255.255
=Attrib type: ipv4-subnet, length: 8, data: 10.20.0.0 255.255.255.0
=Have config mode data to send
=ESP Proposal: 1, SPI size: 4 (IPSec negotiation),{blank}
.Num. transforms: 2
.   AES-GCM   Don't use ESN{blank}
=Building packet for encryption.{blank}
.Payload contents:{blank}
. VID IDr AUTH CFG SA TSi TSr NOTIFY(SET_WINDOW_SIZE) NOTIFY(ESP_TFC_NO_SUPPORT) NOTIFY(NON_FIRST_FRAGS){blank}
.
<IKE_AUTH RESPONSE|ENCR
=IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started
=Session with IKE ID PAIR ({name}, flexhub1.example.net) is UP
-IKEv2 MIB tunnel started, tunnel index {index}
=Load IPSEC key material
~[IKEv2 -> IPsec] Create IPsec SA into IPsec database
~[IPsec -> IKEv2] Creation of IPsec SA into IPsec database PASSED
=Checking for duplicate IKEv2 SA
=No duplicate IKEv2 SA found
=Starting timer (8 sec) to delete negotiation context
9%LINEPROTO-5-UPDOWN: Line protocol on Interface {interface}, changed state to up
200>INFORMATIONAL REQUEST|CFG
-Config data recieved:
=Config-type: Config-set{blank}
=Attrib type: ipv4-subnet, length: 8, data: {address} 255.255.255.255
-VPN Route Added {address} 255.255.255.255 via {interface} in vrf global
=Set received config mode data
-Config data to send:
=Config-type: Config-ack{blank}
=Attrib type: ipv4-subnet, length: 0{blank}
=Have config mode data to send
=Sending info exch config resp
=Building packet for encryption.{blank}
.Payload contents:{blank}
. CFG{blank}
.
<INFORMATIONAL RESPONSE|ENCR
"""
_GONE = """
>INFORMATIONAL REQUEST|DELETE
=Process delete request from peer
=Processing DELETE INFO message for IKEv2 SA [ISPI: 0x{ispi} RSPI: 0x{rspi}]
=Check for existing active SA
=Deleting SA
3%LINEPROTO-5-UPDOWN: Line protocol on Interface {interface}, changed state to down
%LINK-3-UPDOWN: Interface {interface}, changed state to down
"""
_WRONG_KEY = """
=Verification of peer's authentication data FAILED
=Sending authentication failure notify
=Building packet for encryption.{blank}
.Payload contents:{blank}
. NOTIFY(AUTHENTICATION_FAILED){blank}
.
<IKE_AUTH RESPONSE|ENCR
!Auth exchange failed
=Abort exchange
=Deleting SA
"""
_NO_PROFILE = """
-% IKEv2 profile not found
=Verify peer's policy
=Peer's policy verified
=Get peer's authentication method
=Peer's authentication method is 'PSK'
=Get peer's preshared key for {name}
!Failed to locate an item in the database
!Auth exchange failed
=Abort exchange
=Deleting SA
"""
_LOST = """
30000!Failed to receive the AUTH msg before the timer expired
!Auth exchange failed
=Abort exchange
=Deleting SA
"""
_OTHERS = (
    "%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/0/{n}, changed state to up",
    "%SEC-6-IPACCESSLOGP: list EDGE-IN denied udp 192.0.2.{n}(4500) -> 198.51.100.1(53), 1 packet",
    "%SEC-6-IPACCESSLOGP: list EDGE-IN denied tcp 192.0.2.{n}(51{n}) -> 198.51.100.22(443), 17 packets",
    "%OSPF-5-ADJCHG: Process 10, Nbr 10.0.{n}.2 on GigabitEthernet0/0/1 from LOADING to FULL, Loading Done",
    "%BGP-5-ADJCHANGE: neighbor 10.0.{n}.2 Up",
    "%SSH-5-SSH2_USERAUTH: User 'backup' authentication for SSH2 Session from 192.0.2.{n} (tty = 1) Succeeded",
    "NAT*: s=10.0.{n}.9->198.51.100.1, d=192.0.2.{n} [2{n}]",
    "NTP Core (NOTICE): trans state : 5",
    "IP ARP: rcvd rep src 10.0.{n}.2 5254.0012.34{n:02}, dst 10.0.{n}.1 GigabitEthernet0/0/1",
)

_Line = tuple[int, str, str]  # milliseconds after the line before, its mark, its text


def _parsed(script: str) -> list[_Line]:
    lines: list[_Line] = []
    for text in script.strip("\n").replace("\\\n", "").split("\n"):
        digits = len(text) - len(text.lstrip("0123456789"))
        pause, mark, rest = int(text[:digits] or 1), text[digits : digits + 1], text[digits + 1 :]
        if mark in "<>":
            what, _, payloads = rest.partition("|")
            exchange, direction = what.split()
            packet = _HEARD if mark == ">" else _SENT
            packet = packet.replace("{exchange}", exchange).replace("{direction}", direction)
            for one in _parsed(packet.replace("{payloads}", payloads)):
                first = one[1] == "-"
                lines.append((pause if first else 0, "=" if first else one[1], one[2]))
        else:
            lines.append((0 if mark == "." else pause, mark or ".", rest))
    return lines


_OFFER = "SA KE N VID VID VID VID NOTIFY(NAT_DETECTION_SOURCE_IP) NOTIFY(NAT_DETECTION_DESTINATION_IP)"
_FIRST = _parsed(
    _HEARD.replace("{exchange}", "IKE_SA_INIT")
    .replace("{direction}", "REQUEST")
    .replace("{rspi}", "0000000000000000")
    .replace(
        "{payloads}", "SA KE N VID VID VID VID NOTIFY(NAT_DETECTION_SOURCE_IP) NOTIFY(NAT_DETECTION_DESTINATION_IP)"
    )
)
_BEGUN = [*_FIRST, *_parsed(_INIT)]
_STORIES = {
    "up": [*_BEGUN, *_parsed(_ASKED), *_parsed(_KEY), *_parsed(_GRANTED)],
    "gone": _parsed(_GONE),
    "wrong key": [*_BEGUN, *_parsed(_ASKED), *_parsed(_KEY), *_parsed(_WRONG_KEY)],
    "no profile": [*_BEGUN, *_parsed(_ASKED), *_parsed(_NO_PROFILE)],
    "lost": [*_BEGUN, *_parsed(_LOST)],
}


class _Hub:
    """What the router hands out: ids, interfaces, addresses of the pool."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.session = 0
        self.taken: set[int] = set()  # SA IDs
        self.interfaces: set[int] = set()
        self.pool = list(range(SPOKES * 2))
        rng.shuffle(self.pool)

    def lowest(self, taken: set[int]) -> int:
        number = next(n for n in range(1, len(taken) + 2) if n not in taken)
        taken.add(number)
        return number


class _Spoke:
    """One branch: away, negotiating or up; always the same address and name."""

    def __init__(self, number: int, hub: _Hub) -> None:
        self.hub, self.number = hub, number
        self.values: dict[str, object] = {}
        self.up = False

    def begin(self, blank: str) -> str:
        """Makes the values of the next story, and says which it is."""
        hub, rng, n = self.hub, self.hub.rng, self.number
        if self.up:
            return "gone"
        hub.session += 1
        kind = rng.choices(("up", "wrong key", "no profile", "lost"), (92, 4, 2, 2))[0]
        nat = n % 5 == 0
        self.values = {
            "peer": f"203.0.{n // 250 + 100}.{n % 250 + 1}",
            "port": rng.randrange(20_000, 60_000) if nat else 500,
            "hub": HUB,
            "offer": _OFFER,
            "name": f"br{n:04}.branches.example.{'org' if kind == 'no profile' else 'net'}",
            "block": "BRANCHES",
            "ispi": f"{rng.getrandbits(64):016X}",
            "rspi": f"{rng.getrandbits(64):016X}",
            "session": hub.session,
            "sa": hub.lowest(hub.taken),
            "index": hub.session,
            "blank": blank,
            "mid": 0,
        }
        if kind == "up":
            number = self.interface = hub.lowest(hub.interfaces)
            self.slot = hub.pool.pop()
            self.values["interface"] = f"Virtual-Access{number}"
            self.values["address"] = f"10.77.{self.slot // 250}.{self.slot % 250 + 1}"
        return kind

    def finish(self, kind: str) -> None:
        hub = self.hub
        self.up = kind == "up"
        if not self.up:
            hub.taken.discard(self.values["sa"])  # type: ignore[arg-type]
        if kind == "gone":
            hub.interfaces.discard(self.interface)
            hub.pool.insert(hub.rng.randrange(len(hub.pool)), self.slot)


def log(
    size: int,
    only_ikev2: bool = False,
    style: str = "plain",
    seed: int = 1,
    busy: int = 6,
    told: dict[int, str] | None = None,
) -> Iterator[str]:
    """Text, cut at line ends, until `size` bytes are reached; two lines in five are IKEv2 unless `only_ikev2`.

    `busy`: how many spokes negotiate at the same time, on average. `told` learns by SESSION ID how each negotiation
    ended that is told to its end: a name of _STORIES."""
    rng = random.Random(seed)
    hub = _Hub(rng)
    header = STYLES[style]
    spokes = [_Spoke(n, hub) for n in range(SPOKES)]
    ready: list[tuple[int, int, _Spoke, str, Iterator[_Line]]] = []  # by the time of the next line
    quiet = list(range(SPOKES))
    written = number = now = 0
    while written < size:
        while len(ready) < busy:
            spoke = spokes[quiet.pop(rng.randrange(len(quiet)))]
            kind = spoke.begin(" ")
            heappush(ready, (now + rng.randrange(400), spoke.number, spoke, kind, iter(_STORIES[kind])))
        at, who, spoke, kind, story = heappop(ready)
        now = max(now, at)
        values = spoke.values
        chunk, turn = "", False
        for pause, mark, text in story:
            if mark != "." and chunk and (turn or pause > 5):  # it is another one's turn, or the router has to wait
                later = now if turn else now + pause
                heappush(ready, (later, who, spoke, kind, _chained((pause if turn else 1, mark, text), story)))
                break
            now += pause > 0 and rng.randrange(2)
            if "{" in text:
                if "{mid}" in text:
                    values["mid"] = values["mid"] + 1 if "REQ" in text else values["mid"]  # type: ignore[operator]
                text = text.format_map(values)
            if mark == ".":
                chunk += text + "\n"
                continue
            number += 1
            tag = "" if mark == "%" else "IKEv2-ERROR:" if mark == "!" else "IKEv2:"
            ids = ""
            if mark in "=!":
                ids = f"(SESSION ID = {values['session']},SA ID = {values['sa']}):"
                ids += ": " if mark == "!" else ""
            elif mark == "~":
                ids = f"(SA ID = {values['sa']}):"
            elif mark == "%":
                ids = "%"
            if not only_ikev2:
                for _ in range(rng.choice((0, 0, 1, 1, 1, 3))):
                    other = rng.choice(_OTHERS).format(n=rng.randrange(200))
                    chunk += f"{header(now, number)}{other}\n"
                    number += 1
            chunk += f"{header(now, number)}{tag}{ids}{text}\n"
            turn = rng.random() < 0.02  # a record is printed whole
        else:
            spoke.finish(kind)
            if told is not None:
                told[spoke.values["session"]] = kind  # type: ignore[index]
            quiet.append(who)
        written += len(chunk)
        yield chunk


def _chained(first: _Line, rest: Iterator[_Line]) -> Iterator[_Line]:
    yield first
    yield from rest


def damaged(rng: random.Random, lines: list[str]) -> Iterable[str]:
    """What terminals, relays and people do to a log."""
    for line in lines:
        what = rng.randrange(40)
        if what == 0:
            yield line[:80] + "\n" + line[80:]
        elif what == 1:
            yield line + "\r"
        elif what == 2:
            yield "hub1#show crypto ikev2 sa\n" + line
        elif what == 3:
            yield line.upper()
        elif what == 4:
            yield "   " + line
        elif what == 5:
            yield line.partition(": ")[2]
        elif what == 6:
            yield "Aug  1 10:00:00 relay9 77: " + line
        elif what == 7:
            yield line + "    ...... so it is\n\n"
        elif what == 8:
            yield line[: rng.randrange(len(line) + 1)]
        elif what == 9:
            yield line + "\n*Mar  3 00:00:09.100: IKEv2:(SESSION ID = 7,SA ID = 7):A message nobody knows"
        elif what == 10:
            yield "*Mar  3 00:00:09.100: %CRYPTO-5-SESSION_STATUS: Crypto tunnel is UP.  Peer 203.0.101.7:500\n" + line
        elif what == 11:
            yield line + "#012" + line
        else:
            yield line


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("megabytes", type=int)
    parser.add_argument("--only-ikev2", action="store_true")
    parser.add_argument("--style", choices=list(STYLES), default="plain")
    arguments = parser.parse_args()
    sys.stdout.writelines(log(arguments.megabytes * 1_000_000, arguments.only_ikev2, arguments.style))
