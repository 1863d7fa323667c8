"""What each line says about its negotiation.

Comes in: an draft, one of its events and how surely it belongs there. Goes out: facts in the draft's `Negotiation`, and
the negative data that `outcome` judges. Nothing here looks for the owner of a line or knows a configuration.
"""

from __future__ import annotations

from collections.abc import Callable

from flexlint.log import deletion, granted, outcome, packets
from flexlint.log.draft import Draft
from flexlint.log.events import Event
from flexlint.log.messages import (
    AAA_REFUSES,
    DOUBTFUL,
    NEGATIVE,
    PASSED_OR_FAILED,
    SYMPTOMS,
    same_as,
)
from flexlint.log.model import (
    KeyUse,
    Milestone,
    Phase,
    Side,
)
from flexlint.place import Certainty

Handler = Callable[[Draft, Event, Certainty], None]
STEP_LIMIT = 400  # steps kept of one negotiation


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
    "M001": packets.packet,
    "M002": packets.packet,
    "M003": packets.spis,
    "M004": packets.exchange,
    "M006": packets.payloads,
    "M008": packets.building,
    "M010": packets.retransmit,
    "M020": packets.trace,
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
    "M054": packets.behind_nat,
    "M055": packets.behind_nat,
    "M056": packets.behind_nat,
    "M059": _both(_simple("nat", "", last=True), packets.behind_nat),
    "M060": _simple("nat", "", last=True),
    "M065": granted.policies,
    "M066": granted.policies,
    "M067": granted.proposal,
    "M068": granted.proposal,
    "M069": granted.proposal,
    "M074": _simple("refused_group", "peer_group", last=True),
    "M075": _simple("refused_group", "peer_group", last=True),
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
