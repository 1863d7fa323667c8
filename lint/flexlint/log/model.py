"""The typed model of a log: negotiations and what was observed in each, and the coverage of the whole log.

Comes in: events (`negotiations.py` builds these objects). Goes out: `Negotiation` and `Coverage`. Nothing here reads
text or knows a configuration. Every observed value is a `Seen`: it carries its line and how surely it belongs here.
"""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from flexlint.fact import fact
from flexlint.pattern import pattern
from flexlint.place import Certainty, Origin, Place, Role, Seen

if TYPE_CHECKING:
    from flexlint.log.events import Event
    from flexlint.log.shelved import Shelved


_NUMBER = pattern(r"(?<=\bnegotiation )\d+")


class Side(StrEnum):
    """Which end of the IKE SA this router is (RFC 7296: original initiator or responder)."""

    INITIATOR = "initiator"
    RESPONDER = "responder"
    UNKNOWN = "unknown"


class Milestone(IntEnum):
    """How far a negotiation came. SESSION_UP alone never means that the tunnel works: the child SA may be refused."""

    NONE = -1
    FIRST_PACKET = 0
    SA_INIT_DONE = 1
    PEER_AUTHENTICATED = 2
    AUTHORIZED = 3  # the answer came; only what follows shows whether it was a yes
    SESSION_UP = 4
    CHILD_ACCEPTED = 5
    IPSEC_SA = 6
    INTERFACE_UP = 7
    ROUTES = 8


class Outcome(StrEnum):
    UP = "up"
    FAILED = "failed"
    DELETED = "deleted"
    INCOMPLETE = "incomplete"  # the log ends, or is an excerpt, before it was decided


class Phase(StrEnum):
    """The phase of a negotiation in which something happened."""

    SA_INIT = "IKE_SA_INIT"
    IDENTITY = "profile selection"
    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    CONFIG_MODE = "config mode"
    CHILD_SA = "child SA"
    ESTABLISHED = "established"
    DELETE = "delete"


class Step(NamedTuple):
    """One recognised event of a negotiation, as the timeline shows it."""

    line: int
    clock: str  # time of day as the log prints it, without the mark; empty when the line has none
    message: str  # id in the message catalogue, e.g. M112
    phase: str
    polarity: str  # "+", "-", "0"
    text: str  # the message text without its tag and ids
    certainty: str  # Certainty of the attribution


class Failure(NamedTuple):
    """The first negative datum of a negotiation."""

    message: str  # catalogue id
    phase: Phase
    by_peer: bool  # true when it is the peer that refused (an error notify received)
    seen: Seen  # the text of the error, on its line


class AuthorizationSeen(NamedTuple):
    """`Using mlist L and username U for group|user author request`. Both words come from this router (V1)."""

    scope: str  # "group" or "user"
    list: Seen
    name: Seen


class Attribute(NamedTuple):
    """One config-mode attribute. `sent` is true for `Config data to send`."""

    config_type: str  # request, reply, set, ack; empty when the header line is missing
    sent: bool | None  # None when the header was omitted and the type does not decide
    name: str  # ipv4-addr, ipv4-subnet ...
    value: Seen  # empty for `length: 0`


class RouteSeen(NamedTuple):
    network: Seen
    mask: Seen
    interface: Seen
    vrf: Seen  # "global" or the VRF's name
    added: bool


class Transforms(NamedTuple):
    """One proposal of a `Received Policies` / `Expected Policies` list."""

    protocol: str  # "IKE" or "ESP"
    number: int
    encryption: tuple[str, ...]
    prf: tuple[str, ...]
    integrity: tuple[str, ...]
    group: tuple[str, ...]  # group numbers
    seen: Seen


class KeyUse(NamedTuple):
    """`Use preshared key for id I, key len N`: N is the length of the clear key in bytes."""

    identity: Seen
    length: Seen
    own: bool | None  # True when it signed our AUTH, False when it verified the peer's, None unknown


class InterfaceEvent(NamedTuple):
    name: Seen
    state: str  # up, down
    ambiguous: tuple[int, ...]  # ids of the negotiations it may belong to, when more than one


