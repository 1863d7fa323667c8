"""Whole negotiations as IOS prints them, and what is said of each: how far it came, how it ended, and why."""

# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Iterator

from flexlint.log.model import Milestone, Negotiation, Outcome, Phase, Side
from flexlint.log.reader import LogReader

PEER, HUB = "203.0.113.44", "192.0.2.1"
I_SPI, R_SPI, NONE = "5EC0000000000001", "5EC0000000000002", "0000000000000000"


def read(*lines: str) -> list[Negotiation]:
    """Negotiations of these lines. `[S]` stands for SESSION 9, SA 4; `[A]` for SA 4 alone; `[-]` for no ids."""
    text = ""
    for number, line in enumerate(lines):
        clock = f"*Apr 22 08:00:{number // 20:02d}.{number % 20 * 50:03d}: "
        for mark, ids in (("[S]", "(SESSION ID = 9,SA ID = 4):"), ("[A]", "(SA ID = 4):"), ("[-]", "")):
            if line.startswith(mark):
                line = f"{clock}IKEv2:{ids}{line[3:]}"
        text += (clock + line if line.startswith(("%", "AAA", "RADIUS", "CRYPTO_PKI")) else line) + "\n"
    return sorted(LogReader([text.encode()], "r.log").negotiations(), key=lambda n: n.id)


def one(*lines: str) -> Negotiation:
    (negotiation,) = read(*lines)
    return negotiation


def packet(
    sent: bool, exchange: str, direction: str, number: int, payloads: str, port: int = 500, ids: str = "[S]"
) -> tuple[str, ...]:
    ends = f"Sending Packet [To {PEER}:{port}/From {HUB}" if sent else f"Received Packet [From {PEER}:{port}/To {HUB}"
    first = exchange == "IKE_SA_INIT" and direction == "REQUEST"
    return (
        f"{ids}{ends}:{port}/VRF i0:f0]",
        f"Initiator SPI : {I_SPI} - Responder SPI : {NONE if first else R_SPI} Message id: {number}",
        f"IKEv2 {exchange} Exchange {direction}",
        "Payload contents:",
        f" {payloads}",
        "",
    )


RESPONDER_INIT = (
    *packet(False, "IKE_SA_INIT", "REQUEST", 0, "SA KE N VID", ids="[-]"),
    "[S]Verify SA init message",
    "[S]Insert SA",
    "[-]Searching Policy with fvrf 0, local address 192.0.2.1",
    "[-]Found Policy 'POL'",
    "[S]Processing IKE_SA_INIT message",
    "[S][IKEv2 -> Crypto Engine] Computing DH public key, DH Group 19",
    *packet(True, "IKE_SA_INIT", "RESPONSE", 0, "SA KE N VID"),
    "[S]Completed SA init exchange",
)
INITIATOR_INIT = (
    "[-]% Getting preshared key from profile keyring RING",
    "[-]% Matched peer block 'HUB'",
    "[-]Searching Policy with fvrf 0, local address 192.0.2.1",
    "[-]Found Policy 'POL'",
    "[S][IKEv2 -> Crypto Engine] Computing DH public key, DH Group 19",
    "[-]IKEv2 initiator - no config data to send in IKE_SA_INIT exch",
    "[S]Generating IKE_SA_INIT message",
    *packet(True, "IKE_SA_INIT", "REQUEST", 0, "SA KE N VID"),
    "[S]Insert SA",
)
INITIATOR_INIT_DONE = (
    *INITIATOR_INIT,
    *packet(False, "IKE_SA_INIT", "RESPONSE", 0, "SA KE N VID"),
    "[S]Completed SA init exchange",
)
UP = (
    "[S]IKEV2 SA created; inserting SA into database. SA lifetime timer (86400 sec) started",
    "[S]Session with IKE ID PAIR (peer.example.com, me.example.com) is UP",
    "[-]IKEv2 MIB tunnel started, tunnel index 1",
    "[S]Load IPSEC key material",
    "[A][IPsec -> IKEv2] Creation of IPsec SA into IPsec database PASSED",
)


