"""A negotiation beside the configuration of its router: what was to be expected, and what follows from what it did.

Comes in: a device, a negotiation and the coverage of its log. Goes out: the `PairCase` that the checks are asked about.
It predicts nothing itself and judges nothing.
"""

from __future__ import annotations

from flexlint.config.model import Device
from flexlint.judging.observe import facts_of, follow
from flexlint.log.model import Coverage, Negotiation
from flexlint.predict import predict
from flexlint.rulebook import PairCase, Settings


def pair_case(device: Device, negotiation: Negotiation, coverage: Coverage, settings: Settings) -> PairCase:
    """The negotiation with its prediction, and with what was to follow from the objects that the log names."""
    facts = facts_of(negotiation, device)
    expected = predict(device, facts, settings.assumptions)
    followed = follow(device, facts, negotiation, settings.assumptions)
    return PairCase(device, negotiation, expected, followed, coverage, settings)
