"""What each line says about its negotiation.

Comes in: an draft, one of its events and how surely it belongs there. Goes out: facts in the draft's `Negotiation`, and
the negative data that `outcome` judges. Nothing here looks for the owner of a line or knows a configuration.
"""

from __future__ import annotations

from collections.abc import Callable

from flexlint.log import deletion, granted, outcome
from flexlint.log.draft import Draft
from flexlint.log.events import Event
from flexlint.log.messages import (
    AAA_REFUSES,
    DOUBTFUL,
    ERROR_NOTIFIES,
    NEGATIVE,
    PASSED_OR_FAILED,
    SYMPTOMS,
    same_as,
)
from flexlint.log.model import (
    Failure,
    KeyUse,
    Milestone,
    Phase,
    Side,
)
from flexlint.log.outcome import add_fault, reached
from flexlint.place import Certainty

Handler = Callable[[Draft, Event, Certainty], None]
STEP_LIMIT = 400  # steps kept of one negotiation
LIST_LIMIT = 1000  # attributes, routes or notifies kept of one negotiation
_INITIAL = ("IKE_SA_INIT", "IKE_AUTH")


def observe(draft: Draft, event: Event, certainty: Certainty) -> None:
    """Takes one event into its negotiation."""
    message = event[0]
    if message in _ACTS:
        _ACTS[message](draft, event, certainty)
    footprints = draft.n.footprints
    if len(footprints) < STEP_LIMIT:
        footprints.append((event, draft.phase, certainty))
    else:
        draft.n.steps_dropped += 1


# -- packets ---------------------------------------------------------------------------------------------------------


def _packet(e: Draft, v: Event, c: Certainty) -> None:
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


def _spis(e: Draft, v: Event, c: Certainty) -> None:
    e.message_id = v.fields["message_id"]


def _exchange(e: Draft, v: Event, c: Certainty) -> None:
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


def _payloads(e: Draft, v: Event, c: Certainty) -> None:
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


def _building(e: Draft, v: Event, c: Certainty) -> None:
    e.sending = e.building = True
    if v.text.startswith("Building") and e.exchange == "IKE_SA_INIT" and e.n.milestone >= Milestone.SA_INIT_DONE:
        e.exchange = "IKE_AUTH"


def _retransmit(e: Draft, v: Event, c: Certainty) -> None:
    e.n.retransmits += 1
    e.n.unanswered += 1
    e.retransmitted = e.seen(v.text, v, c)