def test_an_initiator_with_a_shared_key() -> None:
    n = one(
        *INITIATOR_INIT_DONE,
        "[-]Config data to send:",
        "[S]Config-type: Config-request",
        "[S]Attrib type: ipv4-addr, length: 0",
        "[S]Have config mode data to send",
        "[S]Generate my authentication data",
        "[S]Use preshared key for id me.example.com, key len 11",
        "[-][IKEv2 -> Crypto Engine] Generate IKEv2 authentication data",
        "[S]My authentication method is 'PSK'",
        "[S]Constructing IDi payload: 'me.example.com' of type 'FQDN'",
        *packet(True, "IKE_AUTH", "REQUEST", 1, "ENCR"),
        *packet(False, "IKE_AUTH", "RESPONSE", 1, "VID IDr AUTH CFG SA TSi TSr"),
        "[S]Searching policy based on peer's identity 'peer.example.com' of type 'FQDN'",
        "[-]Searching Policy with fvrf 0, local address 192.0.2.1",
        "[-]Found Policy 'POL'",
        "[S]Verify peer's policy",
        "[S]Peer's authentication method is 'PSK'",
        "[S]Get peer's preshared key for peer.example.com",
        "[S]Verify peer's authentication data",
        "[S]Use preshared key for id peer.example.com, key len 14",
        "[S]Verification of peer's authenctication data PASSED",
        "[-]Config data recieved:",
        "[S]Config-type: Config-reply",
        "[S]Attrib type: ipv4-addr, length: 4, data: 10.8.0.5",
        "[S]Set received config mode data",
        *UP,
        "%LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel0, changed state to up",
    )
    assert (n.role, n.outcome, n.started_inside) == (Side.INITIATOR, Outcome.UP, True)
    assert (n.keyring, n.peer_block, n.policy) == ("RING", "HUB", "POL")
    assert [(k.identity, k.length, k.own) for k in n.keys] == [
        ("me.example.com", "11", True),
        ("peer.example.com", "14", False),
    ]
    assert [(a.config_type, a.sent, a.value) for a in n.attributes] == [
        ("request", True, ""),
        ("reply", False, "10.8.0.5"),
    ]
    assert n.assigned_addresses() == ["10.8.0.5"]
    assert (n.own_identity, n.identity, n.lifetime, n.dh_group) == ("me.example.com", "peer.example.com", "86400", "19")
    assert n.milestone is Milestone.INTERFACE_UP
    assert not n.ambiguities


def test_a_responder_with_certificates() -> None:
    n = one(
        *RESPONDER_INIT,
        "[A][PKI -> IKEv2] Retrieved trustpoint(s): 'TP-A' 'TP-B'",
        *packet(False, "IKE_AUTH", "REQUEST", 1, "VID IDi CERT CERTREQ AUTH SA TSi TSr"),
        "[S]Searching policy based on peer's identity 'cn=peer, o=Net' of type 'DER ASN1 DN'",
        "[-]found matching IKEv2 profile 'CERTS'",
        "[S]Verify peer's policy",
        "[S]Peer's authentication method is 'RSA'",
        "[A][IKEv2 -> PKI] Validating certificate chain",
        "CRYPTO_PKI: (A1) Adding peer certificate",
        "[A][PKI -> IKEv2] Validation of certificate chain PASSED",
        "[S]Verify peer's authentication data",
        "[A][Crypto Engine -> IKEv2] Verification of signed authentication data PASSED",
        "[S]Verification of peer's authentication data PASSED",
        *UP,
    )
    assert (n.role, n.outcome, n.profile) == (Side.RESPONDER, Outcome.UP, "CERTS")
    assert n.trustpoints == ["TP-A", "TP-B"]
    assert (n.peer, n.peer_method, n.keyring) == (PEER, "RSA", None)


def test_a_certificate_without_a_known_issuer() -> None:
    n = one(
        *RESPONDER_INIT,
        "[S]Peer's authentication method is 'RSA'",
        "[A][IKEv2 -> PKI] Validating certificate chain",
        "CRYPTO_PKI: (A1)validation path has 1 certs",
        "CRYPTO_PKI: No trust point for cert issuer, looking up cert chain",
        "CRYPTO_PKI: (A1) No suitable trustpoints found",
        "[S]: Platform errors",
        "[S]Verify cert failed",
        "[S]Verification of peer's authentication data FAILED",
        "[S]Auth exchange failed",
        "[S]Deleting SA",
    )
    assert n.outcome is Outcome.FAILED
    assert n.failure is not None
    assert (n.failure.message, n.failure.phase) == ("M162", Phase.AUTHENTICATION)
    assert len(n.errors) > 3


