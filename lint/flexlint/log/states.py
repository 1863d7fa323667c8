"""What a negotiation is doing, as far as the attribution of later lines depends on it.

Comes in: the handlers of `negotiations`, and records with their marks. Goes out: `State`, one object for each
combination that occurs, and the next one after a record. The handlers are asked once for each state and mark; what
they said is remembered, so that a line which only later matters costs a look-up. Nothing here knows values.
"""

from __future__ import annotations

from collections.abc import Sequence

from flexlint.log.draft import Draft
from flexlint.log.events import Event
from flexlint.log.model import Milestone, Negotiation, Phase, Side
from flexlint.log.negotiations import observe
from flexlint.place import Certainty, Seen, TextFile

_NOWHERE = TextFile("", ())
_SOMETHING = Seen.at("", 0, "", _NOWHERE)
Facts = tuple[
    Phase, Milestone, Side, bool | None, str, bool, bool, bool, bool, str, bool, bool, bool
]  # the fields of State, in order

CERTAINTIES = (Certainty.CERTAIN, Certainty.HIGH, Certainty.MEDIUM, Certainty.LOW)
RANK = {certainty: rank for rank, certainty in enumerate(CERTAINTIES)}


class State:
    """A state; equal ones are one object. What a handler changes of these depends on these and the record alone."""

    __slots__ = (
        *("aaa_pending", "config_type", "config_valid", "exchange", "has_interface", "initial_contact", "milestone"),
        *("next", "phase", "pki_pending", "role", "sending", "superseded", "up"),
    )

    def __init__(self, facts: Facts) -> None:
        (
            self.phase,
            self.milestone,
            self.role,
            self.sending,
            self.exchange,
            self.up,
            self.aaa_pending,
            self.pki_pending,
            self.superseded,
            self.config_type,
            self.config_valid,
            self.initial_contact,
            self.has_interface,
        ) = facts
        self.next: dict[int, State] = {}  # by mark and certainty: four times the mark, and the rank

    @property
    def facts(self) -> Facts:
        return (
            self.phase, self.milestone, self.role, self.sending, self.exchange, self.up, self.aaa_pending,
            self.pki_pending, self.superseded, self.config_type, self.config_valid, self.initial_contact,
            self.has_interface,
        )  # fmt: skip

    def after(self, code: int, events: Sequence[Event]) -> State:
        """The state after a record of this mark and certainty that was not met in this state yet."""
        draft = Draft(Negotiation(0, _NOWHERE))
        n = draft.n
        draft.phase, n.milestone, n.role, draft.sending, draft.exchange = self.facts[:5]
        draft.aaa_pending, draft.pki_pending, draft.superseded = self.aaa_pending, self.pki_pending, self.superseded
        draft.config_type = self.config_type
        n.session_up = _SOMETHING if self.up else None
        n.config_data_valid = _SOMETHING if self.config_valid else None
        n.initial_contact = _SOMETHING if self.initial_contact else None
        certainty = CERTAINTIES[code & 3]
        for event in events:
            observe(draft, event, certainty)
            certainty = Certainty.CERTAIN
        made = facts_of(draft)
        facts = (*made[:-1], made[-1] or self.has_interface)
        found = _states.get(facts)
        if found is None:
            found = _states[facts] = State(facts)
        self.next[code] = found
        return found


def facts_of(draft: Draft) -> Facts:
    """What a state says, of a negotiation that was written down."""
    n = draft.n
    return (
        draft.phase,
        n.milestone,
        n.role,
        draft.sending,
        draft.exchange,
        n.session_up is not None,
        draft.aaa_pending,
        draft.pki_pending,
        draft.superseded,
        draft.config_type,
        n.config_data_valid is not None,
        n.initial_contact is not None,
        any(e.state == "up" for e in n.interface_events),
    )


_states: dict[Facts, State] = {}


def beginning(role: Side = Side.UNKNOWN) -> State:
    """The state of a negotiation of which nothing is known but perhaps this router's role."""
    draft = Draft(Negotiation(0, _NOWHERE))
    draft.n.role = role
    return _states.setdefault(facts_of(draft), State(facts_of(draft)))
