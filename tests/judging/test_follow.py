"""--follow: findings while the log is being written, through rotation and truncation, until Ctrl-C."""

from __future__ import annotations

import gzip
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flexlint.finding import Finding
from flexlint.inputs.tail import Tail
from flexlint.judging.follow import SILENT, Follower
from flexlint.rulebook import select as rules
from flexlint.run import Options

FOLDER = Path(__file__).parent.parent / "log" / "scenarios"
KEY = (FOLDER / "F24-key.log").read_text()
PROFILE = (FOLDER / "F15-no-profile.log").read_text().replace("7B3C11D2E4F50619", "7B3C11D2E4F50620")
LATER = PROFILE.replace("SESSION ID = 41", "SESSION ID = 42").replace("203.0.113.66", "203.0.113.67")
SILENCE = (FOLDER / "F10-cookie.log").read_text()  # nothing in it says that it is over
PATIENCE = 15.0


class Running:
    """flexlint following something, as a user sees it."""

    def __init__(self, *arguments: str, cwd: Path, stdin: int | None = None) -> None:
        command = [str(Path(sys.executable).with_name("flexlint")), "check", *arguments, "--follow"]
        self.process = subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd, bufsize=1
        )

    def line(self) -> str:
        """The next line it prints, while it runs."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "nothing was said in time"
        return self.process.stdout.readline()

    def stopped(self) -> tuple[int, str, str]:
        """Ends it with Ctrl-C: its status and what it says in the end."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


