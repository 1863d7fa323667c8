"""How a negotiation ended, and why.

Comes in: an draft with the negative data its lines gave: faults, what followed them, and what is often harmless. Goes
out: its outcome, and its errors with the cause first. Nothing here reads a line.
"""

from __future__ import annotations

from flexlint.log.draft import Draft
from flexlint.log.events import Event
from flexlint.log.messages import (
    AAA_REFUSES,
    BY_PEER,
    DOUBTFUL,
    NEGATIVE,
    PASSED_OR_FAILED,
    REFUSALS,
    VAGUE,
    same_as,
)
from flexlint.log.model import Failure, Milestone, Outcome, Phase
from flexlint.place import Certainty

_PROOF_REFUSED = frozenset({"M128", "M151", "M155"})
KEPT = 50  # negative data kept of one negotiation


def conclude(draft: Draft) -> None:
    """Decides the outcome, and which errors are the cause, which only follow."""
    n = draft.n
    # A route of the peer arrives only over an SA that is up, even where the log does not have its beginning.
    n.doubts = _confirmed(draft)
    came_up = n.session_up is not None or n.milestone >= Milestone.IPSEC_SA
    faults, symptoms = draft.faults, draft.symptoms
    if came_up and not draft.child_refused:
        # What went wrong on the way did not keep the SA from coming up; what went wrong since did not undo it.
        up = n.session_up.line if n.session_up is not None else n.first_line
        n.profile_missing = None
        n.errors = [f for f in faults if f.seen.line > up]
        n.outcome = Outcome.DELETED if n.deleted is not None else Outcome.UP
        return
    if n.operator_action is not None and not faults:
        symptoms = []  # `clear crypto ikev2 sa` ends a negotiation with the words of a failure
    gone = draft.deleted and n.started_inside and not draft.superseded
    # A redirected client drops this SA and calls the other gateway (RFC 5685 section 3).
    aborted = bool(symptoms) or (gone and "REDIRECT" not in n.notifies_received)
    if not faults and aborted and n.operator_action is None:
        faults = _confirmed(draft)[:1] or _timeout(draft)
        if not symptoms and not faults and n.deleted is not None and n.replaced_by is None:
            faults = [Failure("M137", reached(draft), bool(n.deleted_by_peer), n.deleted)]
    cause = _cause(faults)
    if cause is not None and cause.message in VAGUE:
        told = [d for d in _confirmed(draft) if d.phase is cause.phase and d.seen.line <= cause.seen.line]
        cause, faults = (told[0], [*told, *faults]) if told else (cause, faults)
    rest = [f for f in (*faults, *symptoms) if f is not cause]
    n.errors = [*([cause] if cause else []), *sorted(rest, key=lambda f: f.seen.line)]
    if n.errors:
        n.outcome = Outcome.FAILED
    elif n.deleted is not None:
        n.outcome = Outcome.DELETED


def _cause(faults: list[Failure]) -> Failure | None:
    """The first fault, or the one after it that says the same in plainer words."""
    for fault in faults:
        if fault.message not in VAGUE or not any(
            f.phase is fault.phase and f.message not in VAGUE and not f.by_peer for f in faults
        ):
            return fault
    return None


def _confirmed(draft: Draft) -> list[Failure]:
    """Doubtful data that nothing later made harmless: a retry with the right group, a profile found after all."""
    n = draft.n
    harmless = set()
    if n.milestone >= Milestone.SA_INIT_DONE:
        harmless.add("M076")
    if n.profile is not None:
        harmless.add("M115")
    # An answer with SA and TS lifts an initiator over the milestone before it has looked at the peer's proof.
    refused = any(f.message in _PROOF_REFUSED for f in draft.faults)
    if n.milestone >= Milestone.PEER_AUTHENTICATED and not refused:
        harmless.update(("M026", "M160", "M162", "M163", "M164", "M165", "M166"))
    return [doubt for doubt in draft.doubts if doubt.message not in harmless]


