"""Notes and pages that quote a log or a configuration: passed over in folders and by the hook, read where named."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from flexlint.inputs.jobs import plan
from flexlint.inputs.kinds import look

QUOTED = "*Mar  3 07:12:14.101: IKEv2:(SESSION ID = 1,SA ID = 1):Verification of peer's authentication data FAILED\n"
NOTES = f"""\
What we found on the second day at the hub of the northern ring.

The router did not say much, but one of its lines was enough to tell us that the keys differ:

    {QUOTED}
After that we agreed on a new key with the people of the branch and the tunnel came up at once.
"""
CONFIG = "hostname edge-01\ncrypto ikev2 profile P\n match identity remote any\n" + "interface Tunnel0\n" * 6
MANUAL = "\n".join(
    [
        *("These are the commands that we give to every branch, and you should read them before you change one.",) * 9,
        "hostname branch",
        "crypto ikev2 profile P",
    ]
)
Flexlint = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("text", [NOTES, MANUAL])
@pytest.mark.parametrize("name", ["notes.txt", "notes"])
def test_prose_in_a_folder_is_passed_over(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "edge.cfg").write_text(CONFIG)
    (tmp_path / name).write_text(text)
    found = plan([str(tmp_path)])
    assert [(job.config is not None, job.logs) for job in found.jobs] == [(True, ())]
    assert found.passed_over == 1


@pytest.mark.parametrize("name", ["README.md", "page.html", "flexlint.sarif", "report.json", "notes.rst", "parse.py"])
def test_pages_reports_and_programs_in_a_folder_are_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / "edge.cfg").write_text(CONFIG)
    (tmp_path / name).write_text(QUOTED * 3)
    found = plan([str(tmp_path)])
    assert (len(found.jobs), found.jobs[0].logs, found.passed_over) == (1, (), 1)


@pytest.mark.parametrize("name", ["notes.txt", "README.md"])
def test_a_file_that_is_named_is_read_as_what_it_is(flexlint: Flexlint, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(NOTES)
    told = flexlint("check", str(tmp_path / name))
    assert "NEG003" in told.stdout
    assert told.returncode == 1
    assert flexlint("check", str(tmp_path)).returncode == 0


def test_the_hook_passes_notes_over(flexlint: Flexlint, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(NOTES)
    (tmp_path / "edge.cfg").write_text(CONFIG)
    told = flexlint("check", "--find-partner", str(tmp_path / "notes.txt"), str(tmp_path / "edge.cfg"))
    assert "NEG003" not in told.stdout


def test_notes_beside_a_configuration_are_not_its_log(tmp_path: Path) -> None:
    (tmp_path / "edge.cfg").write_text(CONFIG)
    (tmp_path / "edge.txt").write_text(NOTES.replace("the hub", "edge-01"))
    found = plan([str(tmp_path / "edge.cfg")], find_partner=True)
    assert [(job.config is not None, job.logs) for job in found.jobs] == [(True, ())]


def test_a_log_with_remarks_between_its_lines_is_a_log_in_a_folder_too(tmp_path: Path) -> None:
    remark = "Here the hub looks for a profile that takes the name of the branch as it stands.\n"
    (tmp_path / "hub.txt").write_text((remark + QUOTED * 2) * 4)
    assert len(plan([str(tmp_path)]).jobs) == 1


def test_a_transcript_of_another_protocol_is_a_log() -> None:
    shown = "    Group member             : 203.0.113.21   vrf: None\n       Registration status   : Registering\n" * 40
    listed = "   access-list  permit ip 192.0.2.0 0.0.0.255 198.51.100.0 0.0.0.255\n" * 6
    message = "*Sep 23 09:32:10.451: %CRYPTO-5-GM_REGSTER: Start registration to KS 203.0.113.2 for group RING\n"
    assert look("hub1#\n" + (message * 5 + shown[:4000] + listed) * 6).kind == "log"
    assert look(CONFIG * 4 + message * 20).kind == "config"
