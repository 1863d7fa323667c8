"""The header that nearly every line of a log has, learnt from its first lines.

Comes in: a block of whole lines. Goes out: `HeaderShape`, patterns of bytes made for this one log: what its headers
look like, and which lines with such a header cannot matter. Whatever clock, sequence number or relay stands there, it
is the same all through a file; a line that differs takes the long way through `framing`, so that a new framing needs
nothing here. Nothing here knows messages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from flexlint.log.framing import clocks, header

# What may follow a header and matter: debugs we read, and system messages.
PRODUCERS = (
    rb"%(?:(?:LINK|LINEPROTO|DUAL|BGP|OSPF)-[^\n]*(?:Virtual-Access|Tunnel)"
    rb"|(?:CRYPTO|IKEV2|FLEXVPN|PKI|SYS|PARSER|RADIUS|AAA|TUN|IOSXE|DMVPN|NHRP|IPSEC)-)"
    rb"|AAA[/ ]|RADIUS[:/(]|CRYPTO_PKI|IPSEC[(:-]|ISAKMP|SA ID:"
)
# System messages that come with many a negotiation: they are remembered like records.
SYSTEM = rb"%(?:(?:LINK|LINEPROTO)-[^\n]*(?:Virtual-Access|Tunnel)|CRYPTO-|IKEV2-|FLEXVPN-)"
_CONTINUED = rb"Initiator |Payload |Num\. |Proposal |ESP: | |-Trace"  # lines of a record that repeat its header
_MATTERS = rb"(?:[\w.-]{1,63} )?(?:IKEv2|" + _CONTINUED + rb"|" + PRODUCERS + rb")"  # some print the host there
_LOOKED_AT = 40  # lines whose headers are compared
_RECORD = re.compile(rb"\n([ -~]{0,200}?)IKEv2(?=[:-])")
_SYSTEM = re.compile(rb"\n([ -~]{0,200}?)%(?=[A-Z])")  # looked at where there are no records
_PARTS = re.compile(r"[A-Z][a-z]{2} [ \d]\d(?= )|[\d:.]+|[^\d:.A-Z]+|.")
_NUMBER = re.compile(r"(?<![\w.-])(\d{1,12})(?![\w.-])")


class HeaderForm(NamedTuple):
    """What a record has to know of its header; the patterns of a shape are large."""

    clock: slice  # where the time of day stands in it, counted from its end
    steady: bool  # two such clocks of one day sort as their times do
    device: str


class HeaderShape(NamedTuple):
    """The usual header of one log."""

    sample: str  # one of them
    head: re.Pattern[bytes]  # from the start of a line to the message
    form: HeaderForm
    numbered: bool  # it has a sequence number: the group of `head`
    record: re.Pattern[bytes]  # splits a block at records: header, tag with ids, text with the lines that continue it;
    # the tag of a system message is empty
    matters: re.Pattern[bytes]  # found in the lines between records when one of them must be read
    harmless: re.Pattern[bytes]  # matches a line that has the header and cannot matter


def learn(whole: bytes, known: HeaderShape | None) -> HeaderShape | None:
    """The most frequent header of the records in a block of whole lines; `known` while it fits, or none is found."""
    begins = _RECORD if b"IKEv2" in whole else _SYSTEM
    first = begins.search(whole)
    if first is None or (known is not None and known.head.fullmatch(first[1])):
        return known
    heads: Counter[str] = Counter()
    samples: dict[str, str] = {}
    for found, _ in zip(begins.finditer(whole), range(_LOOKED_AT), strict=False):
        text = found[1].decode("ascii")
        if not text or text.endswith(": "):
            shape = "".join(part for part, _ in _pattern(text))
            heads[shape] += 1
            samples.setdefault(shape, text)
    if not heads:
        return known
    return shape_of(samples[heads.most_common(1)[0][0]])


def _pattern(head: str) -> Iterator[tuple[str, str]]:
    """The header as parts of a pattern, each with the number it stands for: clocks and numbers may change."""
    at = 0
    for clock in clocks(head):
        yield from _words(head[at : clock.start()])
        for part in _PARTS.findall(clock.group()):
            if part[0].isdigit() or part[0] in ":.":
                yield rf"[\d:.]{{{len(part)}}}", ""
            else:
                yield (r"[A-Z][a-z]{2} [ \d]\d" if part[-1].isdigit() else re.escape(part)), ""
        at = clock.end()
    yield from _words(head[at:])


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Numbers that stand alone count something; a name with digits is a name."""
    for index, part in enumerate(_NUMBER.split(text)):
        yield (r"\d{1,12}", part) if index % 2 else (re.escape(part), "")


@lru_cache(maxsize=8)
def shape_of(sample: str) -> HeaderShape:
    """The shape of all headers like this one."""
    known = header(sample)
    parts = list(_pattern(sample))
    counted = [i for i, (_, number) in enumerate(parts) if number and int(number) == known.sequence]
    plain = "".join(part for part, _ in parts).encode("ascii")
    head = plain
    if counted:
        head = "".join(f"({part})" if i == counted[-1] else part for i, (part, _) in enumerate(parts)).encode("ascii")
    at = sample.rfind(known.clock) if known.clock else len(sample)
    clock = slice(at - len(sample), at - len(sample) + len(known.clock))
    # Without any header, a line may only be told from its neighbours by what it says.
    begins = plain or rb"(?:IKEv2[:-]|%[A-Z])"
    harmless = plain + rb"(?!" + _MATTERS + rb")" if plain else rb"(?!)"
    return HeaderShape(
        sample,
        re.compile(head),
        HeaderForm(clock, re.fullmatch(r"[\d:.]+", known.clock) is not None, known.device),
        bool(counted),
        re.compile(
            rb"\n(" + plain + rb")(IKEv2(?:-[A-Z]+)?+:(?:\([^)\n]*+\):)?+(?!" + SYSTEM + rb")|(?=" + SYSTEM + rb"))"
            rb"([^\n]*+(?:\n(?!" + begins + rb")[^\n]*+)*+)"
        ),
        re.compile(rb"\n(?!" + harmless + rb")"),
        re.compile(harmless),
    )
