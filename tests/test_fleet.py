"""Many pairs judged by several processes: the same report, the same errors, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from generate_log import log

from flexlint import fleet
from flexlint.inputs.jobs import plan
from flexlint.inputs.source import InputError
from flexlint.report import gathering
from flexlint.report.formats import render
from flexlint.report.gathering import add
from flexlint.report.look import Look
from flexlint.report.model import Ladder, NegotiationClass, Report
from flexlint.rulebook import select
from flexlint.run import Job, Options, Stopped, judged, run

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight pairs, a log alone and a configuration alone; each job is worth a process."""
    monkeypatch.setattr(fleet, "WORTH", 0)
    for copy in "ab":
        shutil.copytree(EXAMPLES, tmp_path / copy)
    (tmp_path / "a" / "key-length" / "hub.cfg").unlink()
    (tmp_path / "b" / "key-length" / "hub.log").unlink()
    return tmp_path


def report(folder: Path, jobs: int, name: str) -> str:
    found = run(plan([str(folder)]).jobs, Options(select(), jobs=jobs, detailed=True, verifies_edits=True))
    return "".join(render(name, found, Look(False, str(folder))))


@pytest.mark.parametrize("name", ["json", "sarif", "html"])
def test_the_same_report_to_the_byte(folder: Path, name: str) -> None:
    alone = report(folder, 1, name)
    assert alone.count("unmatched-identity") >= 2
    assert report(folder, 3, name) == alone


def test_reports_that_are_early_are_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = report(folder, 1, "json")
    monkeypatch.setattr(fleet, "WAITING", 0)
    assert report(folder, 3, "json") == alone


def _no_processes(*_: object) -> object:
    raise AssertionError("another process was wanted")