def _timeout(draft: Draft) -> list[Failure]:
    """A request that was repeated and never answered, before the negotiation was given up."""
    last = draft.retransmitted
    return [Failure("M010", reached(draft), False, last)] if last is not None and draft.n.retransmits > 1 else []


def reached(draft: Draft) -> Phase:
    """The phase that the next failure belongs to, by how far the negotiation came."""
    n = draft.n
    if n.session_up is not None:
        return Phase.ESTABLISHED
    if n.milestone >= Milestone.PEER_AUTHENTICATED:
        if n.config_data_valid is not None or n.child_profile is not None:
            return Phase.CHILD_SA
        if n.authorization_asked is not None or n.authorizations:
            return Phase.AUTHORIZATION
        return Phase.CHILD_SA if draft.phase is Phase.CHILD_SA else Phase.AUTHORIZATION
    if n.identity is not None:
        return Phase.IDENTITY if n.profile is None and n.profile_missing is not None else Phase.AUTHENTICATION
    return Phase.SA_INIT if n.milestone < Milestone.SA_INIT_DONE else Phase.AUTHENTICATION


def negative(draft: Draft, event: Event, certainty: Certainty) -> None:
    """Notes a message of NEGATIVE, in the phase that its place in the negotiation gives it."""
    n, message = draft.n, same_as.get(event.message, event.message)
    phase = NEGATIVE[message]
    if message == "M116":
        phase = Phase.IDENTITY if n.identity is not None and n.profile is None else reached(draft)
    elif message in ("M070", "M071", "M073"):
        later = draft.policies_of == "ESP" or draft.exchange in ("IKE_AUTH", "CREATE_CHILD_SA")
        phase = Phase.CHILD_SA if later or n.milestone >= Milestone.PEER_AUTHENTICATED else Phase.SA_INIT
    elif phase is None:
        phase = reached(draft)
    elif phase is Phase.AUTHENTICATION and message in ("M130", "M132", "M154") and draft.faults:
        phase = draft.faults[0].phase
    add_fault(draft, Failure(message, phase, message in BY_PEER, draft.seen(event.text, event, certainty)))


def symptom(draft: Draft, event: Event, certainty: Certainty) -> None:
    """Notes what a router does because something failed before."""
    message, phase = same_as.get(event.message, event.message), reached(draft)
    if phase is Phase.SA_INIT and message == "M133":
        phase = Phase.AUTHENTICATION  # it is IKE_AUTH that failed, wherever the log begins
    if len(draft.symptoms) < KEPT:
        draft.symptoms.append(Failure(message, phase, False, draft.seen(event.text, event, certainty)))


def doubtful(draft: Draft, event: Event, certainty: Certainty) -> None:
    """Notes what is harmless unless a failure follows."""
    message = same_as.get(event.message, event.message)
    if message in AAA_REFUSES and event.fields.get("result") not in REFUSALS:
        return
    if len(draft.doubts) < KEPT:
        phase = DOUBTFUL.get(message) or reached(draft)
        draft.doubts.append(Failure(message, phase, False, draft.seen(event.text, event, certainty)))


def result(draft: Draft, event: Event, certainty: Certainty) -> None:
    """Notes a step of which the log says that it failed."""
    if event.fields.get("result") == "FAILED":
        phase = PASSED_OR_FAILED[event.message]
        add_fault(draft, Failure(event.message, phase, False, draft.seen(event.text, event, certainty)))


def add_fault(draft: Draft, failure: Failure) -> None:
    """Notes what is negative by itself, once for each message and phase."""
    if failure.phase is Phase.CHILD_SA and draft.n.milestone < Milestone.IPSEC_SA:
        draft.child_refused = True
    if len(draft.faults) < KEPT and not any(
        f.message == failure.message and f.phase is failure.phase for f in draft.faults
    ):
        draft.faults.append(failure)
