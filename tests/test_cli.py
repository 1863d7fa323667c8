"""What the user sees: exit statuses, errors of one line, standard input, which files are judged together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flexlint.cards import by_id_or_name

HEAVY = {"ciscoconfparse2", "importlib.metadata", "flexlint.report.schema"}


def flexlint(
    *arguments: str, cwd: Path, stdin: str = "", python: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *python, "-c", "from flexlint.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, text=True, timeout=60)


def write(folder: Path, title: str, stem: str = "hub") -> None:
    card = by_id_or_name("unmatched-identity")
    assert card is not None
    folder.mkdir(exist_ok=True)
    for name, text in card.example(title).files.items():
        (folder / name.replace("hub", stem)).write_text(text)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    write(tmp_path, "Contradiction")
    return tmp_path


def test_pair_with_an_error_fails_and_one_without_passes(broken: Path, tmp_path: Path) -> None:
    assert flexlint("check", "hub.cfg", "hub.log", cwd=broken).returncode == 1
    write(tmp_path / "good", "Consistent")
    assert flexlint("check", "good", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("name", ["concise", "full", "json", "sarif", "github", "junit"])
def test_status_is_the_same_for_every_format(broken: Path, name: str) -> None:
    done = flexlint("check", ".", "--output-format", name, cwd=broken)
    assert (done.returncode, done.stderr) == (1, "")
    assert "SEL001" in done.stdout


def test_fail_on_never(broken: Path) -> None:
    assert flexlint("check", ".", "--fail-on", "never", cwd=broken).returncode == 0


def test_ignored_rule_does_not_speak(broken: Path) -> None:
    done = flexlint("check", ".", "--ignore", "unmatched-identity", cwd=broken)
    assert "SEL001" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "missing.cfg"), "missing.cfg"),
        (("check", ".", "--output-format", "xml"), "no output format 'xml'"),
        (("check", ".", "--select", "unmatched-identty"), "did you mean 'unmatched-identity'?"),
        (("check", ".", "--assume", "x"), "NAME=VALUE"),
        (("check",), "PATH"),
        (("check", ".", "--peer-log", "hub.log"), "--peer"),
        (("check", ".", "--output-format", "json=no/such/folder/out.json"), "no/such/folder"),
        (("explain", "SEL9"), "no rule"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_errors_are_one_line_and_status_2(broken: Path, arguments: tuple[str, ...], says: str) -> None:
    done = flexlint(*arguments, cwd=broken)
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("flexlint: ")


def test_standard_input(broken: Path) -> None:
    done = flexlint("check", "hub.cfg", "-", cwd=broken, stdin=(broken / "hub.log").read_text())
    assert done.returncode == 1
    assert "SEL001" in done.stdout


def test_pairs_are_found_by_name(tmp_path: Path) -> None:
    write(tmp_path, "Contradiction", "east")
    write(tmp_path, "Consistent", "west")
    done = flexlint("check", ".", "--output-format", "json", cwd=tmp_path)
    found = {
        finding["primary"]["path"] for finding in json.loads(done.stdout)["findings"] if finding["rule"] == "SEL001"
    }
    assert found == {"east.cfg"}


def test_partner_is_found_only_when_asked(broken: Path) -> None:
    assert "SEL001" not in flexlint("check", "hub.cfg", cwd=broken).stdout
    assert "SEL001" in flexlint("check", "--find-partner", "hub.cfg", cwd=broken).stdout


def test_output_file_is_whole(broken: Path) -> None:
    done = flexlint("check", ".", "--output-format", "sarif=out.sarif", "--output-format", "concise", cwd=broken)
    assert "SEL001" in done.stdout
    assert json.loads((broken / "out.sarif").read_text())["version"] == "2.1.0"
    assert {path.name for path in broken.iterdir()} == {"hub.cfg", "hub.log", "out.sarif"}


def test_output_to_a_pipe_leaves_the_pipe_where_it_is(broken: Path) -> None:
    os.mkfifo(broken / "reports")
    with subprocess.Popen(["cat", "reports"], cwd=broken, stdout=subprocess.PIPE, text=True) as reader:
        done = flexlint("check", "hub.cfg", "hub.log", "--output-format", "json=reports", cwd=broken)
        assert reader.stdout is not None
        assert json.loads(reader.stdout.read())["findings"]
    assert done.returncode == 1
    assert (broken / "reports").is_fifo()


def test_comment_with_a_reason_silences_a_rule(broken: Path) -> None:
    config = broken / "hub.cfg"
    plain = config.read_text()
    config.write_text(
        plain.replace("crypto ikev2 profile", "! flexlint: ignore SEL001 lab spoke\ncrypto ikev2 profile")
    )
    done = flexlint("check", ".", "--select", "SEL001", cwd=broken)
    assert done.returncode == 0
    assert "(1 suppressed)" in done.stdout
    config.write_text(plain.replace("crypto ikev2 profile", "! flexlint: ignore SEL001\ncrypto ikev2 profile"))
    done = flexlint("check", ".", "--select", "SEL001", cwd=broken)
    assert done.returncode == 1
    assert "gives no reason" in done.stdout


def test_check_on_a_pipe_imports_nothing_heavy(broken: Path) -> None:
    done = flexlint("check", "hub.cfg", "hub.log", cwd=broken, python=("-X", "importtime"))
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not {name for name in imported if name in HEAVY or name.partition(".")[0] in ("pydantic", "rich", "lark")}


def test_rules_and_schema(tmp_path: Path) -> None:
    listed = json.loads(flexlint("rules", "--json", cwd=tmp_path).stdout)
    assert {"id", "name", "severity", "confidence", "verdict", "grade", "summary"} == set(listed[0])
    assert json.loads(flexlint("schema", cwd=tmp_path).stdout)["title"] == "flexlint.report/1"
    assert "## What it checks" in flexlint("explain", "unmatched-identity", cwd=tmp_path).stdout


def test_a_log_is_paired_by_the_hostname_it_names(tmp_path: Path) -> None:
    examples = Path(__file__).resolve().parent.parent / "examples"
    for name, host in (("one", "flexhub1"), ("two", "flexhub2")):
        text = (examples / "healthy-hub/hub.cfg").read_text().replace("hostname flexhub1", f"hostname {host}")
        (tmp_path / f"{name}.cfg").write_text(text)
    trace = (examples / "key-length/hub.log").read_text()
    (tmp_path / "capture.log").write_text(f"flexhub2#debug crypto ikev2\n{trace}flexhub2#undebug all\n")
    done = flexlint("check", ".", "--output-format", "concise", cwd=tmp_path)
    assert [line.partition(":")[0] for line in done.stdout.splitlines() if "[AUT005] " in line] == ["two.cfg"]


@pytest.mark.parametrize(
    "arguments", [("rules", "--json"), ("check", ".", "--output-format", "sarif", "--fail-on", "never"), ("trace", ".")]
)
def test_nobody_reads_on(broken: Path, arguments: tuple[str, ...]) -> None:
    """`flexlint ... | head`: no word, and not the status that means findings."""
    arguments = tuple("hub.log" if arguments[0] == "trace" and one == "." else one for one in arguments)
    command = Path(sys.executable).with_name("flexlint")
    process = subprocess.Popen([command, *arguments], cwd=broken, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 2
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
