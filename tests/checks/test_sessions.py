"""Steps of a session held against the configuration, in forms that the cards do not show."""

from __future__ import annotations

import pytest

from authoring.case import FOLDER
from authoring.judge import report_on
from authoring.scene import files_of
from authoring.sites import hub_fqdn
from flexlint.cards import cards
from flexlint.checks.pair.certificates import _parts
from flexlint.finding import Finding, Severity, Verdict


def files(rule: str, title: str = "Consistent") -> tuple[str, str]:
    """Configuration and log of a card's example."""
    found = cards()[rule].example(title).files
    return found.get("hub.cfg", ""), found["hub.log"]


def told(config: str, log: str, rule: str) -> list[Finding]:
    given = {"router.cfg": config, "router.log": log} if config else {"router.log": log}
    return [one for one in report_on(given).findings if one.rule == rule]


def cited(finding: Finding, config: str) -> list[str]:
    """The lines of the configuration that it names."""
    lines = config.splitlines()
    places = (finding.primary, *finding.related)
    return [lines[p.line - 1].strip() for p in places if p is not None and p.path == "router.cfg"]


# ---- who is no peer of this router -----------------------------------------------------------------------------------

SCANNER = FOLDER / "written-scanner"


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        (("", ""), Severity.NOTE),
        (("  address 203.0.113.250", "  address 198.18.44.0 255.255.255.0"), Severity.ERROR),
        (("  address 203.0.113.250", "  address 203.0.113.250\n  identity fqdn dc.example"), Severity.ERROR),
        ((" keyring local SHOPKEYS", " keyring aaa STORES"), Severity.ERROR),
        ((" authentication remote pre-share", " authentication remote pre-share\n authentication remote rsa-sig"),
         Severity.ERROR),
        ((" ip mtu 1400", " tunnel destination 198.18.44.3"), Severity.ERROR),
        (("hostname BRNO-H1", "!"), Severity.NOTE),
    ],
)  # fmt: skip
def test_only_where_no_key_could_be_found_a_refused_offer_is_a_note(
    change: tuple[str, str], severity: Severity
) -> None:
    config, log = (SCANNER / "router.cfg").read_text(), (SCANNER / "router.log").read_text()
    assert change[0] in config
    (finding,) = told(config.replace(*change), log, "SEL008")
    assert finding.severity is severity


# ---- whom the router calls -------------------------------------------------------------------------------------------

CALLED = "198.51.100.99"
CLIENT = f"""crypto ikev2 client flexvpn HUBS
 peer 1 198.51.100.10
 peer 2 {CALLED}
 client connect Tunnel1
"""
TO = " tunnel destination 198.51.100.10"


@pytest.mark.parametrize(
    "change",
    [
        (TO, " tunnel destination dynamic"),
        (TO, " tunnel destination hub.example.net"),
        (TO, " tunnel mode gre multipoint"),
        (TO, f"{TO}\n ip nhrp shortcut virtual-template 2"),
        (" keyring local KEYS", " keyring local KEYS\n virtual-template 1"),
        ("crypto ikev2 keyring", "crypto ikev2 redirect client\ncrypto ikev2 keyring"),
        ("crypto ikev2 keyring", f"{CLIENT}crypto ikev2 keyring"),
        ("hostname branch1\nversion 17.9", "! the middle of a configuration"),
    ],
)
def test_a_router_that_may_call_others_is_left_alone(change: tuple[str, str]) -> None:
    config, log = files("TUN013", "Contradiction")
    assert told(config, log, "TUN013")
    assert change[0] in config
    assert told(config.replace(*change), log, "TUN013") == []


# ---- transport mode --------------------------------------------------------------------------------------------------