def test_anyconnect_asks_for_the_user_before_it_authenticates() -> None:
    lines = (
        *RESPONDER_INIT,
        *packet(False, "IKE_AUTH", "REQUEST", 1, "VID IDi CERTREQ CFG SA TSi TSr"),
        "[S]Searching policy based on peer's identity '*$AnyConnectClient$*' of type 'key ID'",
        "[-]found matching IKEv2 profile 'AC'",
        "[S]My authentication method is 'RSA'",
        "[S]Generating AnyConnect EAP request",
        *packet(True, "IKE_AUTH", "RESPONSE", 1, "IDr CERT AUTH EAP"),
        *packet(False, "IKE_AUTH", "REQUEST", 2, "EAP"),
        "[S]Processing AnyConnect EAP response",
        "[-]Using authentication method list VPN-USERS",
        "[A][IKEv2 -> AAA] Authentication request sent",
    )
    n = one(*lines)
    assert (n.outcome, n.identity, n.authentication_list) == (Outcome.INCOMPLETE, "*$AnyConnectClient$*", "VPN-USERS")
    assert n.milestone is Milestone.SA_INIT_DONE  # an answer that carries EAP has not accepted a child SA
    n = one(
        *lines,
        "RADIUS(0000002A): Send Access-Request to 192.0.2.60:1812 id 1645/7, len 120",
        "RADIUS: Received from id 1645/7 192.0.2.60:1812, Access-Reject, len 20",
        "[A][AAA -> IKEv2] Received AAA authentication response",
        "[S]Auth exchange failed",
        "[S]Deleting SA",
    )
    assert n.outcome is Outcome.FAILED
    assert n.failure is not None
    assert (n.failure.message, n.failure.phase) == ("M203", Phase.AUTHENTICATION)


def test_a_spoke_tells_its_routes_and_they_are_confirmed() -> None:
    n = one(
        *INITIATOR_INIT_DONE,
        *UP,
        "[S]Sending info exch config req",
        "[-]Config data to send:",
        "[S]Config-type: Config-set",
        "[S]Attrib type: ipv4-subnet, length: 8, data: 10.44.0.0 255.255.0.0",
        "[S]Have config mode data to send",
        *packet(True, "INFORMATIONAL", "REQUEST", 2, "ENCR"),
        *packet(False, "INFORMATIONAL", "RESPONSE", 2, "CFG"),
        "[-]Config data recieved:",
        "[S]Config-type: Config-ack",
        "[S]Attrib type: ipv4-subnet, length: 0",
    )
    assert n.outcome is Outcome.UP
    assert [(a.config_type, a.sent) for a in n.attributes] == [("set", True), ("ack", False)]


def test_a_rekey_of_the_child_and_one_that_is_refused() -> None:
    rekey = packet(False, "CREATE_CHILD_SA", "REQUEST", 5, "SA N KE TSi TSr NOTIFY(REKEY_SA)")
    n = one(*RESPONDER_INIT, *UP, *rekey, *packet(True, "CREATE_CHILD_SA", "RESPONSE", 5, "SA N KE TSi TSr"))
    assert (n.outcome, n.child_rekeys, n.errors) == (Outcome.UP, 1, [])
    n = one(*RESPONDER_INIT, *UP, *rekey, "[S]Failed to find a matching policy", "[S]Sending no proposal chosen notify")
    assert n.outcome is Outcome.UP  # the IKE SA stays
    assert [(e.message, e.phase) for e in n.errors] == [("M070", Phase.CHILD_SA)]


def test_nat_moves_the_ports() -> None:
    n = one(
        *RESPONDER_INIT,
        "[S]NAT OUTSIDE found",
        "[S]NAT detected float to init port 61022, resp port 4500",
        *packet(False, "IKE_AUTH", "REQUEST", 1, "VID IDi AUTH SA TSi TSr", port=4500),
    )
    assert n.peer_port == "4500"
    assert n.nat is not None
    assert "61022" in n.nat


def test_nat_traversal_that_is_turned_off() -> None:
    n = one(*RESPONDER_INIT, "[S]NAT is found but it is not supported.: NAT-T disabled via cli", "[S]Deleting SA")
    assert n.failure is not None
    assert (n.failure.message, n.failure.phase, n.outcome) == ("M061", Phase.SA_INIT, Outcome.FAILED)


def test_the_peer_deletes_at_once_what_just_came_up() -> None:
    n = one(
        *RESPONDER_INIT,
        *UP,
        f"[S]Processing DELETE INFO message for IKEv2 SA [ISPI: 0x{I_SPI} RSPI: 0x{R_SPI}]",
        "[S]Process delete request from peer",
        "[S]Deleting SA",
    )
    assert (n.outcome, n.deleted_by_peer, n.errors) == (Outcome.DELETED, True, [])


