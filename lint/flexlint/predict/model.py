"""What a prediction is: at each step the chosen object, the candidates that fell out with the reason, the certainty.

Comes in: objects of a `Device`. Goes out: `Prediction`, for checks, for `flexlint predict` and for the comparison of
two ends. Nothing here knows a log.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from flexlint.config.model import (
    AaaList,
    Address,
    Authorization,
    AuthorizationPolicy,
    IdentityKind,
    Interface,
    IpsecProfile,
    Keyring,
    Method,
    PeerBlock,
    Policy,
    Pool,
    Profile,
    Proposal,
    TransformSet,
)
from flexlint.fact import fact
from flexlint.place import Located

T = TypeVar("T")


class Sureness(StrEnum):
    """How sure a rule of choice is: verified or recalled behaviour, contested behaviour, or a missing fact."""

    SURE = "sure"
    CONTESTED = "contested"  # the sources disagree; `contested` names the entry of the table of open points
    PARTIAL = "partial"  # something needed was not known (the certificate, the VRF's name ...)


class Identity(NamedTuple):
    """An identity as sent in IDi or IDr. `value` is the text without quotes; for DN the distinguished name."""

    kind: IdentityKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.value}"


@fact
class PeerFacts:
    """What the peer presented and where the packet came in. None is unknown, which rejects no candidate.

    `fvrf` is the VRF's name, "" for the global VRF. `method` is the peer's authentication method."""

    role: str = "responder"  # this router's role; "unknown" is predicted as a responder's, less surely
    peer: Address | None = None
    local: Address | None = None
    fvrf: str | None = None
    identity: Identity | None = None
    certificate: dict[str, str] | None = None  # field of a certificate map to value: subject-name, issuer-name ...
    method: Method | None = None


@fact
class Rejected(Generic[T]):
    """A candidate that fell out: `reason` completes the sentence "NAME ..."; `at` is the line that rejected it."""

    candidate: T
    reason: str
    at: Located


@fact
class Choice(Generic[T]):
    """One step of a prediction. `chosen` None with empty `rejected` means that there was nothing to choose from;
    `also` are further candidates that match when the order is contested."""

    chosen: T | None = None
    rejected: list[Rejected[T]] = field(default_factory=list)
    also: list[T] = field(default_factory=list)
    sureness: Sureness = Sureness.SURE
    contested: str = ""
    because: Located | None = None  # the line that made the choice
    missing: str = ""  # why nothing could be chosen, as a clause: "FLEX names no keyring"

    @property
    def candidates(self) -> list[T]:
        return [*([self.chosen] if self.chosen is not None else []), *self.also]


@fact
class Prediction:
    """The whole chain of choices for one peer, in the order in which IOS makes them."""

    facts: PeerFacts
    profile: Choice[Profile] = field(default_factory=Choice)
    keyring: Choice[Keyring] = field(default_factory=Choice)
    peer_block: Choice[PeerBlock] = field(default_factory=Choice)
    policy: Choice[Policy] = field(default_factory=Choice)
    proposals: list[Proposal] = field(default_factory=list)
    authorization: Choice[Authorization] = field(default_factory=Choice)  # group
    user_authorization: Choice[Authorization] = field(default_factory=Choice)
    aaa_list: Choice[AaaList] = field(default_factory=Choice)
    aaa_name: str | None = None
    authorization_policy: Choice[AuthorizationPolicy] = field(default_factory=Choice)
    pool: Choice[Pool] = field(default_factory=Choice)
    template: Choice[Interface] = field(default_factory=Choice)  # Virtual-Template, or Tunnel at the initiator
    ipsec_profile: Choice[IpsecProfile] = field(default_factory=Choice)
    transform_sets: list[TransformSet] = field(default_factory=list)
