"""Lines to objects: repeated stanzas merge as IOS merges them, `no` takes back, old forms mean what new ones mean."""

from __future__ import annotations

import pytest

from flexlint.config.model import Device, Method
from flexlint.config.parse import read_device
from flexlint.fact import names_of
from flexlint.place import TextFile


def device(text: str) -> Device:
    found = read_device(TextFile("hub.cfg", text.splitlines()))
    assert found.unparsed == [], [(u.line.text, u.word, u.expected) for u in found.unparsed]
    return found


def test_lists_of_algorithms_are_replaced_and_other_lines_add():
    hub = device(
        "crypto ikev2 proposal A\n encryption aes-cbc-256 aes-cbc-128\n group 14\n"
        "crypto ikev2 proposal A\n encryption aes-cbc-128\n integrity sha256\n"
        "crypto ikev2 policy B\n proposal A\ncrypto ikev2 policy B\n proposal C\n"
    )
    one = hub.proposals["A"]
    assert (one.encryption, one.group, one.integrity) == (["aes-cbc-128"], ["14"], ["sha256"])
    assert [line.number for line in one.headers] == [1, 4]
    assert hub.policies["B"].proposals == ["A", "C"]


def test_of_singletons_the_last_wins_and_every_statement_is_kept():
    one = device("crypto ikev2 profile P\n keyring local A\n keyring local B\n").profiles["P"]
    assert one.keyring == "B"
    assert [s.words for s in one.said("keyring_local")] == [("A",), ("B",)]


@pytest.mark.parametrize("written", ["keyring local KEYS", "keyring KEYS", "keyr loc KEYS"])
def test_keyring_has_an_old_and_a_new_form(written):
    one = device(f"crypto ikev2 profile P\n {written}\n").profiles["P"]
    assert one.keyring is not None
    assert (one.keyring, one.keyring.line, one.keyring.column) == ("KEYS", 2, len(written) - 2)


@pytest.mark.parametrize(
    ("written", "method", "name"),
    [
        ("aaa authorization group psk list FLEX-AAA POL", "psk", "POL"),
        ("aaa authorization group override psk list FLEX-AAA POL", "psk", "POL"),
        ("aaa authorization group list FLEX-AAA POL", None, "POL"),
        ("aaa authorization group FLEX-AAA POL", None, "POL"),
        ("aaa authorization group cert list FLEX-AAA local", "cert", "local"),
        ("aaa authorization group cert list FLEX-AAA POL local", "cert", "POL"),
        ("aaa authorization group cert list FLEX-AAA POL password 6 XYZ", "cert", "POL"),
        ("aaa authorization group psk list FLEX-AAA name-mangler MANGLE", "psk", None),
    ],
)
def test_authorization_lines(written, method, name):
    (one,) = device(f"crypto ikev2 profile P\n {written}\n").profiles["P"].authorizations
    assert (one.list, one.method, one.name) == ("FLEX-AAA", method, name)
    assert one.list is not None
    assert one.list.column == written.index("FLEX-AAA") + 2


@pytest.mark.parametrize(
    ("written", "column", "expected"),
    [
        ("authentication local pre-shared", 23, "pre-share"),
        ("authentication remote rsa_sig", 24, "rsa-sig"),
        ("aaa authorization group psk FLEX-AAA POL", 30, "list"),
        ("keyring localab", 10, "local"),
    ],
)
def test_a_keyword_that_is_none_is_reported_where_it_stands(written, column, expected):
    (fault,) = read_device(TextFile("x", ["crypto ikev2 profile P", f" {written}"])).unparsed
    assert fault.word.column == column
    assert expected in fault.expected