def test_an_address_pool_that_has_nothing_left() -> None:
    n = one(
        *RESPONDER_INIT,
        "[S]Verification of peer's authentication data PASSED",
        "[-]Using mlist L and username U for group author request",
        "[A][IKEv2 -> AAA] Authorisation request sent",
        "[A][AAA -> IKEv2] Received AAA authorisation response",
        "[S]Failed to allocate IP addr",
        "[S]Auth exchange failed",
        "[S]Deleting SA",
    )
    assert n.failure is not None
    assert n.failure.phase is Phase.CONFIG_MODE


def test_the_peer_refuses_our_proposal() -> None:
    n = one(
        *INITIATOR_INIT,
        *packet(False, "IKE_SA_INIT", "RESPONSE", 0, "NOTIFY(NO_PROPOSAL_CHOSEN)"),
        "[S]Received no proposal chosen notify",
        "[S]Initial exchange failed: Initial exchange failed",
        "[S]Deleting SA",
    )
    assert n.failure is not None
    assert (n.failure.phase, n.failure.by_peer) == (Phase.SA_INIT, True)
    assert n.notifies_received == ["NO_PROPOSAL_CHOSEN"]


def test_the_peer_refuses_our_authentication() -> None:
    n = one(
        *INITIATOR_INIT_DONE,
        *packet(False, "IKE_AUTH", "RESPONSE", 1, "NOTIFY(AUTHENTICATION_FAILED)"),
        "[S]Process auth response notify",
        "[S]Failed to authenticate the IKE SA",
        "[S]Verify auth failed",
        "[S]Auth exchange failed",
        "[S]Deleting SA",
    )
    assert n.failure is not None
    assert (n.failure.phase, n.failure.by_peer) == (Phase.AUTHENTICATION, True)


def test_a_key_that_differs_shortly_after_somebody_left_configuration_mode() -> None:
    n = one(
        "%SYS-5-CONFIG_I: Configured from console by console",
        *RESPONDER_INIT,
        "[S]Verify peer's authentication data",
        "[S]Failed to authenticate the IKE SA",
        "[S]Verification of peer's authentication data FAILED",
        "[S]Auth exchange failed",
        "[S]Deleting SA",
    )
    assert n.outcome is Outcome.FAILED
    assert n.operator_action is None


def test_a_shutdown_is_told_after_its_effect() -> None:
    n = one(
        *RESPONDER_INIT,
        *UP,
        "[S]Sending DELETE INFO message for IKEv2 SA [ISPI: 0x5EC0000000000001 RSPI: 0x5EC0000000000002]",
        "[S]Deleting SA",
        "%SYS-5-CONFIG_I: Configured from console by console",
    )
    assert (n.outcome, n.deleted_by_peer) == (Outcome.DELETED, False)
    assert n.operator_action is not None


def test_an_initiator_without_a_key_never_begins() -> None:
    found = read(
        *RESPONDER_INIT,
        *UP,
        "[-]% Getting preshared key from profile keyring OTHER-RING",
        "IKEv2-ERROR:Failed to initiate sa",
        "[S]Sending DPD/liveness query",
    )
    assert [(n.keyring, n.outcome) for n in found] == [(None, Outcome.UP), ("OTHER-RING", Outcome.FAILED)]


def test_a_packet_for_an_sa_that_is_gone_accuses_nobody() -> None:
    found = read(
        *RESPONDER_INIT,
        "IKEv2-ERROR:Couldn't find matching SA: Detected an invalid IKE SPI",
        "IKEv2-ERROR:: A supplied parameter is incorrect",
    )
    assert [(n.outcome, n.errors) for n in found] == [(Outcome.INCOMPLETE, [])]


def test_the_event_trace_names_both_ends_on_each_line() -> None:
    found = read(
        "*Apr  4 00:17:00.424: SA ID:1 SESSION ID:2 Remote: 203.0.113.44/500 Local: 192.0.2.1/500  (I) Sending IKEv2 IKE_SA_INIT Exchange REQUEST",
        "*Apr  4 00:17:00.510: SA ID:1 SESSION ID:2 Remote: 203.0.113.44/500 Local: 192.0.2.1/500  Session with IKE ID PAIR(203.0.113.44 , 192.0.2.1) is UP",
        "*Apr  4 00:17:00.512: SA ID:0 SESSION ID:0    IKEV2-RECV-KMI: KMI Received: KEY_ENG_REQUEST_SAS, KMI source: IPSEC key engine, KMI dest: Crypto IKEv2, local: 192.0.2.1, remote: 203.0.113.44",
    )
    assert [(n.session, n.peer, n.local, n.role, n.outcome) for n in found] == [
        ("2", PEER, HUB, Side.INITIATOR, Outcome.UP)
    ]


