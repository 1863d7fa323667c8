"""Secrets hidden and control characters shown, in any line of a configuration or a log.

Comes in: one line of text, as it stands in a file or as a message quotes it. Goes out: a line fit to be printed. It
works on text alone, so that it also covers lines that nothing else understood.
"""

from __future__ import annotations

import re

from flexlint.pattern import pattern

MASK = "********"  # always of one length: the length of a key is a secret too

_TYPE = r"(?:[05-9]\s+)?"
_DASH = "[-\u2010-\u2015\u2212]"  # web pages turn the hyphen of a keyword into another dash
_TYPED = r"[05-9]\s+(?=\S)"

# Each pattern ends where the secret begins; the secret is the rest of the line, since a key may hold blanks. The first
# set holds wherever the words stand, for prose does not say them; the second only in what begins as a command does.
_ANYWHERE = pattern(
    r"(?i)(?<![\w-])(?:"
    rf"pre{_DASH}s[\w-]*{_DASH}key(?:\s+(?:local|remote|ascii-text))?"
    r"(?:\s+address\s+\S+(?:\s+\d\S+)?\s+key|\s+hostname\s+\S+\s+key)?"
    rf"\s+(?:hex\s+)?{_TYPE}"
    rf"|pre(?:{_DASH}[a-z]*)?\s+key\s+(?:hex\s+)?{_TYPE}"
    rf"|(?:key|key-string|password|secret|authentication-key|passphrase)\s+(?:hex\s+)?{_TYPED}"
    rf"|isa[a-z]*\s+key\s+{_TYPE}"
    rf"|message-digest-key\s+\d+\s+md5\s+{_TYPE}"
    rf"|ppk\s+manual\s+id\s+\S+\s+key\s+(?:hex\s+)?{_TYPE}"
    rf"|server-key\s+{_TYPE}"
    r"|nhrp\s+authentication\s+"
    r"|snmp[\w-]*\s+(?:com[a-z]*|host\s+\S+|user\s+\S+\s+\S+)\s+"
    rf"|authentication-key\s+(?:\d+\s+(?:md5|sha\w*|hmac-\S+|cmac-\S+)\s+)?{_TYPE}"
    rf"|(?:standby|vrrp|glbp)\s+(?:\d+\s+)?authentication\s+(?:text\s+|md5\s+key-string\s+{_TYPE})?"
    rf"|(?:isis\s+|area-|domain-)password\s+{_TYPE}"
    rf"|psk\s+id\s+\S+\s+key\s+(?:hex\s+)?{_TYPE}"
    rf"|wpa-psk\s+(?:ascii|hex)\s+{_TYPE}"
    r"|(?:user|tunnel)-password\s+\[\d+\]\s+\d+\s+"
    rf"|(?:ena[a-z]*|user[a-z]*\s+\S+(?:\s+pri[a-z]*\s+\d+)?)\s+(?:sec[a-z]*|pas[a-z]*)\s+(?:level\s+\d+\s+)?{_TYPE}"
    r"|reconnect\s+key\s+[12]\s+(?:active\s+)?"
    r"|config-key\s+password-encrypt\s+"
    r"|(?:tunnel-password|ikev2-password-(?:local|remote))(?:\s*=\s*|\s+)"
    r"|(?<=\d )key\s+"
    r")(?=\S)"
)
_IN_COMMAND = pattern(
    rf"(?i)(?<![\w-])(?:(?:key|key-string|password|secret|passphrase)\s+(?:hex\s+)?{_TYPE}|pre-s[\w-]*\s+(?:key\s+)?{_TYPE})(?=\S)"
)
_COMMAND = pattern(
    r"(?:^|[#>]|logged command:)\s*(?:no\s+)?(?:username|enable|aaa|neighbor|authentication(?!\s+failed\b)"
    r"|keyring(?=\s+aaa)|password|secret|key|key-string|crypto|ldap|bind|vpdn|l2tp|radius-server|tacacs-server|server-private|client|pre-s[\w-]*|standby|ppp|ip|server|ppk)\s",
    re.IGNORECASE,
)
# Every match of the expressions above has one of these in it.
_IN_EVERY = ("key", "pas", "sec", "auth", "snmp", "pre", "psk")
# A keyword of a key that is spelled wrong is no keyword to IOS, and yet a key follows it.
_MISSPELT = pattern(
    r"(?i)^\s*(?:no\s+)?(?:p[a-z]{0,8}[-\s]?[a-z]{0,8}(?:shar|sahr|hsar|shra|sared)[a-z]{0,8}(?:[-\s]?k[a-z]{0,4})?)"
    rf"(?:\s+(?:local|remote|hex))*\s+{_TYPE}(?=\S)"
)
# Commands in which those words are keywords, not what precedes a secret.
_HARMLESS = pattern(
    r"(?i)\b(?:crypto\s+key|key\s+(?:chain|generate|zeroize|config-key\s*$)|password\s+encryption|pre-share\s*$|tunnel\s+key|aaa\s+authentication\s)"
)

# Bidirectional overrides and other characters that change how the rest of a line is shown.
_HIDDEN = pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def mask(text: str) -> str:
    """The line with every key and password replaced by asterisks of a fixed number."""
    found = _secret(text)
    return text if found is None else text[: found[0]] + MASK + text[found[1] :]


def mask_columns(text: str, column: int, end: int) -> tuple[str, int, int]:
    """The masked line, and where the region from `column` to `end` (1-based, end exclusive) stands in it.

    A region that touches the secret covers the whole mask."""
    found = _secret(text)
    if found is None:
        return text, column, end
    start, stop = found[0] + 1, found[1] + 1
    shift = len(MASK) - (stop - start)
    masked = text[: found[0]] + MASK + text[found[1] :]
    if end <= start:
        return masked, column, end
    if column >= stop:
        return masked, column + shift, end + shift
    return masked, min(column, start), max(start + len(MASK), end + shift if end > stop else 0)


def _secret(text: str) -> tuple[int, int] | None:
    """Where the first secret of the line begins and ends (0-based), or None. It ends with the line: a key may
    hold blanks and quotation marks."""
    lower = text.casefold()  # as the expressions take it: the long s of `pa\u017fsword` is an s to them
    found = None
    if any(word in lower for word in _IN_EVERY):  # the expressions are long, and most lines are clear
        found = _ANYWHERE.search(text)
        if _COMMAND.search(text) and not _HARMLESS.search(text):
            other = _IN_COMMAND.search(text)
            if other and (found is None or other.end() < found.end()):
                found = other
    if found is None and lower.lstrip()[:1] == "p":
        found = _MISSPELT.match(text)
    if found is None or not (rest := text[found.end() :]).strip():
        return None
    if text.lstrip().startswith("attribute type ") and rest.startswith('"') and (close := rest.find('"', 1)) > 0:
        return found.end(), found.end() + close + 1  # `... "KEY" protocol ip`
    return found.end(), len(text.rstrip())


def visible(text: str) -> str:
    r"""The text with control characters, terminal sequences and bidirectional overrides as `\x1b` or `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\t", " ").replace("\n", "\\n")
    return _HIDDEN.sub(lambda m: f"\\x{ord(m[0]):02x}" if ord(m[0]) < 256 else f"\\u{ord(m[0]):04x}", text)
