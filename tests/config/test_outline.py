"""Every line of any file is in exactly one node with its true number; stanzas are what an engineer would see."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexlint.config.model import Line, LineKind
from flexlint.config.outline import outline
from flexlint.inputs.source import split_lines
from flexlint.place import TextFile


def tree(text: str) -> list[Line]:
    return outline(TextFile("r.cfg", split_lines(text)))


def flat(lines: Iterable[Line]) -> list[Line]:
    return [one for line in lines for one in (line, *flat(line.children))]


def commands(lines: Iterable[Line]) -> list[object]:
    return [
        [line.text, *below] if (below := commands(line.children)) else line.text
        for line in lines
        if line.kind is LineKind.COMMAND
    ]


PIECES = st.sampled_from(
    [
        "crypto ikev2 keyring K",
        " peer A",
        "  address 192.0.2.1",
        "banner motd ^C",
        "banner login #one line#",
        " banner ^C hello ^C",
        "^C",
        "!",
        " !",
        "",
        "   ",
        "crypto pki certificate chain T",
        " certificate 01",
        "  30820301 AABB",
        "\tquit",
        "R1(config)#interface Tunnel0",
        "R1#show run",
        "exit",
        "end",
        "*Mar  1 00:00:01.000: %SYS-5-CONFIG_I: Configured from console",
        "interface Tunnel0",
        "\x08\x08 --More-- \x08\x08ip address 192.0.2.1 255.255.255.0",
        "\xa0description x",
    ]
)


@given(st.one_of(st.text(max_size=400), st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=40).map("\n".join)))
def test_every_line_is_in_exactly_one_node_with_its_true_number(text: str):
    file = TextFile("r.cfg", split_lines(text))
    assert sorted(line.number for line in flat(outline(file))) == list(range(1, len(file.lines) + 1))


@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=40).map("\n".join))
def test_a_plain_command_stands_at_its_column(text: str):
    file = TextFile("r.cfg", split_lines(text))
    for line in flat(outline(file)):
        raw = file.lines[line.number - 1]
        if line.kind is LineKind.COMMAND and raw.isascii() and raw.isprintable():
            assert raw[line.column - 1 :].startswith(line.text)


def test_a_keyring_has_its_peers_and_they_their_lines():
    text = "crypto ikev2 keyring K\n peer A\n  address 192.0.2.1\n !\n peer B\n  address 192.0.2.2\n!\nhostname r1\n"
    assert commands(tree(text)) == [
        ["crypto ikev2 keyring K", ["peer A", "address 192.0.2.1"], ["peer B", "address 192.0.2.2"]],
        "hostname r1",
    ]


@pytest.mark.parametrize("delimiter", ["^C", "\x03", "#", "@", "%"])
@pytest.mark.parametrize("kind", ["motd", "login", "exec", "prompt-timeout"])
def test_the_text_of_a_banner_is_no_configuration(kind: str, delimiter: str):
    text = f"banner {kind} {delimiter}\ncrypto ikev2 profile NOT-ONE\n hello\n{delimiter}\nhostname r1\n"
    lines = tree(text)
    assert [line.text for line in lines if line.kind is LineKind.COMMAND][-1] == "hostname r1"
    banners = [line.number for line in flat(lines) if line.kind is LineKind.BANNER]
    assert banners == [2, 3, 4]


def test_a_banner_on_one_line_takes_no_other_line():
    assert commands(tree("banner motd ^C keep out ^C\nhostname r1\n"))[-1] == "hostname r1"


def test_an_unterminated_banner_swallows_nothing():
    assert "hostname r1" in commands(tree("banner motd ^C\nkeep out\nhostname r1\n"))


def test_a_certificate_is_hex_to_quit_and_one_cut_in_half_ends_at_the_next_command():
    whole = "crypto pki certificate chain T\n certificate ca 01\n  30820301 30820202\n  A1B2\n  \tquit\nhostname r1\n"
    cut = whole.replace("  \tquit\n", "")
    for text in (whole, cut):
        lines = tree(text)
        assert commands(lines)[-1] == "hostname r1"
        assert {line.number for line in flat(lines) if line.kind is LineKind.CERTIFICATE} >= {3, 4}


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r\r\n"])
def test_line_ends_and_trailing_blanks_change_nothing(end: str):
    text = end.join(["crypto ikev2 policy P  ", " proposal X \t", "", " match fvrf any", "hostname r1", ""])
    assert commands(tree(text)) == [["crypto ikev2 policy P", "proposal X", "match fvrf any"], "hostname r1"]


def test_lost_indentation_is_put_right_by_what_the_lines_are():
    text = (
        "crypto ikev2 keyring K\npeer A\naddress 192.0.2.1\npre-shared-key x\npeer B\naddress 192.0.2.2\n!\n"
        "crypto ikev2 profile P\nmatch identity remote any\nkeyring local K\ninterface Tunnel0\nip address negotiated\n"
    )
    assert commands(tree(text)) == [
        [
            "crypto ikev2 keyring K",
            ["peer A", "address 192.0.2.1", "pre-shared-key x"],
            ["peer B", "address 192.0.2.2"],
        ],
        ["crypto ikev2 profile P", "match identity remote any", "keyring local K"],
        ["interface Tunnel0", "ip address negotiated"],
    ]


def test_prompts_of_a_terminal_session_are_taken_off():
    text = (
        "R1#conf t\nR1(config)#crypto ikev2 policy P\nR1(config-ikev2-policy)#proposal X\n"
        "R1(config-ikev2-policy)#exit\nR1(config)#hostname R9\nR9(config)#end\nR9#show run\n"
    )
    assert commands(tree(text))[:2] == [["crypto ikev2 policy P", "proposal X", "exit"], "hostname R9"]


def test_answers_and_output_between_prompts_close_no_stanza():
    text = (
        "R1(config)#crypto ikev2 profile A\nIKEv2 profile MUST have:\n"
        "   1. A local and a remote authentication method.\n"
        "   2. A match identity or a match certificate or match any statement.\n"
        "R1(config-ikev2-profile)#match identity remote any\nR1(config-ikev2-profile)#do show ip interface brief\n"
        "Interface IP-Address\nR1(config-ikev2-profile)#identity lokal dn\nR1(config-ikev2-profile)#keyring local K\n"
        "R1(config-ikev2-profile)#crypto ikev2 proposal P\nR1(config-ikev2-proposal)#encryption aes-cbc-256\n"
    )
    assert commands(tree(text)) == [
        ["crypto ikev2 profile A", "match identity remote any", "identity lokal dn", "keyring local K"],
        ["crypto ikev2 proposal P", "encryption aes-cbc-256"],
    ]


def test_a_remark_at_column_1_does_not_end_the_stanza_it_stands_in():
    lines = tree(
        "crypto ikev2 profile P\n match identity remote any\n! lab only\n\n identity local dn\n!\nhostname r1\n"
    )
    assert commands(lines) == [
        ["crypto ikev2 profile P", "match identity remote any", "identity local dn"],
        "hostname r1",
    ]
    assert [line.number for line in flat(lines)] == list(range(1, 8))


def test_uneven_indentation_is_not_a_level():
    text = "crypto ikev2 profile P\n match identity remote any\n   authentication remote pre-share\n  keyring local K\n"
    assert commands(tree(text)) == [
        ["crypto ikev2 profile P", "match identity remote any", "authentication remote pre-share", "keyring local K"]
    ]


@pytest.mark.parametrize("form", ["{:3}. {}", "{}: {}", "{:>5} {}", "{}. {}"])
def test_line_numbers_of_a_listing_are_taken_off(form: str):
    plain = ["!"] * 7 + ["crypto ikev2 profile P", " match identity remote any", " dpd 30 5 periodic", "hostname r1"]
    lines = tree("\n".join(form.format(n, line) for n, line in enumerate(plain, 1)))
    assert commands(lines) == [
        ["crypto ikev2 profile P", "match identity remote any", "dpd 30 5 periodic"],
        "hostname r1",
    ]


def test_a_banner_cut_off_ends_where_the_next_begins():
    text = "banner exec ^C\nhello\ncrypto ikev2 proposal P\n group 19\nbanner login ^C\nx\n^C\nhostname r1\n"
    assert ["crypto ikev2 proposal P", "group 19"] in commands(tree(text))
    assert commands(tree(text))[-1] == "hostname r1"


def test_a_line_knows_its_column_behind_a_prompt():
    (line,) = [one for one in flat(tree("R1(config)#hostname R9\n")) if one.kind is LineKind.COMMAND]
    assert (line.number, line.column, line.text) == (1, 12, "hostname R9")


def test_hostile_sizes_are_bounded():
    assert len(flat(tree("x" * 5_000_000))) == 1
    assert len(flat(tree("\n" * 200_000))) == 200_000
    assert len(flat(tree("\n".join(" " * n + "x" for n in range(900))))) == 900


def test_a_peer_that_lost_its_indentation_still_has_its_lines():
    text = "hostname r1\ncrypto ikev2 keyring K\npeer A\n  address 192.0.2.1\n  pre-shared-key x\n !\n"
    assert commands(tree(text + "peer B\n  address 192.0.2.2\ninterface Tunnel0\n mtu 1400\n")) == [
        "hostname r1",
        [
            "crypto ikev2 keyring K",
            ["peer A", "address 192.0.2.1", "pre-shared-key x"],
            ["peer B", "address 192.0.2.2"],
        ],
        ["interface Tunnel0", "mtu 1400"],
    ]


def test_a_line_that_is_nearly_hex_costs_no_more_than_another():
    text = "crypto pki certificate chain TP\n certificate 01\n" + f"  {'AB' * 90} set transform-set x\n" * 50
    started = perf_counter()
    tree(text)
    assert perf_counter() - started < 2  # seconds; one such line took minutes


def test_an_attribute_list_after_a_policy_is_opened_or_named():
    text = (
        "crypto ikev2 authorization policy A\n aaa attribute list L\n!\n"
        'aaa attribute list L\n attribute type interface-config "ip mtu 1400"\n'
    )
    opened = ["aaa attribute list L", 'attribute type interface-config "ip mtu 1400"']
    for form in (text, text.replace("\n ", "\n")):
        assert commands(tree(form)) == [["crypto ikev2 authorization policy A", "aaa attribute list L"], opened]


def test_global_commands_that_begin_as_those_of_a_policy_do_stay_global():
    policy = "crypto ikev2 authorization policy A\n pool P\n ipv6 pool P6\n"
    rest = ["ipv6 local pool P6 2001:db8::/48 64", "banner motd #no entry#", "ipv6 unicast-routing", "hostname r1"]
    for form in (policy, policy.replace("\n ", "\n")):
        for order in (rest, rest[::-1]):
            assert commands(tree(form + "\n".join(order))) == [
                ["crypto ikev2 authorization policy A", "pool P", "ipv6 pool P6"],
                *order,
            ]


def test_a_pool_after_an_interface_is_global():
    text = "interface Loopback7\nip local pool P7 192.0.2.1 192.0.2.9\n"
    assert commands(tree(text)) == ["interface Loopback7", "ip local pool P7 192.0.2.1 192.0.2.9"]


def test_a_prompt_that_lost_its_sign_is_one():
    text = "br7(config)crypto ipsec transform-set TS7 esp-gcm 256\nbr7(cfg-crypto-trans)#mode transport\n"
    text += "br7(config)int tun 7\nbr7(config-if)#tunnel protection ipsec profile P7\n"
    assert commands(tree(text)) == [
        ["crypto ipsec transform-set TS7 esp-gcm 256", "mode transport"],
        ["int tun 7", "tunnel protection ipsec profile P7"],
    ]


def test_hyphens_that_a_page_made_into_dashes_are_hyphens():
    text = "crypto ikev2 keyring K\n peer P\n  pre\u2011shared\u2011key Zx8\u2013branch\n"
    assert commands(tree(text)) == [["crypto ikev2 keyring K", ["peer P", "pre-shared-key Zx8-branch"]]]
