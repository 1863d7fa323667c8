"""Statements of IPsec profiles, transform-sets, crypto maps, trustpoints and certificate maps to the model."""

from __future__ import annotations

from flexlint.config.building import Reading
from flexlint.config.model import (
    CertificateMapEntry,
    Criterion,
    CryptoMapEntry,
    IpsecProfile,
    Transform,
    TransformSet,
    Trustpoint,
)
from flexlint.place import Word


def transforms_of(words: list[Word]) -> list[Transform]:
    """`esp-aes 256 esp-sha-hmac` as transforms with their key sizes."""
    found: list[Transform] = []
    for word in words:
        if word.isdecimal() and found:
            found[-1].size = word
        else:
            found.append(Transform(word, None))
    return found


def transform_set(one: TransformSet, said: Reading) -> None:
    if said.command.kind == "mode":
        one.mode = "transport" if said.has("transport") else "tunnel"
        one.mode_require = said.has("require")
        one.mode_line = said.line
    elif said.command.kind == "esn":
        one.esn = True


_PROFILE_WORDS = frozenset({"ikev2_profile", "isakmp_profile", "lifetime_seconds", "lifetime_days"})


def ipsec_profile(one: IpsecProfile, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "responder_only":
        one.responder_only = said.statement
    elif kind in _PROFILE_WORDS:
        setattr(one, kind, words[0])
    elif kind == "transform_set":
        one.transform_sets = words
    elif kind == "lifetime_kilobytes":
        one.lifetime_kilobytes = said.word(said.command.pieces[-1])
    elif kind == "pfs":
        one.pfs, one.pfs_line = next(iter(said.all_words(2)), None), said.line
    elif kind in ("replay_disable", "replay_window"):
        one.replay = said.word(said.command.pieces[-1])


def crypto_map(one: CryptoMapEntry, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "match_address":
        one.acl = words[0]
    elif kind == "peer":
        one.peers.append(words[0])
    elif kind == "transform_set":
        one.transform_sets = words
    elif kind in ("ikev2_profile", "isakmp_profile"):
        setattr(one, kind, words[0])
    elif kind == "pfs":
        one.pfs, one.pfs_line = next(iter(said.all_words(2)), None), said.line


def trustpoint(one: Trustpoint, said: Reading) -> None:
    kind, words = said.command.kind, said.words()
    if kind == "enrollment":
        one.enrollment = said.statement
    elif kind in ("subject_name", "fqdn", "vrf"):
        setattr(one, kind, words[0])
    elif kind == "hash":
        one.hash = said.all_words(1)[0]
    elif kind == "revocation":
        one.revocation = said.all_words(1)
    elif kind == "rsakeypair":
        one.rsa_key = words[0]
        one.rsa_key_size = words[1] if len(words) > 1 else None
    elif kind == "eckeypair":
        one.ec_key = words[0]


def certificate_map(one: CertificateMapEntry, said: Reading) -> None:
    if said.command.kind == "criterion":
        field, operator, value = said.command.pieces[:3]
        one.criteria.append(Criterion(said.word(field), said.word(operator), said.word(value), said.line))
