"""What to look at in the configuration where it does not explain a failure.

Comes in: a negotiation that failed, held against the configuration. Goes out: lines to cite and sentences, for the
finding that leaves the failure open. Nothing here is at fault for certain: a peer that fell silent may be down.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.device.keyrings import starts
from flexlint.config.model import address_of
from flexlint.finding import Finding
from flexlint.log.model import Milestone, Negotiation, Phase, Side
from flexlint.place import Word
from flexlint.rulebook import PairCase

_LOST = frozenset({"M010", "M087", "M088", "M089", "M325", "M331"})  # repeated, given up, waited for in vain
_SIGNATURES = ("RSA", "ECDSA")
_FRAGMENTATION = "crypto ikev2 fragmentation"


def point_out(case: PairCase, finding: Finding) -> None:
    """Adds what one would look at next."""
    negotiation, failure = case.negotiation, case.negotiation.failure
    if failure is None or failure.message not in _LOST or negotiation.operator_action is not None:
        return
    if failure.phase is Phase.SA_INIT and negotiation.role is Side.INITIATOR:
        for word in _destinations(case):
            finding.also(word, "called from here")
    elif negotiation.milestone is Milestone.SA_INIT_DONE and _has_certificates(negotiation):
        said = any(line.text.startswith(_FRAGMENTATION) for line in case.device.lines)
        if not said and not case.device.is_partial:
            finding.because(
                f"`{_FRAGMENTATION}` is not configured here: certificates make IKE_AUTH larger than a packet, and "
                "fragments of IP are often dropped"
            )


def _destinations(case: PairCase) -> Iterator[Word]:
    peer = address_of(case.negotiation.peer)
    if peer is not None:
        yield from [start.word for start in starts(case.device) if start.address == peer][:3]


def _has_certificates(negotiation: Negotiation) -> bool:
    """Whether a certificate goes over the line; a responder to which none came has its trustpoints at hand."""
    own = str(negotiation.own_method or "").upper()
    return own in _SIGNATURES or (not own and bool(negotiation.trustpoints))
