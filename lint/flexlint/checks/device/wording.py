"""Sentences and doubts that the checks of one configuration share.

Comes in: names, stanzas, a device. Goes out: the end of a sentence ("defined: a, b"), the name probably meant, and how
loudly a finding may be said about a file that shows only a part of the router.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from flexlint.config.cleaning import is_variable
from flexlint.config.model import Device, Line, LineKind, Stanza
from flexlint.config.stanzas import SUBCOMMANDS
from flexlint.finding import Finding, Severity
from flexlint.pattern import pattern

# What people write where a value belongs: template variables, marks of redaction.
_PLACEHOLDER = pattern(r"<[^<>]*>|\$\{|\$\(|\{\{|\}\}|\{%|^\$\w|REDACTED|removed>|^\*{3,}$|^[xX]{4,}$")
SECRET = pattern(r"\b(?:key|password|secret|community|hex|pre-shared\S*)\b")
LOOKED_AT = 4_096  # characters of a line
SEARCHED = 200  # names among which the one meant is looked for: the search is not free
LOOKALIKE = str.maketrans("1i0_ ", "llo--")


def listed(names: Iterable[str], limit: int = 6) -> str:
    """`'a', 'b' and 4 more`; empty for no names."""
    known = list(names)
    first = ", ".join(f"'{name}'" for name in known[:limit])
    return first + (f" and {len(known) - limit} more" if len(known) > limit else "")


def shown(text: str) -> str:
    """A command up to where a key could begin."""
    found = SECRET.search(text)
    return (text[: found.end()] + " ********" if found else text)[:80]


def is_placeholder(text: str) -> bool:
    """Whether a value is a template variable or was taken out by a redaction tool."""
    return _PLACEHOLDER.search(text, 0, LOOKED_AT) is not None


def probably_meant(name: str, known: Collection[str]) -> str | None:
    """The known name that differs in case, in look-alikes (`l` and `1`, `-` and `_`) or in a letter or two."""
    if len(known) > SEARCHED:
        return None
    folded = {one.lower().translate(LOOKALIKE): one for one in known}
    wanted = name.lower().translate(LOOKALIKE)
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
    if near is not None and len(known) == 1:
        return f"did you mean '{near}'?"
    return f"defined: {listed(known)}" + (f"; did you mean '{near}'?" if near else "")


def doubtful(device: Device, *stanzas: Stanza) -> bool:
    """Whether what seems missing from a stanza may be there: in a line that was not understood, in a branch of a
    template, or in lines below the header that lost their indentation."""
    lines = _unread_lines(device)
    for one in stanzas:
        heads = one.headers or [one.line]
        if lines and any(id(line) in lines for head in heads for line in below(head)):
            return True
        if not one.statements and any(_body_follows(device, head) for head in heads):
            return True
    return is_template(device)


@lru_cache(maxsize=1)
def _unread_lines(device: Device) -> frozenset[int]:
    return frozenset(id(one.line) for one in device.unparsed)


@lru_cache(maxsize=1)
def is_template(device: Device) -> bool:
    """Whether the file has the directives of a template language: Jinja, Terraform, FreeMarker."""
    return any(
        text.startswith(("{%", "%{", "<#", "{#")) or (text[0] in "${" and is_variable(text))
        for line in device.source.lines
        if (text := line.strip())
    )


@lru_cache(maxsize=1)
def is_sorted(device: Device) -> bool:
    """Whether the sub-commands of each stanza stand in the order of the alphabet, as `show sdwan running-config` prints
    them (V): their order then says nothing."""
    seen = 0
    for head in device.lines:
        texts = [line.text for line in head.children if line.kind is LineKind.COMMAND]
        if len(texts) < 3 or head.text.startswith(("vrf", "ip ", "crypto ikev2 keyring", "route-map")):
            continue
        if texts != sorted(texts):
            return False
        seen += 1
    return seen > 2


def _body_follows(device: Device, head: Line) -> bool:
    words = device.source.text_of(head.number + 1).split(maxsplit=1)
    return bool(words) and any(words[0] in known for known in SUBCOMMANDS.values())


def below(line: Line) -> Iterator[Line]:
    """The line and every line under it."""
    yield line
    for child in line.children:
        yield from below(child)


def hedged(finding: Finding, device: Device, *stanzas: Stanza) -> Iterator[Finding]:
    """The finding that something is missing, unless that is doubtful; of a snippet it is a warning at most."""
    if doubtful(device, *stanzas):
        return
    if device.is_partial and finding.severity is None:
        finding.lowered(Severity.WARNING)
    yield finding
