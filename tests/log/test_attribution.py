"""Who owns a line that does not say so: one test for each kind of line, and for what must stay ambiguous."""

# ruff: noqa: E501

from __future__ import annotations

import pytest

from flexlint.log.model import Negotiation, Outcome, Side
from flexlint.log.reader import LogReader

A = "IKEv2:(SESSION ID = 31,SA ID = 1):"
B = "IKEv2:(SESSION ID = 32,SA ID = 2):"


def read(*lines: str) -> list[Negotiation]:
    """Negotiations of these lines, in the order of their first one. `[A]` and `[B]` stand for the ids of two sessions."""
    text = "".join(line.replace("[A]", A, 1).replace("[B]", B, 1) + "\n" for line in lines)
    return sorted(LogReader([text.encode()], "hub.log").negotiations(), key=lambda n: n.id)


def owners(found: list[Negotiation], text: str) -> list[tuple[str, str]]:
    """SESSION ID and certainty of every negotiation that got the line with this text."""
    return [(n.session, str(s.certainty)) for n in found for s in n.steps if text in s.text]


def packet(ids: str, spi: str, exchange: str, direction: str = "REQUEST", peer: str = "203.0.113.5") -> tuple[str, ...]:
    number = "0" if exchange == "IKE_SA_INIT" else "1"
    responder = "0000000000000000" if (exchange, direction) == ("IKE_SA_INIT", "REQUEST") else f"{spi[::-1]}"
    return (
        f"{ids}Received Packet [From {peer}:500/To 192.0.2.8:500/VRF i0:f0]",
        f"Initiator SPI : {spi} - Responder SPI : {responder} Message id: {number}",
        f"IKEv2 {exchange} Exchange {direction}",
        "Payload contents:",
        " VID IDi AUTH SA TSi TSr" if exchange == "IKE_AUTH" else " SA KE N",
        "",
    )


def search(ids: str, identity: str) -> str:
    return f"{ids}Searching policy based on peer's identity '{identity}' of type 'FQDN'"


def test_a_continuation_belongs_to_the_record_it_follows() -> None:
    found = read(*packet("[A]", "A000000000000001", "IKE_AUTH"), "[B]Verify peer's policy")
    assert owners(found, "IKEv2 IKE_AUTH Exchange REQUEST") == [("31", "certain")]


def test_the_spi_overrules_the_ids() -> None:
    first, second = read(
        *packet("[A]", "A000000000000001", "IKE_AUTH"),
        *packet("[A]", "B000000000000002", "IKE_AUTH", peer="203.0.113.6"),
        *packet("[A]", "A000000000000001", "IKE_AUTH"),
    )
    assert (first.peer, second.peer) == ("203.0.113.5", "203.0.113.6")
    assert sum("Received Packet" in s.text for s in first.steps) == 2


def test_an_sa_id_alone_names_the_negotiation_that_has_it() -> None:
    found = read(
        "[A]Verify peer's policy",
        "[B]Verify peer's policy",
        "IKEv2:(SA ID = 1):[IKEv2 -> AAA] Authorisation request sent",
    )
    assert owners(found, "Authorisation request sent") == [("31", "high")]


def test_an_sa_id_that_two_live_sessions_have_is_less_sure() -> None:
    other = "IKEv2:(SESSION ID = 33,SA ID = 1):"
    found = read(
        "[A]Verify peer's policy",
        f"{other}Verify peer's policy",
        "IKEv2:(SA ID = 1):[IKEv2 -> AAA] Authorisation request sent",
    )
    assert owners(found, "Authorisation request sent") == [("33", "medium")]


def test_what_a_look_up_finds_belongs_to_the_search_before_it() -> None:
    found = read(
        "[B]Verify peer's policy",
        search("[A]", "br3.example.com"),
        "IKEv2:found matching IKEv2 profile 'BR'",
        "IKEv2:% Getting preshared key from profile keyring RING",
        "IKEv2:% Matched peer block 'B3'",
        "IKEv2:Searching Policy with fvrf 0, local address 192.0.2.8",
        "IKEv2:Found Policy 'P'",
        "[A]Verify peer's policy",
    )
    for text in ("IKEv2 profile 'BR'", "keyring RING", "peer block 'B3'", "with fvrf 0", "Found Policy"):
        assert owners(found, text) == [("31", "high")]


def test_two_searches_at_once_leave_the_profile_ambiguous() -> None:
    found = read(
        search("[A]", "br3.example.com"),
        search("[B]", "br4.example.com"),
        "IKEv2:found matching IKEv2 profile 'BR'",
        "[A]Verify peer's policy",
        "[B]Verify peer's policy",
    )
    ((_, certainty),) = owners(found, "IKEv2 profile 'BR'")
    assert certainty in ("medium", "low")
    assert any(n.ambiguities for n in found)


