"""What the lines of packets say: between whom, which exchange, whose request, its payloads and notifies; and NAT.

Comes in: an draft, one of its events and how surely it belongs there. Goes out: facts in the draft's `Negotiation`.
Nothing here looks for the owner of a line.
"""

from __future__ import annotations

from flexlint.log import deletion
from flexlint.log.draft import Draft
from flexlint.log.events import Event
from flexlint.log.messages import ERROR_NOTIFIES
from flexlint.log.model import Failure, Milestone, Phase, Side
from flexlint.log.outcome import add_fault, reached
from flexlint.place import Certainty

LIST_LIMIT = 1000  # notifies kept of one negotiation
_INITIAL = ("IKE_SA_INIT", "IKE_AUTH")


def packet(e: Draft, v: Event, c: Certainty) -> None:
    n, f = e.n, v.fields
    e.sending = v.message == "M002"
    e.building = False
    if not e.sending:
        n.unanswered = 0
    e.policies = ""
    if n.peer is None:
        n.peer = e.seen(f["peer"], v, c)
        n.local = e.seen(f["local"], v, c)
        n.ivrf_id, n.fvrf_id = e.seen(f["ivrf"], v, c), e.seen(f["fvrf"], v, c)
    if n.peer_port is None or n.peer_port != f["peer_port"]:
        n.peer_port = e.seen(f["peer_port"], v, c)
    e.reach(Milestone.FIRST_PACKET, v, c)


def spis(e: Draft, v: Event, c: Certainty) -> None:
    e.message_id = v.fields["message_id"]


def exchange(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    e.exchange = v.fields["exchange"]
    request = v.fields["direction"] == "REQUEST"
    deletion.message(e, request)
    verb = v.fields.get("verb")
    if verb:  # the event trace says it all in one line
        e.sending = verb == "Sending"
        e.reach(Milestone.FIRST_PACKET, v, c)
    if e.exchange in _INITIAL and e.sending is not None and n.role is Side.UNKNOWN:
        n.role = Side.INITIATOR if e.sending == request else Side.RESPONDER
    if e.exchange == "IKE_SA_INIT" and request:
        n.started_inside = True
    elif e.exchange == "CREATE_CHILD_SA" and request:
        n.child_rekeys += 1


def payloads(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    if "TSr" in v.text and "IDr" in v.text and "IDi" not in v.text and not _refuses(v.text):
        e.reach(Milestone.CHILD_ACCEPTED, v, c)  # RFC 7296 section 1.2: SA and TS in the response
    if "DELETE" in v.text:
        deletion.payloads(e, v.text)
    if "NOTIFY(" not in v.text:
        return
    notifies = n.notifies_sent if e.sending else n.notifies_received
    for part in v.text.split("NOTIFY(")[1:]:
        name = part.partition(")")[0]
        if len(notifies) < LIST_LIMIT:
            notifies.append(e.seen(name, v, c))
        if name == "INITIAL_CONTACT" and n.initial_contact is None:
            n.initial_contact = e.seen(name, v, c)
        if name not in ERROR_NOTIFIES:
            continue
        phase = ERROR_NOTIFIES[name]
        if phase is None:
            phase = Phase.SA_INIT if e.exchange == "IKE_SA_INIT" else reached(e)
            if name == "NO_PROPOSAL_CHOSEN" and e.exchange in ("IKE_AUTH", "CREATE_CHILD_SA"):
                phase = Phase.CHILD_SA
        failure = Failure("M310", phase, not e.sending, e.seen(f"NOTIFY({name})", v, c))
        if e.sending:
            e.symptoms.append(failure)
            del e.symptoms[50:]
        else:
            add_fault(e, failure)


def _refuses(payloads: str) -> bool:
    return "NOTIFY(" in payloads and any(f"NOTIFY({name})" in payloads for name in ERROR_NOTIFIES)


def building(e: Draft, v: Event, c: Certainty) -> None:
    e.sending = e.building = True
    if v.text.startswith("Building") and e.exchange == "IKE_SA_INIT" and e.n.milestone >= Milestone.SA_INIT_DONE:
        e.exchange = "IKE_AUTH"


def retransmit(e: Draft, v: Event, c: Certainty) -> None:
    e.n.retransmits += 1
    e.n.unanswered += 1
    e.retransmitted = e.seen(v.text, v, c)


def trace(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    state = v.fields["state"]
    if n.role is Side.UNKNOWN and not state.startswith(("INFO", "DELETE", "EXIT", "CHILD")):
        n.role = Side.INITIATOR if v.fields["role"] == "I" else Side.RESPONDER
    spi = v.fields["initiator_spi"].upper()
    if n.initiator_spi is None:
        n.initiator_spi = e.seen(spi, v, c)


def behind_nat(e: Draft, v: Event, c: Certainty) -> None:
    """The address that did not match, or the side of NAT where this router is (RFC 7296 section 2.23)."""
    result, known = v.fields["result"].lower(), e.n.behind_nat
    if result in ("inside", "outside"):
        end = "router" if result == "inside" else "peer"
    elif result == "not matched":
        end = "router" if v.message == "M055" else "peer"
    else:
        return
    if known is None or known not in ("both", end):
        e.n.behind_nat = e.seen(end if known is None else "both", v, c)
