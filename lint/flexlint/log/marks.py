"""What two messages have in common that say the same of different names and addresses.

Comes in: a message as it was read. Goes out: its mark, a small number, and the values that it leaves out. Two records
of equal mark do the same to a negotiation wherever their values are equal to earlier ones in the same way; on that rest
`states` and `classes`. Nothing here knows a negotiation.
"""

from __future__ import annotations

import re
from functools import lru_cache

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


def _number(key: object, message: str) -> int:
    mark = _marks.get(key)
    if mark is None:
        mark = _marks[key] = len(_marks) + 1
        _messages[mark] = message
    return mark


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


@lru_cache(maxsize=20_000)
def marks_of(*marks: int) -> int:
    """The mark of several events that come together."""
    return _number(marks, _messages[marks[0]] if marks else "")
