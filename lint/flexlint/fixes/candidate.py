"""What a candidate is: an edit that may be tried, with what it does in words.

Comes in: a device, words and edits. Goes out: `Candidate`. A value of a log is written into a configuration only where
`PLAIN` finds it to be nothing but a name or an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flexlint.config.model import Device, IdentityKind
from flexlint.finding import Edit
from flexlint.judging.joined import JoinedCase
from flexlint.pattern import pattern
from flexlint.rulebook import PairCase

PLAIN = pattern(r"[A-Za-z0-9_.@:+*$/-]{1,255}")
KEYWORDS = {IdentityKind.FQDN: "fqdn", IdentityKind.EMAIL: "email", IdentityKind.KEY_ID: "key-id"}
TRIED = 3  # names that are tried in place of one


class Candidate(NamedTuple):
    """An edit with what it does, as a command: `on 'hub1': add ...`."""

    text: str
    edits: tuple[Edit, ...]
    leaves_log: bool = False  # the log would have shown another name or identity


Case = PairCase | JoinedCase


def candidate(device: Device, what: str, edits: Iterable[Edit], leaves_log: bool = False) -> Iterator[Candidate]:
    """The candidate, unless the file does not keep its lines as they are read, so that there are no edits."""
    if edits := tuple(edits):
        where = f"on '{device.hostname}'" if device.hostname is not None else f"in {device.source.path}"
        yield Candidate(f"{where}: {what}", edits, leaves_log)
