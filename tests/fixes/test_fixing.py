"""Fixes: which of them hold, what files become, and that pasting the commands gives what the fixed file says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexlint.cards import Card, cards
from flexlint.config.model import Device, Line, LineKind, Secret, Statement
from flexlint.config.parse import read_device
from flexlint.fact import names_of
from flexlint.finding import Edit, Finding
from flexlint.fixes import fixing
from flexlint.fixes.editing import commands, edited
from flexlint.inputs.source import InputError
from flexlint.judging.book import Rulebook
from flexlint.mask import mask
from flexlint.place import TextFile
from flexlint.rulebook import DeviceCase, select

LINES = st.sampled_from(
    ["crypto ikev2 keyring K", " peer A", "  address 192.0.2.1", "!", "", "  ", "\tx", "banner motd ^C", "^C", " exit"]
)


@settings(deadline=None)  # the library is imported at the first edit
@given(st.lists(LINES, min_size=1, max_size=8), st.lists(LINES, max_size=5), st.data())
def test_an_edit_changes_the_lines_it_names_and_no_others(
    lines: list[str], new: list[str], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(lines) + 1))
    last = data.draw(st.integers(first - 1, len(lines)))
    after = edited(lines, [Edit("a", first, last, tuple(new))])
    assert after == [*lines[: first - 1], *new, *lines[last:]]


def test_of_two_fixes_that_touch_the_same_lines_the_first_is_made_and_unsafe_ones_wait_to_be_asked_for() -> None:
    safe = Finding("m").mend("t", Edit("a", 1, 2, ("x",)), safe=True)
    clash = Finding("m").mend("t", Edit("a", 2, 2, ("y",)), Edit("a", 9, 9, ("z",)), safe=True)
    unsafe = Finding("m").mend("t", Edit("a", 5, 5, ("u",)))
    assert fixing.chosen([safe, clash, unsafe], unsafe=False) == [safe]
    assert fixing.chosen([safe, clash, unsafe], unsafe=True) == [safe, unsafe]


def test_difference_masks_keys() -> None:
    shown = "".join(fixing.difference("a.cfg", [" pre-shared-key local V3rySecretKey"], [" shutdown"]))
    assert "V3rySecretKey" not in shown
    assert "+ shutdown" in shown


@pytest.mark.parametrize(
    "line",
    [
        "  pre-shared-kay local 0 V3rySecret",
        "  pershared-key V3rySecret",
        "  pre-sahred V3rySecret",
        "  preshared 6 V3rySecret",
    ],
)
def test_a_key_behind_a_misspelt_keyword_is_masked_in_a_difference(line: str) -> None:
    assert "V3rySecret" not in "".join(
        fixing.difference("a.cfg", [line], [line.replace("0 ", "").upper() + "X"])
    ).replace("V3RYSECRET", "V3rySecret")


# ---- every card that carries edits --------------------------------------------------------------------------------


def device_of(lines: list[str]) -> Device:
    return read_device(TextFile("hub.cfg", lines))


def judged(texts: fixing.Texts) -> list[Finding]:
    book = Rulebook(select())
    book.device(DeviceCase(device_of(list(texts["hub.cfg"]))))
    return book.findings()


def example_of(card: Card) -> list[str] | None:
    files = card.example("Contradiction").files
    return next(iter(files.values())).splitlines() if len(files) == 1 else None


# Fixes that the examples of the cards do not show, or not in every form.
PROFILE = """crypto ikev2 profile HUB
 match identity remote fqdn domain example.net
 authentication local pre-share
 authentication remote pre-share key Zx8-jT4wQp-hub
"""
OUTSIDE = """interface GigabitEthernet1
 vrf forwarding INET
 ip address 198.51.100.10 255.255.255.0
vrf definition INET
 address-family ipv4
 exit-address-family
crypto ipsec profile HUB
 set ikev2-profile HUB
"""
MORE = {
    "CMP044": "crypto ikev2 proposal GCM\n encryption aes-gcm-256\n integrity sha512 sha384\n group 20\n",
    "CMP044 mixed": (
        "crypto ikev2 proposal GCM\n encryption aes-gcm-256 aes-cbc-256\n integrity sha512\n group 20\n"
        "crypto ikev2 policy P\n proposal GCM\n"
    ),
    "SYN205": "crypto ikev2 proposal CBC\n encryptoin aes-cbc-256\n integrity sha512\n group 20\n",
    "REF036": (
        "crypto ikev2 proposal CBC\n encryption aes-cbc-256\n integrity sha512\n group 20\ncrypto ikev2 policy EDGE\n"
    ),
    "REF006": PROFILE + " match certificate BRANCHE\ncrypto pki certificate map BRANCHES 10\n issuer-name co corp\n",
    "REF009": PROFILE
    + " aaa authorization group psk list FLEX_AUTHOR default\n"
    + "aaa new-model\naaa authorization network FLEX-AUTHOR local\n",
    "SEL103 profile": PROFILE
    + OUTSIDE
    + """interface Tunnel1
 ip address 10.20.0.1 255.255.255.0
 tunnel source GigabitEthernet1
 tunnel destination 203.0.113.9
 tunnel vrf INET
 tunnel protection ipsec profile HUB