TAKEN_BACK = [
    ("keyring local KEYS", "no keyring local KEYS"),
    ("keyring local KEYS", "no keyring"),
    ("match fvrf OUTSIDE", "no match fvrf"),
    ("match identity remote fqdn branch.example.com", "no match identity remote fqdn branch.example.com"),
    ("match address local interface Gi0/0", "no match address local"),
    ("match certificate MAP", "no match certificate MAP"),
    ("identity local fqdn hub.example.com", "no identity local"),
    ("authentication remote pre-share", "no authentication remote pre-share"),
    ("authentication local rsa-sig", "no authentication local"),
    ("dpd 30 5 periodic", "no dpd"),
    ("lifetime 3600", "default lifetime"),
    ("pki trustpoint TP sign", "no pki trustpoint TP sign"),
    ("aaa authorization group psk list L N", "no aaa authorization group psk list L N"),
    ("virtual-template 1 mode auto", "no virtual-template 1"),
    ("shutdown", "no shutdown"),
    ("no config-exchange request", "config-exchange request"),
    ("no config-exchange request", "default config-exchange request"),
]


@pytest.mark.parametrize(("setting", "taking"), TAKEN_BACK)
def test_a_no_line_takes_back_what_the_line_had_set(setting, taking):
    """The profile is as if neither line stood there; a line that stands after it counts again."""
    header = "crypto ikev2 profile P\n"
    nothing = device(header).profiles["P"]
    once = device(f"{header} {setting}\n").profiles["P"]
    again = device(f"{header} {setting}\n {taking}\n {setting}\n").profiles["P"]
    back = device(f"{header} {setting}\n {taking}\n").profiles["P"]
    assert settings(back) == settings(nothing) != settings(once)
    assert settings(again) == settings(once)


def settings(one: object) -> dict[str, str]:
    """What a profile says, without the places where it says so."""

    def shown(value: object) -> str:
        if isinstance(value, list):
            return str([shown(item) for item in value])
        known = [
            str(getattr(value, name))
            for name in ("kind", "value", "word", "name", "scope", "interval")
            if hasattr(value, name)
        ]
        return str(known or value)

    own = {"name", "line", "statements", "headers", "implicit"}
    return {name: shown(getattr(one, name)) for name in names_of(type(one)) if name not in own and "line" not in name}


def test_only_the_entry_named_is_taken_away():
    hub = device(
        "crypto ikev2 profile P\n match identity remote fqdn a.example.com\n match identity remote fqdn b.example.com\n"
        " no match identity remote fqdn a.example.com\n"
        "crypto ikev2 authorization policy A\n route set interface\n route set interface Loopback0\n"
        " no route set interface\n"
        "crypto ipsec profile I\n set pfs group19\n no set pfs\n"
    )
    assert [i.value for i in hub.profiles["P"].identities] == ["b.example.com"]
    assert [r.word for r in hub.authorization_policies["A"].route_sets] == ["Loopback0"]
    assert (hub.ipsec_profiles["I"].pfs, hub.ipsec_profiles["I"].pfs_line) == (None, None)


def test_a_negation_that_could_mean_anything_takes_nothing():
    one = device("crypto ikev2 profile P\n match fvrf any\n match certificate M\n no match\n").profiles["P"]
    assert (one.fvrf, one.certificate_maps) == ("any", ["M"])


def test_objects_are_removed_by_name():
    hub = device(
        "crypto ikev2 profile P\n match fvrf any\nno crypto ikev2 profile P\n"
        "ip local pool POOL 192.0.2.1 192.0.2.9\nno ip local pool POOL\n"
        "crypto map M 10 ipsec-isakmp\ncrypto map M 20 ipsec-isakmp\nno crypto map M 10\n"
        "crypto pki certificate map C 10\ncrypto pki certificate map C 20\nno crypto pki certificate map C 10\n"
        "interface Tunnel 0\nno interface tu0\naccess-list 10 permit any\nno access-list 10\n"
    )
    assert [hub.profiles, hub.pools, hub.interfaces, hub.access_lists] == [{}] * 4
    assert [e.sequence for e in hub.crypto_maps] == ["20"]
    assert [e.sequence for e in hub.certificate_maps["C"]] == ["20"]


def test_a_default_is_disabled_and_restored():
    hub = device("no crypto ikev2 proposal default\nno crypto ikev2 policy default\ndefault crypto ikev2 policy\n")
    assert list(hub.disabled_defaults) == ["proposal"]


