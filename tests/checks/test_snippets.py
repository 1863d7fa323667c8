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
