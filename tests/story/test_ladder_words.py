"""What a ladder says of NAT, of offers and choices, and of a log that begins in the middle."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from flexlint.log.model import Negotiation
from flexlint.log.reader import LogReader
from flexlint.report.trace_schema import record
from flexlint.story.ladder import ended, ladder
from flexlint.story.trace import rows

HERE, PEER = "198.51.100.9", "203.0.113.80"


def ids(*texts: str) -> list[str]:
    return [f"IKEv2:(SESSION ID = 8,SA ID = 1):{text}" for text in texts]


def packet(sent: bool, exchange: str, direction: str, number: int, payloads: str) -> list[str]:
    text = f"Sending Packet [To {PEER}:500/From {HERE}:500/VRF i0:f0]"
    if not sent:
        text = f"Received Packet [From {PEER}:500/To {HERE}:500/VRF i0:f0]"
    theirs = "0" * 16 if exchange == "IKE_SA_INIT" and direction == "REQUEST" else "11AA11BB11CC11DD"
    return [
        *ids(text),
        f"Initiator SPI : 00AA00BB00CC00EE - Responder SPI : {theirs} Message id: {number}",
        f"IKEv2 {exchange} Exchange {direction}",
        "Payload contents:",
        f" {payloads}",
    ]


def read(*lines: str) -> Negotiation:
    (n,) = LogReader(["\n".join([*lines, ""]).encode()], "hub9.log").negotiations()
    return n


def told(n: Negotiation) -> list[str]:
    return [row.text.strip() for row in rows(n)]


IKE = [
    *ids("IKE Proposal: 1, SPI size: 0 (initial negotiation),"),
    "Num. transforms: 4",
    "   AES-CBC   SHA256   SHA256   DH_GROUP_2048_MODP/Group 14",
]
ESP = [
    *ids("ESP Proposal: 1, SPI size: 4 (IPSec negotiation),"),
    "Num. transforms: 3",
    "   AES-CBC   SHA256   Don't use ESN",
]
ASKS = packet(True, "IKE_SA_INIT", "REQUEST", 0, "SA KE N")
ASKED = packet(False, "IKE_SA_INIT", "REQUEST", 0, "SA KE N")


def test_an_initiator_offers() -> None:
    n = read(
        *IKE,
        *ASKS,
        *packet(False, "IKE_SA_INIT", "RESPONSE", 0, "SA KE N"),
        *ESP,
        *packet(True, "IKE_AUTH", "REQUEST", 1, "ENCR"),
    )
    assert [text for text in told(n) if "for IKE" in text or "for ESP" in text] == [
        "offers for IKE:",
        "offers for ESP:",
    ]


def test_a_responder_chooses() -> None:
    n = read(
        *ASKED,
        *IKE,
        *packet(True, "IKE_SA_INIT", "RESPONSE", 0, "SA KE N"),
        *packet(False, "IKE_AUTH", "REQUEST", 1, "IDi AUTH SA TSi TSr"),
        *ESP,
    )
    assert [text for text in told(n) if "for IKE" in text or "for ESP" in text] == [
        "chooses for IKE:",
        "chooses for ESP:",
    ]


def test_a_responder_that_rekeys_offers() -> None:
    init = [*ASKED, *IKE, *packet(True, "IKE_SA_INIT", "RESPONSE", 0, "SA KE N")]
    auth = [
        *packet(False, "IKE_AUTH", "REQUEST", 1, "IDi AUTH SA TSi TSr"),
        *ESP,
        *packet(True, "IKE_AUTH", "RESPONSE", 1, "ENCR"),
    ]
    n = read(*init, *auth, *ESP, *packet(True, "CREATE_CHILD_SA", "REQUEST", 0, "ENCR"))
    assert [text for text in told(n) if "for ESP" in text] == ["chooses for ESP:", "offers for ESP:"]


def test_an_excerpt_without_packets_goes_by_the_role() -> None:
    n = read(*ids("Constructing IDr payload: 'hub9.example.com' of type 'FQDN'"), *ESP)
    assert "chooses for ESP:" in told(n)
    n = read(*ids("Constructing IDi payload: 'hub9.example.com' of type 'FQDN'"), *ESP)
    assert "offers for ESP:" in told(n)
    assert "proposal for ESP:" in told(read(*ESP))


@pytest.mark.parametrize(
    ("lines", "side", "words"),
    [
        (["NAT INSIDE found"], "router", "this router is behind it"),
        (["NAT OUTSIDE found"], "peer", "the peer is behind it"),
        (
            ["Remote address not matched", "Local address not matched", "NAT OUTSIDE found"],
            "both",
            "both ends are behind it",
        ),
        (
            ["Remote address matched", "Local address not matched", "Host is located NAT inside", "NAT INSIDE found"],
            "router",
            "this router is behind it",
        ),
        (
            ["NAT OUTSIDE found", "NAT detected float to init port 61022, resp port 4500"],
            "peer",
            "the peer is behind it",
        ),
    ],
)
def test_which_end_is_behind_nat(lines: list[str], side: str, words: str) -> None:
    n = read(*ASKED, *ids(*lines))
    assert asdict(record(n))["behind_nat"] == side
    assert any(words in line.text for line in ladder(n) if line.text.startswith("  there is NAT"))
    assert (
        f"NAT on the path: {words}" in [text.replace("both ends are", "the peer is") for text in told(n)]
        or side == "both"
    )


@pytest.mark.parametrize("line", ["NAT not found", "No NAT found", "Remote address matched"])
def test_no_end_is_behind_nat(line: str) -> None:
    n = read(*ASKED, *ids(line))
    assert asdict(record(n))["behind_nat"] == ""
    assert not [one for one in ladder(n) if "there is NAT" in one.text]


def test_nat_whose_end_the_log_does_not_say() -> None:
    n = read(*ASKED, *ids("NAT detected float to init port 4500, resp port 4500"))
    assert asdict(record(n))["behind_nat"] == ""
    assert any("there is NAT on the path" in line.text for line in ladder(n))


def test_an_error_that_the_router_says_thrice_is_one_row() -> None:
    failed = ids("Auth exchange failed", ": Auth exchange failed", ": Auth exchange failed")
    n = read(*ASKED, *failed, *packet(True, "IKE_AUTH", "RESPONSE", 1, "NOTIFY(AUTHENTICATION_FAILED)"), *failed)
    assert told(n).count("IKE_AUTH failed") == 2
    assert [row.text for row in rows(n, full=True)].count("IKE_AUTH failed") == 6


def test_a_log_that_begins_in_the_middle_does_not_say_that_nothing_was_reached() -> None:
    middle = read(*ids("Auth exchange failed"))
    assert any("its beginning is not in the log" in line.text for line in ladder(middle))
    verified = read(*ids("Peer's authentication method is 'RSA'"))
    assert any("reached: IKE_SA_INIT done" in line.text for line in ladder(verified))
    asked = read(*ASKS)
    assert any("reached: first packet" in line.text for line in ladder(asked))


def test_an_asa_says_what_it_offers_with_the_number_of_the_sa_before_each_word() -> None:
    n = read(
        "IKEv2-PROTO-2: (11): Generating IKE_SA_INIT message",
        "IKEv2-PROTO-2: (11): IKE Proposal: 1, SPI size: 0 (initial negotiation),",
        "Num. transforms: 4",
        "(11):    AES-CBC(11):    SHA1(11):    SHA256(11):    DH_GROUP_2048_MODP/Group 14"
        "IKEv2-PROTO-5: Construct Notify Payload: NAT_DETECTION_SOURCE_IP",
        f"IKEv2-PROTO-2: (11): Sending Packet [To {PEER}:500/From {HERE}:500/VRF i0:f0]",
        "(11): Initiator SPI : 00AA00BB00CC00EE - Responder SPI : 0000000000000000 Message id: 0",
        "(11): IKEv2 IKE_SA_INIT Exchange REQUEST",
    )
    assert told(n) == [
        "offers for IKE:",
        "AES-CBC SHA1 SHA256 DH_GROUP_2048_MODP/Group 14",
        "IKE_SA_INIT request 0",
    ]
    assert [(one.encryption, one.group) for one in n.offered_ike] == [(("AES-CBC",), ("14",))]


def test_numbers_of_other_negotiations_count_on_too() -> None:
    n = read(*ASKED)
    n.replaced_by = 3
    n.ambiguities = ["line 7: the route 10.1.0.0 may belong to negotiation 2 (SESSION 5/SA 1)"]
    n.count_on(40)
    assert (n.id, n.replaced_by) == (41, 43)
    assert n.ambiguities == ["line 7: the route 10.1.0.0 may belong to negotiation 42 (SESSION 5/SA 1)"]


def test_every_milestone_is_drawn_once_where_it_was_reached() -> None:
    n = read(
        *ASKED,
        *ids("Completed SA init exchange", "Verification of peer's authentication data PASSED"),
        "IKEv2:(SA ID = 1):[AAA -> IKEv2] Received AAA authorisation response",
        *ids("Received valid config mode data"),
        "IKEv2:(SA ID = 1):[IPsec -> IKEv2] Callback received for the validate proposal - PASSED.",
        *ids("Session with IKE ID PAIR (br1.example.com, hub.example.com) is UP"),
        "IKEv2:(SA ID = 1):[IPsec -> IKEv2] Creation of IPsec SA into IPsec database PASSED",
    )
    drawn = [line.text.strip(" |=") for line in ladder(n) if line.ink == "good"]
    assert drawn[1:] == [
        "IKE_SA_INIT done",
        "peer authenticated",
        "authorization answered",
        "child SA accepted",
        "IKE session up",
        "IPsec SA made",
    ]


def test_a_change_that_is_logged_after_its_effect_is_told_after_it() -> None:
    change = "%SYS-5-CONFIG_I: Configured from console by console"
    begun = [*packet(False, "IKE_SA_INIT", "REQUEST", 0, "SA KE N"), *ids("Verify SA init message")]
    end = ids("Deleting SA")
    assert ended(read(*begun, *end, change)).startswith("deleted; then %SYS-5-CONFIG_I: Configured")
    assert ended(read(*begun, change, *end)).startswith("deleted, after %SYS-5-CONFIG_I: Configured")
