"""A snippet that leaves a kind of object out says nothing of objects of that kind."""

from __future__ import annotations

import pytest

from authoring.judge import report_on
from authoring.scene import log_of
from authoring.site import config
from authoring.sites import hub_fqdn
from flexlint.mask import mask


def section(text: str, *starts: str) -> str:
    """The stanzas whose header begins with one of these, as `show run | section` gives them."""
    out, kept = [], False
    for line in text.split("\n"):
        if line[:1] not in (" ", "!"):
            kept = line.startswith(starts)
        if kept:
            out.append(line)
    return "\n".join(out) + "\n"


@pytest.mark.parametrize(
    "starts",
    [
        ("crypto ikev2 keyring",),
        ("crypto ikev2 profile",),
        ("crypto ikev2 profile", "crypto ikev2 keyring"),
        ("crypto ikev2 policy", "crypto ikev2 proposal"),
        ("crypto ikev2",),
        ("crypto ikev2", "crypto ipsec"),
        ("interface",),
    ],
)
def test_a_part_of_the_router_contradicts_nothing(starts):
    site, peers = hub_fqdn()
    report = report_on({"router.cfg": section(config(site), *starts), "router.log": log_of(site, peers)})
    judged = [f.message for f in report.findings if f.negotiation is not None and f.severity != "note"]
    assert judged == []


def test_a_snippet_with_the_objects_of_a_kind_still_says_which_one_is_missing():
    site, peers = hub_fqdn()
    log = log_of(site, peers)
    site.keyrings[0].name = "OTHER"
    report = report_on({"router.cfg": section(config(site), "crypto ikev2 keyring"), "router.log": log})
    assert [(f.rule, str(f.severity)) for f in report.findings if f.negotiation is not None] == [("AUT001", "warning")]


KEYS_BY_IDENTITY = """crypto ikev2 keyring KEYS
 peer BRANCH7
  address {address}
  identity key-id branch-7
  pre-shared-key Zx8-branch-7
crypto ikev2 profile BRANCHES
 match identity remote fqdn branch7.example.net
 authentication remote pre-share
 authentication local pre-share
 keyring local KEYS
"""


def test_a_peer_block_with_a_placeholder_for_its_address_may_be_the_right_one():
    report = report_on({"router.cfg": KEYS_BY_IDENTITY.replace("{address}", "<address of the branch>")})
    assert "SEL110" not in [f.rule for f in report.findings]


def test_a_keyring_without_the_identity_is_named_in_full():
    report = report_on({"router.cfg": KEYS_BY_IDENTITY.replace("  address {address}\n", "")})
    (message,) = [f.message for f in report.findings if f.rule == "SEL110"]
    assert message == (
        "profile 'BRANCHES' accepts no identity for which keyring 'KEYS' has a key; it has key-id branch-7"
    )
    assert mask(message) == message


def found(text: str) -> list[tuple[str, str, int]]:
    report = report_on({"router.cfg": text})
    return [(f.rule, str(f.severity), f.primary.line if f.primary else 0) for f in report.findings]


def test_a_remark_behind_a_command_costs_the_remark_only():
    text = """crypto ikev2 proposal P7                 # what we offer
 encryption aes-cbc-256
 integrity sha256        # as the peer has it
 group 19                ! not less
crypto ikev2 policy POL7
 proposal P7
"""
    assert found(text) == [("SYN205", "note", 1)]


def test_a_listing_with_line_numbers_is_read():
    lines = ["#the peers", "hub7(config)#crypto ikev2 keyring KEYS", "hub7(config-ikev2-keyring)#peer BRANCH7"]
    lines += ["hub7(config-ikev2-keyring-peer)#address 192.0.2.7", ""]
    lines += ["crypto ikev2 profile BRANCHES", " match identity remote any", " keyring local KEY5"]
    listing = "".join(f"  {number}. {line}\n" for number, line in enumerate(lines, 1))
    assert ("REF004", "warning", 8) in found(listing)


@pytest.mark.parametrize("variable", ["$spokesIdentity", "${identities}", "{{ identities }}"])
def test_a_variable_alone_on_its_line_may_be_any_line(variable):
    text = f"""crypto ikev2 profile BRANCHES
{variable}
authentication remote pre-share
authentication local pre-share
keyring local KEYS
"""
    assert [one for one in found(text) if one[0].startswith("CMP")] == []


def test_an_address_to_be_filled_in_is_an_address():
    text = """interface GigabitEthernet1
ip address <public address> <mask>
no shutdown
interface Tunnel7
ip address 192.0.2.1 255.255.255.252
tunnel source GigabitEthernet1
tunnel destination 198.51.100.7
"""
    assert [one for one in found(text) if one[0] == "REF030"] == []


def test_transforms_to_be_filled_in_are_not_judged():
    assert found("crypto ipsec transform-set TS7 <encryption> <integrity>\n mode tunnel\n") == []


def test_a_port_exists_without_a_line_of_its_own():
    text = """hostname branch7
interface Tunnel7
 tunnel source GigabitEthernet1
 tunnel destination 198.51.100.7
interface GigabitEthernet2
 ip address 192.0.2.1 255.255.255.0
"""
    report = report_on({"router.cfg": text})
    (finding,) = [f for f in report.findings if f.rule == "REF020"]
    assert finding.severity == "note"
    assert "did you mean" not in finding.message
    whole = report_on({"router.cfg": "version 17.9\n" + text})
    assert [str(f.severity) for f in whole.findings if f.rule == "REF020"] == ["error"]


def test_a_block_without_a_key_in_a_keyring_that_nothing_asks_is_a_note():
    text = """crypto ikev2 keyring KEYS
 peer ANY
  address 0.0.0.0 0.0.0.0
crypto ikev2 profile BRANCHES
 match identity remote any
 authentication remote rsa-sig
 authentication local rsa-sig
 pki trustpoint CA7
"""
    assert ("CMP048", "note", 2) in found(text)


def test_protection_put_on_a_tunnel_that_is_there_needs_no_ends():
    text = "br7(config)#int tun 7\nbr7(config-if)#tunnel protection ipsec profile P7\n"
    assert [one for one in found(text) if one[0] == "CMP057"] == []
    whole = "interface Tunnel7\n ip address 192.0.2.1 255.255.255.252\n tunnel protection ipsec profile P7\n"
    assert ("CMP057", "warning", 1) in found(whole)
