"""What a negotiation is given and what is compared in it: authorization, configuration payloads, routes, interfaces,
proposals.

Comes in: an draft, one of its events and how surely it belongs there. Goes out: facts in the draft's `Negotiation`.
Nothing here looks for the owner of a line.
"""

from __future__ import annotations

from flexlint.log.draft import Draft
from flexlint.log.events import Event
from flexlint.log.model import Attribute, AuthorizationSeen, InterfaceEvent, Milestone, Phase, RouteSeen, Side
from flexlint.log.outcome import negative
from flexlint.log.transforms import esp_line, ike_line, labelled, policy_list
from flexlint.place import Certainty

LIST_LIMIT = 1000  # attributes, routes or interface changes kept of one negotiation


def authorization(e: Draft, v: Event, c: Certainty) -> None:
    e.phase = Phase.AUTHORIZATION
    scope = "group" if v.message == "M182" else "user"
    if len(e.n.authorizations) < 20:
        e.n.authorizations.append(
            AuthorizationSeen(scope, e.seen(v.fields["list"], v, c), e.seen(v.fields["name"], v, c))
        )


def asked(e: Draft, v: Event, c: Certainty) -> None:
    e.aaa_pending = True
    if v.message == "M184":
        e.n.authorization_asked = e.n.authorization_asked or e.seen(v.text, v, c)
        if e.n.milestone < Milestone.SESSION_UP:
            e.phase = Phase.AUTHORIZATION


def answered(e: Draft, v: Event, c: Certainty) -> None:
    e.aaa_pending = False
    if v.message == "M185":
        e.n.authorization_answered = e.n.authorization_answered or e.seen(v.text, v, c)
        if e.n.milestone >= Milestone.PEER_AUTHENTICATED:
            e.reach(Milestone.AUTHORIZED, v, c)


def verdict(e: Draft, v: Event, c: Certainty) -> None:
    result = v.fields.get("result", "")
    for word in ("Accept", "Reject", "PASS", "FAIL", "ERROR"):
        if word in result:
            e.n.aaa_verdict = e.seen(word, v, c)


def config_header(e: Draft, v: Event, c: Certainty) -> None:
    e.config_sent = v.message == "M092"
    e.config_header = v.line


def config_type(e: Draft, v: Event, c: Certainty) -> None:
    kind = e.config_type = v.fields["config_type"]
    role = e.n.role
    if kind in ("request", "reply") and role is not Side.UNKNOWN:
        e.config_sent = (role is Side.INITIATOR) == (kind == "request")
    elif e.config_header + 5 < v.line:
        e.config_sent = None
    if e.n.milestone < Milestone.SESSION_UP and kind in ("request", "reply") and e.n.config_data_valid is not None:
        e.phase = Phase.CONFIG_MODE


def attribute(e: Draft, v: Event, c: Certainty) -> None:
    if len(e.n.attributes) < LIST_LIMIT:
        value = e.seen(v.fields.get("value", "").strip(), v, c)
        e.n.attributes.append(Attribute(e.config_type, e.config_sent, v.fields["name"], value))


def route(e: Draft, v: Event, c: Certainty) -> None:
    n, f = e.n, v.fields
    interface = e.seen(f["interface"], v, c)
    if len(n.routes) < LIST_LIMIT:
        n.routes.append(
            RouteSeen(
                e.seen(f["network"], v, c),
                e.seen(f["mask"], v, c),
                interface,
                e.seen(f["vrf"], v, c),
                v.message == "M221",
            )
        )
    if v.message != "M221" or c is Certainty.LOW:
        return
    e.reach(Milestone.ROUTES, v, c)
    if n.virtual_access is None or n.virtual_access.certainty is not Certainty.CERTAIN:
        n.virtual_access = interface


def interface(e: Draft, v: Event, c: Certainty) -> None:
    state = v.fields.get("state", "down")
    others = e.shared_with if c is Certainty.LOW else ()
    name = e.seen(v.fields["interface"], v, c)
    if len(e.n.interface_events) < LIST_LIMIT:
        e.n.interface_events.append(InterfaceEvent(name, state, others))
    if state == "up" and c is not Certainty.LOW:
        if e.n.milestone >= Milestone.CHILD_ACCEPTED:
            e.reach(Milestone.INTERFACE_UP, v, c)
        if e.n.virtual_access is None and name.startswith("Virtual-Access"):
            e.n.virtual_access = name


# -- proposals -------------------------------------------------------------------------------------------------------


def policies(e: Draft, v: Event, c: Certainty) -> None:
    e.policies = "received" if v.message == "M065" else "expected"
    if v.message == "M065":
        e.policies_of = "IKE"  # until the list turns out to be of ESP
    e.expecting = e.seen(v.text, v, c) if v.message == "M066" else None
    if e.expecting is not None:
        e.n.expected_empty = e.n.expected_empty or e.expecting
    error = v.fields.get("error", "")
    if "Failed to find a matching policy" in error and "ESP" not in v.raw:
        negative(e, v._replace(message="M070", text=error), c)


def proposal(e: Draft, v: Event, c: Certainty) -> None:
    n = e.n
    seen = e.seen(v.text, v, c)
    number = int(v.fields["number"][:9])
    text = v.fields["transforms"]
    protocol = "ESP" if v.message == "M069" else "IKE"
    e.policies_of = protocol
    found = (
        labelled(protocol, number, text, seen) if "ENCRYPTION:" in text else policy_list(protocol, number, text, seen)
    )
    into = n.expected if e.policies == "expected" else n.received
    if e.policies == "expected":
        n.expected_empty = None
    if len(into) < 50:
        into.append(found)
    if protocol == "ESP" and "Failed to find a matching policy" in v.raw:
        negative(e, v._replace(message="M070", text="Failed to find a matching policy"), c)


def own_proposal(e: Draft, v: Event, c: Certainty) -> None:
    e.proposal = ("IKE" if v.message == "M044" else "ESP", v.fields["number"])


def own_transforms(e: Draft, v: Event, c: Certainty) -> None:
    protocol, number = e.proposal
    if not protocol:
        return
    seen = e.seen(v.text, v, c)
    if protocol == "IKE" and len(e.n.offered_ike) < 50:
        e.n.offered_ike.append(ike_line(int(number[:9]), v.text, seen))
    elif protocol == "ESP" and len(e.n.offered_esp) < 50:
        e.n.offered_esp.append(esp_line(int(number[:9]), v.text, seen))
    e.proposal = ("", "")
