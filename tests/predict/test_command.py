"""`flexlint predict`: the text and the JSON say the same, the JSON follows its published schema, no key is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from flexlint.report.prediction import SCHEMA_FILE, json_schema

HUB = """hostname hub1
version 17.9
crypto ikev2 name-mangler ORG
 dn organization
crypto ikev2 proposal CBC
 encryption aes-cbc-256
 integrity sha384
 group 20
crypto ikev2 policy EDGE
 match fvrf INET
 proposal CBC
crypto ikev2 keyring KEYS
 peer SOUTH
  identity fqdn domain south.example.net
  pre-shared-key 0 nine-fathom-pilot
 peer ELSE
  address 203.0.113.99
  pre-shared-key 0 ten-fathom-pilot
crypto pki certificate map CORP 10
 subject-name co o = corp
crypto ikev2 authorization policy corp
 pool BRANCHES
 route set remote ipv4 10.0.0.0 255.0.0.0
crypto ikev2 profile BRANCH
 match fvrf INET
 match identity remote fqdn domain example.net
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
 virtual-template 1
crypto ikev2 profile CERT
 match fvrf INET
 match certificate CORP
 authentication local rsa-sig
 authentication remote rsa-sig
 pki trustpoint CA
 aaa authorization group cert list FLEX name-mangler ORG
 virtual-template 1
crypto ipsec profile SPOKES
 set ikev2-profile BRANCH
interface Virtual-Template1 type tunnel
 ip unnumbered Loopback0
 tunnel protection ipsec profile SPOKES
interface Tunnel9
 tunnel destination 203.0.113.99
 tunnel source GigabitEthernet1
 tunnel protection ipsec profile SPOKES
aaa authorization network FLEX local
ip local pool BRANCHES 10.20.1.1 10.20.1.99
"""


@pytest.fixture
def hub(tmp_path: Path) -> str:
    path = tmp_path / "hub.cfg"
    path.write_text(HUB)
    return str(path)


def told(flexlint, hub: str, *arguments: str) -> dict[str, Any]:
    ran = flexlint("predict", hub, *arguments, "--json")
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    jsonschema_rs.validate(json.loads(SCHEMA_FILE.read_text()), document)
    assert "fathom" not in ran.stdout
    return document


def step(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in document["steps"] if one["step"] == name)


def test_published_schema_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == json_schema(), "run python -m flexlint.report.prediction"


def test_a_branch_by_name(flexlint, hub: str) -> None:
    document = told(flexlint, hub, "--identity", "fqdn:br7.south.example.net", "--fvrf", "INET", "--method", "psk")
    profile = step(document, "profile")
    assert (profile["chosen"]["name"], profile["because"]["line"], profile["sureness"]) == ("BRANCH", 26, "contested")
    assert profile["contested"]["name"] == "domain-depth"
    assert [(one["candidate"]["name"], one["at"]["line"]) for one in profile["rejected"]] == [("CERT", 33)]
    assert profile["rejected"][0]["reason"] == "wants a certificate that map CORP accepts"
    assert step(document, "peer block")["chosen"]["name"] == "SOUTH"
    assert step(document, "policy")["because"]["text"] == "match fvrf INET"
    assert [one["name"] for one in document["proposals"]] == ["CBC"]


def test_an_assumption_settles_it(flexlint, hub: str) -> None:
    wanted = ("--identity", "fqdn:br7.south.example.net", "--fvrf", "INET", "--assume", "domain-depth=exact")
    profile = step(told(flexlint, hub, *wanted), "profile")
    reasons = {one["candidate"]["name"]: one["reason"] for one in profile["rejected"]}
    assert "domain-depth=exact" in reasons["BRANCH"]
    assert (profile["chosen"] or {}).get("name") != "BRANCH"


def test_another_vrf_is_why_nothing_fits(flexlint, hub: str) -> None:
    document = told(flexlint, hub, "--identity", "fqdn:br7.example.net", "--fvrf", "")
    assert step(document, "profile")["chosen"] is None
    reasons = {one["candidate"]["name"]: one["reason"] for one in step(document, "profile")["rejected"]}
    assert reasons["BRANCH"] == "wants VRF INET, and the packet came in the global VRF"
    assert step(document, "policy")["chosen"] == {"name": "default", "implicit": True, "at": None}


def test_a_certificate_leads_to_a_policy_and_its_attributes(flexlint, hub: str) -> None:
    document = told(flexlint, hub, "--cert-dn", "cn=br7,o=corp", "--fvrf", "INET", "--method", "rsa-sig")
    assert step(document, "profile")["chosen"]["name"] == "CERT"
    assert step(document, "AAA list")["chosen"]["name"] == "FLEX"
    assert document["name_asked_for"] == "corp"
    assert step(document, "authorization policy")["chosen"]["at"]["line"] == 21
    assert [one["text"] for one in document["attributes"]] == [
        "pool BRANCHES",
        "route set remote ipv4 10.0.0.0 255.0.0.0",
    ]
    assert document["routes"] == ["10.0.0.0/8"]
    assert step(document, "pool")["chosen"]["name"] == "BRANCHES"


def test_an_initiator_goes_by_its_tunnel(flexlint, hub: str) -> None:
    document = told(flexlint, hub, "--role", "initiator", "--peer", "203.0.113.99")
    assert step(document, "interface")["chosen"]["name"] == "Tunnel9"
    assert step(document, "profile")["chosen"]["name"] == "BRANCH"
    block = step(document, "peer block")
    assert block["chosen"]["name"] == "ELSE"
    assert block["rejected"][0]["reason"] == "has an identity only, which an initiator does not look at"


def test_text_and_json_tell_the_same_choices(flexlint, hub: str) -> None:
    wanted = ("--cert-dn", "cn=br7,o=corp", "--fvrf", "INET", "--method", "rsa-sig")
    text = flexlint("predict", hub, *wanted).stdout
    for one in told(flexlint, hub, *wanted)["steps"]:
        for candidate in filter(None, [one["chosen"], *one["also"], *(f["candidate"] for f in one["rejected"])]):
            assert candidate["name"] in text
        assert one["missing"] in text
    assert "route set remote ipv4 10.0.0.0 255.0.0.0" in text


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "give --identity TYPE:VALUE"),
        (("--identity", "fqdn"), "--identity fqdn has no value"),
        (("--identity", "name:x"), "one of the types address, fqdn"),
        (("--identity", "any:x", "--peer", "300.1.1.1"), "'300.1.1.1' is no IP address"),
        (("--identity", "fqdn:x", "--method", "md5"), "'md5' is no method"),
        (("--identity", "fqdn:x", "--assume", "x=y"), "settles nothing"),
    ],
)
def test_errors_are_one_line_and_status_2(flexlint, hub: str, arguments: tuple[str, ...], error: str) -> None:
    ran = flexlint("predict", hub, *arguments)
    assert ran.returncode == 2
    assert error in ran.stderr
    assert ran.stderr.count("\n") == 1
