"""Our outline against the tree of ciscoconfparse2: equal on every configuration, but for what that library is known to
read otherwise, each of which is listed here with the proof that it still does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexlint.config.model import Device, Line, LineKind
from flexlint.config.outline import outline
from flexlint.config.parse import read_device
from flexlint.place import TextFile

Tree = dict[int, int | None]  # the 0-based line of a command to that of its parent


def parse(lines: list[str]) -> object:
    """An object of the library, which prints keys to standard output unless it is told not to."""
    from ciscoconfparse2 import CiscoConfParse
    from loguru import logger

    logger.remove()
    return CiscoConfParse(lines)


def theirs(lines: list[str]) -> Tree:
    found: Tree = {}
    for one in parse(lines).objs:  # type: ignore[attr-defined]
        if one.text.strip() and not one.text.strip().startswith("!"):
            found[one.linenum] = one.parent.linenum if one.parent.linenum != one.linenum else None
    return found


def ours(lines: list[str]) -> Tree:
    found: Tree = {}

    def walk(below: list[Line], parent: int | None) -> None:
        for one in below:
            if one.kind is LineKind.COMMAND:
                found[one.number - 1] = parent
                walk(one.children, one.number - 1)

    walk(outline(TextFile("r.cfg", lines)), None)
    return found


NAMES = st.sampled_from(["A", "B-2", "FLEX", "10"])
PEERS = st.lists(
    st.builds(
        lambda name, lines: [f" peer {name}", *(f"  {line}" for line in lines), " !"],
        NAMES,
        st.lists(
            st.sampled_from(["address 192.0.2.1", "identity fqdn a.example", "pre-shared-key local 6 x y"]), max_size=3
        ),
    ),
    max_size=4,
).map(lambda blocks: [line for block in blocks for line in block])


def stanza(header: str, *lines: str) -> st.SearchStrategy[list[str]]:
    """A header with some of these lines below it, each of them indented by one blank."""
    return st.tuples(NAMES, st.lists(st.sampled_from(lines), max_size=5)).map(
        lambda drawn: [header.format(drawn[0]), *(f" {line}" for line in drawn[1])]
    )


STANZAS = st.one_of(
    st.builds(lambda name, peers: [f"crypto ikev2 keyring {name}", *peers], NAMES, PEERS),
    stanza("crypto ikev2 profile {}", "match identity remote any", "keyring local K", "lifetime 3600", "!"),
    stanza("crypto ikev2 proposal {}", "encryption aes-cbc-256", "integrity sha256", "group 19 20"),
    stanza(
        "interface Tunnel{}", "ip address 192.0.2.1 255.255.255.0", "no shutdown", "tunnel source Gi1", "description x"
    ),
    stanza("ip access-list extended {}", "permit ip any any", "deny ip host 192.0.2.1 any log", "remark y"),
    stanza("route-map {} permit 10", "match ip address 1", "set metric 5"),
    st.sampled_from([["hostname r1"], ["aaa new-model"], ["ip local pool P 192.0.2.1 192.0.2.9"], ["!", "!"], ["end"]]),
    st.just(
        ["vrf definition V", " rd 1:1", " !", " address-family ipv4", "  route-target both 1:1", " exit-address-family"]
    ),
    st.just(["router bgp 1", " neighbor 192.0.2.2 remote-as 2", " address-family ipv4", "  network 10.0.0.0", " exit"]),
)
CONFIGURATIONS = st.lists(st.tuples(STANZAS, st.sampled_from([[], ["!"]])), max_size=10).map(
    lambda drawn: [line for block, mark in drawn for line in (*block, *mark)]
)


@settings(max_examples=150, deadline=None)
@given(CONFIGURATIONS)
def test_both_see_the_same_parents(lines: list[str]):
    assert ours(lines) == theirs(lines)


@settings(max_examples=60, deadline=None)
@given(CONFIGURATIONS)
def test_a_device_from_their_object_is_that_of_the_text(lines: list[str]):
    one, other = read_device(TextFile("r.cfg", lines)), Device.from_ciscoconfparse(parse(lines), "r.cfg")  # type: ignore[arg-type]
    for shelf in ("profiles", "keyrings", "proposals", "interfaces", "access_lists", "vrfs", "pools"):
        assert [
            (name, [(s.kind, s.words, s.line.number, s.line.column) for s in held.statements])
            for name, held in getattr(one, shelf).items()
        ] == [
            (name, [(s.kind, s.words, s.line.number, s.line.column) for s in held.statements])
            for name, held in getattr(other, shelf).items()
        ]
    assert (one.out_of_scope, len(one.unparsed)) == (other.out_of_scope, len(other.unparsed))


@pytest.mark.parametrize(
    ("text", "we_see", "they_see"),
    [
        ("banner motd ^C\ncrypto ikev2 profile NONE\n^C\nhostname r1\n", {0: None, 3: None}, "commands in a banner"),
        (
            "crypto pki certificate chain CA\n certificate 01\n  30820301 AABBCCDD\n  quit\nhostname r1\n",
            {0: None, 1: 0, 4: None},
            "commands in a certificate",
        ),
        (
            "crypto ikev2 profile P\nmatch identity remote any\nkeyring local K\n",
            {0: None, 1: 0, 2: 0},
            "no stanza where the indentation is lost",
        ),
        (
            "R1(config)#crypto ikev2 profile P\nR1(config-ikev2-profile)#keyring local K\n",
            {0: None, 1: 0},
            "prompts as part of commands",
        ),
    ],
    ids=["banner", "certificate", "lost indentation", "prompts"],
)
def test_the_known_differences_are_still_there(text: str, we_see: Tree, they_see: str):
    """When the library reads one of these as we do, its row has had its day."""
    lines = text.splitlines()
    assert ours(lines) == we_see, they_see
    assert theirs(lines) != we_see, they_see