def _trace(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    state = v.fields["state"]
    if n.role is Side.UNKNOWN and not state.startswith(("INFO", "DELETE", "EXIT", "CHILD")):
        n.role = Side.INITIATOR if v.fields["role"] == "I" else Side.RESPONDER
    spi = v.fields["initiator_spi"].upper()
    if n.initiator_spi is None:
        n.initiator_spi = e.seen(spi, v, c)


# -- choices of this router ------------------------------------------------------------------------------------------


def _simple(attribute: str, field: str, phase: Phase | None = None, last: bool = False) -> Handler:
    """A handler that keeps one field of a message; the first one seen, or with `last` the newest."""

    def keep(e: Draft, v: Event, c: Certainty) -> None:
        if phase is not None and e.n.milestone < Milestone.SESSION_UP:
            e.phase = phase
        value = v.fields.get(field) if field else v.text
        known = getattr(e.n, attribute)
        if value and (known is None or (last and known != value)):
            setattr(e.n, attribute, e.seen(value, v, c))

    return keep


def _search(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    e.phase = Phase.IDENTITY
    e.reach(Milestone.SA_INIT_DONE, v, c)  # the identity comes with IKE_AUTH only
    n.identity = e.seen(v.fields["identity"], v, c)
    n.identity_type = e.seen(v.fields["identity_type"], v, c)
    n.profile_missing = None
    if n.role is Side.RESPONDER:
        n.keyring = n.peer_block = None


def _no_profile(e: Draft, v: Event, c: Certainty) -> None:
    if e.phase is Phase.IDENTITY and e.n.profile is None:
        e.n.profile_missing = e.seen(v.text, v, c)


def _own_identity(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    n.own_identity = e.seen(v.fields["identity"], v, c)
    n.own_identity_type = e.seen(v.fields["identity_type"], v, c)
    if n.role is Side.UNKNOWN:
        n.role = Side.INITIATOR if v.message == "M104" else Side.RESPONDER


def _generates(e: Draft, v: Event, c: Certainty) -> None:
    e.key_is_own = True


def _verifies(e: Draft, v: Event, c: Certainty) -> None:
    e.key_is_own = False
    e.reach(Milestone.SA_INIT_DONE, v, c)
    e.phase = Phase.AUTHENTICATION


def _key(e: Draft, v: Event, c: Certainty) -> None:
    own = e.key_is_own
    identity = v.fields["identity"]
    if own is None and e.n.identity is not None:
        own = None if identity == e.n.own_identity == e.n.identity else identity != e.n.identity
    if len(e.n.keys) < 20:
        e.n.keys.append(KeyUse(e.seen(identity, v, c), e.seen(v.fields["key_length"], v, c), own))


def _peer_key(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    # This router looks for its own key too, under its own name.
    if n.identity is not None and v.fields["identity"] not in (n.identity, n.own_identity) and not n.keys:
        n.other_identity = e.seen(v.fields["identity"], v, c)


def _method(e: Draft, v: Event, c: Certainty) -> None:
    e.phase = Phase.AUTHENTICATION
    e.reach(Milestone.SA_INIT_DONE, v, c)  # it comes with IKE_AUTH only
    e.n.peer_method = e.seen(v.fields["method"], v, c)
    e.pki_pending = v.fields["method"] not in ("PSK", "EAP", "AnyConnect EAP")


def _validates(e: Draft, v: Event, c: Certainty) -> None:
    e.phase = Phase.AUTHENTICATION
    e.reach(Milestone.SA_INIT_DONE, v, c)
    e.pki_pending = True


def _milestone(milestone: Milestone, phase: Phase | None, attribute: str = "") -> Handler:
    def reach(e: Draft, v: Event, c: Certainty) -> None:
        if v.fields.get("result") == "FAILED":
            return
        if attribute and getattr(e.n, attribute) is None:
            setattr(e.n, attribute, e.seen(v.text, v, c))
        e.reach(milestone, v, c)
        if phase is not None:
            e.phase = phase

    return reach


def _authenticated(e: Draft, v: Event, c: Certainty) -> None:
    e.reach(Milestone.PEER_AUTHENTICATED, v, c)
    e.key_is_own, e.pki_pending = None, False


# -- up and down -----------------------------------------------------------------------------------------------------


def _validation(e: Draft, v: Event, c: Certainty) -> None:
    if e.n.milestone < Milestone.SESSION_UP:
        e.phase = Phase.CHILD_SA
    if v.fields["result"] == "PASSED":
        e.reach(Milestone.CHILD_ACCEPTED, v, c)


def _ipsec_sa(e: Draft, v: Event, c: Certainty) -> None:
    if v.fields.get("result") != "FAILED":
        if not any(f.by_peer for f in e.faults):  # one proposal may fail before another fits; the peer's no is final
            e.child_refused = False
        e.reach(Milestone.IPSEC_SA, v, c)


def _session_status(e: Draft, v: Event, c: Certainty) -> None:
    if v.fields["state"] == "UP" and c is Certainty.MEDIUM:  # of the only negotiation with this peer
        e.reach(Milestone.IPSEC_SA, v, c)


def _child_profile(e: Draft, v: Event, c: Certainty) -> None:
    e.n.child_profile = e.n.child_profile or e.seen(v.fields["profile"], v, c)
    if e.n.milestone < Milestone.SESSION_UP:
        e.phase = Phase.CHILD_SA


def _up(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    if n.session_up is None:
        n.session_up, n.up_clock = e.seen(v.text, v, c), v.clock
    e.reach(Milestone.SESSION_UP, v, c)
    e.phase = Phase.ESTABLISHED
    if n.identity is None:
        n.identity = e.seen(v.fields["peer_identity"], v, c)
    if n.own_identity is None:
        n.own_identity = e.seen(v.fields["own_identity"], v, c)


def _interface_of_peer(e: Draft, v: Event, c: Certainty) -> None:
    name = v.fields["interface"]
    if c is Certainty.MEDIUM and e.n.virtual_access is None and name.startswith("Vi"):  # of the only one with this peer
        full = "Virtual-Access" + name.removeprefix("Virtual-Access").removeprefix("Vi")
        e.n.virtual_access = e.seen(full, v, c)


def _existing(e: Draft, v: Event, c: Certainty) -> None:
    e.superseded = True


def _dh(e: Draft, v: Event, c: Certainty) -> None:
    if e.n.dh_group is None or e.n.milestone < Milestone.SA_INIT_DONE:
        e.n.dh_group = e.seen(v.fields["group"], v, c)


def _behind_nat(e: Draft, v: Event, c: Certainty) -> None:
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


def _trustpoints(e: Draft, v: Event, c: Certainty) -> None:
    for part in v.fields.get("trustpoints", "").split("'"):
        if part.strip(" ,") and len(e.n.trustpoints) < 50:
            e.n.trustpoints.append(e.seen(part.strip(), v, c))


def _both(first: Handler, then: Handler) -> Handler:
    def act(e: Draft, v: Event, c: Certainty) -> None:
        first(e, v, c)
        then(e, v, c)

    return act


_HANDLERS: dict[str, Handler] = {
    "M001": _packet,
    "M002": _packet,
    "M003": _spis,
    "M004": _exchange,
    "M006": _payloads,
    "M008": _building,
    "M010": _retransmit,
    "M020": _trace,
    "M023": _simple("keyring", "keyring", last=True),
    "M025": _simple("peer_block", "peer_block", last=True),
    "M027": _simple("fvrf_id", "fvrf"),
    "M028": _simple("default_policy", ""),
    "M029": _simple("policy", "policy", last=True),
    "M031": _simple("profile", "profile"),
    "M037": _dh,
    "M044": granted.own_proposal,
    "M046": granted.own_transforms,
    "M058": _simple("nat", ""),
    "M054": _behind_nat,
    "M055": _behind_nat,
    "M056": _behind_nat,
    "M059": _both(_simple("nat", "", last=True), _behind_nat),
    "M060": _simple("nat", "", last=True),
    "M065": granted.policies,
    "M066": granted.policies,
    "M067": granted.proposal,
    "M068": granted.proposal,
    "M069": granted.proposal,
    "M084": _milestone(Milestone.SA_INIT_DONE, Phase.AUTHENTICATION),
    "M092": granted.config_header,
    "M093": granted.config_type,
    "M094": granted.attribute,
    "M097": _generates,
    "M098": _key,
    "M102": _simple("own_method", "method", last=True),
    "M104": _own_identity,
    "M105": _own_identity,
    "M106": granted.own_proposal,
    "M107": granted.own_transforms,
    "M111": _search,
    "M112": _simple("profile", "profile", last=True),
    "M113": _simple("profile", "profile", last=True),
    "M115": _no_profile,
    "M114": _no_profile,
    "M122": _method,
    "M124": _peer_key,
    "M125": _verifies,
    "M126": _authenticated,
    "M135": _simple("initial_contact", ""),
    "M137": deletion.deleted,
    "M139": _trustpoints,
    "M150": _validates,
    "M169": _simple("authentication_list", "list"),
    "M171": granted.asked,
    "M172": granted.answered,
    "M178": _simple("username", "user"),
    "M179": _simple("authentication_list", "list"),
    "M182": granted.authorization,
    "M183": granted.authorization,
    "M184": granted.asked,
    "M185": granted.answered,
    "M188": _milestone(Milestone.AUTHORIZED, Phase.CONFIG_MODE, "config_data_valid"),
    "M195": granted.verdict,
    "M196": granted.verdict,
    "M203": granted.verdict,
    "M209": granted.config_header,
    "M221": granted.route,
    "M222": granted.route,
    "M224": granted.interface,
    "M225": granted.interface,
    "M226": granted.interface,
    "M231": _interface_of_peer,
    "M234": _simple("child_profile", "none", Phase.CHILD_SA),
    "M235": _child_profile,
    "M236": _validation,
    "M250": _ipsec_sa,
    "M254": _milestone(Milestone.IPSEC_SA, None),
    "M256": _ipsec_sa,
    "M262": _simple("lifetime", "seconds"),
    "M263": _up,
    "M266": _simple("dpd", "seconds"),
    "M272": _session_status,
    "M281": deletion.announced,
    "M282": deletion.asked,
    "M283": deletion.asked,
    "M284": deletion.asked,
    "M285": deletion.asked,
    "M288": _existing,
}


def _acts() -> dict[str, Handler]:
    """What is done at each message: its fact first, then what it means for the outcome."""
    acts = dict(_HANDLERS)
    for group, handler in (
        (NEGATIVE, outcome.negative),
        (SYMPTOMS, outcome.symptom),
        ((*DOUBTFUL, *AAA_REFUSES), outcome.doubtful),
        (PASSED_OR_FAILED, outcome.result),
    ):
        for message in group:
            acts[message] = _both(acts[message], handler) if message in acts else handler
    for message, original in same_as.items():
        if original in acts:
            acts[message] = acts[original]
    return acts


_ACTS = _acts()