def test_lines_that_an_asa_numbers() -> None:
    asa = ("Verify SA init message", "Failed to find a matching policy", "Initial exchange failed", "Deleting SA")
    found = read(*(f"IKEv2-PROTO-2: ({number}): {text}" for number in (7, 8) for text in asa))
    assert [(n.session, n.sa, n.outcome) for n in found] == [("", "7", Outcome.FAILED), ("", "8", Outcome.FAILED)]


def test_proposals_over_several_lines() -> None:
    n = one(
        *RESPONDER_INIT[:14],
        "[S]Failed to verify the proposed policies",
        "[S]Received Policies:",
        "Proposal 1:  AES-CBC-256 SHA512 SHA512 DH_GROUP_384_ECP/Group 20",
        "",
        "[S]Failed to find a matching policy",
        "[S]Expected Policies:",
        "Proposal 1:  AES-GCM-256 SHA384 DH_GROUP_256_ECP/Group 19 DH_GROUP_2048_MODP/Group 14",
        "",
        "[S]Failed to find a matching policy",
    )
    (received,), (expected,) = n.received, n.expected
    assert (received.encryption, received.prf, received.integrity, received.group) == (
        ("AES-CBC-256",),
        ("SHA512",),
        ("SHA512",),
        ("20",),
    )
    assert (expected.encryption, expected.prf, expected.integrity, expected.group) == (
        ("AES-GCM-256",),
        ("SHA384",),
        (),
        ("19", "14"),
    )
    assert n.expected_empty is None


def test_proposals_of_esp_in_one_line() -> None:
    error = "Failed to find a matching policy"
    n = one(
        f"[S]Received Policies: : {error}ESP: Proposal 1:  AES-CBC-256 SHA256 Don't use ESNESP: Proposal 2:  AES-GCM-256 Don't use ESN",
        f"[S]Expected Policies: : {error}ESP: Proposal 1:  AES-CBC-128 SHA256 Don't use ESN",
    )
    assert [(t.protocol, t.encryption) for t in n.received] == [("ESP", ("AES-CBC-256",)), ("ESP", ("AES-GCM-256",))]
    assert [(t.protocol, t.encryption) for t in n.expected] == [("ESP", ("AES-CBC-128",))]
    assert n.failure is not None
    assert n.failure.phase is Phase.CHILD_SA


def test_a_list_of_expected_proposals_that_is_empty() -> None:
    n = one(
        "[S]Received Policies:",
        "ESP: Proposal 1:  AES-CBC-256 SHA256 Don't use ESN",
        "[S]Expected Policies:",
        "[S]Failed to find a matching policy",
    )
    assert n.expected_empty is not None
    assert n.failure is not None
    assert n.failure.phase is Phase.CHILD_SA


def test_negotiations_are_handed_out_as_they_close() -> None:
    blocks_left = [f"IKEv2:(SESSION ID = {n},SA ID = 2):Insert SA\n".encode() * 9 for n in range(900, 1, -1)]
    blocks_left.append(b"IKEv2:(SESSION ID = 1,SA ID = 1):Deleting SA\n")

    def blocks() -> Iterator[bytes]:
        while blocks_left:
            yield blocks_left.pop()

    assert next(LogReader(blocks(), "r.log").negotiations()).session == "1"
    assert blocks_left


VERIFIED_UP = (
    "[S]Searching policy based on peer's identity 'br4.example.com' of type 'FQDN'",
    "[S]Verification of peer's authentication data PASSED",
    "[S]Session with IKE ID PAIR (br4.example.com, hub.example.com) is UP",
    "[A][IPsec -> IKEv2] Creation of IPsec SA into IPsec database PASSED",
)
SPIS = f"[ISPI: 0x{I_SPI} RSPI: 0x{R_SPI}]"
CHILD_GONE = (
    *packet(False, "INFORMATIONAL", "REQUEST", 2, "DELETE"),
    "[S]Process delete request from peer",
    "[S]Processing DELETE INFO message for IPsec SA [SPI: 0x12345678]",
)
OURS = (f"[S]Sending DELETE INFO message for IKEv2 SA {SPIS}", "[S]Check for existing active SA", "[S]Deleting SA")
THEIRS = (
    *packet(False, "INFORMATIONAL", "REQUEST", 3, "DELETE"),
    "[S]Process delete request from peer",
    f"[S]Processing DELETE INFO message for IKEv2 SA {SPIS}",
    "[S]Deleting SA",
)


