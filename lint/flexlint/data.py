"""Finds the data that ships with flexlint: `rules/` and `grammars/`, in the wheel or beside `lint/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `rules` or `grammars`. FileNotFoundError when the installation is broken."""
    for candidate in (_HERE / name, _HERE.parent.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"flexlint is not installed whole: its folder {name}/ is missing")


@cache
def read_table(path: Path) -> list[dict[str, str]]:
    """A tab-separated table with a header line; lines that begin with `#` and blank lines are left out. It is read
    once, and what is handed out must not be changed."""
    rows = [
        line.split("\t")
        for line in path.read_text(encoding="utf-8").split("\n")
        if line.strip() and not line.startswith("#")
    ]
    header = rows[0]
    return [dict(zip(header, row + [""] * (len(header) - len(row)), strict=True)) for row in rows[1:]]