@pytest.mark.parametrize("count", [1, 2])
def test_few_files_are_judged_here(folder: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(fleet, "_Fleet", _no_processes)
    jobs = plan([str(folder)]).jobs[:count]
    assert len(run(jobs, Options(select(), jobs=8)).inputs) >= count


def test_small_files_are_judged_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(fleet, "_Fleet", _no_processes)
    jobs = plan([str(folder / "a")]).jobs
    assert len(jobs) > 3
    assert run(jobs, Options(select(), jobs=8)).findings


def test_a_large_log_is_left_to_all_processes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = plan([str(folder)]).jobs
    large = next(number for number, job in enumerate(jobs) if job.logs)
    monkeypatch.setattr(fleet, "LEAST", Path(jobs[large].logs[0].path).stat().st_size)
    for job in jobs[:large] + jobs[large + 1 :]:
        for one in job.logs:
            text = Path(one.path).read_text()
            Path(one.path).write_text(text[: len(text) // 4])
    met: list[tuple[int, int]] = []

    def judge(job: Job, options: Options) -> Report:
        met.append((jobs.index(job) if job in jobs else -1, options.jobs))
        return judged(job, options)

    assert len(list(fleet.spread(jobs, Options(select(), jobs=2), judge))) == len(jobs)
    assert (large, 2) in met


def _breaks(job: Job, options: Options) -> Report:
    path = job.config.path if job.config else job.logs[0].path
    if "/b/" in path:
        if "wrong" in path:
            raise Stopped(f"{path}:7") from ZeroDivisionError("the traceback of the other process")
        if "unmatched" in path:
            raise InputError(f"{path}: it cannot be read")
        if "missing" in path and os.environ.get("FLEET_KILLS"):
            os.kill(os.getpid(), signal.SIGKILL)
    return judged(job, options)


def test_the_first_error_in_the_order_of_the_jobs_is_told(folder: Path) -> None:
    jobs = plan([str(folder)]).jobs
    with pytest.raises(InputError, match=r"unmatched-identity/hub.cfg: it cannot be read"):
        list(fleet.spread(jobs, Options(select(), jobs=2), _breaks))


def test_an_error_of_our_own_keeps_its_place_and_its_name(folder: Path) -> None:
    jobs = [job for job in plan([str(folder)]).jobs if "unmatched" not in (job.config or job.logs[0]).path]
    with pytest.raises(Stopped) as stopped:
        list(fleet.spread(jobs, Options(select(), jobs=2), _breaks))
    assert stopped.value.position.endswith("/b/wrong-virtual-template/hub.cfg:7")
    assert type(stopped.value.__cause__).__name__ == "ZeroDivisionError"
    assert "the traceback of the other process" in str(stopped.value.__cause__)


def test_a_process_that_is_gone_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_KILLS", "1")
    with pytest.raises(InputError, match=r"missing-group-list/hub.cfg: .* was ended by signal 9; --jobs 1") as error:
        list(fleet.spread(plan([str(folder)]).jobs, Options(select(), jobs=2), _breaks))
    assert "\n" not in str(error.value)


def test_a_pipe_is_read_here(folder: Path) -> None:
    jobs = plan([str(folder)]).jobs
    log = next(job.logs[0] for job in jobs if job.logs)
    log.rest, log.started = iter([Path(log.path).read_bytes()]), b""
    reports = list(fleet.spread(jobs, Options(select(), jobs=3), judged))
    assert len(reports) == len(jobs)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    for number in range(150):
        shutil.copytree(EXAMPLES, tmp_path / f"{number:03}")
    return tmp_path


def _members(group: int) -> list[int]:
    """The processes of a group that are not over."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def _gone(group: int) -> bool:
    deadline = time.monotonic() + 30
    while _members(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _members(group)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
@pytest.mark.parametrize("processes", [2, 4])  # in the middle of starting them, and when all are there
@pytest.mark.parametrize("to", ["all", "first"])
def test_an_interrupt_ends_all_processes(many: Path, to: str, processes: int) -> None:
    process = _started(many, processes)
    (os.killpg if to == "all" else os.kill)(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (2, "", "flexlint: interrupted")
    assert _gone(process.pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
def test_no_process_outlives_the_first(many: Path) -> None:
    process = _started(many, 4)
    process.kill()
    process.communicate(timeout=60)
    assert _gone(process.pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")
def test_no_process_that_helps_with_a_large_log_outlives_the_first(tmp_path: Path) -> None:
    path = tmp_path / "hub.log"
    path.write_text("".join(log(30_000_000)))
    process = _started(path, 3)
    process.kill()
    process.communicate(timeout=60)
    assert _gone(process.pid)


def _interruptible() -> None:
    """A process that a shell starts in the background ignores Ctrl-C, and what it starts does too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _started(many: Path, processes: int) -> subprocess.Popen[str]:
    """A run, once so many processes of it are there."""
    command = [Path(sys.executable).with_name("flexlint"), "check", "--jobs", "3", many]
    out = subprocess.PIPE
    process = subprocess.Popen(
        command, stdout=out, stderr=out, text=True, start_new_session=True, preexec_fn=_interruptible
    )
    deadline = time.monotonic() + 60
    while len(_members(process.pid)) < processes:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.002)
    return process


# -- reports as one --------------------------------------------------------------------------------------------------


def _report(count: int, path: str = "a.log") -> Report:
    one = Report(negotiations_total=count)
    one.classes = {(path, str(n)): NegotiationClass("p", "", "up", "", path, n) for n in range(count)}
    return one


def test_classes_are_limited_for_all_jobs_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "KEPT_CLASSES", 5)
    total = _report(3)
    add(total, _report(4, "b.log"))
    add(total, _report(2))
    assert [(one.path, one.line, one.times) for one in total.classes.values()] == [
        ("a.log", 0, 2),
        ("a.log", 1, 2),
        ("a.log", 2, 1),
        ("b.log", 0, 1),
        ("b.log", 1, 1),
    ]
    assert (total.classes_dropped, total.negotiations_total) == (2, 9)


def test_negotiations_count_on_from_job_to_job_in_what_is_said_of_them_too() -> None:
    total, one = _report(40), _report(2)
    one.ladders = {2: Ladder(2, "b.log", 1, 9, "", "", "", "", "deleted, replaced by negotiation 1; reached: x", [], 0)}
    add(total, one)
    assert (total.ladders[42].number, total.ladders[42].ended) == (
        42,
        "deleted, replaced by negotiation 41; reached: x",
    )
