"""Files that are no files, that are damaged, or that change while they are read: one line of each, and everything that
could be read is reported."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from flexlint.inputs.jobs import plan
from flexlint.inputs.plainfile import BLOCK, SHORTER, PlainFile
from flexlint.inputs.source import DAMAGED, Input, InputError, open_blocks, read_input
from flexlint.report.model import Report
from flexlint.rulebook import select
from flexlint.run import Job, Options, run

Command = Callable[..., subprocess.CompletedProcess[str]]
KEY = (Path(__file__).parent.parent / "log" / "scenarios" / "F24-key.log").read_text()
AGAIN = KEY.replace("7B3C11D2E4F50619", "7B3C11D2E4F50620").replace("SESSION ID = 41", "SESSION ID = 42")
PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Path]:
    """A folder with things in it that are no files."""
    (tmp_path / "hub.log").write_text(KEY)
    (tmp_path / "hub.cfg").write_text("hostname hub\ncrypto ikev2 profile P\n match identity remote any\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "zeros").symlink_to("/dev/zero")
    here = socket.socket(socket.AF_UNIX)
    before = Path.cwd()
    os.chdir(tmp_path)  # the path of a socket must be short
    here.bind("socket")
    os.chdir(before)
    yield tmp_path
    here.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "socket"), "socket: No such device or address"),
        (("check", "loop"), "loop: Too many levels of symbolic links"),
        (("check", "nothing.log"), "nothing.log: No such file or directory"),
        (("check", "hub.log/inside"), "hub.log/inside: Not a directory"),
        (("check", "zeros"), "zeros: neither a configuration nor a log of IKEv2 debugs: not checked"),
        (("check", "hub.cfg", "--log", "zeros"), "zeros: --log names a binary file"),
        (("check", "hub.cfg", "--log", "folder"), "folder: Is a directory"),
        (("check", "hub.cfg", "--peer", "folder"), "folder: Is a directory"),
        (("check", "folder", "--follow"), "folder: Is a directory"),
        (("check", "socket", "--follow"), "socket: No such device or address"),
        (("trace", "folder"), "folder: Is a directory"),
        (("trace", "zeros"), "zeros: a binary file, not a log"),
        (("trace", "hub.cfg"), "hub.cfg: a configuration, not a log"),
        (("predict", "folder", "--identity", "fqdn:a.example"), "folder: Is a directory"),
    ],
)
def test_what_is_no_file_is_said_on_one_line(
    flexlint: Command, odd: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = flexlint(*arguments, cwd=odd)
    assert done.returncode == 2
    assert done.stderr == f"flexlint: {said}\n"


def test_the_other_files_are_still_checked(flexlint: Command, odd: Path) -> None:
    done = flexlint("check", "hub.log", "zeros", cwd=odd)
    assert done.returncode == 2
    assert "error[NEG003]" in done.stdout


def test_a_pipe_is_read_as_a_file_is(odd: Path) -> None:
    (odd / "hub.log.gz").write_bytes(gzip.compress(KEY.encode()))
    command = Path(sys.executable).with_name("flexlint")
    for source in ("cat hub.log", "cat hub.log.gz", "sleep 0.3; gunzip -c hub.log.gz"):
        for verb in ("check", "trace"):
            script = f"'{command}' {verb} <({source})"
            done = subprocess.run(["bash", "-c", script], cwd=odd, capture_output=True, text=True, timeout=60)
            assert "the keys of the two ends differ" in done.stdout
            assert done.stderr == ""


def test_a_pipe_into_which_nobody_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flexlint.inputs.source.PIPE_PATIENCE", 2)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe: a pipe into which nobody writes"):
        read_input(str(tmp_path / "pipe"))


# -- damaged archives --------------------------------------------------------------------------------------------------


def whole(one: Input) -> tuple[bytes, str]:
    """What can be read of a log, and the line that says why it was not more."""
    found = b""
    try:
        for block in open_blocks(one):
            found += block
    except InputError as error:
        return found, str(error)
    return found, ""


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_cut_anywhere(kind: str, tmp_path: Path) -> None:
    """In its mark, header, data and trailer: what was unpacked is the beginning of the log, and the fault is told."""
    packed = PACKED[kind](KEY.encode())
    path = tmp_path / f"hub.log.{kind}"
    for length in range(len(packed)):
        path.write_bytes(packed[:length])
        found, said = whole(Input(str(path), "log"))
        if length > 6:  # enough of the mark to know an archive by
            assert said == f"{path}: the compressed file ends too early; what could be read has been checked"
            assert KEY.encode().startswith(found)
    path.write_bytes(packed)
    assert whole(Input(str(path), "log")) == (KEY.encode(), "")


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_with_damage_in_it(kind: str, tmp_path: Path) -> None:
    packed = bytearray(PACKED[kind](KEY.encode()))
    path = tmp_path / f"hub.log.{kind}"
    for at in range(8, len(packed), 7):
        damaged = bytearray(packed)
        damaged[at] ^= 0x55
        path.write_bytes(damaged)
        _, said = whole(Input(str(path), "log"))
        assert "\n" not in said
        assert said == "" or said.startswith(f"{path}: the compressed file ")


def test_what_comes_behind_an_archive_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hub.log.gz"
    path.write_bytes(gzip.compress(KEY.encode()) + b"not an archive at all")
    assert whole(Input(str(path), "log")) == (KEY.encode(), f"{path}: {DAMAGED} (error)")


def test_of_a_cut_archive_the_findings_come_first(flexlint: Command, tmp_path: Path) -> None:
    noise = "".join(f"*Mar  3 07:12:14.{n % 1000:03d}: %SYS-6-LOGOUT: {n * 7919}\n" for n in range(20_000))
    (tmp_path / "hub.log.gz").write_bytes(gzip.compress((KEY + noise).encode())[:-30])
    for verb, status in (("check", 2), ("trace", 2)):
        done = flexlint(verb, "hub.log.gz", cwd=tmp_path)
        assert done.returncode == status
        assert "the keys of the two ends differ" in done.stdout
        assert done.stderr.count("\n") == 1
        assert "hub.log.gz: the compressed file ends too early" in done.stderr


# -- files that change -------------------------------------------------------------------------------------------------


def checked(jobs: list[Job], processes: int = 1) -> Report:
    return run(jobs, Options(select(), jobs=processes))


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Has something done when the first bytes of a log have been read."""

    def arrange(act: Callable[[], None]) -> None:
        left = [act]

        def between(blocks: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
            def read(*arguments: object) -> Iterator[bytes]:
                for block in blocks(*arguments):
                    yield block
                    if left and arguments[-1] != BLOCK:  # not yet when the kind of file is looked at
                        left.pop()()

            return read

        monkeypatch.setattr("flexlint.inputs.rotated.open_blocks", between(open_blocks))
        monkeypatch.setattr(PlainFile, "blocks", between(PlainFile.blocks))

    return arrange


def test_a_log_that_vanishes_before_it_is_read(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    log.write_text(KEY)
    other = tmp_path / "other.log"
    other.write_text(AGAIN)
    jobs = plan([str(log), str(other)]).jobs
    log.unlink()
    report = checked(jobs)
    assert report.unread == [f"{log}: No such file or directory"]
    assert [f.rule for f in report.findings] == ["NEG003"]


def large(path: Path) -> None:
    """Two attempts with many megabytes between them."""
    filler = "*Mar  3 07:12:14.400: %SYS-6-LOGOUT: User netops has exited tty session 2(10.0.0.9)\n" * 250_000
    path.write_text(KEY + filler + AGAIN)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("change", ["vanishes", "is cut off", "grows", "cannot be opened again"])
def test_a_log_that_changes_while_it_is_read(
    change: str, processes: int, tmp_path: Path, meanwhile: Callable[[Callable[[], None]], None]
) -> None:
    log = tmp_path / "hub.log"
    large(log)
    jobs = plan([str(log)]).jobs

    def act() -> None:
        if change == "vanishes":
            log.unlink()
        elif change == "is cut off":
            os.truncate(log, 3_000_000)
        elif change == "grows":
            with log.open("a") as out:
                out.write(KEY)
        else:
            log.chmod(0)

    meanwhile(act)
    report = checked(jobs, processes)
    assert [f.rule for f in report.findings if f.severity.value == "error"] == ["NEG003"]
    assert report.findings[0].primary is not None
    assert report.findings[0].primary.line == 41
    if change == "is cut off":
        assert report.unread == [f"{log}: {SHORTER}"]
        assert report.findings[0].occurrences == 1
    else:
        assert report.unread == []
        assert report.findings[0].occurrences == (3 if (change, processes) == ("grows", 1) else 2)
