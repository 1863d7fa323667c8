"""Logs written for the purpose, each to the negotiations that it holds."""

from __future__ import annotations

from written import BRANCH, HUB, Session, read

from flexlint.log.model import Milestone, Outcome, Phase, Side
from flexlint.log.reader import LogReader
from flexlint.place import Certainty


def test_a_responder_with_a_shared_key_comes_up() -> None:
    [n] = read(*Session().whole())
    assert (n.role, n.outcome, n.started_inside) == (Side.RESPONDER, Outcome.UP, True)
    assert (n.peer, n.peer_port, n.local, n.ivrf_id, n.fvrf_id) == (BRANCH, "500", HUB, "0", "0")
    assert (n.identity, n.identity_type, n.own_identity) == ("branch1.example.com", "FQDN", "hub.example.com")
    assert (n.profile, n.keyring, n.peer_block, n.policy) == ("FLEX", "KEYS", "BRANCH1", "POL")
    assert [(k.identity, k.length, k.own) for k in n.keys] == [
        ("branch1.example.com", "12", False),
        ("hub.example.com", "20", True),
    ]
    assert [(a.scope, a.list, a.name) for a in n.authorizations] == [("group", "AUTHZ", "BRANCHES")]
    assert n.assigned_addresses() == ["10.9.0.7"]
    assert n.child_profile == "FLEX"
    assert n.lifetime == "86400"
    assert n.milestone is Milestone.IPSEC_SA
    assert not n.errors


def test_an_identity_that_no_profile_accepts() -> None:
    s = Session()
    lines = [*s.init(), *s.search(), *s.n("% IKEv2 profile not found")]
    lines += s.s(": Failed to locate an item in the database", "Verification of peer's authentication data FAILED")
    [n] = read(*lines, *s.gives_up())
    assert n.failure is not None
    assert (n.failure.message, n.failure.phase) == ("M116", Phase.IDENTITY)
    assert n.profile_missing is not None
    assert n.profile is None


def test_a_key_that_differs() -> None:
    s = Session()
    lines = [*s.init(), *s.search(), *s.found(), *s.verify("FAILED"), *s.s("Failed to authenticate the IKE SA")]
    [n] = read(*lines, *s.gives_up())
    assert [e.message for e in n.errors][:2] == ["M128", "M130"]
    assert n.errors[0].phase is Phase.AUTHENTICATION


def test_authorization_that_is_refused_without_a_reason() -> None:
    s = Session()
    lines = [*s.init(), *s.search(), *s.found(), *s.verify(), *s.ask()]
    [n] = read(*lines, *s.a("[AAA -> IKEv2] Received AAA authorisation response"), *s.gives_up())
    assert n.failure is not None
    assert (n.failure.message, n.failure.phase, n.outcome) == ("M133", Phase.AUTHORIZATION, Outcome.FAILED)


def test_a_child_refused_by_the_responder() -> None:
    s = Session()
    lines = [*s.init(), *s.search(), *s.found(), *s.verify(), *s.ask(), *s.answer(), *s.reply("FAILED")]
    [n] = read(*lines, *s.s("There was no IPSEC policy found for received TS"), *s.gives_up())
    assert [e.message for e in n.errors][:2] == ["M238", "M236"]
    assert n.errors[0].phase is Phase.CHILD_SA


def test_a_child_refused_by_the_peer_though_the_session_is_up() -> None:
    s = Session()
    lines = [
        *s.n("% Getting preshared key from profile keyring KEYS", "% Matched peer block 'HUB'"),
        *s.s("[IKEv2 -> Crypto Engine] Computing DH public key, DH Group 19"),
        *s.packet(False, "IKE_SA_INIT", "REQUEST", 0, "SA KE N VID"),
        *s.packet(True, "IKE_SA_INIT", "RESPONSE", 0, "SA KE N VID"),
        *s.s("Completed SA init exchange"),
        *s.packet(True, "IKE_AUTH", "RESPONSE", 1, "VID IDr AUTH NOTIFY(NO_PROPOSAL_CHOSEN)"),
        *s.s("Process auth response notify"),
        *s.verify(),
        *s.up(),
        *s.s("Deleting SA"),
    ]
    [n] = read(*lines)
    assert (n.role, n.outcome, n.keyring, n.peer_block) == (Side.INITIATOR, Outcome.FAILED, "KEYS", "HUB")
    assert n.failure is not None
    assert (n.failure.phase, n.failure.by_peer) == (Phase.CHILD_SA, True)
    assert n.failure.seen == "NOTIFY(NO_PROPOSAL_CHOSEN)"