def test_an_initiator_that_asked_for_the_other_mode() -> None:
    config = files("TUN013")[0]
    start = files("TUN013")[1] + (
        "*Mar  3 07:12:14.201: IKEv2:(SESSION ID = 7,SA ID = 1):Completed SA init exchange\n"
        "*Mar  3 07:12:14.202: IKEv2:(SESSION ID = 7,SA ID = 1):Generating IKE_AUTH message\n"
        "*Mar  3 07:12:14.203: IKEv2:(SESSION ID = 7,SA ID = 1):Building packet for encryption.\n"
        "Payload contents:\n"
        " VID IDi AUTH SA TSi TSr NOTIFY(INITIAL_CONTACT){} NOTIFY(ESP_TFC_NO_SUPPORT) NOTIFY(NON_FIRST_FRAGS)\n"
    )
    asked, silent = start.format(" NOTIFY(USE_TRANSPORT_MODE)"), start.format("")
    transport = config.replace("esp-gcm 256\n", "esp-gcm 256\n mode transport\n")
    [finding] = told(config, asked, "TUN012")
    assert finding.verdict is Verdict.CONTRADICTION
    [finding] = told(transport, silent, "TUN012")
    assert " mode transport" in [f" {line}" for line in cited(finding, transport)]
    assert told(transport, asked, "TUN012") == told(config, silent, "TUN012") == []
    ipsec = transport.replace(" tunnel destination", " tunnel mode ipsec ipv4\n tunnel destination")
    assert told(ipsec, silent, "TUN012") == []  # there transport mode is never asked for
    shortened = silent.replace(" NOTIFY(ESP_TFC_NO_SUPPORT) NOTIFY(NON_FIRST_FRAGS)", "")
    assert told(transport, shortened, "TUN012") == []  # a list that somebody shortened


def test_behind_nat_there_is_no_transport_mode() -> None:
    config, log = files("TUN012", "Contradiction")
    first = log.splitlines(keepends=True)[0]
    nat = first.partition("Received")[0] + "NAT OUTSIDE found\n"
    assert told(config, log, "TUN012")
    assert told(config, nat + log, "TUN012") == []


# ---- NAT -------------------------------------------------------------------------------------------------------------


def test_nat_was_passed_although_traversal_is_off_now() -> None:
    config, log = files("TUN015", "Contradiction")
    config = config.replace("ah-sha256-hmac esp-aes 256", "esp-gcm 256")
    assert told(config, log, "TUN009") == []
    off = config.replace("aaa new-model", "no crypto ipsec nat-transparency udp-encapsulation\naaa new-model")
    [finding] = told(off, log, "TUN009")
    assert finding.verdict is Verdict.CONTRADICTION
    assert cited(finding, off) == ["no crypto ipsec nat-transparency udp-encapsulation"]


def test_one_transform_set_without_a_header_is_enough() -> None:
    config, log = files("TUN015", "Contradiction")
    two = config.replace("crypto ipsec profile", "crypto ipsec transform-set ESP esp-gcm 256\ncrypto ipsec profile")
    assert told(two.replace("set transform-set GCM", "set transform-set GCM ESP"), log, "TUN015") == []


# ---- identities ------------------------------------------------------------------------------------------------------


def test_another_kind_of_identity_than_the_name_of_the_certificate() -> None:
    config, log = files("AUT018")
    other = log.replace("'hostname=hub1.example.net,cn=hub1.example.net,ou=VPN,o=Example' of type 'DER ASN1 DN'", "{}")
    assert told(config, log, "AUT010") == []
    [finding] = told(config, other.format("'hub1.example.net' of type 'FQDN'"), "AUT010")
    assert cited(finding, config) == ["identity local dn"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("CN=hub1, O = Ex  ample", [("cn", "hub1"), ("o", "ex ample")]),
        ('cn="a, b",emailAddress=x@example.net', [("cn", "a, b"), ("e", "x@example.net")]),
        ("no name at all", []),
        ('cn="' + '"' * 20_000, [("cn", "")]),
    ],
)
def test_parts_of_a_name(name: str, parts: list[tuple[str, str]]) -> None:
    assert _parts(name)[:2] == parts


