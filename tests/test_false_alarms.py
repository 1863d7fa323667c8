"""Twenty things in a healthy debug that look like a fault. Of the log alone, and of the log with its configuration, the
whole run says nothing above a note."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from authoring.course import Peer
from authoring.framing import STYLES, log, spis
from authoring.judge import report_on
from authoring.scene import courses, is_spoke
from authoring.site import Site, config
from authoring.sites import hub_address, hub_certificates, hub_fqdn, hub_radius, hub_static, spoke_fqdn, spoke_vrf
from authoring.trace import NONE, Ids, Said, initiate_trace, respond_trace
from flexlint.finding import Severity
from flexlint.report.model import Report


@dataclass
class Debug:
    """The debug of a router that its peers meet one after another, to be written into."""

    site: Site
    peers: list[Peer]
    style: str = "console"
    lines: list[tuple[Ids, Said]] = field(default_factory=list)
    owners: list[Ids] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = spis(4)
        make = initiate_trace if is_spoke(self.site) else respond_trace
        for peer, course in zip(self.peers, courses(self.site, self.peers), strict=True):
            assert course.stop == ""
            self.owners.append(next(ids))
            self.lines += [(self.owners[-1], said) for said in make(self.site, peer, course, self.owners[-1])]

    def at(self, text: str, after: bool = False) -> int:
        """Where the first line with this text stands, or what follows its record."""
        index = next(i for i, (_, said) in enumerate(self.lines) if text in said.text)
        if not after:
            return index
        return next(i for i in range(index + 1, len(self.lines) + 1) if self._starts(i))

    def _starts(self, index: int) -> bool:
        return index == len(self.lines) or self.lines[index][1].kind != "c"

    def put(self, index: int, *said: tuple[str, str], ids: Ids | None = None) -> Debug:
        own = ids or self.owners[0]
        self.lines[index:index] = [(own, Said(*one)) for one in said]
        return self

    def before(self, text: str, *said: tuple[str, str]) -> Debug:
        return self.put(self.at(text), *said)

    def after(self, text: str, *said: tuple[str, str]) -> Debug:
        return self.put(self.at(text, after=True), *said)

    def change(self, old: str, new: str) -> Debug:
        assert any(old in said.text for _, said in self.lines)
        self.lines = [(ids, said._replace(text=said.text.replace(old, new))) for ids, said in self.lines]
        return self

    def text(self) -> str:
        return log(self.lines, STYLES[self.style], self.site.hostname, Random(4).randrange(10**6))


def packet(
    head: str, ids: Ids, exchange: str, number: int, payloads: str, first: bool = False
) -> list[tuple[str, str]]:
    return [
        ("S", head),
        ("c", f"Initiator SPI : {ids.ispi} - Responder SPI : {NONE if first else ids.rspi} Message id: {number}"),
        ("c", f"IKEv2 {exchange} "),
        ("c", "Payload contents: "),
        ("c", f" {payloads} "),
        ("c", ""),
    ]


def first_peer(scene: tuple[Site, list[Peer]]) -> tuple[Site, list[Peer]]:
    site, peers = scene
    return site, peers[:1]


def eap_is_asked_for_with_shared_keys() -> Debug:
    eap = ("S", "Check for EAP exchange")
    return Debug(*hub_fqdn()).before("Verify peer's policy", eap).before("Generate my authentication data", eap)


def the_first_keys_are_called_rekeyed() -> Debug:
    debug = Debug(*hub_fqdn())
    assert debug.at("SKEYSEED calculation and creation of rekeyed IKEv2 SA PASSED")
    return debug


def a_pki_session_is_opened_with_shared_keys() -> Debug:
    debug = Debug(*hub_fqdn()).after("Insert SA", ("S", "Opening a PKI session"))
    return debug.after("Verification of peer's authentication data PASSED", ("S", "Closing the PKI session"))


def no_profile_is_found_for_a_static_tunnel() -> Debug:
    debug = Debug(*hub_static())
    noise = (("e", "% IKEv2 profile not found"), ("E", "Error constructing config reply"))
    return debug.before("Get my authentication method", *noise)


def no_profile_is_found_by_an_initiator_without_authorization() -> Debug:
    noise = (("e", "% IKEv2 profile not found"), ("E", ": Error constructing config reply"))
    return Debug(*spoke_vrf()).after("Verification of peer's authentication data PASSED", *noise)


def the_first_group_was_another() -> Debug:
    debug = Debug(*first_peer(hub_fqdn()))
    ids, site, peer = debug.owners[0], debug.site, debug.peers[0]
    answer = f"Sending Packet [To {peer.address}:500/From {site.local}:500/VRF i0:f0] "
    again = f"Received Packet [From {peer.address}:500/To {site.local}:500/VRF i0:f0] "
    return debug.before(
        "[IKEv2 -> Crypto Engine] Computing DH public key",
        ("E", ": The peer's KE payload contained the wrong DH group"),
        ("S", "Sending invalid ke notification, peer sent group 19, local policy prefers group 20"),
        *packet(answer, ids, "IKE_SA_INIT Exchange RESPONSE", 0, "NOTIFY(INVALID_KE_PAYLOAD)", first=True),
        *packet(again, ids, "IKE_SA_INIT Exchange REQUEST", 0, "SA KE N VID VID VID VID", first=True),
        ("S", "Verify SA init message"),
        ("S", "Processing IKE_SA_INIT message"),
    )


def the_peer_wants_another_group() -> Debug:
    site, peers = spoke_fqdn()
    site.proposals[0].group = ["19", "20"]
    debug = Debug(site, peers)
    ids, peer = debug.owners[0], peers[0]
    answer = f"Received Packet [From {peer.address}:500/To {site.local}:500/VRF i0:f0] "
    again = f"Sending Packet [To {peer.address}:500/From {site.local}:500/VRF i0:f0] "
    return debug.after(
        "Insert SA",
        *packet(answer, ids, "IKE_SA_INIT Exchange RESPONSE", 0, "NOTIFY(INVALID_KE_PAYLOAD)", first=True),
        ("S", "Processing IKE_SA_INIT message"),
        ("S", "Processing invalid ke notification, we sent group 19, peer prefers group 20"),
        ("S", "Generating IKE_SA_INIT message"),
        *packet(again, ids, "IKE_SA_INIT Exchange REQUEST", 0, "SA KE N VID VID VID VID", first=True),
    )


def is_up_comes_before_the_child() -> Debug:
    debug = Debug(*spoke_fqdn())
    assert debug.at(") is UP") < debug.at("Creation of IPsec SA into IPsec database PASSED")
    return debug


def another_session_of_the_peer_is_deleted_within() -> Debug:
    """The peer reloaded and calls again: INITIAL_CONTACT ends what is left of its former session."""
    debug = Debug(*hub_fqdn())
    old = Ids(debug.owners[0].session - 1, 9, "A1B2C3D4E5F60718", "18F6E5D4C3B2A190")
    at = debug.at("[AAA -> IKEv2] Received AAA authorisation response")
    debug.put(
        at,
        ("S", "Check for existing active SA"),
        ("S", "Delete all IKE SAs"),
        ("S", "Deleting SA"),
        ("%", "%LINEPROTO-5-UPDOWN: Line protocol on Interface Virtual-Access9, changed state to down"),
        ("%", "%LINK-3-UPDOWN: Interface Virtual-Access9, changed state to down"),
        ids=old,
    )
    return debug


def a_virtual_access_is_down_while_it_is_made() -> Debug:
    return Debug(*hub_address()).before(
        "Processing IKE_AUTH message",
        ("%", "%LINK-3-UPDOWN: Interface Virtual-Access1, changed state to down"),
        ("%", "%LINEPROTO-5-UPDOWN: Line protocol on Interface Virtual-Access1, changed state to down"),
    )


def an_answer_has_notifies_of_status_only() -> Debug:
    debug = Debug(*spoke_fqdn()).before("Searching policy based on", ("S", "Process auth response notify"))
    return debug.change("IDr AUTH CFG SA", "IDr AUTH CFG NOTIFY(SET_WINDOW_SIZE) NOTIFY(ESP_TFC_NO_SUPPORT) SA")


def a_context_is_in_use() -> Debug:
    return Debug(*hub_fqdn()).after(
        "Starting timer (8 sec)", ("E", ": Negotiation context locked currently in use"), ("E", "")
    )


def an_identity_is_not_in_the_certificate() -> Debug:
    site, peers = hub_certificates()
    said = ("%CRYPTO-6-IKMP_NO_ID_CERT_FQDN_MATCH: ID of nice.acme.example (type 2) and certificate fqdn with gw1",)
    said += (f"%CRYPTO-6-IKMP_NO_ID_CERT_ADDR_MATCH: ID of {peers[0].address} (type 1) and certificate addr with ",)
    return Debug(site, peers).after("Validation of certificate chain PASSED", *(("%", one) for one in said))


def an_attempt_is_cleared() -> Debug:
    debug = Debug(*spoke_fqdn())
    site, peer = debug.site, debug.peers[0]
    old = replace(debug.owners[0], ispi="0BADCAFE00000001", rspi="0BADCAFE00000002")
    first = f"Sending Packet [To {peer.address}:500/From {site.local}:500/VRF i0:f0] "
    debug.put(
        0,
        ("S", "Generating IKE_SA_INIT message"),
        *packet(first, old, "IKE_SA_INIT Exchange REQUEST", 0, "SA KE N VID VID VID VID", first=True),
        ("S", "Insert SA"),
        ("c", f"{site.hostname}#clear crypto ikev2 sa"),
        ("c", f"{site.hostname}#"),
        ("S", "Failed SA init exchange"),
        ("E", "Initial exchange failed: Initial exchange failed"),
        ("S", "Abort exchange"),
        ("S", "Deleting SA"),
        ids=old,
    )
    return debug


def authorisation_is_spelt_in_american() -> Debug:
    return Debug(*hub_fqdn()).change("Authorisation", "Authorization").change("authorisation", "authorization")


def a_peer_block_has_no_quotes() -> Debug:
    return Debug(*hub_fqdn()).change("Matched peer block 'KOELN'", "Matched peer block KOELN")


def an_identity_has_quotes_and_commas() -> Debug:
    site, peers = hub_certificates()
    subject = "hostname=gw.partner.example,cn=gw 7, ou=partners, o=Pat's 'Gate', Ltd"
    return Debug(site, [replace(peers[1], identity=subject)])


def an_identity_looks_like_the_line_around_it() -> Debug:
    site, peers = hub_certificates()
    return Debug(site, [replace(peers[1], identity="cn=gw7' of type 'FQDN,ou=partners,o=Initech")])


def an_identity_has_signs_of_its_own() -> Debug:
    site, peers = hub_radius()
    site.profiles[0].matches = ["key-id *$Branch-Client$*"]
    return Debug(site, [replace(peers[0], identity="*$Branch-Client$*")])


def an_identity_is_an_ipv6_address() -> Debug:
    site, _ = hub_fqdn()
    site.profiles[0].matches = ["address 2001:db8:40::/48"]
    site.keyrings[0].blocks[0].identity = None
    debug = Debug(*hub_fqdn()).change("koeln.example.net' of type 'FQDN'", "2001:db8:40::21' of type 'IPv6 address'")
    debug = debug.change("key for koeln.example.net", "key for 2001:db8:40::21")
    debug = debug.change("for id koeln.example.net", "for id 2001:db8:40::21")
    debug = debug.change("PAIR (koeln.example.net", "PAIR (2001:db8:40::21")
    debug.lines = [one for one in debug.lines if one[0] is debug.owners[0]]
    debug.site = site
    return debug


def a_user_name_has_a_note_behind_it() -> Debug:
    note = "    …… the group that our own profile names"
    return Debug(*hub_fqdn()).change("for group author request", f"for group author request{note}")


def a_cipher_is_named_once_for_each_length() -> Debug:
    site, peers = spoke_vrf()
    site.proposals[0].encryption = ["aes-cbc-256", "aes-cbc-192", "aes-cbc-128"]
    debug = Debug(site, peers)
    assert debug.at("AES-CBC   AES-CBC   AES-CBC")
    return debug


def two_sessions_have_one_session_id() -> Debug:
    site, peers = hub_fqdn()
    debug = Debug(site, peers)
    debug.owners[1].session = debug.owners[0].session
    return debug


def the_next_session_has_the_same_ids() -> Debug:
    """The branch calls, is deleted by its own wish, and calls again."""
    site, peers = hub_fqdn()
    debug = Debug(site, [peers[0], peers[0]])
    first, second = debug.owners
    second.session, second.sa = first.session, first.sa
    debug.change("Virtual-Access2", "Virtual-Access1")
    spis_ = f"ISPI: 0x{first.ispi} RSPI: 0x{first.rspi}"
    debug.put(
        next(i for i, (ids, _) in enumerate(debug.lines) if ids is second),
        *packet(
            f"Received Packet [From {peers[0].address}:500/To {site.local}:500/VRF i0:f0] ",
            *(first, "INFORMATIONAL Exchange REQUEST", 3, "DELETE"),
        ),
        ("S", f"Processing DELETE INFO message for IKEv2 SA [{spis_}]"),
        ("S", "Process delete request from peer"),
        ("S", "Check for existing active SA"),
        ("S", "Delete all IKE SAs"),
        ("S", "Deleting SA"),
        ("%", "%LINEPROTO-5-UPDOWN: Line protocol on Interface Virtual-Access1, changed state to down"),
    )
    return debug


def the_side_changes_in_an_informational_exchange() -> Debug:
    debug = Debug(*hub_fqdn())
    ids = debug.owners[0]
    trace = "SM Trace-> SA: I_SPI={} R_SPI={} ({}) MsgID = {} CurState: {} Event: {}"
    said = (("R", 1, "R_VERIFY_AUTH", "EV_CHK_AUTH4EAP"), ("R", 2, "INFO_R", "EV_RECV_INFO_REQ"))
    said += (("I", 0, "INFO_I_BLD_INFO", "EV_SEND_INFO_REQ"), ("I", 0, "INFO_I_WAIT", "EV_CHK4_PEND_DELETE"))
    lines = [("S", trace.format(ids.ispi, ids.rspi, *one)) for one in said]
    return debug.put(len(debug.lines) - 12, *lines)


def prose_and_configuration_stand_between() -> Debug:
    debug = Debug(*hub_fqdn())
    debug.before(
        "Searching policy based on",
        ("c", ""),
        ("c", "Now the hub looks for a profile. It goes by the identity of the branch:"),
        ("c", ""),
        ("c", "crypto ikev2 profile DIAL-IN"),
        ("c", " match identity remote fqdn domain example.net"),
        ("c", " keyring local SOMETHING-ELSE"),
        ("c", "!"),
    )
    return debug.before(
        "Using mlist",
        ("c", "  - if no policy was found here, Auth exchange failed would follow"),
        ("c", "  * the group is authorized, see step 4 (Deleting SA would be step 9)"),
    )


TRAPS: dict[str, Callable[[], Debug]] = {
    "01 EAP is checked for with shared keys": eap_is_asked_for_with_shared_keys,
    "02 the first keys are called rekeyed": the_first_keys_are_called_rekeyed,
    "03 a PKI session with shared keys": a_pki_session_is_opened_with_shared_keys,
    "04 no profile for a static tunnel": no_profile_is_found_for_a_static_tunnel,
    "04 no profile for an initiator": no_profile_is_found_by_an_initiator_without_authorization,
    "05 the peer's group was another": the_first_group_was_another,
    "05 our group was another": the_peer_wants_another_group,
    "06 is UP before the child": is_up_comes_before_the_child,
    "07 the former session ends within": another_session_of_the_peer_is_deleted_within,
    "08 a virtual-access goes down first": a_virtual_access_is_down_while_it_is_made,
    "09 notifies of status only": an_answer_has_notifies_of_status_only,
    "10 a context in use": a_context_is_in_use,
    "11 an identity that the certificate lacks": an_identity_is_not_in_the_certificate,
    "12 an attempt is cleared": an_attempt_is_cleared,
    "13 authorization": authorisation_is_spelt_in_american,
    "14 a peer block without quotes": a_peer_block_has_no_quotes,
    "15 an identity with quotes and commas": an_identity_has_quotes_and_commas,
    "15 an identity like the line around it": an_identity_looks_like_the_line_around_it,
    "15 an identity with signs": an_identity_has_signs_of_its_own,
    "15 an IPv6 identity": an_identity_is_an_ipv6_address,
    "16 a note behind a user name": a_user_name_has_a_note_behind_it,
    "17 a cipher three times": a_cipher_is_named_once_for_each_length,
    "18 one SESSION ID of two": two_sessions_have_one_session_id,
    "18 the next session has the same ids": the_next_session_has_the_same_ids,
    "19 the side of an informational exchange": the_side_changes_in_an_informational_exchange,
    "20 prose and configuration": prose_and_configuration_stand_between,
}
AS_KEPT = ("console", "bare", "sequence", "uptime", "merged-errors", "old")


def alarms(report: Report) -> list[str]:
    return [f"{f.rule} {f.severity}: {f.message}" for f in report.findings if f.severity is not Severity.NOTE]


def outcomes(report: Report) -> Iterable[str]:
    return [str(n.outcome) for n in report.negotiations]


@pytest.mark.parametrize("style", AS_KEPT)
@pytest.mark.parametrize("trap", TRAPS)
def test_nothing_is_wrong_where(trap: str, style: str) -> None:
    debug = TRAPS[trap]()
    debug.style = style
    text = debug.text()
    alone = report_on({"router.log": text})
    pair = report_on({"router.cfg": config(debug.site), "router.log": text})
    assert alarms(alone) == []
    assert alarms(pair) == []
    assert outcomes(alone).count("up") >= 1
    assert "failed" not in outcomes(alone)
    assert [n.profile for n in pair.negotiations] == [n.profile for n in alone.negotiations]
