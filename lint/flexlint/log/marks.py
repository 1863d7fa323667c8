"""What two messages have in common that say the same of different names and addresses.

Comes in: a message as it was read. Goes out: its mark, a small number, and the values that it leaves out. Two records
of equal mark do the same to a negotiation wherever their values are equal to earlier ones in the same way; on that rest
`states` and `classes`. Nothing here knows a negotiation.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from flexlint.log.catalogue import fields_of

if TYPE_CHECKING:
    from flexlint.log.catalogue import Found

# Fields whose value no handler looks into: it only keeps them, or compares them with each other. A field that is not
# named here is part of the mark, which is always right, but tells more negotiations apart.
VALUES = frozenset(
    "address client component identity interface list local mask network own_identity peer peer_block peer_identity "
    "peer_port policy pool profile proposal keyring server user value vrf".split()
)
_NEW_EACH_TIME = frozenset(
    "acct_session conn_id handle index initiator_spi local_port message_id psh request responder_spi serial spi "
    "uid".split()
)
_NAMES = frozenset({"M182", "M183"})  # in which `name` is a value; elsewhere it says what the value is
_LISTS = frozenset({"M065", "M066", "M067", "M068", "M069"})  # whose handlers look at the whole line
_DIGITS = re.compile(r"\d.*", re.DOTALL)

_marks: dict[object, int] = {}
_messages: dict[int, str] = {}  # the first message of each mark
_keys: list[object] = [None]  # by mark


def _number(key: object, message: str) -> int:
    mark = _marks.get(key)
    if mark is None:
        mark = _marks[key] = len(_marks) + 1
        _messages[mark] = message
        _keys.append(key)
    return mark


def key_of(mark: int) -> object:
    """What a mark stands for, for another process."""
    return _keys[mark]


def mark_for(key: object, message: str) -> int:
    """The mark of what `key_of` said in another process."""
    return _number(key, message)


def message_of(mark: int) -> str:
    """The id of the message, the first one where a mark stands for several."""
    return _messages[mark]


def mark_of(message: str, text: str, fields: dict[str, str], raw: str = "") -> tuple[int, tuple[str, ...]]:
    """The mark of one event and its values, in the order of the message's fields."""
    values: list[str] = []
    shape = text
    for name in reversed(fields):
        value = fields[name]
        if not value or not (name in VALUES or name in _NEW_EACH_TIME or (name == "name" and message in _NAMES)):
            continue
        before, found, after = shape.rpartition(value)
        if found:
            kept = _DIGITS.sub("", value) if name == "interface" else ""
            shape = f"{before}\0{kept}{name}{after}"
            if name not in _NEW_EACH_TIME:
                values.append(value)
    values.reverse()
    at = raw.find("IKEv2") if message in _LISTS else -1
    return _number((message, shape, raw[at:] if at >= 0 else ""), message), tuple(values)


def mark_found(found: Found, text: str) -> tuple[int, tuple[str, ...]]:
    """The same for a text and the message that it was found to be."""
    message, template, match = found
    if template is None or match is None:
        return mark_of(message, text, {})
    if match.string != text:
        return mark_of(message, text, fields_of(match))
    if template.spots is None:
        template.spots = _spots(message, match)
    at = 0
    kept: list[str] = []
    values: list[str] = []
    for index, new, interface in template.spots:  # type: ignore[attr-defined]
        start, end = match.span(index)
        if start < end:
            value = text[start:end]
            if value[0] == " " or value[-1] == " ":
                return mark_of(message, text, fields_of(match))
            kept.append(text[at:start])
            if interface:
                kept.append(_DIGITS.sub("", value))
            if not new:
                values.append(value)
            at = end
    kept.append(text[at:])
    return _number((message, *kept), message), tuple(values)


def _spots(message: str, match: re.Match[str]) -> tuple[tuple[int, bool, bool], ...]:
    """The groups whose text is a value: whether it is new each time, and whether it is the name of an interface."""
    groups = sorted((index, name) for name, index in match.re.groupindex.items())
    return tuple(
        (index, name in _NEW_EACH_TIME, name == "interface")
        for index, name in groups
        if name in VALUES or name in _NEW_EACH_TIME or (name == "name" and message in _NAMES)
    )


@lru_cache(maxsize=20_000)
def marks_of(*marks: int) -> int:
    """The mark of several events that come together."""
    return _number(marks, _messages[marks[0]] if marks else "")