@fact
class Negotiation:
    """All events of one IKE SA attempt (an epoch). Ids count from 1 in the order of first appearance in the log."""

    id: int
    origin: Origin
    session: str = ""
    sa: str = ""
    initiator_spi: Seen | None = None
    responder_spi: Seen | None = None
    device: str = ""  # origin name of the router in the relay's header, when the file has several
    role: Side = Side.UNKNOWN
    peer: Seen | None = None
    peer_port: Seen | None = None
    local: Seen | None = None
    ivrf_id: Seen | None = None  # table ids of `VRF i0:f0`; 0 is the global VRF
    fvrf_id: Seen | None = None
    identity: Seen | None = None  # the peer's identity as searched
    identity_type: Seen | None = None  # as printed: 'IPv4 address', 'FQDN', 'DER ASN1 DN', 'key ID' ...
    own_identity: Seen | None = None  # from Constructing IDi/IDr
    own_identity_type: Seen | None = None
    profile: Seen | None = None
    profile_missing: Seen | None = None  # `% IKEv2 profile not found`
    keyring: Seen | None = None
    peer_block: Seen | None = None
    policy: Seen | None = None
    default_policy: Seen | None = None  # `Using the Default Policy for Proposal`
    peer_method: Seen | None = None  # PSK, RSA, ECDSA, EAP, AnyConnect EAP ... as printed
    own_method: Seen | None = None
    keys: list[KeyUse] = field(default_factory=list)
    authorizations: list[AuthorizationSeen] = field(default_factory=list)
    authorization_asked: Seen | None = None  # [IKEv2 -> AAA] Authorisation request sent
    authorization_answered: Seen | None = None  # [AAA -> IKEv2] Received AAA authorisation response
    config_data_valid: Seen | None = None  # Received valid config mode data
    attributes: list[Attribute] = field(default_factory=list)
    routes: list[RouteSeen] = field(default_factory=list)
    virtual_access: Seen | None = None
    interface_events: list[InterfaceEvent] = field(default_factory=list)
    received: list[Transforms] = field(default_factory=list)
    expected: list[Transforms] = field(default_factory=list)
    expected_empty: Seen | None = None  # `Expected Policies:` with nothing after it
    offered_esp: list[Transforms] = field(default_factory=list)  # our own `ESP Proposal`
    offered_ike: list[Transforms] = field(default_factory=list)  # our own `IKE Proposal` (key lengths are not printed)
    child_profile: Seen | None = None  # IPSec policy validate request sent for profile P
    notifies_sent: list[Seen] = field(default_factory=list)
    notifies_received: list[Seen] = field(default_factory=list)
    lifetime: Seen | None = None  # seconds
    dpd: Seen | None = None  # seconds
    retransmits: int = 0
    unanswered: int = 0  # those since the last packet from the peer
    nat: Seen | None = None
    behind_nat: Seen | None = None  # router, peer, both: which end is, where the log says so
    initial_contact: Seen | None = None
    session_up: Seen | None = None
    deleted: Seen | None = None
    deleted_by_peer: bool | None = None
    operator_action: Seen | None = None  # `clear crypto ...`, a configuration change: explains a deletion
    errors: list[Failure] = field(default_factory=list)  # in order; the first is the cause, the rest are symptoms
    doubts: list[Failure] = field(default_factory=list)  # what is often harmless, and here nothing made harmless
    milestone: Milestone = Milestone.NONE
    milestone_seen: Seen | None = None
    started_inside: bool = False  # its first IKE_SA_INIT packet is in the log: absence of a step means something
    outcome: Outcome = Outcome.INCOMPLETE
    footprints: list[tuple[Event, Phase, Certainty]] = field(default_factory=list)  # `steps` makes steps of them
    steps_dropped: int = 0  # steps beyond the limit kept
    ambiguities: list[str] = field(default_factory=list)
    first_line: int = 0
    last_line: int = 0
    first_clock: str = ""
    last_clock: str = ""
    first_text: str = ""
    dh_group: Seen | None = None  # number of the group of our first DH computation: offered (initiator) or chosen
    refused_group: Seen | None = None  # of INVALID_KE_PAYLOAD: what the peer wants (initiator) or sent (responder)
    trustpoints: list[Seen] = field(default_factory=list)
    authentication_list: Seen | None = None  # method list of EAP or AnyConnect EAP
    username: Seen | None = None
    aaa_verdict: Seen | None = None  # Accept, Reject, PASS, FAIL ... of the AAA debug, when it is on
    replaced_by: int | None = None  # id of the negotiation whose INITIAL_CONTACT probably deleted this one
    up_clock: str = ""  # when the session came up, and when the peer deleted it
    end_clock: str = ""
    other_identity: Seen | None = None  # whose key was taken, where it is not the identity that was searched
    child_rekeys: int = 0  # CREATE_CHILD_SA exchanges seen

    @property
    def steps(self) -> list[Step]:
        """The timeline, made anew at each call: what happened, in the order of the log."""
        from flexlint.log.messages import polarity_of

        return [
            Step(e.line, e.clock, e.message, phase.value, polarity_of(e), e.text, certainty)
            for e, phase, certainty in self.footprints
        ]

    @property
    def failure(self) -> Failure | None:
        return self.errors[0] if self.errors else None

    @property
    def nat_found(self) -> bool:
        """Whether the last word on NAT is that there is one; `NAT not found` is a word on NAT too."""
        return self.nat is not None and "not found" not in self.nat and "No NAT" not in self.nat

    def count_on(self, before: int) -> None:
        """Makes its number, and those it speaks of, unique among several logs: so many negotiations came before."""
        self.id += before
        if self.replaced_by is not None:
            self.replaced_by += before
        if before:
            self.ambiguities = [_NUMBER.sub(lambda m: str(int(m[0]) + before), one) for one in self.ambiguities]

    def assigned_addresses(self) -> list[Seen]:
        """Addresses this router gave out or was given: `ipv4-addr` of a Config-reply."""
        return [a.value for a in self.attributes if a.config_type == "reply" and a.name == "ipv4-addr" and a.value]

    def place(self, note: str = "") -> Place:
        text = self.origin.text_of(self.first_line) or self.first_text
        return Place(self.origin.path, self.first_line, 1, self.first_line, len(text) + 1, text, Role.LOG, note)


