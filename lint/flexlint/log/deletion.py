"""Who deletes an SA, and which.

Comes in: an draft, one of its events and how surely it belongs there. Goes out: `deleted` and `deleted_by_peer` of the
draft's `Negotiation`. Lines that name the SA decide; where there are none, the DELETE payload of the last request
does, by the direction of its packet (RFC 7296 section 1.4.1). Nothing here looks for the owner of a line.
"""

from __future__ import annotations

from flexlint.log.draft import Draft
from flexlint.log.events import Event
from flexlint.log.model import Phase
from flexlint.place import Certainty


def message(e: Draft, request: bool) -> None:
    """The packet whose lines are being printed is a request, or a response."""
    e.request = request
    if request:
        e.deletes = None
    if e.sending:
        if request and e.built_delete:
            e.deletes = False
        e.built_delete = False


def payloads(e: Draft, text: str) -> None:
    """The payloads of a packet; those of one that is sent are printed before they are encrypted."""
    if "DELETE" not in text.split():
        return
    if e.building:
        e.built_delete, e.child_announced = not e.child_announced, False
    elif e.request and e.exchange == "INFORMATIONAL" and e.sending is not None:
        e.deletes = not e.sending


def announced(e: Draft, v: Event, c: Certainty) -> None:
    """The DELETE that follows is of a child SA."""
    e.child_announced = True


def asked(e: Draft, v: Event, c: Certainty) -> None:
    """`Process delete request from peer` comes before the line that says of which SA, or stands alone."""
    n = e.n
    if v.message == "M283":  # of a child SA: the IKE SA stays
        if e.asked_to_delete:
            n.deleted_by_peer, n.end_clock = None, ""
        e.asked_to_delete, e.child_deleted, e.deletes = False, True, None
    elif v.message == "M285" and e.child_deleted:
        e.child_deleted = False
    elif n.deleted_by_peer is None and v.message in ("M284", "M285"):
        n.deleted_by_peer = True
        n.end_clock = v.clock
        e.asked_to_delete = v.message == "M285"
    elif n.deleted_by_peer is None and v.message == "M282":
        n.deleted_by_peer = False
    else:
        e.asked_to_delete = False


def deleted(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    n.deleted = n.deleted or e.seen(v.text, v, c)
    if n.deleted_by_peer is None and e.deletes is not None:
        n.deleted_by_peer = e.deletes
        n.end_clock = v.clock if e.deletes else ""
    e.aaa_pending = e.pki_pending = False
    e.phase = Phase.DELETE
