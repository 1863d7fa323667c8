"""IKE and ESP transforms as the log prints them, brought to the words of the configuration, and compared by type.

Comes in: `Received`/`Expected` lists of a negotiation and the proposals or transform-sets of a device. Goes out: per
transform type what both sides have. It judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flexlint.config.model import Proposal, TransformSet
from flexlint.log.model import Transforms
from flexlint.pattern import pattern

Lists = dict[str, list[str]]  # keywords by transform type
KINDS = ("encryption", "PRF", "integrity", "DH group")

# How the debug prints an algorithm, to the keyword of the configuration (Cisco IOS `debug crypto ikev2`).
_AES = pattern(r"AES-(CBC|GCM|GMAC|CTR)(?:-?(\d{3}))?$")
_HASH = pattern(r"(?:HMAC-)?(?:SHA-?(1|96|256|384|512)|(MD5)(?:-?96)?|SHA1-96|SHA)$")


def keyword(printed: str) -> str:
    """`AES-CBC-256` to `aes-cbc-256`, `SHA96` to `sha1`, `MD596` to `md5`, `DH_GROUP_521_ECP/Group 21` to `21`."""
    text = printed.strip().upper()
    if match := _AES.match(text):
        return f"aes-{match[1].lower()}" + (f"-{match[2]}" if match[2] else "")
    if match := _HASH.match(text):
        if match[2]:
            return "md5"
        return "sha1" if match[1] in (None, "1", "96") else f"sha{match[1]}"
    if match := re.search(r"GROUP\s*(\d{1,3})$", text):
        return match[1]
    return text.lower()


def lists_of(transforms: Sequence[Transforms]) -> Lists:
    """Keywords by transform type over all proposals of a list, in the order printed."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for one in transforms:
        for kind, values in zip(KINDS, (one.encryption, one.prf, one.integrity, one.group), strict=True):
            for value in map(keyword, values):
                if value not in ("none", "") and value not in found[kind]:
                    found[kind].append(value)
    return found


def our_lists(proposals: Sequence[Proposal]) -> Lists:
    """What the proposals of a policy accept, by transform type; the PRF is the integrity list unless given (V)."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for one in proposals:
        for kind, words in zip(
            KINDS, (one.encryption, one.prf or one.integrity, one.integrity, one.group), strict=True
        ):
            found[kind] += [str(w) for w in words if str(w) not in found[kind]]
    return found


def difference(ours: Lists, theirs: Lists) -> list[str]:
    """The transform types in which both sides have values and none in common."""
    return [kind for kind in KINDS if ours[kind] and theirs[kind] and not set(ours[kind]) & set(theirs[kind])]


def nearest(ours: Sequence[Lists], theirs: Sequence[Lists]) -> tuple[list[str], int] | None:
    """Which transform types keep our proposal that comes closest from fitting one of theirs, and its index.

    None where one fits one of theirs: an algorithm of each type must be in the same proposal (RFC 7296, 3.3)."""
    best: tuple[list[str], int] | None = None
    for other in theirs:
        for index, mine in enumerate(ours):
            missing = difference(mine, other)
            if not missing:
                return None
            if best is None or len(missing) < len(best[0]):
                best = missing, index
    return best


def shortcomings(ours: Sequence[tuple[str, Lists]], theirs: Sequence[Lists], limit: int = 4) -> str:
    """What each of ours, by name, lacks of the offer that it comes closest to: `'A' lacks integrity sha1; ...`."""
    said = []
    for name, mine in ours[:limit]:
        gaps = [(difference(mine, other), other) for other in theirs]
        missing, other = min(gaps, key=lambda gap: len(gap[0]))
        lacks = " and ".join(f"{kind} {', '.join(other[kind])}" for kind in missing)
        said.append(f"'{name}' lacks {lacks}")
    return "; ".join(said) + (f"; and {len(ours) - limit} more" if len(ours) > limit else "")


def expected_elsewhere(
    expected: Sequence[Transforms], proposals: Sequence[Proposal]
) -> tuple[str, str, Transforms] | None:
    """The first value the router says it expected that no proposal has, with its type and where it was printed."""
    ours = our_lists(proposals)
    for one in expected:
        for kind, values in lists_of([one]).items():
            for value in values:
                if ours[kind] and value not in ours[kind]:
                    return kind, value, one
    return None


def added_since(ours: Lists, expected: Lists, theirs: Lists) -> tuple[str, str] | None:
    """The transform type and the value by which ours fits theirs, and which the router says it did not expect."""
    for kind in KINDS:
        for value in ours[kind]:
            if expected[kind] and value not in expected[kind] and value in theirs[kind]:
                return kind, value
    return None


def used_elsewhere(used: Sequence[Transforms], proposals: Sequence[Proposal]) -> tuple[str, str, Transforms] | None:
    """The first algorithm of our own `IKE Proposal` lines that no proposal has. These lines leave key lengths out (V):
    there `aes-cbc` stands for every length."""
    ours = our_lists(proposals)
    ours["encryption"] = unsized(ours["encryption"])
    for one in used:
        for kind, values in lists_of([one]).items():
            values = unsized(values) if kind == "encryption" else values
            for value in values:
                if value not in ours[kind]:
                    return kind, value, one
    return None


def unsized(values: Sequence[str]) -> list[str]:
    """Encryption keywords without key lengths: `aes-cbc-256` to `aes-cbc`."""
    return [re.sub(r"^(aes-[a-z]+)-\d{3}$", r"\1", value) for value in values]


_ESP = {
    "esp-aes": "aes-cbc",
    "esp-192-aes": "aes-cbc-192",
    "esp-256-aes": "aes-cbc-256",
    "esp-gcm": "aes-gcm",
    "esp-gmac": "aes-gmac",
    "esp-3des": "3des",
    "esp-des": "des",
    "esp-null": "null",
}
_AUTH = {
    "esp-md5-hmac": "md5",
    "esp-sha-hmac": "sha1",
    "esp-sha256-hmac": "sha256",
    "esp-sha384-hmac": "sha384",
    "esp-sha512-hmac": "sha512",
}


def esp_lists(transform_sets: Sequence[TransformSet]) -> Lists:
    """What the transform-sets of an ipsec profile accept: `esp-aes` without a size is 128 bits (V)."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for one in transform_sets:
        for transform in one.transforms:
            word = str(transform.word)
            if word in _ESP:
                name = _ESP[word]
                if name in ("aes-cbc", "aes-gcm", "aes-gmac"):
                    name += f"-{transform.size or 128}"
                _add(found["encryption"], name)
            elif word in _AUTH:
                _add(found["integrity"], _AUTH[word])
    return found


def _add(values: list[str], value: str) -> None:
    if value not in values:
        values.append(value)