def test_who_deleted_the_sa() -> None:
    def by_peer(*lines: str) -> bool | None:
        return one(*RESPONDER_INIT, *VERIFIED_UP, *lines).deleted_by_peer

    assert by_peer(*OURS) is False
    assert by_peer(*THEIRS) is True
    assert by_peer("[S]Deleting SA") is None
    answer = packet(False, "INFORMATIONAL", "RESPONSE", 0, "DELETE")  # theirs to ours
    assert by_peer(OURS[0], *packet(True, "INFORMATIONAL", "REQUEST", 0, "ENCR"), *answer, "[S]Deleting SA") is False


def test_a_child_that_the_peer_deletes_leaves_the_ike_sa_alone() -> None:
    n = one(*RESPONDER_INIT, *VERIFIED_UP, *CHILD_GONE)
    assert (n.outcome, n.deleted_by_peer) == (Outcome.UP, None)
    swapped = (*CHILD_GONE[:-2], CHILD_GONE[-1], CHILD_GONE[-2])
    for gone in (CHILD_GONE, swapped):
        assert one(*RESPONDER_INIT, *VERIFIED_UP, *gone, *OURS).deleted_by_peer is False
        assert one(*RESPONDER_INIT, *VERIFIED_UP, *gone, *THEIRS).deleted_by_peer is True


def test_ports_that_a_translation_moved_twice() -> None:
    """The peer comes from a port that NAT chose, and from another after the move to 4500."""
    moved = [line.replace(f"{PEER}:500", f"{PEER}:1027") for line in RESPONDER_INIT]
    found = ("[S]NAT OUTSIDE found", "[S]NAT detected float to init port 1028, resp port 4500")
    auth = [
        line.replace(f"{PEER}:4500", f"{PEER}:1028")
        for line in packet(False, "IKE_AUTH", "REQUEST", 1, "IDi AUTH", 4500)
    ]
    n = one(*moved, *found, *auth, *VERIFIED_UP)
    assert (str(n.peer), str(n.peer_port), n.outcome) == (PEER, "1028", Outcome.UP)
    assert n.nat == "NAT detected float to init port 1028, resp port 4500"


def test_what_an_operator_did_and_what_he_did_not() -> None:
    end = ("[S]Failed SA init exchange", "[S]Deleting SA")

    def action(line: str) -> str:
        return str(one(*RESPONDER_INIT, line, *end).operator_action or "")

    logged = "%PARSER-5-CFGLOG_LOGGEDCMD: User:netops  logged command:"
    for command in ("!exec: clear crypto session", "shutdown", "no crypto ikev2 profile EDGE", "!exec: reload"):
        assert command in action(logged + command)
    for command in ("description to the branch", "ip route 10.0.0.0 255.0.0.0 Null0", "!exec: undebug all"):
        assert action(logged + command) == ""
    assert action("%LINK-5-CHANGED: Interface Tunnel0, changed state to administratively down")
    assert action("hub#clear crypto ikev2 sa remote 203.0.113.44")
    assert action("hub#show crypto ikev2 sa") == ""


def test_a_restart_ends_what_was_up() -> None:
    again = [line.replace(I_SPI, "5EC00000000000AA") for line in RESPONDER_INIT]
    before, after = read(*RESPONDER_INIT, *VERIFIED_UP, "%SYS-5-RESTART: System restarted --", *again)
    assert (before.outcome, before.errors, before.milestone) == (Outcome.DELETED, [], Milestone.IPSEC_SA)
    assert (after.outcome, after.milestone) == (Outcome.INCOMPLETE, Milestone.SA_INIT_DONE)


def test_an_asa_tidies_up_after_it_deleted_the_sa() -> None:
    head = "IKEv2-PROTO-2: (14): "
    lines = [
        f"{head}Received Packet [From {PEER}:500/To {HUB}:500/VRF i0:f0]",
        f"(14): Initiator SPI : {I_SPI} - Responder SPI : {NONE} Message id: 0",
        f"{head}Failed SA init exchange",
        "IKEv2-PROTO-1: (14): Initial exchange failed",
        f"{head}Abort exchange",
        f"{head}Deleting SA",
        "IKEv2-PLAT-2: (14): PSH cleanup",
    ]
    (n,) = LogReader(["\n".join(lines).encode()], "asa.log").negotiations()
    assert n.outcome is Outcome.FAILED
