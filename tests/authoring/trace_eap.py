"""What a responder prints of a user who calls by EAP: its own certificate first, then the user, then the session.

Comes in: a `Site`, a `Peer` whose method is EAP and the `Course` between them. Goes out: `Said`, as in `trace`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from authoring.course import Course, Peer
from authoring.site import Site
from authoring.trace import Ids, Said, Talk, respond_trace


def eap_trace(
    site: Site, peer: Peer, course: Course, ids: Ids, radius: tuple[str, ...] = (), verdict: bool = True
) -> Iterator[Said]:
    """`radius` are lines of another debug between request and answer; `verdict`: whether the user is let in."""
    talk, profile = Talk(site, peer, course, ids), course.profile
    opening = takewhile(lambda said: said.text != "Verify peer's policy", respond_trace(site, peer, course, ids))
    yield from (said._replace(text=said.text.replace("IDi AUTH ", "IDi CERTREQ ")) for said in opening)
    yield Said("S", "Verify peer's policy")
    yield Said("S", "Peer's policy verified")
    yield Said("S", "Check for EAP exchange")
    yield from talk.sign()
    yield Said("S", "Generating IKE_AUTH message")
    yield Said("S", f"Constructing IDr payload: '{course.own_id[0]}' of type '{course.own_id[1]}'")
    yield from talk.encrypted("IKE_AUTH", "RESPONSE", 1, "VID IDr CERT AUTH EAP")
    yield from talk.received("IKE_AUTH", "REQUEST", 2, "EAP")
    yield Said("S", "Processing EAP response")
    if profile is not None and profile.eap_list:
        yield Said("-", f"Use authen method list {profile.eap_list}")
    yield Said("A", "[IKEv2 -> AAA] Authentication request sent", True)
    yield from (Said("%", line) for line in radius)
    yield Said("A", "[AAA -> IKEv2] Received AAA authentication response")
    if not verdict:
        yield from talk.auth_failed()
        return
    yield Said("S", "Generating EAP request")
    yield from talk.encrypted("IKE_AUTH", "RESPONSE", 2, "EAP")
    yield from talk.received("IKE_AUTH", "REQUEST", 3, "AUTH")
    yield Said("S", "Get peer's authentication method")
    yield Said("S", "Peer's authentication method is 'EAP'")
    yield Said("S", "Verify peer's authentication data")
    yield Said("S", "Verification of peer's authentication data PASSED")
    yield from talk.authorize()
    yield from talk.clone_and_validate()
    yield from talk.reply()
    yield from talk.esp_proposal()
    yield from talk.encrypted("IKE_AUTH", "RESPONSE", 3, "AUTH CFG SA TSi TSr")
    yield from talk.up()
    yield from talk.keyed()
    yield Said("%", f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {talk.interface}, changed state to up")
