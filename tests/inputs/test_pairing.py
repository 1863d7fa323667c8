"""Which files are judged together: names, folders, host names, rotated logs; and files that are of neither kind."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flexlint.inputs.jobs import plan
from flexlint.inputs.pairing import stem_of, turn_of
from flexlint.inputs.source import InputError
from flexlint.run import Job

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
CONFIG = "hostname edge-01\ncrypto ikev2 profile P\n match identity remote any\n"
LOG = "*Mar  3 07:12:14.101: IKEv2:(SESSION ID = 1,SA ID = 1):Verify SA init message\n" * 3


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        is_config = path.name.endswith((".cfg", ".conf", "-confg", "config.txt"))
        text = CONFIG.replace("edge-01", "core-07") if path.name.startswith("other") else CONFIG
        path.write_text(text if is_config else LOG)


def told(jobs: list[Job]) -> list[tuple[str, list[str]]]:
    return [
        (job.config.path if job.config else "", [p.path for log in job.logs for p in (log.parts or (log,))])
        for job in jobs
    ]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("hub.cfg", "hub"),
        ("hub.log", "hub"),
        ("hub.debug.log", "hub"),
        ("hub.log.1", "hub"),
        ("hub.log.12.gz", "hub"),
        ("hub.log-20260401.gz", "hub"),
        ("hub-debug.txt", "hub"),
        ("hub_debug_ikev2.log", "hub"),
        ("hub-running-config.txt", "hub"),
        ("hub-20260401.log", "hub"),
        ("HUB-confg", "hub"),
        ("hub-2.cfg", "hub-2"),
        ("hub.1", "hub.1"),
        ("debug.log", "debug"),
        (".log", ".log"),
    ],
)
def test_a_name_up_to_what_says_the_kind_of_file(name: str, stem: str):
    assert stem_of(name) == stem


@pytest.mark.parametrize(
    ("config", "log"),
    [
        ("hub.cfg", "hub.log"),
        ("hub.cfg", "hub.debug.log"),
        ("hub.cfg", "hub.log.1"),
        ("hub.cfg", "hub-debug.txt"),
        ("hub.cfg", "edge-01.log"),
        ("hub.cfg", "edge-01-debug.log"),
        ("configs/hub.cfg", "logs/hub.log"),
        ("configs/hub.cfg", "logs/edge-01.debug.log"),
        ("configs/site1/hub.cfg", "logs/site1/hub.log"),
        ("site1/hub.cfg", "site1/debugs/hub.log.gz"),
        ("site1/hub.cfg", "logs/site1/hub.log"),
        ("site1/config/hub.cfg", "site1/hub.log"),
    ],
)
def test_a_partner_is_found_for_either_file(config: str, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, config, log, "site2/other.cfg", "site2/hub.log", "logs/unrelated.log", "other.cfg")
    monkeypatch.chdir(tmp_path)
    for changed in (config, log):
        if changed == log and "edge" in log and "/" in log:
            continue  # the name of a host leads from its configuration to a log elsewhere, not back
        assert told(plan([changed], find_partner=True).jobs) == [(config, [log])], changed
    assert (config, [log]) in told(plan([config, log, "other.cfg"]).jobs)


def test_a_log_of_another_folder_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, "case1/hub.cfg", "case2/hub.log", "case3/hub.cfg", "case3/hub.log")
    monkeypatch.chdir(tmp_path)
    assert told(plan(["."]).jobs) == [
        ("case1/hub.cfg", []),
        ("case3/hub.cfg", ["case3/hub.log"]),
        ("", ["case2/hub.log"]),
    ]
    assert told(plan(["case1/hub.cfg"], find_partner=True).jobs) == [("case1/hub.cfg", [])]


def test_a_name_that_fits_two_configurations_settles_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, "hub-ike.cfg", "hub-run.cfg", "hub-debug.log")
    (tmp_path / "hub-run.cfg").write_text(CONFIG.replace("edge-01", "edge-02"))
    monkeypatch.chdir(tmp_path)
    assert told(plan(["."]).jobs) == [("hub-ike.cfg", []), ("hub-run.cfg", []), ("", ["hub-debug.log"])]
    (tmp_path / "hub-debug.log").write_text("edge-02#show log\n" + LOG)  # its text does
    assert ("hub-run.cfg", ["hub-debug.log"]) in told(plan(["."]).jobs)


def test_a_log_that_names_the_router_is_found_beside_its_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, "wan.cfg", "capture.log", "elsewhere.log")
    (tmp_path / "capture.log").write_text("edge-01#terminal monitor\n" + LOG)
    monkeypatch.chdir(tmp_path)
    assert told(plan(["wan.cfg"], find_partner=True).jobs) == [("wan.cfg", ["capture.log"])]
    assert told(plan(["capture.log"], find_partner=True).jobs) == [("wan.cfg", ["capture.log"])]
    assert told(plan(["elsewhere.log"], find_partner=True).jobs) == [("", ["elsewhere.log"])]


def test_rotated_logs_are_one_log_the_oldest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = ["hub.log", "hub.log.1", "hub.log.2.gz", "hub.log.10.gz"]
    write(tmp_path, "hub.cfg", *names)
    for name in names[2:]:
        (tmp_path / name).write_bytes(gzip.compress(LOG.encode()))
    monkeypatch.chdir(tmp_path)
    assert told(plan(["hub.cfg"], find_partner=True).jobs) == [("hub.cfg", names[::-1])]
    assert told(plan(["hub.cfg"], logs=["hub.log", "hub.log.1"]).jobs) == [("hub.cfg", ["hub.log.1", "hub.log"])]
    assert told(plan(["."]).jobs) == [("hub.cfg", names[::-1])]


def test_dates_order_as_they_read():
    names = ["r.log-20260402.gz", "r.log", "r.log-20260331", "r.log-2026-04-01"]
    assert sorted(names, key=lambda name: turn_of(name).order) == [
        "r.log-20260331",
        "r.log-2026-04-01",
        "r.log-20260402.gz",
        "r.log",
    ]
    assert {turn_of(name).newest for name in names} == {"r.log"}
    assert turn_of("hub-1.log").newest != turn_of("hub-2.log").newest  # two routers, not a set


def flexlint(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("flexlint")), "check", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def test_a_negotiation_across_a_rotation_is_one_and_points_at_both_files(tmp_path: Path):
    """The log of the example cut in the middle says the same as the whole, at the lines of the two files."""
    shutil.copy(EXAMPLES / "missing-group-list/hub.cfg", tmp_path)
    lines = (EXAMPLES / "missing-group-list/hub.log").read_text().splitlines(keepends=True)
    whole = json.loads(
        flexlint("hub.cfg", "hub.log", "--output-format", "json", cwd=EXAMPLES / "missing-group-list").stdout
    )
    cut = len(lines) // 2
    (tmp_path / "hub.log.1").write_text("".join(lines[:cut]).rstrip("\n"))
    (tmp_path / "hub.log").write_text("".join(lines[cut:]))
    parts = json.loads(flexlint("hub.cfg", "hub.log", "hub.log.1", "--output-format", "json", cwd=tmp_path).stdout)
    assert [one["rule"] for one in parts["findings"]] == [one["rule"] for one in whole["findings"]]
    assert {(i["path"], i["lines"]) for i in parts["inputs"]} >= {("hub.log.1", cut), ("hub.log", len(lines) - cut)}
    seen = set()
    for ours, theirs in zip(parts["findings"], whole["findings"], strict=True):
        for place, other in zip(
            [ours["primary"], *ours["related"]], [theirs["primary"], *theirs["related"]], strict=True
        ):
            if other["role"] == "log":
                expected = ("hub.log.1", other["line"]) if other["line"] <= cut else ("hub.log", other["line"] - cut)
                assert (place["path"], place["line"], place["text"]) == (*expected, other["text"])
                seen.add(place["path"])
    assert "hub.log" in seen
    assert [n["path"] for n in parts["negotiations"]] == ["hub.log.1" for _ in parts["negotiations"]]


def test_a_file_the_user_names_is_never_passed_over_in_silence(tmp_path: Path):
    write(tmp_path, "hub.cfg")
    (tmp_path / "notes.md").write_text("Some words on tunnels and how they were built, without a single command.\n")
    (tmp_path / "empty.cfg").write_text("")
    done = flexlint("hub.cfg", "notes.md", "empty.cfg", cwd=tmp_path)
    assert done.returncode == 2
    assert "flexlint: notes.md: neither a configuration nor a log of IKEv2 debugs: not checked\n" in done.stderr
    assert "empty.cfg: neither" in done.stderr
    assert "hub.cfg" in done.stdout  # the rest is checked all the same
    hook = flexlint("--find-partner", "--fail-on", "never", "notes.md", cwd=tmp_path)
    assert (hook.returncode, hook.stderr) == (0, "")
    assert "note: notes.md: neither" in hook.stdout
    folder = flexlint(".", "--fail-on", "never", "--statistics", cwd=tmp_path)
    assert folder.returncode == 0
    assert "2  files passed over" in folder.stderr


def test_an_option_that_names_the_wrong_kind_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, "hub.cfg", "hub.log")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^hub\.cfg: --log names a configuration, not a log$"):
        plan(["hub.cfg"], logs=["hub.cfg"])
    with pytest.raises(InputError, match=r"^hub\.log: --peer names a log, not a configuration$"):
        plan(["hub.cfg"], peer="hub.log")
