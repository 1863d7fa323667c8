"""What stands around a message on its line: terminal and blog noise, relay headers, clocks, sequence numbers.

Comes in: one physical line. Goes out: its text without noise (`cleaned`), and what the part before the message says
(`Header`). The message is found first and the header read outwards from it, because headers have too many orders to be
read from the left. Nothing here knows what a message means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flexlint.pattern import pattern

_DIRTY = pattern(r"[^\x20-\x7e]|&(?:gt|lt|amp|quot|nbsp|#\d{2,3});|#01[12]|--More--| {4,}")
_ANSI = pattern(r"\x1b\[[0-9;?]{0,16}[ -/]{0,4}[@-~]|\x1b[()][A-Z0-9]")
_MORE = pattern(r" ?<?-{2,3} ?More ?-{2,3}>? ?[\x08 ]*")
_ENTITY = pattern(r"&(gt|lt|amp|quot|nbsp|#39|#160);")
_ENTITIES = {"gt": ">", "lt": "<", "amp": "&", "quot": '"', "nbsp": " ", "#39": "'", "#160": " "}
_ANNOTATION = pattern(r"(?<=\S) {2,}(?:\.{3,}|<-|<=|!!|#|//).*$|(?<! ) +[★☆✓✗✘←→⇒➜]+.*$")
_LETTERS = str.maketrans(
    {
        "\r": None, "\0": None, "\u200b": None, "\u200c": None, "\u200d": None, "\ufeff": None, "\x07": None,
        "\t": " ", "\u00a0": " ", "\u202f": " ", "\u2007": " ", "\u2002": " ", "\u2003": " ",
        "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...",
    }
)  # fmt: skip

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = pattern(
    r"(?P<mark>[*.])?(?:\d{4} +)?(?P<date>"
    + _MONTH
    + r" +\d{1,2})(?: +\d{4})? +(?P<time>\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)"
    r"(?: +(?:[A-Za-z]{2,6}(?:[+-]\d{1,2}(?::?\d\d)?)?|[+-]\d\d:?\d\d)(?= *:|$))?"
    r"|(?<![\d:])(?P<uptime>\d{1,4}y\d{1,2}w|\d{1,3}w\d{1,2}d|\d{1,3}d\d{1,2}h|\d{1,3}:\d\d:\d\d(?:\.\d{1,9})?)(?=:|\s|$)"
    r"|(?P<day>\d{4}[-/]\d\d[-/]\d\d)[T ](?P<iso>\d\d:\d\d:\d\d(?:\.\d+)?)(?:Z|[+-]\d\d:?\d\d)?"
)
_RFC5424 = pattern(r"^\s*<\d{1,3}>1 (\S+) (\S+) \S+ \S+ \S+ (?:-|(?:\[[^\]]{0,500}\])+) ?")
_BTRACE = pattern(r"^\s*(?P<day>\d{4}/\d\d/\d\d) (?P<time>\d\d:\d\d:\d\d\.\d{3})\d* \{[^{}]{1,60}\}\{\d{1,6}\}: \[")
_PRI = pattern(r"^\s*<\d{1,3}>")
_KIWI = pattern(r"Original Address=(\S+)")
_HOST = pattern(r"^(?=.*[A-Za-z]|.*\.\d|.*:)[A-Za-z0-9][\w.:-]*[\w:]$")
_NOT_A_HOST = pattern(r"(?i)^(?:[*.]|utc|gmt|cest|cet|est|edt|cst|cdt|mst|mdt|pst|pdt|ipsec|seq)$|^(?:R|F|C)P?\d?/\d")
PROMPT = pattern(r"^\s*([A-Za-z][\w.-]{0,62})(?:\([\w.-]{1,40}\))?[#>] ?(.*)$")


class Header(NamedTuple):
    """What stood before the message. `clock` is the device's time of day as printed, without its mark."""

    clock: str = ""
    device: str = ""
    sequence: int = -1
    date: str = ""


def cleaned(line: bytes) -> str:
    """The line as text with what terminals, web pages and relays did to it undone; leading blanks are kept."""
    text = line.decode("utf-8", "replace") if line.isascii() or _is_utf8(line) else line.decode("latin-1")
    if _DIRTY.search(text) is None:
        return text
    if "\x1b" in text:
        text = _ANSI.sub("", text)
    if "More" in text:
        text = _MORE.sub("", text)
    if "\x08" in text:
        text = _erased(text)
    if "&" in text:
        text = _ENTITY.sub(lambda m: _ENTITIES[m.group(1)], text)
    if "#01" in text:
        text = text.replace("#011", " ")
    return _ANNOTATION.sub("", text.translate(_LETTERS))


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _erased(text: str) -> str:
    kept: list[str] = []
    for letter in text:
        if letter != "\x08":
            kept.append(letter)
        elif kept:
            kept.pop()
    return "".join(kept)


@lru_cache(maxsize=1024)
def header(head: str) -> Header:
    """Reads what stands before a message: the last clock is the device's own, an earlier one the relay's."""
    if not head:
        return Header()
    head = head[-400:]
    device = ""
    if m := _RFC5424.match(head):
        clock = _CLOCK.search(m.group(1))
        rest = head[m.end() :]
        inner = header(rest) if rest.strip(" :") else Header()
        host = m.group(2) if m.group(2) != "-" else ""
        return Header(inner.clock or (_time(clock) if clock else ""), inner.device or host, inner.sequence, inner.date)
    if m := _BTRACE.match(head):  # process, module and process id stand where others name the router
        return Header(m["time"], "", -1, m["day"])
    if m := _PRI.match(head):
        head = head[m.end() :]
    if m := _KIWI.search(head):
        device = m.group(1)
        head = head[m.end() :]
    clocks = list(_CLOCK.finditer(head))
    last = clocks[-1] if clocks else None
    before = head[: last.start()] if last else head
    after = head[last.end() :] if last else ""
    for clock in clocks[:-1]:
        before = before.replace(clock.group(0), " ", 1)
    words = [w for w in re.split(r":?\s+", before.strip()) if w.strip(":*.")]
    numbers = [w for w in (w.rstrip(":") for w in words) if w.isdecimal()]
    if not device:
        names = [w for w in [*words, *after.split()] if _named(w)]
        device = names[-1].rstrip(":") if names else ""
    sequence = int(numbers[-1][:18]) if numbers else -1
    return Header(_time(last) if last else "", device, sequence, (last["date"] or last["day"] or "") if last else "")


def clocks(head: str) -> Iterator[re.Match[str]]:
    """Every clock in a header."""
    return _CLOCK.finditer(head)


def _named(word: str) -> bool:
    word = word.strip("[]")
    bare = word if "::" in word else word.rstrip(":")
    return bool(_HOST.match(bare)) and not bare.isdecimal() and not _NOT_A_HOST.match(bare)


def _time(clock: re.Match[str]) -> str:
    return clock["time"] or clock["uptime"] or clock["iso"] or ""
