"""Logs written for the purpose: the lines of a negotiation, one step after the other."""

from __future__ import annotations

from itertools import count

from flexlint.log.model import Negotiation
from flexlint.log.reader import LogReader

HUB, BRANCH = "198.51.100.1", "203.0.113.9"


def read(*lines: str) -> list[Negotiation]:
    return list(LogReader([("\n".join(lines) + "\n").encode()], "hub.log").negotiations())


class Session:
    """Lines of one negotiation; `s` is for lines with both ids, `a` for the SA ID alone, `n` for none."""

    clock = count(1)

    def __init__(self, session: int = 5, sa: int = 1, spi: str = "A1B2C3D4E5F60708", peer: str = BRANCH) -> None:
        self.session, self.sa, self.spi, self.peer = session, sa, spi, peer
        self.lines: list[str] = []

    def _add(self, ids: str, text: str) -> str:
        tick = next(self.clock)
        return f"*Mar  3 07:{tick // 60 % 60:02}:{tick % 60:02}.100: IKEv2:{ids}{text}"

    def s(self, *texts: str) -> list[str]:
        return [self._add(f"(SESSION ID = {self.session},SA ID = {self.sa}):", text) for text in texts]

    def a(self, text: str) -> list[str]:
        return [self._add(f"(SA ID = {self.sa}):", text)]

    def n(self, *texts: str) -> list[str]:
        return [self._add("", text) for text in texts]

    def packet(
        self, received: bool, exchange: str, direction: str, mid: int, payloads: str, ids: bool = True
    ) -> list[str]:
        where = f"[From {self.peer}:500/To {HUB}:500/VRF i0:f0]"
        text = f"Received Packet {where}"
        if not received:
            text = f"Sending Packet [To {self.peer}:500/From {HUB}:500/VRF i0:f0]"
        responder = "0" * 16 if exchange == "IKE_SA_INIT" and direction == "REQUEST" else "18F7E6D5C4B3" + self.spi[-4:]
        return [
            *(self.s(text) if ids else self.n(text)),
            f"Initiator SPI : {self.spi} - Responder SPI : {responder} Message id: {mid}",
            f"IKEv2 {exchange} Exchange {direction}",
            "Payload contents:",
            f" {payloads}",
            "",
        ]

    def init(self) -> list[str]:
        return [
            *self.packet(True, "IKE_SA_INIT", "REQUEST", 0, "SA KE N VID", ids=False),
            *self.s("Verify SA init message", "Insert SA"),
            *self.n(f"Searching Policy with fvrf 0, local address {HUB}", "Found Policy 'POL'"),
            *self.s("Processing IKE_SA_INIT message"),
            *self.packet(False, "IKE_SA_INIT", "RESPONSE", 0, "SA KE N VID"),
            *self.s("Completed SA init exchange"),
        ]

    def search(self, identity: str = "branch1.example.com") -> list[str]:
        payloads = "VID IDi AUTH CFG SA TSi TSr NOTIFY(INITIAL_CONTACT)"
        return [
            *self.packet(True, "IKE_AUTH", "REQUEST", 1, payloads),
            *self.s(f"Searching policy based on peer's identity '{identity}' of type 'FQDN'"),
        ]

    def found(self, profile: str = "FLEX") -> list[str]:
        return self.n(
            f"found matching IKEv2 profile '{profile}'",
            "% Getting preshared key from profile keyring KEYS",
            "% Matched peer block 'BRANCH1'",
            f"Searching Policy with fvrf 0, local address {HUB}",
            "Found Policy 'POL'",
        )

    def verify(self, result: str = "PASSED", identity: str = "branch1.example.com") -> list[str]:
        return [
            *self.s(
                "Verify peer's policy",
                "Peer's policy verified",
                "Peer's authentication method is 'PSK'",
                "Verify peer's authentication data",
                f"Use preshared key for id {identity}, key len 12",
            ),
            *self.n(
                "[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data",
                "[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED",
            ),
            *self.s(f"Verification of peer's authentication data {result}"),
        ]

    def ask(self, name: str = "BRANCHES") -> list[str]:
        return [
            *self.n(f"Using mlist AUTHZ and username {name} for group author request"),
            *self.a("[IKEv2 -> AAA] Authorisation request sent"),
        ]

    def answer(self) -> list[str]:
        return [
            *self.a("[AAA -> IKEv2] Received AAA authorisation response"),
            *self.s("Received valid config mode data"),
        ]

    def reply(self, result: str = "PASSED") -> list[str]:
        return [
            *self.n("IPSec policy validate request sent for profile FLEX with psh index 1."),
            *self.a(f"[IPsec -> IKEv2] Callback received for the validate proposal - {result}."),
            *self.s("Generate my authentication data", "Use preshared key for id hub.example.com, key len 20"),
            *self.s("Constructing IDr payload: 'hub.example.com' of type 'FQDN'"),
            *self.n("Config data to send:"),
            *self.s("Config-type: Config-reply", "Attrib type: ipv4-addr, length: 4, data: 10.9.0.7"),
        ]

    def up(self) -> list[str]:
        return [
            *self.s(
                "IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started",
                "Session with IKE ID PAIR (branch1.example.com, hub.example.com) is UP",
            ),
            *self.a("[IPsec -> IKEv2] Creation of IPsec SA into IPsec database PASSED"),
        ]

    def whole(self) -> list[str]:
        chosen = [*self.init(), *self.search(), *self.found(), *self.verify(), *self.ask(), *self.answer()]
        return [*chosen, *self.reply(), *self.up()]

    def gives_up(self) -> list[str]:
        return self.s("Auth exchange failed", "Abort exchange", "Deleting SA")
