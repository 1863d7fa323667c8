"""A negotiation as a person reads it: what happened, when, who said it, and which configuration line it came from.

Comes in: negotiations, and the configuration of their router where there is one. Goes out: rows, in the order of the
log. Keys never get out: each line of a file passes through `mask`. How rows are drawn stands in `ladder.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from flexlint.log.clock import between
from flexlint.log.diagnosis import failure_of
from flexlint.log.model import Negotiation, Outcome, Side
from flexlint.mask import mask
from flexlint.place import Place

if TYPE_CHECKING:
    from flexlint.config.model import Device
    from flexlint.log.events import Event
    from flexlint.predict.model import Prediction
    from flexlint.story.accounts import Accounts

# Status notifies that nearly every message carries (RFC 7296 section 3.10.1, RFC 7383): left out of a row.
_USUAL = frozenset(
    "NAT_DETECTION_SOURCE_IP NAT_DETECTION_DESTINATION_IP SET_WINDOW_SIZE ESP_TFC_NO_SUPPORT NON_FIRST_FRAGS "
    "NON_FIRST_FRAGMENTS_ALSO IKEV2_FRAGMENTATION_SUPPORTED HTTP_CERT_LOOKUP_SUPPORTED".split()
)
BEHIND_NAT = {
    "router": "this router is behind it",
    "peer": "the peer is behind it",
    "both": "both ends are behind it",
}
_ENDS = {"INSIDE": "router", "OUTSIDE": "peer"}
_PROPOSALS = {"M044": "IKE", "M106": "ESP"}
_ONCE = frozenset({"M057", "M058", "M102"})  # of which the router prints several for one thing, as of its errors
At = Callable[[int], tuple[str, int]]  # a line of the log, which may be several files, to its file and line there
_MARKS = {"certain": " ", "high": " ", "medium": "~", "low": "?"}


class Row(NamedTuple):
    """One row of a timeline. `arrow` is `-->` for what this router sent, `<--` for what it received, else empty.

    `mark` is `~` where the line belongs to this negotiation probably, `?` where it may be another's. `elapsed` is in
    seconds since the row before; None without clocks."""

    line: int
    clock: str
    elapsed: float | None
    phase: str
    arrow: str
    text: str
    polarity: str  # "+", "-", "0"
    mark: str
    message: str  # catalogue id
    config: tuple[Place, ...]


@cache
def _words() -> dict[str, str]:
    from flexlint.data import folder, read_table

    return {row["message"]: row["words"] for row in read_table(folder("grammars") / "timeline.tsv")}


def rows(
    negotiation: Negotiation, device: Device | None = None, prediction: Prediction | None = None, full: bool = False
) -> Iterator[Row]:
    """The timeline. A packet and its payloads are one row; lines that say nothing to a reader are left out unless
    `full`. With `device`, each row knows the lines of the configuration that account for it."""
    from flexlint.log.messages import polarity_of, same_as

    accounts = _accounts(negotiation, device, prediction)
    clock = ""
    asked: bool | None = None  # the last packet was a request of the peer, which this router answers
    told: set[str] = set()  # since the last packet
    for events, phase, certainty in _blocks(negotiation):
        event = events[0]
        message = same_as.get(event.message, event.message)
        if message in _PROPOSALS:
            said: tuple[str, str] | None = ("", f"{_proposes(asked, negotiation)} for {_PROPOSALS[message]}:")
        else:
            said = _said(events, message, negotiation)
        polarity = "-" if any(polarity_of(e) == "-" for e in events) else polarity_of(event)
        if said is None:
            if not full and polarity != "-":
                continue
            said = ("", event.text)
        if said[0]:
            asked = said[0] == "<--" and any(e.fields.get("direction") == "REQUEST" for e in events)
            told.clear()
        elif not full and (polarity == "-" or message in _ONCE):
            if said[1] in told:
                continue
            told.add(said[1])
        elapsed = between(clock, event.clock) if clock and event.clock else None
        clock = event.clock or clock
        arrow, text = said
        places = tuple(accounts.of(event._replace(message=message))) if accounts is not None else ()
        yield Row(
            event.line, event.clock, elapsed, phase, arrow, mask(text), polarity, _MARKS[certainty], message, places
        )


def _accounts(negotiation: Negotiation, device: Device | None, prediction: Prediction | None) -> Accounts | None:
    if device is None or device.not_ios:
        return None
    from flexlint.story.accounts import Accounts

    return Accounts(negotiation, device, prediction)


def _blocks(negotiation: Negotiation) -> Iterator[tuple[list[Event], str, str]]:
    """The events of a negotiation, those of one packet together."""
    block: list[Event] = []
    phase = certainty = ""
    for event, its_phase, its_certainty in negotiation.footprints:
        if block and block[0].message in ("M001", "M002", "M008") and event.message in ("M003", "M004", "M005", "M006"):
            block.append(event)
            continue
        if block:
            yield block, phase, certainty
        block, phase, certainty = [event], its_phase.value, str(its_certainty)
    if block:
        yield block, phase, certainty


def _said(events: list[Event], message: str, negotiation: Negotiation) -> tuple[str, str] | None:
    """Direction and words of a row, or None for what is not worth one."""
    event = events[0]
    if message in ("M001", "M002"):
        return ("-->" if message == "M002" else "<--"), _packet(events)
    if message == "M008":
        payloads = _payloads(events)
        return ("-->", f"to be encrypted: {payloads}") if payloads else None
    if message == "M004" and event.fields.get("verb"):
        fields = event.fields
        arrow = "-->" if fields["verb"] == "Sending" else "<--"
        return arrow, f"{fields['exchange']} {fields['direction'].lower()}"
    if message == "M006":
        return None
    if message == "M059":
        return "", f"NAT on the path: {BEHIND_NAT[_ENDS[event.fields['result']]]}"
    words = _words().get(message)
    if words is None:
        return None
    if message == "M093":
        sent = next((a.sent for a in negotiation.attributes if a.value.line > event.line), None)
        words = {True: "sends ", False: "receives ", None: ""}[sent] + words
    return "", _filled(words, event.fields)


def _proposes(asked: bool | None, negotiation: Negotiation) -> str:
    """What a proposal that this router prints is: what it asks for, or its choice of what the peer asked for."""
    if asked is None:
        return {Side.INITIATOR: "offers", Side.RESPONDER: "chooses"}.get(negotiation.role, "proposal")
    return "chooses" if asked else "offers"


def _filled(words: str, fields: dict[str, str]) -> str:
    """The words with the message's fields put in; a field the line does not have leaves nothing behind."""
    for name, value in fields.items():
        words = words.replace("{" + name + "}", value)
    while "{" in words and "}" in words[words.index("{") :]:
        at = words.index("{")
        words = words[:at].rstrip() + words[words.index("}", at) + 1 :]
    return words.rstrip()


def _packet(events: list[Event]) -> str:
    exchange = direction = number = ""
    for event in events:
        exchange = event.fields.get("exchange", exchange)
        direction = event.fields.get("direction", direction)
        number = event.fields.get("message_id", number)
    what = f"{exchange} {direction.lower()} {number}".strip() if exchange else f"packet {number}".strip()
    payloads = _payloads(events)
    return f"{what}: {payloads}" if payloads else what


def _payloads(events: list[Event]) -> str:
    words = " ".join(e.text for e in events if e.message == "M006").split()
    names = (w[7:-1] if w.startswith("NOTIFY(") else w for w in words)
    return " ".join(name for name in names if name not in _USUAL)


def wanted(negotiation: Negotiation, only_failed: bool = False, peer: str | None = None) -> bool:
    """Whether a negotiation is among those asked for: the failed ones, those with this peer address or identity."""
    if only_failed and negotiation.outcome is not Outcome.FAILED and failure_of(negotiation) is None:
        return False
    return peer is None or peer in (str(negotiation.peer or ""), str(negotiation.identity or ""))
