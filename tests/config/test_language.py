"""The language as the references give it: each line is accepted or refused, numbers have limits, commands a release."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexlint.checks.device import limits, syntax
from flexlint.config.grammar import Command, parse
from flexlint.config.parse import read_device
from flexlint.data import folder, read_table
from flexlint.finding import Finding
from flexlint.place import TextFile
from flexlint.rulebook import DeviceCase, Settings

ROWS = [
    line.split("\t", 2)
    for line in Path(__file__).with_name("lines.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("stanza", sorted({stanza for _, stanza, _ in ROWS}))
def test_a_stanza_takes_its_commands_and_no_others(stanza: str):
    said = {line: (sign == "+", parse(stanza, line)) for sign, of, line in ROWS if of == stanza}
    wrong = [line for line, (is_good, command) in said.items() if isinstance(command, Command) is not is_good]
    assert wrong == []
    assert {is_good for is_good, _ in said.values()} == {True, False}


def found(check: object, text: str, release: str | None = None) -> list[str]:
    device = read_device(TextFile("r.cfg", text.splitlines()))
    return [one.message for one in check(DeviceCase(device, Settings(release, {}))) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("crypto ikev2 profile P\n nat keepalive 4", "nat keepalive (seconds) of 'P' is 4; allowed: 5 to 3600"),
        ("crypto ikev2 profile P\n nat keepalive 5", None),
        ("crypto ikev2 profile P\n authentication remote eap query-identity timeout 200", "EAP timeout (seconds)"),
        ("crypto ikev2 authorization policy A\n route accept any distance 20 tag 0", "route tag of 'A' is 0"),
        ("crypto ikev2 authorization policy A\n route accept any tag 9 distance 300", "distance of 'A' is 300"),
        ("crypto ikev2 authorization policy A\n no session-lifetime 5", None),
        ("crypto ipsec profile I\n set security-association idle-time 59", "idle time (seconds) of 'I' is 59"),
        ("crypto ikev2 dpd 10 61 periodic", "dpd retry (seconds) is 61; allowed: 2 to 60"),
        ("crypto ikev2 dpd 9 60 periodic", "dpd interval (seconds) is 9; allowed: 10 to 3600"),
        ("crypto ikev2 limit queue sa-init 50", "queue is 50; allowed: 100 to 100000"),
        ("crypto ikev2 fragmentation mtu 1600", "fragmentation mtu is 1600; allowed: 68 to 1500"),
        ("crypto ikev2 window {{ window }}", None),
    ],
)
def test_a_number_outside_of_its_limits_is_told(text: str, what: str | None):
    said = found(limits.value_out_of_range, text)
    assert len(said) == (what is not None)
    assert what is None or what in said[0]


def test_every_row_of_the_limits_is_about_something_that_is_read():
    """A line with a number too high for each row: the row must see it."""
    lines = {
        ("profiles", "virtual_template"): "crypto ikev2 profile P\n virtual-template {}",
        ("profiles", "reconnect:timeout"): "crypto ikev2 profile P\n reconnect timeout {}",
        (
            "authorization_policies",
            "configuration:version",
        ): "crypto ikev2 authorization policy A\n configuration version {}",
        ("authorization_policies", "dhcp:timeout"): "crypto ikev2 authorization policy A\n dhcp timeout {}",
        ("authorization_policies", "flow_limit:1"): "crypto ikev2 authorization policy A\n ipsec flow-limit {}",
        ("authorization_policies", "ipv6_prefix:1"): "crypto ikev2 authorization policy A\n ipv6 prefix {}",
        ("ipsec_profiles", "policy_limit:1"): "crypto ipsec profile P\n set security-policy limit {}",
        ("clients", "backup_group:1"): "crypto ikev2 client flexvpn C\n backup group {}",
        ("globals", "certificate_cache:1"): "crypto ikev2 certificate-cache {}",
        ("globals", "cookie_challenge:1"): "crypto ikev2 cookie-challenge {}",
        ("globals", "diagnose_error:1"): "crypto ikev2 diagnose error {}",
        ("globals", "nat_keepalive:1"): "crypto ikev2 nat keepalive {}",
        ("globals", "redirect_client:max-redirects"): "crypto ikev2 redirect client max-redirects {}",
        ("globals", "window:1"): "crypto ikev2 window {}",
    }
    rows = {(row["from"], row["path"]): row for row in read_table(folder("grammars") / "facts" / "ranges.tsv")}
    for key, text in lines.items():
        high = int(rows[key]["high"])
        assert found(limits.value_out_of_range, text.format(high + 1)), key
        assert not found(limits.value_out_of_range, text.format(high)), key


@pytest.mark.parametrize(
    ("release", "text", "is_told"),
    [
        ("17.6", "crypto engine compliance shield disable", True),
        ("17.7", "crypto engine compliance shield disable", False),
        ("17.9", "crypto ikev2 keyring K\n peer A\n  ppk dynamic S required", True),
        ("16.12", "crypto ikev2 profile P\n aaa authorization group list L N", True),
        ("16.12", "crypto ikev2 profile P\n aaa authorization group psk list L N", False),
        ("16.6", "crypto ikev2 authorization policy A\n pool P\n netmask 255.255.255.0", False),  # long in the CLI
    ],
)
def test_a_command_is_held_against_the_release(release: str, text: str, is_told: bool):
    assert bool(found(limits.command_newer_than_release, f"version {release}\n{text}")) is is_told


def test_releases_are_rows_of_three_that_can_be_read():
    for row in read_table(folder("grammars") / "facts" / "releases.tsv"):
        assert row["known"] in ("first", "older"), row
        assert row["release"].replace(".", "").isdecimal(), row


@pytest.mark.parametrize(
    ("text", "undone"),
    [
        ("crypto ikev2 keyring K\n peer A\n  pre-shared-key a\n  pre-shared-key local b\n  pre-shared-key remote c", 1),
        ("crypto ikev2 keyring K\n peer A\n  pre-shared-key local b\n  pre-shared-key remote c\n  pre-shared-key a", 2),
        ("crypto ikev2 keyring K\n peer A\n  pre-shared-key local b\n  pre-shared-key remote c", 0),
        ("crypto ikev2 keyring K\n peer A\n  identity fqdn a\n  identity fqdn b", 1),
        ("crypto ikev2 keyring K\n peer A\n  identity fqdn a\n  no identity fqdn a\n  identity fqdn b", 0),
        (
            "crypto ipsec profile I\n set security-association lifetime days 2\n {}seconds 900",
            1,
        ),
        (
            "crypto ipsec profile I\n {}kilobytes disable\n {}seconds 900",
            0,
        ),
        ("crypto pki trustpoint T\n hash sha256\n hash sha512\n enrollment mode ra\n enrollment url http://a", 1),
        ("crypto ikev2 profile P\n match identity remote fqdn a\n match identity remote fqdn b\n nat keepalive 9", 0),
    ],
)
def test_settings_that_exclude_or_replace_each_other_are_told(text: str, undone: int):
    text = text.replace("{}", "set security-association lifetime ")
    assert len(found(syntax.overwritten_setting, text)) == undone