def test_two_sessions_that_interleave() -> None:
    one, two = Session(5, 1), Session(6, 2, "0807060504030201", "203.0.113.77")
    lines = [*one.init(), *one.search(), *one.found("FIRST"), *one.verify(), *one.ask("ONE"), *two.init()]
    lines += [*two.search("b2.example.com"), *two.found("SECOND"), *one.answer(), *two.verify(), *two.ask("TWO")]
    lines += [*two.answer(), *one.reply(), *two.reply("FAILED"), *one.up(), *two.gives_up()]
    first, second = sorted(read(*lines), key=lambda n: n.id)
    assert (first.profile, first.authorizations[0].name, first.outcome) == ("FIRST", "ONE", Outcome.UP)
    assert (second.profile, second.authorizations[0].name, second.outcome) == ("SECOND", "TWO", Outcome.FAILED)
    assert second.peer == "203.0.113.77"


def test_two_identities_looked_up_at_once_are_ambiguous() -> None:
    one, two = Session(5, 1), Session(6, 2, "0807060504030201", "203.0.113.77")
    negotiations = read(*one.init(), *two.init(), *one.search(), *two.search("b2.example.com"), *one.found("WHOSE"))
    assert any(n.ambiguities for n in negotiations)
    assert all(n.profile is None or n.profile.certainty is not Certainty.CERTAIN for n in negotiations)


def test_ids_are_used_again() -> None:
    one, two = Session(5, 1), Session(5, 1, "0807060504030201")
    failed = [*one.init(), *one.search(), *one.found(), *one.verify("FAILED"), *one.gives_up()]
    first, second = read(*failed, *two.whole())
    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.UP)
    assert first.initiator_spi == one.spi
    assert second.initiator_spi == two.spi


def test_initial_contact_deletes_the_session_before() -> None:
    old, new = Session(5, 2, "1111222233334444"), Session(6, 1)
    lines = [
        *old.whole(),
        *new.init(),
        *new.search(),
        *new.found(),
        *new.verify(),
        *new.s("Processing INITIAL_CONTACT"),
    ]
    lines += [*new.ask(), *old.s("Check for existing active SA", "Deleting SA"), *new.answer(), *new.reply(), *new.up()]
    gone, stays = sorted(read(*lines), key=lambda n: n.id)
    assert (gone.outcome, gone.replaced_by, gone.errors) == (Outcome.DELETED, stays.id, [])
    assert stays.outcome is Outcome.UP


def test_a_request_that_is_never_answered() -> None:
    s = Session()
    lines = [*s.s("Generating IKE_SA_INIT message"), *s.packet(False, "IKE_SA_INIT", "REQUEST", 0, "SA KE N VID")]
    for _ in range(600):
        lines += s.s("Retransmitting packet")
    [n] = read(*lines, *s.s("Maximum number of retransmissions reached", "Deleting SA"))
    assert (n.retransmits, n.outcome) == (600, Outcome.FAILED)
    assert n.failure is not None
    assert (n.failure.message, n.failure.phase) == ("M089", Phase.SA_INIT)
    assert len(n.steps) == 400
    assert n.steps_dropped > 0


def test_proposals_on_one_line() -> None:
    s = Session()
    algorithms = "PRF: SHA512 INTEGRITY: SHA512 DH GROUP: DH_GROUP_384_ECP/Group 20"
    offered = f"Received Policies: : Failed to find a matching policyProposal 1:  ENCRYPTION: AES-CBC-128 {algorithms}"
    wanted = f"Expected Policies: : Failed to find a matching policyProposal 1:  ENCRYPTION: AES-CBC-256 {algorithms}"
    [n] = read(*s.init()[:7], *s.s(offered, wanted))
    assert [(t.protocol, t.encryption, t.group) for t in n.received] == [("IKE", ("AES-CBC-128",), ("20",))]
    assert [t.encryption for t in n.expected] == [("AES-CBC-256",)]
    assert [(e.message, e.phase) for e in n.errors] == [("M070", Phase.SA_INIT)]


