"""Fixes of findings applied to configurations, or shown as a difference.

Comes in: findings with edits, and the configurations they are about. Goes out: new texts of files. An edit is applied
when it is safe, or when unsafe ones are asked for; of two edits that touch the same lines the first one wins. Only
`flexlint check --fix` writes; a file is replaced whole or not at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from flexlint.finding import Edit, Finding, Safety
from flexlint.report.text import clean


def chosen(findings: Iterable[Finding], unsafe: bool) -> dict[str, list[Edit]]:
    """The edits to apply by path, each path's from the last line to the first, none overlapping another."""
    by_path: dict[str, list[Edit]] = {}
    for finding in findings:
        fix = finding.fix
        if fix is None or finding.suppressed is not None or not (unsafe or fix.safety is Safety.SAFE):
            continue
        if all(_free(edit, by_path.get(edit.path, [])) for edit in fix.edits):
            for edit in fix.edits:
                by_path.setdefault(edit.path, []).append(edit)
    return {path: sorted(edits, key=lambda e: -e.first) for path, edits in by_path.items()}


def _free(edit: Edit, taken: list[Edit]) -> bool:
    return all(max(edit.first, edit.last) < one.first or edit.first > max(one.first, one.last) for one in taken)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made, which come last line first. Line ends stay what the file has."""
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    for edit in edits:
        lines[edit.first - 1 : max(edit.last, edit.first - 1)] = [line + end for line in edit.lines]
    return "".join(lines)


def difference(path: str, before: str, after: str) -> Iterator[str]:
    """A unified difference, keys masked."""
    from difflib import unified_diff

    old, new = before.splitlines(), after.splitlines()
    for line in unified_diff(old, new, clean(path), clean(path), lineterm=""):
        yield clean(line) + "\n"


def read(path: str) -> str:
    """The text of a file, such that writing it again gives the same bytes."""
    return Path(path).read_bytes().decode("utf-8", "surrogateescape")


def write(path: str, text: str) -> None:
    target = Path(path)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_bytes(text.encode("utf-8", "surrogateescape"))
        unfinished.chmod(target.stat().st_mode)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
