"""How sure a finding is: every open point can be settled and changes what is said; doubtful lines make it less sure."""

from __future__ import annotations

import pytest

from flexlint.cards import cards
from flexlint.config.model import IdentityKind, Method
from flexlint.config.parse import read_device
from flexlint.finding import Confidence, Finding
from flexlint.judging.book import complete
from flexlint.place import Certainty, Seen, TextFile
from flexlint.predict import predict
from flexlint.predict.model import Identity, PeerFacts
from flexlint.rulebook import Settings
from test_cards import findings


def found(rule: str, assumed: str = "", **edits: tuple[tuple[str, str], ...]) -> list[Finding]:
    """What a rule finds in the contradiction of its card, edited, under an assumption `NAME=VALUE`."""
    files = dict(cards()[rule].example("Contradiction").files)
    for name, pairs in edits.items():
        path = name.replace("_cfg", ".cfg")
        for old, new in pairs:
            assert old in files[path]
            files[path] = files[path].replace(old, new)
    name, _, value = assumed.partition("=")
    return findings(cards()[rule], files, Settings(assumptions={name: value} if assumed else {}))


def test_routes_are_taken_without_a_line_only_when_that_is_assumed() -> None:
    without = {"branch1_cfg": ((" route accept any\n", ""),)}
    assert not found("TUN205", **without)
    assert found("TUN205", "route-accept=accepted", **without)
    assert not found("TUN205", "route-accept=refused", **without)


def test_a_router_with_a_certificate_presents_its_address_only_when_that_is_assumed() -> None:
    """The hub has no `identity local`; the branch matches a name."""
    signed = {
        "hub_cfg": (
            (" identity local fqdn hub-a.example.net\n", ""),
            ("authentication local pre-share", "authentication local rsa-sig"),
        )
    }
    assert not found("SEL202", **signed)
    assert not found("SEL202", "signature-identity=dn", **signed)
    [finding] = found("SEL202", "signature-identity=address", **signed)
    assert "answers as address 198.51.100.1" in finding.message


def test_of_two_keys_the_one_assumed_is_compared() -> None:
    """The inline key of the branch is right, the one in its keyring is not."""
    files = cards()["AUT203"].example("Contradiction").files
    hub, branch = (
        next(line for line in files[name].splitlines() if "pre-shared-key" in line)
        for name in ("hub.cfg", "branch1.cfg")
    )
    right = hub.split()[-1]
    both = {
        "branch1_cfg": (
            ("authentication local pre-share", f"authentication local pre-share key {right}"),
            ("authentication remote pre-share", f"authentication remote pre-share key {right}"),
        )
    }
    assert branch.split()[-1] != right
    assert not found("AUT203", **both)
    assert not found("AUT203", "inline-key=inline", **both)
    assert found("AUT203", "inline-key=keyring", **both)


@pytest.mark.parametrize(("assumptions", "name"), [({}, None), ({"group-name": "identity"}, "br1.example.net")])
def test_a_group_without_a_name_is_the_identity_only_when_that_is_assumed(
    assumptions: dict[str, str], name: str | None
) -> None:
    text = """
crypto ikev2 profile FLEX
 match identity remote fqdn domain example.net
 authentication local pre-share
 authentication remote pre-share
 aaa authorization group psk list AUTHOR
"""
    device = read_device(TextFile("hub.cfg", text.splitlines()))
    facts = PeerFacts(fvrf="", identity=Identity(IdentityKind.FQDN, "br1.example.net"), method=Method.PSK)
    assert predict(device, facts, assumptions).aaa_name == name


@pytest.mark.parametrize("rule", ["CMP045", "CMP046"])
def test_a_proposal_that_is_refused_is_an_error_when_that_is_assumed(rule: str) -> None:
    point = {"CMP045": "gcm-integrity", "CMP046": "gcm-cbc-mix"}[rule]
    severities = [str(found(rule, assumed)[0].severity) for assumed in ("", f"{point}=accepted", f"{point}=refused")]
    assert severities[2] == "error"
    assert "error" not in severities[:2]


@pytest.mark.parametrize(
    ("certainty", "confidence"),
    [
        (Certainty.CERTAIN, Confidence.HIGH),
        (Certainty.HIGH, Confidence.HIGH),
        (Certainty.MEDIUM, Confidence.MEDIUM),
        (Certainty.LOW, Confidence.LOW),
    ],
)
def test_a_finding_is_no_surer_than_the_lines_it_cites(certainty: Certainty, confidence: Confidence) -> None:
    log = TextFile("hub.log", ["IKEv2:a", "IKEv2:b"])
    finding = Finding("m").at(Seen.at("a", 1, "IKEv2:a", log)).saw(Seen.at("b", 2, "IKEv2:b", log, certainty))
    complete(finding, cards()["AUT005"])
    assert cards()["AUT005"].confidence is Confidence.HIGH
    assert finding.confidence is confidence
