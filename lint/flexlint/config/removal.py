"""What a `no` or `default` line takes away from an object.

Comes in: the object, and an empty one of its kind on which the same line without `no` was read. Goes out: nothing; the
object loses what the line had set. So a negation needs no table of its own: whatever a builder sets, it can take back.
"""

from __future__ import annotations

from typing import Any

from flexlint.config.model import (
    Authentication,
    Authorization,
    IdentityMatch,
    LocalMatch,
    MethodList,
    RouteSet,
    Stanza,
    TrustpointUse,
)
from flexlint.fact import names_of

# What makes two entries of a list the same to IOS; a line is never part of it. Entries of other kinds are named
# tuples, the first item of which is their name or sequence number.
_MEANING: dict[type, tuple[str, ...]] = {
    LocalMatch: ("word",),
    IdentityMatch: ("kind", "domain", "value"),
    Authentication: ("method",),
    MethodList: ("method",),
    Authorization: ("scope", "method"),
    RouteSet: ("kind", "word"),
    TrustpointUse: ("name",),
}
# One line sets them, and a `no` line that gives only the first takes all: `no set pfs`, `no virtual-template 1`.
_TOGETHER = {
    "pfs_line": ("pfs",),
    "identity_local_line": ("identity_local",),
    "virtual_template": ("mode_auto",),
    "keyring_aaa": ("keyring_aaa_mangler", "keyring_aaa_password"),
    "rsa_key": ("rsa_key_size",),
}
_OWN = names_of(Stanza)


def take_away(one: Stanza, said: Stanza, whole: bool) -> None:
    """Resets in `one` every setting that `said` has. Of a list only equal entries go, the whole list when `whole`:
    the line named no value, as in `no authentication remote`."""
    empty = type(one)(one.name, one.line)
    for name in names_of(type(one)):
        value, unset = getattr(said, name), getattr(empty, name)
        if name in _OWN or value == unset:
            continue
        kept = getattr(one, name)
        if isinstance(kept, list) and not whole:
            gone = [_meaning(entry) for entry in value]
            kept[:] = [entry for entry in kept if _meaning(entry) not in gone]
        elif isinstance(kept, dict):
            for key in value:
                kept.pop(key, None)
        else:
            setattr(one, name, unset)
            for companion in _TOGETHER.get(name, ()):
                setattr(one, companion, getattr(empty, companion))


def _meaning(entry: Any) -> Any:
    if attributes := _MEANING.get(type(entry)):
        return [getattr(entry, attribute) for attribute in attributes]
    return entry[0] if isinstance(entry, tuple) else entry