def test_what_looks_like_a_fault_on_a_healthy_session() -> None:
    s = Session()
    wrong_group = s.s(": The peer's KE payload contained the wrong DH group")
    noise = [
        *s.n("% IKEv2 profile not found"),
        *s.s("Error constructing config reply", ": Negotiation context locked currently in use"),
    ]
    lines = [*s.init()[:8], *wrong_group, *s.whole()[6:], *noise]
    for n in read(*lines):
        assert n.outcome is Outcome.UP
        assert not n.errors
        assert n.profile_missing is None


def test_errors_on_a_session_that_is_up_do_not_make_it_a_failure() -> None:
    s = Session()
    [n] = read(
        *s.whole(),
        *s.s(": Failed to locate an item in the database", "Process delete request from peer", "Deleting SA"),
    )
    assert (n.outcome, n.deleted_by_peer) == (Outcome.DELETED, True)
    assert [e.phase for e in n.errors] == [Phase.ESTABLISHED]


def test_a_group_that_was_wrong_at_first_is_not_what_failed() -> None:
    s = Session()
    first = [*s.init()[:8], *s.s(": The peer's KE payload contained the wrong DH group"), *s.init()[8:]]
    lines = [*first, *s.search(), *s.found(), *s.verify(), *s.ask()]
    [n] = read(*lines, *s.a("[AAA -> IKEv2] Received AAA authorisation response"), *s.gives_up())
    assert n.failure is not None
    assert (n.failure.message, n.failure.phase) == ("M133", Phase.AUTHORIZATION)


def test_an_exchange_that_an_operator_ended() -> None:
    s = Session()
    lines = [*s.s("Generating IKE_SA_INIT message"), *s.packet(False, "IKE_SA_INIT", "REQUEST", 0, "SA KE N")]
    [n] = read(
        *lines, "spoke1#clear crypto ikev2 sa", *s.s("Initial exchange failed: Initial exchange failed", "Deleting SA")
    )
    assert n.operator_action == "clear crypto ikev2 sa"
    assert (n.outcome, n.errors) == (Outcome.DELETED, [])


def test_an_excerpt_has_not_failed() -> None:
    s = Session()
    [n] = read(*s.search(), *s.found())
    assert (n.outcome, n.started_inside, n.errors) == (Outcome.INCOMPLETE, False, [])


def test_a_route_binds_the_interface() -> None:
    s = Session()
    lines = [*s.whole(), *s.n("Config data recieved:"), *s.s("Config-type: Config-set")]
    lines += s.s("Attrib type: ipv4-subnet, length: 8, data: 10.9.0.7 255.255.255.255")
    lines += s.n("VPN Route Added 10.9.0.7 255.255.255.255 via Virtual-Access3 in vrf INSIDE")
    [n] = read(*lines)
    assert [(r.network, r.interface, r.vrf, r.added) for r in n.routes] == [
        ("10.9.0.7", "Virtual-Access3", "INSIDE", True)
    ]
    assert (n.virtual_access, n.milestone) == ("Virtual-Access3", Milestone.ROUTES)
    assert [(a.config_type, a.sent) for a in n.attributes] == [("reply", True), ("set", False)]


def test_a_flood_of_new_initiators_stays_bounded() -> None:
    def lines() -> list[str]:
        flood = []
        for number in range(6000):
            flood += Session(number, number % 900, f"{number + 1:016X}").init()[:6]
        return flood

    reader = LogReader([("\n".join(lines()) + "\n").encode()], "hub.log")
    assert sum(1 for _ in reader.negotiations()) == 6000


def test_names_the_router_spoke_of() -> None:
    reader = LogReader([("\n".join(Session().whole()) + "\n").encode()], "hub.log")
    assert len(list(reader.negotiations())) == 1
    assert reader.names["profile"] == {"FLEX"}
    assert reader.names["list"] == {"AUTHZ"}
