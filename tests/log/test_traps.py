"""What looks like a failure, or like something it is not: twenty ways to misread a debug."""

# ruff: noqa: E501

from __future__ import annotations

from flexlint.log.model import Milestone, Negotiation, Outcome, Phase, Side
from flexlint.log.reader import LogReader

IDS = "IKEv2:(SESSION ID = 7,SA ID = 3):"


def read(text: str) -> list[Negotiation]:
    return list(LogReader([text.encode()], "hub.log").negotiations())


def one(*lines: str) -> Negotiation:
    """The only negotiation of these lines; a line that begins with `[S]` gets the ids of SESSION 7, SA 3."""
    (negotiation,) = read("".join(line.replace("[S]", IDS, 1) + "\n" for line in lines))
    return negotiation


VERIFIED = (
    "[S]Searching policy based on peer's identity 'br4.example.com' of type 'FQDN'",
    "IKEv2:found matching IKEv2 profile 'BRANCHES'",
    "[S]Verify peer's policy",
    "[S]Peer's authentication method is 'PSK'",
    "[S]Verification of peer's authentication data PASSED",
)
UP = (*VERIFIED, "[S]Session with IKE ID PAIR (br4.example.com, hub.example.com) is UP", "[S]Load IPSEC key material")


def healthy(negotiation: Negotiation) -> bool:
    return negotiation.outcome is Outcome.UP and not negotiation.errors and negotiation.failure is None


def test_01_check_for_eap_is_printed_with_shared_keys_too() -> None:
    n = one("[S]Check for EAP exchange", *UP)
    assert healthy(n)
    assert n.peer_method == "PSK"


def test_02_the_first_skeyseed_is_called_a_rekey() -> None:
    n = one(
        "IKEv2:(SA ID = 3):[IKEv2 -> Crypto Engine] Calculate SKEYSEED and create rekeyed IKEv2 SA",
        "IKEv2:(SA ID = 3):[Crypto Engine -> IKEv2] SKEYSEED calculation and creation of rekeyed IKEv2 SA PASSED",
        *UP,
    )
    assert healthy(n)
    assert n.child_rekeys == 0


def test_03_a_pki_session_is_opened_with_shared_keys_too() -> None:
    assert healthy(one("[S]Opening a PKI session", *UP))


def test_04_no_profile_and_no_config_reply_on_a_session_that_is_up() -> None:
    n = one(
        *UP, "IKEv2:% IKEv2 profile not found", "IKEv2-ERROR:(SESSION ID = 7,SA ID = 3):Error constructing config reply"
    )
    assert healthy(n)


def test_05_a_wrong_group_that_is_tried_again() -> None:
    n = one("IKEv2-ERROR:(SESSION ID = 7,SA ID = 3):: The peer's KE payload contained the wrong DH group", *UP)
    assert healthy(n)


def test_06_up_is_no_tunnel_when_the_child_was_refused() -> None:
    n = one(
        "[S]Received Packet [From 203.0.113.5:500/To 192.0.2.8:500/VRF i0:f0]",
        "Initiator SPI : 1111222233334444 - Responder SPI : 5555666677778888 Message id: 1",
        "IKEv2 IKE_AUTH Exchange RESPONSE",
        "Payload contents:",
        " VID IDr AUTH NOTIFY(NO_PROPOSAL_CHOSEN)",
        "",
        *UP[:-1],
        "[S]Queuing IKE SA delete request reason: unknown",
        "[S]Deleting SA",
    )
    assert n.outcome is Outcome.FAILED
    assert n.role is Side.INITIATOR
    assert n.failure is not None
    assert (n.failure.phase, n.failure.by_peer) == (Phase.CHILD_SA, True)


def test_07_the_deletion_of_another_session_in_between() -> None:
    lines = (*VERIFIED, "IKEv2:(SESSION ID = 6,SA ID = 1):Deleting SA", *UP[-2:])
    ours, other = read("".join(line.replace("[S]", IDS, 1) + "\n" for line in lines))
    assert healthy(ours)
    assert other.outcome is Outcome.DELETED


def test_08_a_virtual_access_goes_down_while_it_is_made() -> None:
    n = one(
        *VERIFIED,
        "%LINEPROTO-5-UPDOWN: Line protocol on Interface Virtual-Access4, changed state to down",
        *UP[-2:],
        "%LINEPROTO-5-UPDOWN: Line protocol on Interface Virtual-Access4, changed state to up",
    )
    assert healthy(n)


def test_09_an_auth_response_with_status_notifies_only() -> None:
    assert healthy(one("[S]Process auth response notify", *UP))


def test_10_a_context_that_is_in_use() -> None:
    assert healthy(one("IKEv2-ERROR:(SESSION ID = 7,SA ID = 3):: Negotiation context locked currently in use", *UP))