""",
    "SEL103 tunnel": PROFILE
    + " match fvrf INET\n"
    + OUTSIDE
    + """interface Tunnel1
 ip address 10.20.0.1 255.255.255.0
 tunnel source GigabitEthernet1
 tunnel destination 203.0.113.9
 tunnel protection ipsec profile HUB
""",
    "TUN135": PROFILE
    + " virtual-template 1\n"
    + """interface Virtual-Template1 type tunnel
 ip unnumbered Tunnel1
 tunnel protection ipsec profile HUB
interface Tunnel1
 ip address 10.20.0.1 255.255.255.0
 ip nhrp network-id 7
 ip nhrp shortcut virtual-template 1
 tunnel destination 203.0.113.9
 tunnel source GigabitEthernet1
 tunnel protection ipsec profile HUB
crypto ipsec profile HUB
 set ikev2-profile HUB
""",
}


def mendable() -> Iterator[tuple[str, list[str]]]:
    for card in cards().values():
        lines = example_of(card)
        if lines is not None and any(o.rule == card.id and o.fix and o.fix.edits for o in judged({"hub.cfg": lines})):
            yield card.id, lines
    yield from ((name, ["hostname hub1", "version 17.9", *text.splitlines()]) for name, text in MORE.items())


MENDABLE = list(mendable())


def each_mendable(function: object) -> object:
    return pytest.mark.parametrize(("name", "lines"), MENDABLE, ids=[name for name, _ in MENDABLE])(function)


@each_mendable
def test_the_fix_of_a_card_removes_its_finding_and_adds_none(name: str, lines: list[str]) -> None:
    before = judged({"hub.cfg": lines})
    wanted = {one.fingerprint for one in before if one.rule == name[:6]}
    mended = fixing.mend({"hub.cfg": lines}, wanted, True, judged)
    after = Counter(one.fingerprint for one in judged(mended.texts))
    assert wanted
    assert mended.gone >= wanted
    assert not wanted & after.keys()
    assert not after - Counter(one.fingerprint for one in before)


@each_mendable
def test_pasting_the_commands_gives_what_the_fixed_file_says(name: str, lines: list[str]) -> None:
    wanted = {one.fingerprint for one in judged({"hub.cfg": lines}) if one.rule == name[:6]}
    after = fixing.mend({"hub.cfg": lines}, wanted, True, judged).texts["hub.cfg"]
    told = list(commands(device_of(lines), device_of(after)))
    assert all(mask(command) == command for command in told)
    assert meaning(device_of(pasted(lines, told))) == meaning(device_of(after)), "\n".join(told)


@pytest.mark.parametrize(
    ("named", "defined", "is_certain"),
    [
        ("BRANCH_POOL", "BRANCH-POOL", True),
        ("branch", "BRANCH", True),
        ("BRANHC", "BRANCH", True),
        ("BRANCHES", "BRANCH", True),
        ("someprofile", "myprofile", False),
        ("BRANCH-02", "BRANCH-01", False),
    ],
)
def test_a_name_is_put_right_only_where_there_is_no_doubt(named: str, defined: str, is_certain: bool) -> None:
    lines = ["crypto ikev2 authorization policy P", f" pool {named}", f"ip local pool {defined} 10.2.0.1"]
    found = judged({"hub.cfg": ["hostname hub1", "version 17.9", *lines]})
    (finding,) = [one for one in found if one.rule == "REF017"]
    assert bool(finding.fix and finding.fix.edits) == is_certain


def test_many_rules_offer_a_fix() -> None:
    assert len(MENDABLE) >= 30


def meaning(device: Device) -> dict[str, object]:
    """The model of a device without the places at which things stand; of several local methods the last one."""
    left_out = {"lines", "source", "globals", "unparsed", "out_of_scope"}
    return {name: value(getattr(device, name)) for name in names_of(type(device)) if name not in left_out}


def value(one: object) -> object:
    if isinstance(one, dict):
        return {str(key): value(held) for key, held in one.items()}
    if isinstance(one, (list, tuple)):
        return sorted((value(held) for held in one), key=repr)
    if isinstance(one, (Line, Statement)):
        return "said"
    if isinstance(one, Secret):
        return one.reveal_for_checks()
    if not names_of(type(one)):
        return None if one is None else str(one)
    fields = {name: getattr(one, name) for name in names_of(type(one))}
    if "local_auth" in fields:
        fields["local_auth"] = fields["local_auth"][-1:]
    return {name: value(held) for name, held in fields.items() if name not in ("line", "headers", "statements")}


def pasted(lines: list[str], told: list[str]) -> list[str]:
    """A router, as far as it is needed: the configuration with commands entered in their modes."""
    tree = [node_of(line) for line in device_of(lines).lines if line.kind is LineKind.COMMAND]
    mode = [("", tree)]
    for command in told:
        text = command.strip()
        if text == "exit":
            mode.pop()
            continue
        mode = mode[: len(command) - len(command.lstrip()) + 1]
        here = mode[-1][1]
        if text.startswith("no ") and any(head == text[3:] for head, _ in here):
            here[:] = [one for one in here if one[0] != text[3:]]
            continue
        entered = next((one for one in here if one[0] == text), None)
        if entered is None:
            entered = (text, [])
            here.append(entered)
        mode.append(entered)
    return list(written(tree, 0))


def node_of(line: object) -> tuple[str, list]:
    below = [node_of(child) for child in line.children if child.kind is LineKind.COMMAND]
    return (line.text, [one for position, one in enumerate(below) if one not in below[:position]])


def written(tree: list, depth: int) -> object:
    for text, below in tree:
        yield " " * depth + text
        yield from written(below, depth + 1)


# ---- files --------------------------------------------------------------------------------------------------------

HUB = """hostname hub1
version 17.9
crypto ikev2 keyring KEYS
 peer BRANCH
  address 203.0.113.7
  pre-shared-key 0 nine-fathom-pilot
