"""Findings drawn for reading: the line of the configuration, what is wrong in it, and the lines of the log beside it.

Comes in: a report. Goes out: text as compilers draw it, in plain characters, with ANSI colours where they are welcome.
Everything from a file is masked, and control characters are shown instead of sent.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.finding import Finding
from flexlint.mask import visible
from flexlint.pattern import pattern
from flexlint.place import Place, Role
from flexlint.report.look import Look
from flexlint.report.model import Report
from flexlint.report.text import clean, closing, masked_place, seen_times

_NEAR = 3  # log lines at most this far apart share one heading
_TAG = pattern(r"IKEv2[A-Za-z-]{0,24}:(?:\((?:SESSION|SA|SESSION ID|SA ID)[^)]{0,80}\):?)?(?:\s?:)?\s?")


def render(report: Report, look: Look) -> Iterator[str]:
    for finding in report.findings:
        if finding.suppressed is None:
            yield from (line + "\n" for line in draw(finding, look))
            yield "\n"
    for line in closing(report):
        yield line + "\n"


def draw(finding: Finding, look: Look) -> Iterator[str]:
    """The lines of one finding."""
    severity = str(finding.severity)
    head = look.paint(f"{severity}[{finding.rule}]", severity)
    yield f"{head} {look.paint(f'{finding.name}: {clean(finding.message)}', 'bold')}"
    numbered = [p for p in (finding.primary, *finding.related) if p and (p.role is Role.CONFIG or p is finding.primary)]
    width = max((len(str(p.line)) for p in numbered), default=2)
    pad = " " * width
    frame = look.paint(f"{pad} |", "frame")
    if finding.primary:
        place = finding.primary
        yield f"{look.paint(pad + '-->', 'frame')} {visible(place.path)}:{place.line}:{place.column}"
        yield frame
        yield from _source(place, width, severity, look)
    for group in _groups(finding.related):
        yield f"{look.paint(pad + ':::', 'frame')} {visible(group[0].path)}:{group[0].line}"
        yield frame
        for place in group:
            if place.role is Role.CONFIG:
                yield from _source(place, width, "frame", look)
            else:
                yield from _excerpt(place, width, look)
    for note in (*finding.notes, seen_times(finding)):
        if note:
            yield f"{look.paint(pad + ' =', 'frame')} {clean(note)}"
    for number, fix in enumerate(one for one in (finding.fix, *finding.alternatives) if one is not None):
        yield f"{look.paint(pad + ' =', 'frame')} {look.paint('or:' if number else 'fix:', 'fix')} {clean(fix.text)}"
        for edit in fix.edits if fix.proven else ():
            for text in edit.lines:
                new = look.paint(f"+{clean(text)}", "fix")
                yield f"{look.paint(pad + ' |', 'frame')} {visible(edit.path)}:{edit.first}: {new}"


def _groups(places: list[Place]) -> Iterator[list[Place]]:
    """Places that share a heading: neighbouring lines of a log, in the order the check gave them."""
    group: list[Place] = []
    for place in places:
        last = group[-1] if group else None
        near = last and place.role is Role.LOG and last.path == place.path and 0 <= place.line - last.line <= _NEAR
        if near:
            if last != place:
                group.append(place)
            continue
        if group:
            yield group
        group = [place]
    if group:
        yield group


def _source(place: Place, width: int, ink: str, look: Look) -> Iterator[str]:
    """A numbered line and, below it, what it is about."""
    text, start, end = masked_place(place)
    yield f"{look.paint(f'{place.line:>{width}} |', 'frame')} {text}".rstrip()
    yield f"{look.paint(' ' * width + ' |', 'frame')} {_underline(text, start, end, place.note, ink, look)}"


def _excerpt(place: Place, width: int, look: Look) -> Iterator[str]:
    """A line of a log without its framing; what it is about is underlined when there is something to say about it."""
    text, start, end = masked_place(place)
    tag = _TAG.search(text)
    cut = min(tag.end(), start - 1) if tag else 0
    bar = look.paint(" " * (width + 3) + "|", "frame")
    shown = text[cut:] if place.note else text[cut:].lstrip(": ")
    yield f"{bar} {shown}".rstrip()
    if place.note:
        yield f"{bar} {_underline(text[cut:], start - cut, end - cut, place.note, 'frame', look)}"


def _underline(text: str, start: int, end: int, note: str, ink: str, look: Look) -> str:
    marks = "^" * max(1, _cells(text[start - 1 : end - 1]))
    return " " * _cells(text[: start - 1]) + look.paint(f"{marks} {clean(note)}".rstrip(), ink)


def _cells(text: str) -> int:
    """How many columns of a terminal the text takes: East Asian characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
