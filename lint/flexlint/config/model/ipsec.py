"""The objects of `crypto ipsec`, `crypto map` and `crypto pki`.

Comes in: statements, through the builders. Goes out: objects that hold what was said, None or empty where nothing was.
"""

from __future__ import annotations

from dataclasses import field
from typing import NamedTuple

from flexlint.config.model.base import Line, Stanza, Statement
from flexlint.fact import fact
from flexlint.place import Word


@fact
class Transform:
    """One transform with its key size: `esp-aes 256` has word `esp-aes` and size 256."""

    word: Word
    size: Word | None


@fact
class TransformSet(Stanza):
    """`crypto ipsec transform-set`: its transforms, and the mode of its sub-commands."""

    transforms: list[Transform] = field(default_factory=list)
    mode: str = "tunnel"
    mode_require: bool = False
    mode_line: Line | None = None
    esn: bool = False


@fact
class IpsecProfile(Stanza):
    """`crypto ipsec profile` (Cisco-IOS-XE-crypto.yang)."""

    transform_sets: list[Word] = field(default_factory=list)
    ikev2_profile: Word | None = None
    isakmp_profile: Word | None = None
    pfs: Word | None = None  # group14 ...; for bare `set pfs` see pfs_line
    pfs_line: Line | None = None
    lifetime_seconds: Word | None = None
    lifetime_kilobytes: Word | None = None  # a number or "disable"
    lifetime_days: Word | None = None
    replay: Word | None = None  # "disable" or the window size
    responder_only: Statement | None = None


@fact
class CryptoMapEntry(Stanza):
    """`crypto map NAME SEQ` or `crypto dynamic-map NAME SEQ`."""

    sequence: Word | None = None
    is_dynamic_map: bool = False
    dynamic: Word | None = None  # the dynamic map a static entry refers to
    acl: Word | None = None
    peers: list[Word] = field(default_factory=list)
    transform_sets: list[Word] = field(default_factory=list)
    ikev2_profile: Word | None = None
    isakmp_profile: Word | None = None
    pfs: Word | None = None
    pfs_line: Line | None = None


@fact
class Trustpoint(Stanza):
    """`crypto pki trustpoint`, as far as IKEv2 needs it."""

    enrollment: Statement | None = None
    subject_name: Word | None = None
    fqdn: Word | None = None
    revocation: list[Word] = field(default_factory=list)
    rsa_key: Word | None = None
    rsa_key_size: Word | None = None
    ec_key: Word | None = None
    hash: Word | None = None
    vrf: Word | None = None


class Criterion(NamedTuple):
    """One line of a certificate map: `field operator value`."""

    field: Word
    operator: Word  # co, eq, nc, ne; ge, lt for dates
    value: Word
    line: Line


@fact
class CertificateMapEntry(Stanza):
    """`crypto pki certificate map NAME SEQ`: criteria of one entry are ANDed, entries of one name ORed (R)."""

    sequence: Word | None = None
    criteria: list[Criterion] = field(default_factory=list)