# ---- VRF -------------------------------------------------------------------------------------------------------------


def test_an_address_moved_into_the_global_table() -> None:
    config, log = files("SEL013")
    [finding] = told(config, log.replace("VRF i0:f0", "VRF i0:f3"), "SEL013")
    assert cited(finding, config) == ["interface GigabitEthernet1"]


# ---- static routes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "is_rival"),
    [
        ("ip route 10.21.0.0 255.255.255.0 GigabitEthernet1 198.51.100.1", True),
        ("ip route 10.21.0.0 255.255.255.0 10.77.1.14", False),  # by way of the peer itself
        ("ip route 10.21.0.0 255.255.255.0 192.0.2.77", False),  # nobody knows where that is
        ("ip route 10.21.0.0 255.255.255.0 Null0", False),
        ("ip route 10.21.0.0 255.255.0.0 198.51.100.1", False),
        ("ip route vrf LAB 10.21.0.0 255.255.255.0 198.51.100.1", False),
    ],
)
def test_static_routes_that_compete_with_the_tunnel(line: str, is_rival: bool) -> None:
    config, log = files("TUN016")
    assert bool(told(f"{config}{line}\n", log, "TUN016")) == is_rival


# ---- sessions that the peer deletes at once --------------------------------------------------------------------------


def _at_once(log: str) -> str:
    """The first session of a log, deleted by the peer as soon as it is up."""
    up = log.index("is UP\n") + len("is UP\n")
    ids = "IKEv2:(SESSION ID = 12,SA ID = 2):"
    return log[:up] + (
        f"May  4 09:00:00.126: {ids}Process delete request from peer\nMay  4 09:00:00.140: {ids}Deleting SA\n"
    )


def test_what_the_peer_may_have_minded_is_named() -> None:
    config = files("TUN012")[0]
    [finding] = told(config, _at_once(files("NEG010")[1]), "NEG010")
    assert {"identity local fqdn hub1.example.net", "crypto ipsec transform-set GCM esp-gcm 256"} <= set(
        cited(finding, config)
    )
    [alone] = told("", _at_once(files("NEG010")[1]), "NEG010")
    assert len(alone.related) < len(finding.related)


def test_a_template_that_cannot_carry_the_session_explains_it() -> None:
    config = files("TUN012")[0].replace("set ikev2-profile BRANCHES", "set ikev2-profile PARTNERS")
    report = report_on({"router.cfg": config, "router.log": _at_once(files("NEG010")[1])})
    said = {one.rule: one for one in report.findings}
    assert said["TUN001"].verdict is Verdict.EXPLANATION
    assert "NEG010" not in said


# ---- addresses -------------------------------------------------------------------------------------------------------


def test_pools_that_hold_the_address_are_named() -> None:
    config, log = files("TUN012")[0], files("NEG018", "Contradiction")[1]
    [finding] = told(config, log, "NEG018")
    assert cited(finding, config) == ["ip local pool BRANCHES 10.77.1.1 10.77.1.250"]
    both = config + "ip local pool SPARE 10.77.1.0 10.77.1.63\n"
    [finding] = told(both, log, "NEG018")
    assert "several pools hold it: each gives it out by itself" in finding.notes


def test_sessions_that_a_server_may_put_into_vrfs_of_their_own() -> None:
    config, log = files("TUN012")[0], files("NEG018", "Contradiction")[1]
    server = config.replace("authorization network FLEX local", "authorization network FLEX group radius")
    assert told(server, log, "NEG018") == []


GONE = "*Mar  3 07:12:14.114: IKEv2:(SESSION ID = 7,SA ID = 1):Deleting SA\n"