@pytest.mark.parametrize("header", ["interface Tunnel0", "interface tunnel 0", "int tu0", "interface Tu 0"])
def test_an_interface_has_one_name_however_it_is_written(header):
    hub = device(f"{header}\n tunnel source g0/0\n ip unnumbered lo0\n tunnel destination 192.0.2.1\n")
    one = hub.interfaces["Tunnel0"]
    assert (one.source, one.unnumbered, one.destination) == ("GigabitEthernet0/0", "Loopback0", "192.0.2.1")


def test_a_key_is_the_rest_of_its_line_and_stands_nowhere_else():
    hub = device(
        "crypto ikev2 keyring K\n peer A\n  address 0.0.0.0 0.0.0.0\n  pre-shared-key local 0 not!a #key\n"
        "  pre-shared-key remote hex 00112233\n peer B\n  pre-shared-key <removed>\n"
        "crypto ikev2 profile P\n authentication local pre-share key not-a-key\n"
    )
    first, second = hub.keyrings["K"].peers
    assert first.local_key is not None
    assert first.local_key.reveal_for_checks() == "not!a #key"
    assert (first.local_key.word_place.line, first.local_key.word_place.column) == (4, 26)
    assert first.remote_key is not None
    assert (first.remote_key.is_hex, first.remote_key.length) == (True, 4)
    assert second.key is not None
    assert second.key.encryption == "redacted"
    profile = hub.profiles["P"]
    assert profile.local_auth[0].method is Method.PSK
    said = [word for one in (first, second, profile) for s in one.statements for word in s.words]
    assert not [word for word in said if "not" in word or "0011" in word]


def test_placeholders_stand_for_values_and_keywords():
    hub = device(
        "crypto ikev2 profile P\n match identity remote address {{ peer }} <mask>\n authentication local {{ method }}\n"
        "crypto ikev2 profile Q\n match identity remote fqdn br-{{ number }}.example.com\n"
        " identity local address 10.{{ n }}.0.1\n"
        "interface Loopback {{ number }}\n ip address ${address} ${mask}\n"
        "crypto ipsec transform-set T esp-gcm 256\n mode {{ mode }}\n"
    )
    assert hub.profiles["P"].local_auth[0].method is Method.OTHER


def test_a_global_command_ends_the_stanza_it_was_pasted_into():
    hub = device("crypto ikev2 profile P\n match fvrf any\n no crypto ikev2 http-url cert\n")
    assert hub.globals[0].kind == "http_url"
    assert hub.globals[0].negated


def test_an_accounting_list_may_be_printed_a_word_a_line():
    hub = device(
        "aaa accounting network A\n action-type start-stop\n group RADIUS-SRV\n!\naaa accounting network B none\n"
    )
    one = hub.aaa_lists["accounting network", "A"]
    assert (one.methods, one.groups) == (["start-stop", "RADIUS-SRV"], ["RADIUS-SRV"])
    assert (one.groups[0].line, one.groups[0].column) == (3, 8)


def test_post_quantum_keys():
    blocks = (
        device(
            """crypto ikev2 keyring K
 peer A
  ppk manual id one key 0 first-Quantum-key required
 peer B
  ppk manual id two key hex 00ff00ff
 peer C
  ppk manual id three key required
 peer D
  ppk manual id four key 6 HGbGZ]NRXKV\\[_
 peer E
  ppk dynamic SKIP required
"""
        )
        .keyrings["K"]
        .peers
    )
    a, b, c, d, e = (block.ppk for block in blocks)
    assert (a.id, a.key.length, a.required) == ("one", 17, True)
    assert (b.id, b.key.length, b.key.is_hex, b.required) == ("two", 4, True, False)
    assert (c.id, c.key.length, c.required) == ("three", 8, False), "a key may read like the keyword"
    assert not d.key.readable
    assert (e.id, e.key, e.required) == (None, None, True)
    assert a.key.place().text[a.key.place().column - 1 :].startswith("first-Quantum-key")
