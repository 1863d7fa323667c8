"""An object of ciscoconfparse2 gives the device that its text gives."""

from __future__ import annotations

import subprocess
import sys

from flexlint.config.ccp import from_ciscoconfparse
from flexlint.config.parse import read_device
from flexlint.place import TextFile

TEXT = """\
version 17.9
hostname hub-01
!
crypto ikev2 keyring KEYS
 peer BRANCH
  address 192.0.2.0 255.255.255.0
  pre-shared-key not-a-real-key
 !
crypto ikev2 profile FLEX
 match identity remote fqdn domain example.com
 authentication local pre-share
 authentication remote pre-share
 keyring localab
 virtual-template 1
!
banner motd ^C
crypto ikev2 profile NOT-A-PROFILE
^C
interface Virtual-Template1 type tunnel
 ip unnumbered Loopback0
 tunnel protection ipsec profile P
end
""".splitlines()


def test_the_device_is_that_of_the_text():
    from ciscoconfparse2 import CiscoConfParse

    ours, theirs = read_device(TextFile("hub.cfg", TEXT)), from_ciscoconfparse(CiscoConfParse(TEXT), "hub.cfg")
    for device in (ours, theirs):
        assert list(device.profiles) == ["FLEX"]
        assert [(u.word, u.line.number, u.word.column) for u in device.unparsed] == [("localab", 13, 10)]
    shown = [
        [
            (s.kind, s.words, s.line.number, s.line.column)
            for shelf in (device.profiles, device.keyrings, device.interfaces)
            for one in shelf.values()
            for s in one.statements
        ]
        for device in (ours, theirs)
    ]
    assert shown[0] == shown[1]


def test_the_library_is_not_imported_for_it():
    code = "import sys, flexlint.config.ccp; print('ciscoconfparse2' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "False"
