"""Sentences and doubts that the checks of one configuration share.

Comes in: names, stanzas, a device. Goes out: the end of a sentence ("defined: a, b"), the name probably meant, and how
loudly a finding may be said about a file that shows only a part of the router.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from flexlint.config.model import Device, Line, Stanza
from flexlint.finding import Confidence, Edit, Finding, Severity
from flexlint.place import TextFile, Word

# What people write where a value belongs: template variables, marks of redaction.
_PLACEHOLDER = re.compile(r"<[^<>]*>|\$\{|\$\(|\{\{|\}\}|\{%|^\$\w|REDACTED|removed>|^\*{3,}$|^[xX]{4,}$")
SEARCHED = 200  # names among which the one meant is looked for: the search is not free
_LOOKALIKE = str.maketrans("1i0_ ", "llo--")


def listed(names: Iterable[str], limit: int = 6) -> str:
    """`'a', 'b' and 4 more`; empty for no names."""
    known = [f"'{name}'" for name in names]
    shown = ", ".join(known[:limit])
    return shown + (f" and {len(known) - limit} more" if len(known) > limit else "")


def is_placeholder(text: str) -> bool:
    """Whether a value is a template variable or was taken out by a redaction tool."""
    return _PLACEHOLDER.search(text) is not None


def probably_meant(name: str, known: Collection[str]) -> str | None:
    """The known name that differs in case, in look-alikes (`l` and `1`, `-` and `_`) or in a letter or two."""
    if len(known) > SEARCHED:
        return None
    folded = {one.lower().translate(_LOOKALIKE): one for one in known}
    wanted = name.lower().translate(_LOOKALIKE)
    if wanted in folded:
        return folded[wanted]
    if len(wanted) < 4:  # two letters of three are no likeness
        return None
    from difflib import get_close_matches

    near = get_close_matches(wanted, folded, n=1, cutoff=0.8)
    return folded[near[0]] if near else None


def available(name: str, known: Collection[str]) -> str:
    """What is there instead of `name`: `defined: 'a', 'b'; did you mean 'a'?`"""
    if not known:
        return "none is defined"
    near = probably_meant(name, known)
    return f"defined: {listed(known)}" + (f"; did you mean '{near}'?" if near else "")


def exchanged(word: Word, text: str) -> Edit | None:
    """The edit that writes `text` where `word` stands; None when the file does not keep its lines."""
    if not isinstance(word.origin, TextFile):
        return None
    line = word.origin.text_of(word.line)
    start = word.column - 1
    if line[start : start + len(word)] != word:
        return None
    return Edit(word.origin.path, word.line, word.line, (line[:start] + text + line[start + len(word) :],))


def unread(device: Device, stanza: Stanza) -> bool:
    """Whether a line of this stanza was not understood: what seems missing may be what it says."""
    lines = _unread_lines(device)
    return bool(lines) and any(id(line) in lines for head in (stanza.headers or [stanza.line]) for line in below(head))


@lru_cache(maxsize=1)
def _unread_lines(device: Device) -> frozenset[int]:
    return frozenset(id(one.line) for one in device.unparsed)


def below(line: Line) -> Iterable[Line]:
    """The line and every line under it."""
    yield line
    for child in line.children:
        yield from below(child)


def hedged(finding: Finding, device: Device, stanza: Stanza) -> Finding:
    """Said less loudly of a snippet, less surely of a stanza with lines that were not understood."""
    if device.is_partial and finding.severity is None:
        finding.lowered(Severity.WARNING)
    if unread(device, stanza):
        finding.lowered(Severity.NOTE, Confidence.LOW)
    return finding
