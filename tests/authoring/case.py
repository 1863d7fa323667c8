"""A case: configurations, logs, and what must be said of them, as a folder of files.

Comes in: a folder of `tests/cases`. Goes out: `Case`, and what flexlint says of it held against its expectations. The
format is described in `tests/cases/README.md`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "cases"


@dataclass(frozen=True)
class Expected:
    """One finding that must be there. `at` and `log` are markers: see `find`; of several in `at` any will do. All of
    `says` must be in its words."""

    rules: tuple[str, ...]
    at: tuple[str, ...]
    file: str = "router.cfg"
    verdict: str = ""
    log: str = ""
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    name: str
    fault: str  # slug of the kind of fault, also of a healthy twin
    title: str
    files: dict[str, str]
    finds: tuple[Expected, ...] = ()
    allows: tuple[str, ...] = ()  # rules that may speak besides, because the configuration has their defect too
    outcomes: tuple[str, ...] = ()

    @property
    def is_healthy(self) -> bool:
        return not self.finds


@dataclass
class Verdict:
    """What became of a case. `false` are findings nobody expected."""

    case: Case
    found: list[bool] = field(default_factory=list)
    located: list[bool] = field(default_factory=list)
    judged: list[bool] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


class MarkerError(ValueError):
    """A marker that names no line, or more than one."""


def find(text: str, marker: str) -> int:
    """The 1-based line of a configuration that a marker names: the texts of nested lines joined by ` > `."""
    *heads, last = marker.split(" > ")
    lines, at = text.split("\n"), 0
    end = len(lines)
    for head in heads:
        at = next((i for i in range(at, end) if lines[i].strip() == head), -1) + 1
        if at == 0:
            raise MarkerError(f"no line '{head}' for marker '{marker}'")
        depth = len(lines[at - 1]) - len(lines[at - 1].lstrip())
        end = next((i for i in range(at, end) if lines[i].strip("! ") and _indent(lines[i]) <= depth), end)
    exact = [i for i in range(at, end) if lines[i].strip() == last]
    hits = exact or [i for i in range(at, end) if last in lines[i]]
    if not hits or (len(hits) > 1 and not heads):
        raise MarkerError(f"{len(hits)} lines for marker '{marker}'")
    return hits[0] + 1


def find_all(text: str, part: str) -> list[int]:
    """The 1-based lines of a log that have this text in them."""
    return [i for i, line in enumerate(text.split("\n"), 1) if part in line]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def load(folder: Path) -> Case:
    with (folder / "expected.toml").open("rb") as file:
        data = tomllib.load(file)
    files = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir())
        if path.suffix in (".cfg", ".log")
    }
    finds = tuple(
        Expected(
            tuple(one["rules"]),
            tuple([one["at"]] if isinstance(one["at"], str) else one["at"]),
            one.get("file", "router.cfg"),
            one.get("verdict", ""),
            one.get("log", ""),
            tuple(one.get("says", ())),
        )
        for one in data.get("finds", ())
    )
    extra = (tuple(data.get("allows", ())), tuple(data.get("outcomes", ())))
    return Case(folder.name, data["fault"], data["title"], files, finds, *extra)


def load_all(folder: Path = FOLDER) -> list[Case]:
    return [load(one) for one in sorted(folder.iterdir()) if (one / "expected.toml").is_file()]


def store(case: Case, folder: Path = FOLDER) -> None:
    """Writes a case as files."""
    target = folder / case.name
    target.mkdir(parents=True, exist_ok=True)
    for name, text in case.files.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
    (target / "expected.toml").write_text(_toml(case), encoding="utf-8", newline="\n")


def _toml(case: Case) -> str:
    out = [f"fault = {_text(case.fault)}", f"title = {_text(case.title)}"]
    if case.outcomes:
        out.append(f"outcomes = {_list(case.outcomes)}")
    if case.allows:
        out.append(f"allows = {_list(case.allows)}")
    for one in case.finds:
        out += [
            "",
            "[[finds]]",
            f"rules = {_list(one.rules)}",
            f"at = {_list(one.at) if len(one.at) > 1 else _text(one.at[0])}",
        ]
        if one.file != "router.cfg":
            out.append(f"file = {_text(one.file)}")
        for key, value in (("verdict", one.verdict), ("log", one.log)):
            if value:
                out.append(f"{key} = {_text(value)}")
        if one.says:
            out.append(f"says = {_list(one.says)}")
    return "\n".join(out) + "\n"


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _list(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(_text, values)) + "]"