def test_11_an_identity_that_the_certificate_lacks_is_a_warning() -> None:
    n = one(
        "[S]Received Packet [From 203.0.113.5:500/To 192.0.2.8:500/VRF i0:f0]",
        "Initiator SPI : 1111222233334444 - Responder SPI : 5555666677778888 Message id: 1",
        "IKEv2 IKE_AUTH Exchange REQUEST",
        "%CRYPTO-6-IKMP_NO_ID_CERT_ADDR_MATCH: ID of 203.0.113.5 (type 1) and certificate addr with 0.0.0.0",
        *UP,
    )
    assert healthy(n)


def test_12_an_exchange_that_was_cleared_has_not_failed() -> None:
    n = one(
        "[S]Generating IKE_SA_INIT message",
        "R5#clear crypto ikev2 sa",
        "IKEv2-ERROR:(SESSION ID = 7,SA ID = 3):Initial exchange failed: Initial exchange failed",
        "[S]Deleting SA",
    )
    assert n.outcome is Outcome.DELETED
    assert not n.errors
    assert n.operator_action is not None


def test_13_authorization_is_spelt_both_ways() -> None:
    for word in ("Authorisation", "Authorization"):
        n = one(*VERIFIED, f"IKEv2:(SA ID = 3):[IKEv2 -> AAA] {word} request sent")
        assert n.authorization_asked is not None


def test_14_a_peer_block_with_and_without_quotes() -> None:
    for printed in ("'BR4'", "BR4"):
        n = one(*VERIFIED[:2], f"IKEv2:% Matched peer block {printed}", *VERIFIED[2:])
        assert n.peer_block == "BR4"


def test_15_identities_with_blanks_commas_and_quotes() -> None:
    for identity in ("hostname=br4,cn=Br 4, O=Net's Ltd", "2001:db8::4", "*$AnyConnectClient$*", "x' of type 'FQDN"):
        n = one(f"[S]Searching policy based on peer's identity '{identity}' of type 'DER ASN1 DN'")
        assert n.identity == identity
        assert n.identity_type == "DER ASN1 DN"


def test_16_a_note_behind_a_user_name() -> None:
    note = "    …… This was received from initiator"
    n = one(*VERIFIED, f"IKEv2:Using mlist NETS and username SPOKES for group author request{note}")
    assert [(a.scope, a.list, a.name) for a in n.authorizations] == [("group", "NETS", "SPOKES")]


def test_17_a_cipher_that_is_named_once_for_each_length() -> None:
    n = one(
        "[S]IKE Proposal: 1, SPI size: 0 (initial negotiation),",
        "Num. transforms: 9",
        "   AES-CBC   AES-CBC   AES-CBC   SHA512   SHA384   SHA512   SHA384   DH_GROUP_256_ECP/Group 19   DH_GROUP_2048_MODP/Group 14",
    )
    (offer,) = n.offered_ike
    assert set(offer.encryption) == {"AES-CBC"}
    assert (offer.prf, offer.integrity) == (("SHA512", "SHA384"), ("SHA512", "SHA384"))
    assert offer.group == ("19", "14")


def packet(spi: str) -> tuple[str, ...]:
    return (
        "[S]Sending Packet [To 203.0.113.5:500/From 192.0.2.8:500/VRF i0:f0]",
        f"Initiator SPI : {spi} - Responder SPI : 0000000000000000 Message id: 0",
        "IKEv2 IKE_SA_INIT Exchange REQUEST",
        "Payload contents:",
        " SA KE N",
        "",
    )


def test_18_ids_that_the_next_attempt_uses_again() -> None:
    lines = (*packet("AAAA000000000001"), "[S]Deleting SA", *packet("AAAA000000000002"), *packet("AAAA000000000003"))
    found = read("".join(line.replace("[S]", IDS, 1) + "\n" for line in lines))
    assert [n.initiator_spi for n in found] == ["AAAA000000000001", "AAAA000000000002", "AAAA000000000003"]
    assert [n.outcome for n in found][1:] == [Outcome.INCOMPLETE, Outcome.INCOMPLETE]


def test_19_the_side_of_an_informational_exchange_is_not_the_side_of_the_sa() -> None:
    n = one(
        "[S]SM Trace-> SA: I_SPI=1111222233334444 R_SPI=5555666677778888 (I) MsgID = 3 CurState: INFO_R Event: EV_RECV",
        "[S]SM Trace-> SA: I_SPI=1111222233334444 R_SPI=5555666677778888 (R) MsgID = 1 CurState: R_VERIFY_AUTH Event: EV_X",
    )
    assert n.role is Side.RESPONDER


def test_20_prose_and_configuration_between_the_lines() -> None:
    n = one(
        "The hub looks for a profile:",
        VERIFIED[0],
        "crypto ikev2 profile BRANCHES",
        " match identity remote fqdn domain example.com",
        "  - then the key is taken from the keyring",
        *VERIFIED[1:],
    )
    assert n.profile == "BRANCHES"
    assert n.milestone is Milestone.PEER_AUTHENTICATED
    assert n.outcome is Outcome.INCOMPLETE