def start_up() -> float:
    """Seconds within which it has surely started, on a machine as busy as this one is now."""
    began = time.monotonic()
    subprocess.run([str(Path(sys.executable).with_name("flexlint")), "rules"], stdout=subprocess.DEVNULL, check=True)
    return 1.0 + 3 * (time.monotonic() - began)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*arguments: str, stdin: int | None = None) -> Running:
        started.append(Running(*arguments, cwd=tmp_path, stdin=stdin))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def test_a_finding_is_printed_while_the_log_grows(running: Callable[..., Running], tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    log.write_text(KEY[:2000])
    flexlint = running("hub.log")
    with log.open("a") as out:
        out.write(KEY[2000:])
    assert flexlint.line().startswith("hub.log:41:57: error[NEG003]")
    with log.open("a") as out:
        out.write(LATER)
    assert "error[NEG002]" in flexlint.line()
    status, out_text, err = flexlint.stopped()
    assert (status, err) == (1, "")
    assert out_text.splitlines()[-1] == "2 errors in 1 log (2 negotiations)"


def test_standard_input_is_followed_and_its_end_is_the_end(running: Callable[..., Running]) -> None:
    flexlint = running("-", stdin=subprocess.PIPE)
    assert flexlint.process.stdin is not None
    flexlint.process.stdin.write(KEY)
    flexlint.process.stdin.flush()
    assert flexlint.line().startswith("-:41:57: error[NEG003]")
    out, err = flexlint.process.communicate(timeout=PATIENCE)
    assert (flexlint.process.returncode, err) == (1, "")
    assert "1 error in 1 log" in out


def test_a_rotated_log_is_read_on_in_the_new_file(running: Callable[..., Running], tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    log.write_text(KEY)
    flexlint = running("hub.log")
    flexlint.line()
    log.rename(tmp_path / "hub.log.1")
    log.write_text(LATER)
    expected = 1 + LATER.splitlines().index(next(x for x in LATER.splitlines() if "Failed to locate" in x))
    assert flexlint.line().startswith(f"hub.log:{expected}:")
    assert flexlint.stopped()[0] == 1


def test_a_log_that_is_cut_off_is_read_from_its_beginning(running: Callable[..., Running], tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    log.write_text(KEY + "an unfinished li")
    flexlint = running("hub.log")
    flexlint.line()
    with log.open("w") as out:
        out.write(LATER[:500])
    time.sleep(0.6)
    with log.open("a") as out:
        out.write(LATER[500:])
    assert "error[NEG002]" in flexlint.line()
    assert flexlint.stopped()[0] == 1


def test_ctrl_c_on_a_log_without_fault_is_no_failure(running: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "hub.log").write_text("")
    flexlint = running("hub.log", "--output-format", "full")
    time.sleep(start_up())
    status, out, err = flexlint.stopped()
    assert (status, err) == (0, "")
    assert out.startswith("nothing found")


def test_the_configuration_explains_while_the_log_grows(
    running: Callable[..., Running], checkout: Path, tmp_path: Path
) -> None:
    example = checkout / "examples" / "missing-group-list"
    (tmp_path / "hub.log").write_text("")
    flexlint = running(str(example / "hub.cfg"), "hub.log", "--select", "AZN001,NEG")
    with (tmp_path / "hub.log").open("a") as out:
        out.write((example / "hub.log").read_text())
    assert "error[AZN001]" in flexlint.line()
    assert flexlint.stopped()[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.log",), "none.log: No such file or directory"),
        (("a.log", "b.log"), "wants one log, and at most one configuration: there are 2 and 0"),
        (("a.log", "--output-format", "sarif"), "writes full, concise, json-lines, not sarif"),
        (("a.log", "--fix"), "--follow goes with"),
        (("a.gz",), "a.gz: compressed; --follow reads a log that is still being written"),
        (("a.log", "a.log.1"), "wants one log, and at most one configuration: there are 2 and 0"),
    ],
)
def test_what_cannot_be_followed_is_said_on_one_line(
    flexlint: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    for name in ("a.log", "a.log.1", "b.log"):
        (tmp_path / name).write_text(KEY)
    (tmp_path / "a.gz").write_bytes(gzip.compress(KEY.encode()))
    done = flexlint("check", *arguments, "--follow", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_negotiation_without_an_end_is_over_when_nothing_more_is_said(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    log.write_text(SILENCE)
    now, told, told_at = [0.0], list[Finding](), list[float]()

    def wait() -> bool:
        now[0] += 5.0
        return now[0] < 4 * SILENT

    def tell(finding: Finding) -> None:
        told.append(finding)
        told_at.append(now[0])

    report = Follower(Tail(str(log), wait), None, Options(rules()), lambda: now[0]).run(tell)
    assert [f.rule for f in told] == ["NEG007"]
    assert SILENT <= told_at[0] <= SILENT + 10.0
    assert report.negotiations_total == 1


def test_lines_after_a_pause_do_not_go_to_what_is_over(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    first, rest = KEY[: KEY.index("Searching policy based")], KEY
    log.write_text(first[: first.rindex("\n") + 1])
    now, grown = [0.0], [False]

    def wait() -> bool:
        now[0] += 10.0
        if now[0] > 2 * SILENT and not grown[0]:
            grown[0] = True
            with log.open("a") as out:
                out.write(rest[len(first[: first.rindex("\n") + 1]) :])
        return now[0] < 6 * SILENT

    told = list[Finding]()
    report = Follower(Tail(str(log), wait), None, Options(rules(["NEG"])), lambda: now[0]).run(told.append)
    assert [f.rule for f in told] == ["NEG003"]
    assert report.negotiations_total == 2


def test_a_pipe_that_breaks_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "hub.log").write_text(KEY)
    flexlint = Running("hub.log", cwd=tmp_path)
    assert flexlint.process.stdout is not None
    flexlint.line()
    flexlint.process.stdout.close()
    with (tmp_path / "hub.log").open("a") as out:
        out.write(LATER)
    assert flexlint.process.wait(timeout=PATIENCE) == 2  # as the other commands
    assert flexlint.process.stderr is not None
    assert "Traceback" not in flexlint.process.stderr.read()
    flexlint.process.stderr.close()


def test_ctrl_c_ends_it_while_lines_never_rest(running: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "endless.log").symlink_to("/dev/zero")
    flexlint = running("endless.log")
    time.sleep(start_up())
    assert flexlint.process.poll() is None
    assert flexlint.stopped()[0] == 0


def test_a_pipe_is_followed_to_its_end(running: Callable[..., Running], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    flexlint = running("pipe")
    with (tmp_path / "pipe").open("w") as out:
        out.write(KEY)
        out.flush()
        assert flexlint.line().startswith("pipe:41:57: error[NEG003]")
    out_text, err = flexlint.process.communicate(timeout=PATIENCE)
    assert (flexlint.process.returncode, err) == (1, "")
    assert "1 error in 1 log" in out_text


def test_a_compressed_stream_is_refused(running: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(KEY.encode()))
    with (tmp_path / "a.gz").open("rb") as packed:
        flexlint = running("-", stdin=packed.fileno())
        _, err = flexlint.process.communicate(timeout=PATIENCE)
    assert flexlint.process.returncode == 2
    assert err == "flexlint: -: compressed; --follow reads a log that is still being written\n"


def test_a_wait_of_the_router_is_no_end(tmp_path: Path) -> None:
    """30 seconds pass until a responder gives up waiting for IKE_AUTH: no other negotiation begins with that line."""
    text = (FOLDER / "F34-responder.log").read_text()
    last = text.rindex("\n", 0, text.index("Failed to receive the AUTH msg")) + 1
    log = tmp_path / "hub.log"
    log.write_text(text[:last])
    now, grown = [0.0], [False]

    def wait() -> bool:
        now[0] += 10.0
        if now[0] >= 40.0 and not grown[0]:
            grown[0] = True
            with log.open("a") as out:
                out.write(text[last:])
        return now[0] < 3 * SILENT

    told = list[Finding]()
    report = Follower(Tail(str(log), wait), None, Options(rules(["NEG"])), lambda: now[0]).run(told.append)
    assert report.negotiations_total == 1
    assert [f.rule for f in told] == ["NEG003"]


def test_the_time_without_a_line_may_be_chosen(running: Callable[..., Running], tmp_path: Path) -> None:
    (tmp_path / "hub.log").write_text(SILENCE)
    flexlint = running("hub.log", "--idle", "2")
    assert "[NEG007]" in flexlint.line()
    assert flexlint.process.poll() is None