@pytest.mark.parametrize(
    "change",
    [
        ("branch2.example.net", "branch1.example.net"),  # the same peer came again
        ("SA ID = 2", "SA ID = 1"),  # the SA ID is free again, so that the first session is gone
        ("SESSION ID = 8", "SESSION ID = 3"),  # the router has restarted
        ("found matching IKEv2 profile 'BRANCHES'\n*Mar  3 07:12:14.120", "{}"),
    ],
)
def test_an_address_that_was_free_again(change: tuple[str, str]) -> None:
    log = files("NEG018", "Contradiction")[1]
    assert told("", log, "NEG018")
    first, second = log[: log.index("From 203.0.113.37")], log[log.index("From 203.0.113.37") :]
    if change[1] == "{}":
        second = second.replace("profile 'BRANCHES'", "profile 'PARTNERS'")  # whose VRF may be another one
    assert told("", first + second.replace(*change), "NEG018") == []


def test_an_address_given_anew_after_a_deletion() -> None:
    log = files("NEG018", "Contradiction")[1]
    at = log.index("*Mar  3 07:12:14.111: IKEv2:Received Packet")
    assert told("", log[:at] + GONE + log[at:], "NEG018") == []


@pytest.mark.parametrize("count", [3, 12])
def test_it_is_found_among_sessions_that_are_only_counted(count: int) -> None:
    site, peers = hub_fqdn()
    made = files_of(site, peers[:1], "console", 5)
    first = made["router.log"]
    logs, name = [], peers[0].identity
    for number in range(count):
        copy = first.replace(name, f"b{number}.example.net").replace(peers[0].address, f"203.0.113.{100 + number}")
        copy = copy.replace("SESSION ID = ", f"SESSION ID = {number + 1}").replace("SA ID = ", f"SA ID = {number + 1}")
        spi = next(part for part in first.split() if len(part) == 16 and part.isalnum())
        copy = copy.replace(spi, f"{number + 1:016X}").replace("10.77.1.13", f"10.77.1.{20 + min(number, count - 2)}")
        logs.append(copy)
    found = told("", "".join(logs), "NEG018")
    assert [one.primary.text.rpartition(" ")[2] for one in found if one.primary] == [f"10.77.1.{20 + count - 2}"]


ISAKMP = """ISAKMP: (0):SA request profile is (NULL)
ISAKMP: (0):Created a peer struct for 198.51.100.7, peer port 500
ISAKMP-PAK: (0):sending packet to 198.51.100.7 my_port 500 peer_port 500 (I) MM_NO_STATE
ISAKMP:(1003):Old State = IKE_I_MM1  New State = IKE_I_MM2
ISAKMP-ERROR: (0):Failed to find peer index node to update peer_info_list
"""
STARTS_IKEV1 = """version 17.9
hostname br7
crypto ikev2 keyring KEYS
 peer HUB
  address 198.51.100.7
  pre-shared-key Zx8-branch-7
crypto ikev2 profile HUB
 match identity remote address 198.51.100.7 255.255.255.255
 authentication remote pre-share
 authentication local pre-share
 keyring local KEYS
crypto ipsec profile TO-HUB
 set pfs group19
interface GigabitEthernet1
 ip address 192.0.2.7 255.255.255.0
interface Tunnel7
 ip address 10.7.0.1 255.255.255.252
 tunnel source GigabitEthernet1
 tunnel destination 198.51.100.7
 tunnel protection ipsec profile TO-HUB
"""


@pytest.mark.parametrize("clock", ["", "*Apr  2 07:00:00.001: "])
def test_ikev1_in_every_spelling_explains_a_tunnel_that_starts_it(clock):
    log = "".join(f"{clock}{line}\n" for line in ISAKMP.splitlines())
    (alone,) = report_on({"router.log": log}).findings
    assert alone.message == "IKEv1 is spoken here, and no IKEv2 (5 ISAKMP lines), which is not checked"
    (found,) = [f for f in report_on({"router.cfg": STARTS_IKEV1, "router.log": log}).findings if f.rule == "LOG006"]
    assert (found.severity, found.primary.line) == ("error", 12)
