"""Proposals as the log prints them, in four spellings, to `Transforms`.

Comes in: the text after `Proposal n:` or of a transforms line, and the `Seen` it stands in. Goes out: the algorithms by
what they are for. Nothing here compares them with a configuration. The log names hash algorithms without saying
whether they are PRF or integrity: the order is encryption, PRF, integrity, group (as in RFC 7296 section 3.3.2).
"""

from __future__ import annotations

from flexlint.log.model import Transforms
from flexlint.pattern import pattern
from flexlint.place import Seen

_LABEL = pattern(r"(ENCRYPTION|PRF|INTEGRITY|DH GROUP): *")
_GROUP = pattern(r"Group (\d{1,5})")
_ENCRYPTION = ("AES", "3DES", "DES", "SEAL", "CHACHA", "NULL")


def labelled(protocol: str, number: int, text: str, seen: Seen) -> Transforms:
    """`ENCRYPTION: AES-CBC-128 PRF: SHA512 INTEGRITY: SHA512 DH GROUP: DH_GROUP_384_ECP/Group 20`."""
    parts = _LABEL.split(text)
    found = dict(zip(parts[1::2], parts[2::2], strict=False))

    def words(label: str) -> tuple[str, ...]:
        return tuple(found.get(label, "").split())

    groups = tuple(_GROUP.findall(found.get("DH GROUP", "")))
    return Transforms(protocol, number, words("ENCRYPTION"), words("PRF"), words("INTEGRITY"), groups, seen)


def policy_list(protocol: str, number: int, text: str, seen: Seen) -> Transforms:
    """`AES-CBC-256 SHA512 SHA512 DH_GROUP_384_ECP/Group 20`, or for ESP `AES-CBC-256 SHA96 Don't use ESN`."""
    return esp_line(number, text, seen) if protocol == "ESP" else ike_line(number, text, seen)


def ike_line(number: int, text: str, seen: Seen) -> Transforms:
    """Encryption, hash and group words of an IKE proposal. Combined ciphers have no integrity (RFC 5282)."""
    encryption, hashes = _words(text)
    split = len(hashes)
    if not encryption or not all("GCM" in e or "CHACHA" in e for e in encryption):
        truncated = [i for i, h in enumerate(hashes) if h.endswith("96")]
        split = truncated[0] if truncated else _second_run(hashes)
    return Transforms("IKE", number, encryption, hashes[:split], hashes[split:], tuple(_GROUP.findall(text)), seen)


def esp_line(number: int, text: str, seen: Seen) -> Transforms:
    """Encryption and integrity words of an ESP proposal; the group only where PFS is offered."""
    encryption, hashes = _words(text)
    return Transforms("ESP", number, encryption, (), hashes, tuple(_GROUP.findall(text)), seen)


def _words(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = text.replace("Don't use ESN", "").replace("Use ESN", "").split()
    encryption = tuple(dict.fromkeys(w for w in words if w.startswith(_ENCRYPTION)))
    return encryption, tuple(w for w in words if w.startswith(("SHA", "MD5")))


def _second_run(hashes: tuple[str, ...]) -> int:
    """Where the PRFs end: at the first repetition, else half way."""
    for i, name in enumerate(hashes):
        if name in hashes[:i]:
            return i
    return (len(hashes) + 1) // 2
