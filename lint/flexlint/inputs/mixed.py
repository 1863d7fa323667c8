"""A configuration and a log in one text, as a post in a forum or the capture of a terminal session has them.

Comes in: the lines of a file. Goes out: the lines of the configuration in it, each at its place, with everything else
blank; or that the file holds one of the two only. Nothing here knows what a line means.
"""

from __future__ import annotations

from collections.abc import Sequence

from flexlint.config.names import is_interface
from flexlint.config.stanzas import is_subcommand, stanza_of
from flexlint.pattern import pattern

LEAST = 6  # lines of stanzas: what an operator types between two lines of a log is no configuration
_PROMPT = pattern(r"[\w.-]{1,63}(?:\([\w-]+\))?[#>] ?")
# What a record of a log begins with, behind its relay, number and clock.
_RECORD = pattern(
    r"IKEv2(?:-(?:ERROR|INTERNAL|PAK|CLIENT|CLUSTER|(?:PROTO|PLAT)-\d))?:[ \t]*[^ \t]"
    r"|%[A-Z][A-Z0-9_]*-[0-7]-[A-Z0-9_]+ ?:|AAA/[A-Z]|RADIUS[(:/]|CRYPTO_PKI|ISAKMP[:-]|IPSEC\("
)
_TOP = pattern(
    r"crypto (?:ikev2|ipsec|isakmp|map|pki|keyring) \S|aaa (?:new-model|authentication|authorization|group|accounting)"
    r"|(?:hostname|username|vrf definition|radius server|router) \S|version \d|ip (?:local pool|access-list|vrf) \S"
    r"|(?:Current configuration|Building configuration)"
)


def is_record(text: str) -> bool:
    """Whether a line, without the blanks before it, is one of a log."""
    found = _RECORD.search(text[:200])
    return found is not None and (not found.start() or text[: found.start()].rstrip().endswith((":", "*", ".")))


def configuration_in(lines: Sequence[str]) -> list[str]:
    """The lines with all but the configuration blank; empty when there is none beside the log."""
    kept: list[str] = []
    inside, stanzas, commands, kind = False, set[str](), 0, ""
    for raw in lines:
        text = raw[:400].strip().lstrip("`")
        if is_record(text):
            inside = False
        else:
            prompt = _PROMPT.match(text)
            bare = text[prompt.end() :] if prompt else text
            inside = inside or begins(bare) or (raw[:1] in " \t" and _goes_on(bare, kind))
            if inside and bare:
                opened = stanza_of(bare)
                commands += bool(opened) or is_subcommand(bare.split(None, 1)[0].lower(), kind)
                kind = opened or kind
                if opened and bare.startswith(("crypto ikev2 ", "crypto ipsec ")):
                    stanzas.add(opened)
        kept.append(raw if inside else "")
    return kept if len(stanzas) > 1 and commands >= LEAST else []


def _goes_on(text: str, kind: str) -> bool:
    """Whether a line goes on with the stanza into which the console printed a record."""
    first = text.split(None, 1)[0].lower() if text else ""
    return is_subcommand(first, kind) or (kind == "keyring" and is_subcommand(first, "peer"))


def begins(text: str) -> bool:
    """Whether a line can be the first of a configuration."""
    if text.startswith("interface "):
        words = text.split()
        return len(words) > 1 and is_interface(words[1])
    return _TOP.match(text) is not None


def records_in(lines: Sequence[str], enough: int) -> bool:
    """Whether so many lines of IKEv2 debugs stand in a configuration."""
    found = 0
    for raw in lines:
        if "IKEv2" in raw and is_record(raw.strip()):
            found += 1
            if found >= enough:
                return True
    return False