crypto ikev2 profile HUB
 match identity remote address 203.0.113.7 255.255.255.255
 authentication local pre-share
 authentication remote pre-share
 keyring local KEYS
 dpd 30 5 on-demand
 dpd 30 5 on-demand
"""


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    path = tmp_path / "hub.cfg"
    path.write_bytes(HUB.encode())
    return path


@pytest.mark.parametrize(
    "dressed",
    [
        lambda text: text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("hub1", "hub1\n! K\xf6ln").encode("cp1252"),
        lambda text: text.rstrip("\n").encode(),
    ],
    ids=["plain", "crlf", "mark", "utf-16", "cp1252", "no end"],
)
def test_a_file_keeps_its_bytes_but_for_the_fix(hub: Path, flexlint, dressed) -> None:
    hub.write_bytes(dressed(HUB))
    hub.chmod(0o640)
    ran = flexlint("check", str(hub), "--select", "SYN207", "--fix", "--fail-on", "note")
    assert (ran.returncode, ran.stderr) == (0, f"fixed {hub}\n")
    assert hub.read_bytes() == dressed(HUB.replace(" dpd 30 5 on-demand\n", "", 1))
    assert hub.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in hub.parent.iterdir()] == ["hub.cfg"]


def test_a_file_that_cannot_be_written_is_left_as_it_is(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="No space"):
        fixing.write(str(hub), HUB.splitlines(), ["hostname hub1"])
    assert hub.read_text() == HUB
    assert [one.name for one in hub.parent.iterdir()] == ["hub.cfg"]


def test_a_file_that_has_changed_since_it_was_read_is_left_as_it_is(hub: Path) -> None:
    with pytest.raises(InputError, match="changed since"):
        fixing.write(str(hub), HUB.splitlines()[1:], ["hostname hub1"])
    assert hub.read_text() == HUB


def test_a_compressed_file_is_left_as_it_is(tmp_path: Path, flexlint) -> None:
    import gzip

    path = tmp_path / "hub.cfg.gz"
    path.write_bytes(data := gzip.compress(HUB.encode()))
    ran = flexlint("check", str(path), "--select", "SYN207", "--fix")
    assert ran.returncode == 2
    assert "compressed" in ran.stderr
    assert path.read_bytes() == data


def test_the_difference_and_the_commands_stand_alone_on_standard_output(hub: Path, flexlint) -> None:
    text = HUB.replace("keyring local KEYS", "keyring local KEYs").replace(
        "on-demand\n dpd 30 5 on-demand", "on-demand"
    )
    hub.write_text(text)
    ran = flexlint("check", str(hub), "--unsafe-fixes", "--fix-commands", "--diff")
    assert "REF004" in ran.stderr
    assert ran.stdout == (
        f"--- {hub}\n+++ {hub}\n@@ -8,5 +8,5 @@\n"
        "  match identity remote address 203.0.113.7 255.255.255.255\n"
        "  authentication local pre-share\n"
        "  authentication remote pre-share\n"
        "- keyring local KEYs\n"
        "+ keyring local KEYS\n"
        "  dpd 30 5 on-demand\n"
        f"! {hub}\ncrypto ikev2 profile HUB\n keyring local KEYS\n exit\n"
    )
    assert hub.read_text() == text


def test_a_fix_that_would_bring_another_fault_is_not_made(hub: Path, flexlint) -> None:
    """The name is put right, and now the profile says what it expects of itself: nothing is changed."""
    text = HUB.replace(" dpd 30 5 on-demand\n", "").replace(" keyring local KEYS", " keyrng local KEYS")
    hub.write_text(text + " keyring local OTHER\n")
    ran = flexlint("check", str(hub), "--select", "SYN205", "--unsafe-fixes", "--diff", "--output-format", "json")
    assert json.loads(ran.stdout)["findings"]
    assert hub.read_text() == text + " keyring local OTHER\n"


def test_commands_hold_no_key_and_say_what_is_left_out() -> None:
    before = device_of(HUB.splitlines())
    after = device_of(HUB.replace("nine-fathom-pilot", "ten-fathom-pilot").splitlines())
    told = "\n".join(commands(before, after))
    assert "fathom" not in told
    assert "a line with a key is left out" in told
