"""Where a record begins, and which lines continue it.

Comes in: the text of a line without noise. Goes out: the tag, ids and body of a line that begins a record, or the body
of one that continues it. Nothing here knows the message catalogue.
"""

from __future__ import annotations

from typing import NamedTuple

from flexlint.log.framing import Header, header
from flexlint.pattern import pattern

_TAG = pattern(
    r"(?P<tag>IKEv2(?:-(?:ERROR|INTERNAL|PAK|CLIENT|CLUSTER)|-(?:PROTO|PLAT)-\d)?):\s?"
    r"(?:\((?:SESSION ID\s*=\s*(?P<session>\d{1,20})\s*,\s*)?"
    r"SA ID\s*=\s*(?P<sa>\d{1,20})\)\s*:|\((?P<number>\d{1,20})\):)?"
)
_TRACE = pattern(
    r"SA ID:(?P<sa>\d{1,20}) SESSION ID:(?P<session>\d{1,20})\s+"
    r"(?:Remote: (?P<peer>\S+)/\d+ )?(?:Local: (?P<local>\S+)/\d+)?\s*(?:\([IR]\) )?"
)
_GLUED = pattern(r"(?<=\S)(?=IKEv2-(?:PROTO|PLAT)-\d:)")
_CONTINUED = pattern(
    r"(?:^|: ?|\s)(?P<body>Initiator SPI : |IKEv2 [A-Z_]+ Exchange (?:REQUEST|RESPONSE)"
    r"|Payload contents:|Num\. transforms: "
    r"|(?:ESP: )?Proposal \d+:|-Traceback=)"
)
_PAYLOADS = pattern(
    r"^ *(?:(?:SA|KE|N|VID|IDi|IDr|AUTH|CERT|CERTREQ|CFG|TSi|TSr|DELETE|EAP|ENCR|ENCR_FRAG|SKF"
    r"|NOTIFY\([^()]{1,60}\))(?: +|$))+$"
)
_NUMBERED = pattern(r"\(\d{1,20}\):")
_TRANSFORMS = pattern(r"^ *(?:AES|3DES|DES|SEAL|CHACHA|NULL)\S* .*(?:DH_GROUP|SHA|MD5|ESN)")
_HOSTED = pattern(
    r"(\S.{0,120}? [\w.-]{1,63}) {1,8}"
    r"(?=SA|KE|N|VID|ID|AUTH|CERT|CFG|TS|DEL|EAP|ENC|NOT|AES|3DES|DES)(.+)$"
)
_OTHER = pattern(
    r"%[A-Z][A-Z0-9_]*-(?:[A-Z0-9_]+-)?[0-7]-[A-Z0-9_]+ ?:"
    r"|CRYPTO_PKI ?:|AAA[/ ]|RADIUS[:/(]|IPSEC[(:-]|ISAKMP[^:]{0,12}:"
)


class Tagged(NamedTuple):
    """A line that begins a record with an IKEv2 tag."""

    head: Header
    tag: str
    session: str
    sa: str
    body: str


def tagged(text: str) -> Tagged | None:
    """The tag, ids and body of a line, wherever they stand in it."""
    m = _TAG.search(text)
    if m is None:
        m = _TRACE.search(text)
        if m is None:
            return None
        return Tagged(header(text[: m.start()]), "trace", m["session"], m["sa"], text[m.end() :].strip())
    tag, session, sa, number = m.groups()
    body = text[m.end() :].strip()
    if number and body.startswith("Next payload: "):
        body = " ".join(_NUMBERED.sub("", body).split())
    return Tagged(header(text[: m.start()]), tag, session or "", sa or number or "", body)


def pieces(text: str) -> list[str]:
    """The messages that were glued into one line; ASA debugs lack newlines now and then."""
    return _GLUED.split(text) if "IKEv2-P" in text else [text]


def continuation(text: str) -> str:
    """The body of a line that continues a record, without the header it may have; empty when it does not."""
    if text.startswith("("):  # an ASA has the number of the SA before each word
        text = _NUMBERED.sub("", text)
    if _PAYLOADS.match(text) or _TRANSFORMS.match(text):
        return text.strip()
    m = _CONTINUED.search(text)
    if m is not None:
        return text[m.start("body") :].strip()
    head, colon, tail = text.rpartition(": ")  # a relay may give each line of a record a header of its own
    if colon and (_PAYLOADS.match(tail) or _TRANSFORMS.match(tail)) and header(f"{head}:").clock:
        return tail.strip()
    bare = _HOSTED.match(text)  # headers that end with a host instead of a colon
    if bare is not None and (_PAYLOADS.match(bare[2]) or _TRANSFORMS.match(bare[2])) and header(bare[1]).clock:
        return bare[2].strip()
    return ""


def device_of(text: str, body: str) -> str:
    """The router that the header before `body` names; empty without a header."""
    at = text.find(body)
    return header(text[:at]).device if at > 1 else ""


def other(text: str) -> tuple[Header, str] | None:
    """Header and body of a line of another producer: a system message, AAA, RADIUS, PKI, IPsec."""
    m = None
    for m in _OTHER.finditer(text[:2000]):
        if not text.startswith("%IOSXE", m.start()):
            break
    if m is None:
        return None
    return header(text[: m.start()]), text[m.start() :].strip()
