"""A negotiation while it is being written down from its lines.

Comes in: what the handlers of `negotiations`, `granted` and `outcome` make of each line. Goes out: the `Negotiation`,
and beside it what is needed to understand the next line. Nothing here knows how a line found its negotiation, or what
other negotiations there are.
"""

from __future__ import annotations

from dataclasses import field

from flexlint.fact import fact
from flexlint.log.events import Event
from flexlint.log.model import Failure, Milestone, Negotiation, Phase
from flexlint.place import Certainty, Seen


@fact
class Draft:
    """The facts so far. A handler may keep what it needs in a field of its own here.

    What the attribution of later lines depends on is in `states` too: a new field of that sort must be named there."""

    n: Negotiation
    phase: Phase = Phase.SA_INIT
    sending: bool | None = None  # direction of the message whose lines are being printed
    exchange: str = ""
    message_id: str = ""
    policies: str = ""  # which list of proposals is being printed: received, expected, offered
    proposal: tuple[str, str] = ("", "")  # protocol and number of our own proposal being printed
    config_sent: bool | None = None  # direction the last `Config data ...` header gave
    config_type: str = ""
    key_is_own: bool | None = None  # whose authentication data is being made
    aaa_pending: bool = False
    pki_pending: bool = False
    config_header: int = -9  # line of that header
    policies_of: str = ""  # IKE or ESP: of which the last list of proposals was
    expecting: Seen | None = None
    retransmitted: Seen | None = None
    superseded: bool = False  # deleted because another negotiation of the peer took its place
    asked_to_delete: bool = False  # by the peer, and it was not yet said which SA
    child_deleted: bool = False  # by the peer, and nothing of an IKE SA since
    child_announced: bool = False  # this router is about to send the DELETE of a child SA
    request: bool = False  # the packet whose lines are being printed is one
    building: bool = False  # the payloads being printed are of a message that is still to be encrypted
    built_delete: bool = False  # such a message had a DELETE, and was not sent yet
    deletes: bool | None = None  # whose DELETE the last request had: True the peer's; None when it had none
    deleted: bool = False  # set at the end: the router gave it up
    faults: list[Failure] = field(default_factory=list)  # negative by themselves
    symptoms: list[Failure] = field(default_factory=list)  # what follows a fault
    doubts: list[Failure] = field(default_factory=list)  # negative data that are harmless unless a failure follows
    shared_with: tuple[int, ...] = ()  # ids of the negotiations that the interface line being read may belong to
    child_refused: bool = False  # the first child SA was refused: IKE may be up, the tunnel is not

    def seen(self, value: str, event: Event, certainty: Certainty = Certainty.CERTAIN) -> Seen:
        seen = Seen(value)  # as Seen.at does; a log makes very many of them
        seen.line = event[1]
        seen.text = event[7]
        seen.origin = self.n.origin
        seen.certainty = certainty
        return seen

    def reach(self, milestone: Milestone, event: Event, certainty: Certainty) -> None:
        """The negotiation came this far; it never goes back."""
        if milestone > self.n.milestone:
            self.n.milestone, self.n.milestone_seen = milestone, self.seen(event.text, event, certainty)
