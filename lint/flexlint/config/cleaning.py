"""What terminals, web pages and listings add to the lines of a configuration, and how it is taken off.

Comes in: one raw line. Goes out: the line without it, or that the line is none of the configuration at all. Nothing
here knows stanzas.
"""

from __future__ import annotations

import re

from flexlint.pattern import pattern
from flexlint.place import TextFile

NUMBERED = pattern(r" *(\d{1,6})[.:|)]?[ \t]")
_SYSLOG = pattern(r"^[*.]?(?:\w{3} +\d|\d+:).{0,60}?%[A-Z][A-Z0-9_]*-\d-[A-Z0-9_]+:|^%[A-Z][A-Z0-9_]*-\d-[A-Z0-9_]+:")
# The heading of a table that `show ip interface brief` or `show interfaces description` prints: no interface.
_HEADING = pattern(r"Interface +(?:IP-Address|Status|Description)\b")
_VARIABLE = pattern(r"\$\w{1,80}|\$\{[^{}]{1,200}\}|\{\{[^{}]{1,200}\}\}")
_NOISE = (
    "Building configuration",
    "Current configuration",
    "Enter configuration commands",
    "IKEv2 profile MUST have",
    "IKEv2 proposal MUST",
    "IKEv2 policy MUST",
    "1. A local and a remote authentication",
    "2. A match identity or",
    "encryption algorithm aes-gcm, a prf",
    "Load for ",
    "Time source is",
    "Using ",
    "```",
    "% ",
    "--More--",
    " --More--",
)
# Blanks of other alphabets, the stars with which notes mark a line, and the dashes that pages put for a hyphen.
_BLANKS = str.maketrans(
    {"★": " ", "☆": " ", "→": " ", "\t": " ", "\xa0": " ", "\u3000": " ", "\u200b": " ", "\x0b": " ", "\x0c": " "}
    | {"\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2212": "-"}
)


def cleaned(raw: str) -> tuple[str, str]:
    """A line without what terminals and web pages add: backspaces, tabs, no-break blanks, control characters."""
    if "\x08" in raw:
        raw = re.sub(r" ?--More-- ?[\x08 ]*", "", raw)
        raw = raw[raw.rfind("\x08") + 1 :]
    raw = raw.translate(_BLANKS).replace("\x1b[K", "").rstrip("\r")
    return raw, raw.strip(" ") if raw.strip() else ""


def is_noise(raw: str, text: str) -> bool:
    if text.startswith(_NOISE) or raw.startswith(_NOISE):
        return True
    return _SYSLOG.match(text[:200]) is not None or _HEADING.match(text[:80]) is not None


def is_variable(text: str) -> bool:
    """Whether a line is nothing but a variable of a template, in whose place any lines may come."""
    return _VARIABLE.fullmatch(text) is not None


def has_line_numbers(file: TextFile) -> bool:
    """Whether the lines carry their numbers, as listings in documents do: each one more than the one before."""
    last, found = None, 0
    for raw in file.lines[:20]:
        match = NUMBERED.match(raw[:80] + " ")
        if match is None or (last is not None and int(match[1]) != last + 1):
            return False
        last, found = int(match[1]), found + 1
    return found > 2