def test_an_initiator_looks_up_before_it_has_ids() -> None:
    found = read(
        "[B]Verify peer's policy",
        "IKEv2:% Getting preshared key from profile keyring RING",
        "IKEv2:% Matched peer block 'HUB'",
        "IKEv2:Searching Policy with fvrf 0, local address 192.0.2.8",
        "IKEv2:Found Policy 'P'",
        "[A][IKEv2 -> Crypto Engine] Computing DH public key, DH Group 19",
        "[A]Generating IKE_SA_INIT message",
    )
    assert [(n.session, n.keyring, n.peer_block, n.policy) for n in found if n.keyring] == [("31", "RING", "HUB", "P")]


def test_the_authorization_asked_belongs_to_the_peer_just_verified() -> None:
    found = read(
        "[B]Verify peer's policy",
        "[A]Verification of peer's authentication data PASSED",
        "IKEv2:Using mlist L and username U for group author request",
        "IKEv2:(SA ID = 1):[IKEv2 -> AAA] Authorisation request sent",
        "[B]Verify peer's authentication data",
    )
    assert owners(found, "Using mlist") == [("31", "high")]


def test_two_peers_verified_at_once_leave_the_authorization_ambiguous() -> None:
    found = read(
        "[A]Verification of peer's authentication data PASSED",
        "[B]Verification of peer's authentication data PASSED",
        "IKEv2:Using mlist L and username U for group author request",
        "IKEv2:(SA ID = 1):[IKEv2 -> AAA] Authorisation request sent",
        "IKEv2:Using mlist L and username U for group author request",
        "IKEv2:(SA ID = 2):[IKEv2 -> AAA] Authorisation request sent",
    )
    assert [(n.session, len(n.authorizations)) for n in found] == [("31", 1), ("32", 1)]
    assert any(n.ambiguities for n in found)


def test_a_configuration_header_belongs_to_the_type_after_it() -> None:
    found = read(
        "[B]Verify peer's policy",
        "IKEv2:Config data to send:",
        "[A]Config-type: Config-set",
        "[A]Attrib type: ipv4-subnet, length: 8, data: 10.5.0.0 255.255.0.0",
    )
    ((_, sent, name, value),) = found[1].attributes
    assert (sent, name, value) == (True, "ipv4-subnet", "10.5.0.0 255.255.0.0")


def test_the_crypto_engine_works_for_the_key_named_before() -> None:
    found = read(
        "[A]Use preshared key for id br3.example.com, key len 12",
        "IKEv2:[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data",
        "IKEv2:[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED",
        "[B]Verify peer's policy",
    )
    assert owners(found, "Generate IKEv2 authentication data") == [("31", "high")]


def test_a_route_belongs_to_who_was_told_the_prefix_and_binds_the_interface() -> None:
    found = read(
        "[A]Config-type: Config-set",
        "[A]Attrib type: ipv4-subnet, length: 8, data: 10.5.0.0 255.255.0.0",
        "[B]Check for existing active SA",
        "IKEv2:VPN Route Added 10.5.0.0 255.255.0.0 via Virtual-Access7 in vrf BLUE",
        "%LINEPROTO-5-UPDOWN: Line protocol on Interface Virtual-Access7, changed state to up",
    )
    assert owners(found, "VPN Route Added") == [("31", "high")]
    assert found[0].virtual_access == "Virtual-Access7"
    assert owners(found, "Line protocol") == [("31", "high")]


def test_an_interface_that_goes_down_between_a_deletion_and_a_clone_is_ambiguous() -> None:
    found = read(
        *packet("[A]", "A000000000000001", "IKE_AUTH"),
        "[A]Verification of peer's authentication data PASSED",
        "[B]Deleting SA",
        "%LINK-3-UPDOWN: Interface Virtual-Access2, changed state to down",
        "[A]Received valid config mode data",
    )
    assert {session for session, _ in owners(found, "Virtual-Access2")} == {"31", "32"}
    for n in found:
        (event,) = n.interface_events
        assert set(event.ambiguous) == {1, 2}
        assert n.ambiguities


def test_a_system_message_belongs_to_the_peer_it_names() -> None:
    found = read(
        *packet("[A]", "A000000000000001", "IKE_AUTH"),
        *packet("[B]", "B000000000000002", "IKE_AUTH", peer="203.0.113.6"),
        "%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi for destaddr=192.0.2.8, prot=50, spi=0x1A2B3C4D(439041101), srcaddr=203.0.113.6",
    )
    assert owners(found, "RECVD_PKT_INV_SPI") == [("32", "medium")]


def test_an_error_that_names_nobody_is_not_given_to_just_anybody() -> None:
    abort = "%IKEV2-3-NEG_ABORT: Negotiation aborted due to ERROR: Auth exchange failed"
    found = read("[A]Verify peer's policy", "[B]Verify peer's policy", abort)
    assert owners(found, "NEG_ABORT") == []
    assert {n.outcome for n in found} == {Outcome.INCOMPLETE}


