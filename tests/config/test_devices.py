"""Several routers in one file: told apart by host name or prompt, each with its own lines at their true numbers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from flexlint.config.model import Device
from flexlint.config.parse import read_device, read_devices
from flexlint.place import TextFile

HUB = """\
version 17.9
service timestamps debug datetime msec
!
hostname HUB
!
crypto ikev2 keyring K
 peer SPOKE
  hostname spoke.example.net
  address 203.0.113.2
  pre-shared-key not-a-real-key-1
!
interface GigabitEthernet1
 ip address 198.51.100.1 255.255.255.0
!
end
"""
SPOKE = """\
version 16.12
!
hostname SPOKE
!
crypto ikev2 profile P
 match identity remote fqdn hub.example.net
 keyring local K
!
interface GigabitEthernet1
 ip address 203.0.113.2 255.255.255.0
!
end
"""


def devices(text: str) -> list[Device]:
    return read_devices(TextFile("paste.txt", text.splitlines()))


def test_two_running_configurations_are_two_routers():
    hub, spoke = devices(HUB + SPOKE)
    assert (hub.label, hub.version, list(hub.keyrings), list(hub.profiles)) == ("HUB", "17.9", ["K"], [])
    assert (spoke.label, spoke.version, list(spoke.keyrings), list(spoke.profiles)) == ("SPOKE", "16.12", [], ["P"])
    assert spoke.profiles["P"].line.number == HUB.count("\n") + 5
    assert spoke.profiles["P"].identities[0].value.line == HUB.count("\n") + 6


def test_one_configuration_is_one_router_without_a_label():
    for text in (HUB, "crypto ikev2 profile P\n", "", HUB + HUB):
        (only,) = devices(text)
        assert only.label == ""
    assert list(devices(HUB)[0].keyrings["K"].peers[0].hostname or "") != []


def test_what_comes_back_to_a_router_joins_what_it_had():
    base = "enable\nconf t\nhostname {}\nno ip domain-lookup\ninterface Gi0/0\n ip address 192.0.2.{} 255.255.255.0\n"
    text = base.format("A", 1) + base.format("B", 2) + "hostname A\ncrypto ikev2 proposal P\n encryption aes-cbc-256\n"
    one, other = devices(text)
    assert (one.label, list(one.proposals), list(one.interfaces)) == ("A", ["P"], ["GigabitEthernet0/0"])
    assert (other.label, list(other.proposals)) == ("B", [])


SESSION = """\
R1(config)#crypto ikev2 proposal P1
R1(config-ikev2-proposal)#encryption aes-cbc-256
R2(config)#crypto ikev2 proposal P2
R2(config-ikev2-proposal)#encryption aes-cbc-128
R1(config-ikev2-proposal)#integrity sha256
R1(config-ikev2-proposal)#exit
R2(config-ikev2-proposal)#group 14
R2#show running-config | section ikev2
"""


def test_prompts_tell_routers_apart_though_their_lines_are_mixed():
    one, other = devices(SESSION)
    assert (one.label, [str(w) for w in one.proposals["P1"].integrity]) == ("R1", ["sha256"])
    assert (other.label, [str(w) for w in other.proposals["P2"].group]) == ("R2", ["14"])
    assert not one.unparsed
    assert not other.unparsed


def test_a_router_that_is_renamed_stays_one():
    text = "Router(config)#hostname HUB\nHUB(config)#crypto ikev2 proposal P\nHUB(config-ikev2-proposal)#group 14\n"
    (only,) = devices(text)
    assert (only.label, only.hostname, list(only.proposals)) == ("", "HUB", ["P"])
    hub, spoke = devices(text + text.replace("HUB", "SPOKE"))
    assert [(one.label, one.hostname) for one in (hub, spoke)] == [("HUB", "HUB"), ("SPOKE", "SPOKE")]
    assert list(spoke.proposals["P"].group) == ["14"]


def test_the_output_of_show_run_is_of_the_router_that_was_asked():
    text = "R1#show run | section ikev2\ncrypto ikev2 proposal A\n group 14\nR2#sh run | s ikev2\n"
    one, other = devices(
        text + "crypto ikev2 proposal B\n group 19\nR2#\n" + "R1(config)#do show clock\nR2(config)#exit\n"
    )
    assert (one.label, list(one.proposals)) == ("R1", ["A"])
    assert (other.label, list(other.proposals)) == ("R2", ["B"])


def test_a_template_that_leaves_its_name_open_is_one_router():
    (only,) = devices("hostname {{ name }}\nversion 17.9\nhostname {{ other }}\n")
    assert only.label == ""


@given(st.lists(st.sampled_from([HUB, SPOKE, SESSION, "hostname X\n", "!\n", "R3(config)#hostname R4\n"]), max_size=6))
def test_no_line_is_lost_or_told_twice(pieces: list[str]):
    text = "".join(pieces)
    found = devices(text)
    numbers = sorted(line.number for one in found for line in one.lines)
    whole = read_device(TextFile("paste.txt", text.splitlines()))
    assert numbers == sorted(line.number for line in whole.lines)
    assert len({one.label for one in found}) == len(found)


def flexlint(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("flexlint")), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def test_findings_name_their_router_and_a_log_goes_to_its_own(tmp_path: Path):
    """The example hub and another router in one paste: the log is the hub's by the addresses in it."""
    example = Path(__file__).parent.parent.parent / "examples/missing-group-list"
    shutil.copy(example / "hub.log", tmp_path / "capture.log")
    (tmp_path / "paste.txt").write_text(SPOKE + (example / "hub.cfg").read_text())
    done = flexlint("check", "paste.txt", "capture.log", "--output-format", "json", cwd=tmp_path)
    report = json.loads(done.stdout)
    (error,) = [one for one in report["findings"] if one["rule"] == "AZN001"]
    host = error["device"]
    assert host != "SPOKE"
    assert error["message"].startswith(f"{host}: the router asked AAA list")
    assert error["primary"]["line"] > SPOKE.count("\n")
    (missing,) = [one for one in report["findings"] if one["rule"] == "REF004"]
    assert (missing["device"], missing["message"][:7]) == ("SPOKE", "SPOKE: ")
    assert report["inputs"][0]["device"] == f"SPOKE, {host}"


def test_a_log_that_says_no_router_is_told_and_judged_alone(tmp_path: Path):
    (tmp_path / "paste.txt").write_text(HUB + SPOKE)
    log = "*Mar  3 07:12:14.101: IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message\n" * 3
    (tmp_path / "capture.log").write_text(log)
    done = flexlint("check", "paste.txt", "capture.log", cwd=tmp_path)
    assert "note: capture.log: of which router in paste.txt it is, it does not say: HUB, SPOKE" in done.stdout
    for command in (
        ("check", "paste.txt", "--peer", "paste.txt"),
        ("predict", "paste.txt", "--identity", "fqdn:a.example.net"),
    ):
        refused = flexlint(*command, cwd=tmp_path)
        assert refused.returncode == 2
        assert "HUB, SPOKE" in refused.stderr
        assert refused.stderr.count("\n") == 1
