"""What a configuration says, as objects: the whole healthy example, and the forms in which people have theirs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexlint.config.model import Device, IdentityKind, Method
from flexlint.config.names import canonical
from flexlint.config.parse import read_device
from flexlint.inputs.source import split_lines
from flexlint.place import TextFile

HUB = (Path(__file__).resolve().parent.parent.parent / "examples/healthy-hub/hub.cfg").read_text(encoding="utf-8")


def device(text: str) -> Device:
    return read_device(TextFile("r.cfg", split_lines(text)))


def test_the_whole_hub():
    hub = device(HUB)
    assert hub.unparsed == []
    assert (hub.hostname, hub.version) == ("flexhub1", "17.9")
    profile = hub.profiles["FLEX-BRANCH"]
    assert [(m.kind, m.domain, m.value) for m in profile.identities] == [(IdentityKind.FQDN, True, "example.net")]
    assert (profile.fvrf, profile.keyring, profile.virtual_template) == ("any", "FLEX-KEYS", "1")
    assert [a.method for a in profile.local_auth + profile.remote_auth] == [Method.PSK, Method.PSK]
    assert (profile.dpd.interval, profile.dpd.retry, profile.dpd.mode) == ("30", "5", "on-demand")
    (line,) = profile.authorizations
    assert (line.scope, line.method, line.list, line.name) == ("group", "psk", "FLEX-AUTHZ", "BRANCH-POLICY")
    assert [p.name for p in hub.keyrings["FLEX-KEYS"].peers] == ["BRANCH1", "BRANCH2"]
    assert [p.key.length for p in hub.keyrings["FLEX-KEYS"].peers] == [16, 16]
    policy = hub.authorization_policies["BRANCH-POLICY"]
    assert policy.pool == "BRANCH-POOL"
    assert [(r.kind, r.word) for r in policy.route_sets] == [("interface", None), ("access-list", "FLEX-ROUTES")]
    template = hub.interfaces["Virtual-Template1"]
    assert (template.type, template.unnumbered, template.protection.profile) == ("tunnel", "Loopback0", "FLEX-IPSEC")
    assert hub.ipsec_profiles["FLEX-IPSEC"].ikev2_profile == "FLEX-BRANCH"
    assert [str(t.word) for t in hub.transform_sets["ESP-GCM"].transforms] == ["esp-gcm"]
    assert hub.transform_sets["ESP-GCM"].mode == "transport"
    assert [str(network) for _, network, _ in hub.access_lists["FLEX-ROUTES"].entries] == ["10.20.0.0/24"]
    assert hub.aaa_lists[("authorization network", "FLEX-AUTHZ")].methods == ["local"]
    assert hub.aaa_new_model is not None


def test_every_value_knows_its_line_and_column():
    hub = device(HUB)
    lines = HUB.split("\n")
    profile = hub.profiles["FLEX-BRANCH"]
    for word in (profile.name, profile.keyring, profile.virtual_template, profile.identities[0].value, hub.hostname):
        assert lines[word.line - 1][word.column - 1 : word.end_column - 1] == word
    place = hub.keyrings["FLEX-KEYS"].peers[0].key.place()
    assert lines[place.line - 1][place.column - 1 : place.end_column - 1] == "q7Rk2mVx9TzLp4Wd"


def test_a_key_never_prints():
    key = device(HUB).keyrings["FLEX-KEYS"].peers[0].key
    assert "q7Rk2mVx9TzLp4Wd" not in f"{key} {key!r}"


def test_the_old_spelling_of_the_keyring_line_is_read_and_a_glued_one_is_not():
    old = device("crypto ikev2 profile P\n keyring KEYS\n")
    assert old.profiles["P"].keyring == "KEYS"
    glued = device("crypto ikev2 profile P\n keyring localab\n")
    assert [(u.word, u.word.column) for u in glued.unparsed] == [("localab", 10)]
    assert glued.profiles["P"].keyring is None


def test_one_bad_line_costs_one_line():
    hub = device(
        "crypto ikev2 profile P\n match identity remote access x\n keyring local K\n authentication local pre-share\n"
    )
    assert [u.line.number for u in hub.unparsed] == [2]
    assert hub.profiles["P"].keyring == "K"
    assert hub.profiles["P"].local_auth[0].method is Method.PSK


def test_repeated_stanzas_merge_and_lists_of_algorithms_are_replaced():
    hub = device(
        "crypto ikev2 proposal P\n encryption aes-cbc-128\n group 14\n!\n"
        "crypto ikev2 keyring K\n peer A\n  address 192.0.2.1\n!\n"
        "crypto ikev2 proposal P\n encryption aes-cbc-256 aes-cbc-192\n!\n"
        "crypto ikev2 keyring K\n peer B\n  address 192.0.2.2\n"
    )
    assert hub.proposals["P"].encryption == ["aes-cbc-256", "aes-cbc-192"]
    assert hub.proposals["P"].group == ["14"]
    assert [p.name for p in hub.keyrings["K"].peers] == ["A", "B"]
    assert len(hub.keyrings["K"].headers) == 2


def test_no_forms():
    hub = device(
        "no crypto ikev2 proposal default\nno crypto ipsec transform-set default\ncrypto ikev2 profile P\n"
        " no config-exchange request\n shutdown\n no shutdown\n"
        "crypto ikev2 policy GONE\n proposal X\nno crypto ikev2 policy GONE\n"
    )
    assert set(hub.disabled_defaults) == {"proposal", "transform-set"}
    assert hub.profiles["P"].config_exchange_request is False
    assert hub.profiles["P"].shutdown is None
    assert hub.policies == {}


def test_a_global_command_pasted_into_a_stanza_is_global():
    hub = device("crypto ikev2 profile P\n keyring local K\n no crypto ikev2 http-url cert\n")
    assert hub.unparsed == []
    assert [(s.kind, s.negated) for s in hub.globals] == [("http_url", True)]


def test_pools_add_ranges_and_a_single_address_is_a_range():
    pool = device("ip local pool P 192.0.2.1 192.0.2.9\nip local pool P 192.0.2.20\n").pools["P"]
    assert [(str(r.low), str(r.high)) for r in pool.ranges] == [
        ("192.0.2.1", "192.0.2.9"),
        ("192.0.2.20", "192.0.2.20"),
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("gi0/0/1", "GigabitEthernet0/0/1"),
        ("Lo0", "Loopback0"),
        ("virtual-Template1", "Virtual-Template1"),
        ("Tunnel 5", "Tunnel5"),
        ("Te1/1", "TenGigabitEthernet1/1"),
        ("Port-channel1.100", "Port-channel1.100"),
    ],
)
def test_interface_names_are_canonical(written: str, meant: str):
    assert canonical(written) == meant


def test_another_platform_is_declined():
    asa = device(
        "ASA Version 9.16(1)\nhostname fw\ncrypto ikev2 enable outside\ntunnel-group 192.0.2.1 type ipsec-l2l\n"
    )
    assert asa.not_ios == "asa"
    assert asa.unparsed == []


@given(st.lists(st.sampled_from(HUB.split("\n")), max_size=60), st.text(max_size=60))
def test_any_lines_give_a_device(lines: list[str], stray: str):
    device("\n".join([*lines, stray, *lines[:5]]))


def test_configuration_indented_below_a_line_of_a_page_is_read():
    text = (
        "Hub\n===\n.. code-block:: none\n\n  aaa new-model\n  aaa authorization network BRANCHES local\n"
        "  interface Loopback7\n   ip address 192.0.2.7 255.255.255.255\n  crypto ikev2 policy P\n   proposal X\n"
    )
    router = device(text)
    assert ("authorization network", "BRANCHES") in router.aaa_lists
    assert "Loopback7" in router.interfaces
    assert "P" in router.policies


def test_the_heading_of_a_table_of_interfaces_is_no_interface():
    text = (
        "hub7(config)#crypto pki trustpoint CA7\nhub7(ca-trustpoint)#do show ip int brief\n"
        "Interface             IP-Address    OK? Method Status Protocol\n"
        "Loopback0             192.0.2.1     YES manual up     up\n"
        "hub7(ca-trustpoint)#revocation-check none\n"
    )
    router = device(text)
    assert router.unparsed == []
    assert not router.interfaces
    assert len(router.trustpoints["CA7"].statements) == 1


def test_a_peer_that_is_indented_like_the_lines_of_the_one_before_it():
    text = (
        "crypto ikev2 keyring K\n peer A\n  address 192.0.2.1\n  peer B\n  address 192.0.2.2\n   pre-shared-key b\n"
        "  peer A\n  description first\n peer C\n  address 192.0.2.3\n"
    )
    device = read_device(TextFile("hub.cfg", text.split("\n")))
    blocks = {str(b.name): str(b.address) for b in device.keyrings["K"].peers}
    assert blocks == {"A": "192.0.2.1", "B": "192.0.2.2", "C": "192.0.2.3"}
    assert device.keyrings["K"].peers[1].key is not None
    assert device.unparsed == []
