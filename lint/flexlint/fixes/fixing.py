"""Which fixes hold, and files that are changed by them.

Comes in: findings with edits, the lines of configurations, and a way to run the rules again. Goes out: new lines, the
findings that are gone with them, differences to show. A fix holds when the rules, run over the result, no longer find
what it mends and find nothing that was not there. Only `write` touches a file, and replaces it whole or not at all.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flexlint.finding import Edit, Finding, Safety
from flexlint.fixes.editing import edited, touching
from flexlint.inputs.source import InputError, split_lines
from flexlint.report.text import clean

ROUNDS = 5  # a fix may wait for another one that changes the same lines

Texts = Mapping[str, Sequence[str]]  # lines by path
Recheck = Callable[[Texts], list[Finding]]  # runs every rule over the configurations, those given in new lines


@dataclass(slots=True)
class Mended:
    """What became of the configurations of one job: their lines, and the fingerprints of the findings that are gone."""

    texts: dict[str, list[str]]
    gone: set[str]


def mend(
    texts: Texts, wanted: Container[str], unsafe: bool, recheck: Recheck, proven: Iterable[Finding] = ()
) -> Mended:
    """Applies every fix that holds, of findings whose fingerprint is wanted; unsafe ones only when asked for.

    `proven` are findings of logs, which the rules do not find again without them: their fixes were tried on the
    negotiation, and are made first, unless the rules find something then that was not there."""
    return _Mending(texts, recheck).run(wanted, unsafe, proven)


class _Mending:
    __slots__ = ("_found", "_recheck", "_texts")

    def __init__(self, texts: Texts, recheck: Recheck) -> None:
        self._texts = {path: list(lines) for path, lines in texts.items()}
        self._recheck = recheck
        self._found = recheck(self._texts)

    def run(self, wanted: Container[str], unsafe: bool, proven: Iterable[Finding]) -> Mended:
        first = {one.fingerprint for one in self._found}
        made: list[Finding] = []
        before = counted(self._found)
        for one in chosen(proven, unsafe):
            if not counted(self._recheck(self._with([*made, one]))) - before:
                made.append(one)
        if made:
            first |= {one.fingerprint for one in made}
            self._texts = self._with(made)
            self._found = self._recheck(self._texts)
        failed: set[str] = set()
        for _ in range(ROUNDS):
            open_ = [f for f in self._found if f.fingerprint in wanted and f.fingerprint not in failed]
            picked = chosen(open_, unsafe)
            kept = as_many_as_hold(picked, self._holds)
            failed.update(one.fingerprint for one in picked if one not in kept)
            if not kept:
                break
            self._texts = self._with(kept)
            self._found = self._recheck(self._texts)
        return Mended(self._texts, first - {one.fingerprint for one in self._found})

    def _holds(self, fixes: list[Finding], new: list[Finding]) -> bool:
        return mends(new, counted(self._found), counted(self._recheck(self._with(fixes))))

    def _with(self, fixes: Iterable[Finding]) -> dict[str, list[str]]:
        edits: dict[str, list[Edit]] = {}
        for edit in (edit for one in fixes if one.fix for edit in one.fix.edits):
            edits.setdefault(edit.path, []).append(edit)
        return {path: edited(lines, edits.get(path, ())) for path, lines in self._texts.items()}


def as_many_as_hold(
    more: list[Finding], holds: Callable[[list[Finding], list[Finding]], bool], kept: Sequence[Finding] = ()
) -> list[Finding]:
    """As many of the fixes as hold together with those kept: all of them, else by halves. `holds` is asked about
    all fixes that would be made, and which of them are new."""
    together = [*kept, *more]
    if not more or holds(together, more):
        return together
    if len(more) == 1:
        return [*kept]
    half = len(more) // 2
    return as_many_as_hold(more[half:], holds, as_many_as_hold(more[:half], holds, kept))


def counted(findings: Iterable[Finding]) -> Counter[str]:
    """How often each finding was made, by fingerprint."""
    return Counter({one.fingerprint: one.occurrences for one in findings})


def mends(fixed: Iterable[Finding], before: Counter[str], after: Counter[str]) -> bool:
    """Whether each of the findings is made less often than before, and none that was not made."""
    return all(after[one.fingerprint] < before[one.fingerprint] for one in fixed) and not after - before


def chosen(findings: Iterable[Finding], unsafe: bool) -> list[Finding]:
    """The findings whose fix may be made, none of which touches the lines of one before it."""
    out: list[Finding] = []
    taken: dict[str, list[Edit]] = {}
    for finding in findings:
        fix = finding.fix
        if fix is None or not fix.edits or finding.suppressed is not None:
            continue
        if not (unsafe or fix.safety is Safety.SAFE):
            continue
        if not any(touching(edit, other) for edit in fix.edits for other in taken.get(edit.path, ())):
            out.append(finding)
            for edit in fix.edits:
                taken.setdefault(edit.path, []).append(edit)
    return out


def difference(path: str, before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """A unified difference, keys masked."""
    from difflib import unified_diff

    for line in unified_diff(before, after, clean(path), clean(path), lineterm=""):
        # the sign stands before a command, which is masked as it stands in its file
        yield (
            line[0] + clean(line[1:]) if line[:3] not in ("---", "+++") and line[:1] in " +-" else clean(line)
        ) + "\n"


# ---- files --------------------------------------------------------------------------------------------------------


def write(path: str, before: Sequence[str], after: Sequence[str]) -> None:
    """Replaces the lines of a file, whole or not at all; encoding, line ends and mode stay what they are.

    Raises InputError for a file that is not what was read, or is compressed, and so is left as it is."""
    target = Path(path).resolve()
    data = target.read_bytes()
    encoding = _encoding(data)
    text = data.decode(encoding) if encoding else ""
    if not encoding or split_lines(text.removeprefix("\ufeff")) != list(before):
        raise InputError(f"{path}: not mended, since it is compressed, or has changed since it was read")
    end = "\r\n" if "\r\n" in text else "\r" if "\r" in text and "\n" not in text else "\n"
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    last = end if text.endswith(("\n", "\r")) else ""
    if mark + end.join(before) + last != text:
        raise InputError(f"{path}: not mended, since its lines end in several ways")
    _replace(target, (mark + end.join(after) + last).encode(encoding))


def _encoding(data: bytes) -> str:
    """The encoding a text can be written back in without a byte of it changing; empty for other files."""
    marked = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ""
    for encoding in (marked,) if marked else ("utf-8", "cp1252"):
        try:
            if data.decode(encoding).encode(encoding) == data:
                return encoding
        except ValueError:
            continue
    return ""


def _replace(target: Path, data: bytes) -> None:
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        unfinished.chmod(target.stat().st_mode)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