def test_aaa_lines_go_by_their_own_ids_to_the_request_that_is_open() -> None:
    found = read(
        "[B]Verify peer's policy",
        "[A]Verification of peer's authentication data PASSED",
        "IKEv2:Using mlist L and username U for group author request",
        "IKEv2:(SA ID = 1):[IKEv2 -> AAA] Authorisation request sent",
        "AAA/BIND(0000002F): Bind i/f",
        "AAA/AUTHOR (0x2F): Pick method list 'L'",
        "RADIUS(0000002F): Send Access-Request to 192.0.2.77:1812 id 1645/9, len 80",
        "[B]Verify peer's authentication data",
        "RADIUS: Received from id 1645/9 192.0.2.77:1812, Access-Reject, len 38",
        "IKEv2:(SA ID = 1):[AAA -> IKEv2] Received AAA authorisation response",
    )
    assert owners(found, "Access-Reject") == [("31", "medium")]
    assert next(n for n in found if n.session == "31").aaa_verdict == "Reject"


def test_two_requests_to_aaa_at_once_go_by_the_id_that_each_has() -> None:
    """The second request gets the id that the first does not have, though neither has been answered."""
    found = read(
        "[A]Verification of peer's authentication data PASSED",
        "IKEv2:Using mlist L and username U for group author request",
        "IKEv2:(SA ID = 1):[IKEv2 -> AAA] Authorisation request sent",
        "AAA/AUTHOR (0x2F): Pick method list 'L'",
        "RADIUS(0000002F): Send Access-Request to 192.0.2.77:1812 id 1645/9, len 80",
        "[B]Verification of peer's authentication data PASSED",
        "IKEv2:Using mlist L and username W for group author request",
        "IKEv2:(SA ID = 2):[IKEv2 -> AAA] Authorisation request sent",
        "AAA/AUTHOR (0x30): Pick method list 'L'",
        "RADIUS(00000030): Send Access-Request to 192.0.2.77:1812 id 1645/10, len 80",
        "RADIUS: Received from id 1645/10 192.0.2.77:1812, Access-Reject, len 38",
        "RADIUS: Received from id 1645/9 192.0.2.77:1812, Access-Accept, len 90",
    )
    assert {n.session: n.aaa_verdict for n in found} == {"31": "Accept", "32": "Reject"}


def test_certificates_checked_at_once_go_by_their_handles() -> None:
    found = read(
        "[A]Peer's authentication method is 'RSA'",
        "IKEv2:(SA ID = 1):[IKEv2 -> PKI] Validating certificate chain",
        "CRYPTO_PKI: (C0FFE) Adding peer certificate",
        "[B]Peer's authentication method is 'RSA'",
        "IKEv2:(SA ID = 2):[IKEv2 -> PKI] Validating certificate chain",
        "CRYPTO_PKI: (C0FFF) Adding peer certificate",
        "CRYPTO_PKI: (C0FFE) No suitable trustpoints found",
    )
    assert owners(found, "No suitable trustpoints") == [("31", "medium")]


def test_pki_lines_belong_to_the_certificate_that_is_checked() -> None:
    found = read(
        "[B]Peer's authentication method is 'PSK'",
        "[A]Peer's authentication method is 'RSA'",
        "CRYPTO_PKI: (C0FFE) Adding peer certificate",
        "CRYPTO_PKI: (C0FFE) No suitable trustpoints found",
        "[A]: Platform errors",
        "[A]Verify cert failed",
    )
    assert owners(found, "No suitable trustpoints") == [("31", "medium")]
    failure = next(n for n in found if n.session == "31").failure
    assert failure is not None
    assert failure.message == "M162"


@pytest.mark.parametrize(
    ("exchange", "direction", "side"),
    [("IKE_SA_INIT", "REQUEST", Side.RESPONDER), ("IKE_AUTH", "RESPONSE", Side.INITIATOR)],
)
def test_the_first_exchanges_tell_the_side(exchange: str, direction: str, side: Side) -> None:
    (n,) = read(*packet("[A]", "A000000000000001", exchange, direction))
    assert n.role is side


def test_the_first_packet_of_a_responder_has_no_ids_yet() -> None:
    (n,) = read(*packet("IKEv2:", "A000000000000001", "IKE_SA_INIT"), "[A]Verify SA init message", "[A]Insert SA")
    assert (n.session, n.sa, n.peer, n.started_inside) == ("31", "1", "203.0.113.5", True)


def test_first_packets_of_two_peers_find_their_ids_by_spi() -> None:
    found = read(
        *packet("IKEv2:", "A000000000000001", "IKE_SA_INIT"),
        *packet("IKEv2:", "B000000000000002", "IKE_SA_INIT", peer="203.0.113.6"),
        "[B]Verify SA init message",
        *packet("[B]", "B000000000000002", "IKE_AUTH", peer="203.0.113.6"),
        "[A]Verify SA init message",
        *packet("[A]", "A000000000000001", "IKE_AUTH"),
    )
    assert {n.session: str(n.peer) for n in found if n.session} == {"31": "203.0.113.5", "32": "203.0.113.6"}
    assert len(found) == 2


def test_routers_in_one_file_have_ids_of_their_own() -> None:
    lines = [
        f"<191>10: {host}: Mar  9 10:00:00.{n:03d}: IKEv2:(SESSION ID = 31,SA ID = 1):Verify peer's policy"
        for n, host in enumerate(("hub-a", "hub-b", "hub-a", "hub-b"))
    ]
    found = read(*lines)
    assert [(n.device, len(n.steps)) for n in found] == [("hub-a", 2), ("hub-b", 2)]