class Gap(NamedTuple):
    """A place where the log is known to be incomplete."""

    kind: str  # sequence, dropped, omitted, clock, repeated
    line: int
    text: str


class UnknownShape(NamedTuple):
    """IKEv2 lines the catalogue does not know, by shape (digits and quoted values taken out)."""

    shape: str
    times: int
    line: int  # of the first example
    example: str


@fact
class Incident:
    """Something the router says outside a negotiation, counted. `about` tells two of a kind apart: an SPI, a peer."""

    kind: str  # recursive, clear, unknown-spi, client, denied, dead-sa, ikev1, identity, address
    about: str
    peer: str
    detail: str
    seen: Seen  # the first line
    times: int = 1
    other: Seen | None = None  # the line that it contradicts
    kept: Shelved | None = None  # the first negotiation, where it is about negotiations

    @property
    def negotiation(self) -> Negotiation | None:
        """That negotiation without its timeline, made anew at each call."""
        return self.kept.negotiation if self.kept is not None else None


class Turn(NamedTuple):
    """The configuration was changed between two attempts of a peer that ended differently."""

    peer: str
    before: Outcome  # FAILED, or UP for any that came up
    after: Outcome
    change: Seen


@fact
class Coverage:
    """How much of the log was understood. Rules that argue from absence ask it first."""

    lines: int = 0
    ikev2_lines: int = 0
    recognised: int = 0
    unknown: int = 0
    unknown_shapes: list[UnknownShape] = field(default_factory=list)
    debugs: set[str] = field(
        default_factory=set
    )  # ikev2, ikev2 error, ikev2 internal, ikev2 packet, aaa, radius, pki, ipsec
    gaps: list[Gap] = field(default_factory=list)
    is_excerpt: bool = False  # prose, omissions or negotiations that start in the middle
    hostnames: dict[str, int] = field(default_factory=dict)  # prompt or relay name to first line
    config_changes: list[Seen] = field(default_factory=list)  # %SYS-5-CONFIG_I and logged commands
    local_addresses: dict[str, Seen] = field(default_factory=dict)  # the router's own, as its negotiations used them
    began: int = 0  # the line with which the first negotiation begins
    incidents: dict[tuple[str, str], Incident] = field(default_factory=dict)  # by kind and what it is about
    turns: list[Turn] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)  # gateways that redirected, after which another one answered
    product: str = "ios"  # "asa" for IKEv2-PROTO logs

    def can_argue_absence(self, debug: str) -> bool:
        """Whether a missing line of this debug means that the router did not print it."""
        return debug in self.debugs and not any(
            g.kind in ("dropped", "omitted", "sequence", "repeated") for g in self.gaps
        )
