"""The proposals of a policy, and what two lists of transforms have in common.

Comes in: a policy, or two lists of proposals. Goes out: proposals that are known, and names of algorithms. It knows
neither the printed names of a log nor sizes that only a log shows.
"""

from __future__ import annotations

from collections.abc import Iterable

from flexlint.config.model import Device, Policy, Proposal

TYPES = ("encryption", "integrity", "prf", "group")


def proposals_of(device: Device, policy: Policy | None) -> list[Proposal]:
    """The proposals in order. Empty when one of them is not known: the implicit `default` differs by release (V for
    15.x and 17.x, ? between them), and half a list must not be compared."""
    if policy is None:
        return []
    found = [device.proposals.get(name) for name in policy.proposals]
    return [p for p in found if p is not None] if None not in found else []


def transforms(proposals: Iterable[Proposal], kind: str) -> list[str]:
    """All transforms of one type in order of preference; the PRF is the integrity unless it is given (V)."""
    out: dict[str, None] = {}
    for proposal in proposals:
        words = getattr(proposal, kind)
        if kind == "prf" and not words:
            words = proposal.integrity
        out.update(dict.fromkeys(str(word) for word in words))
    return list(out)


def common(one: Iterable[Proposal], other: Iterable[Proposal]) -> dict[str, list[str]]:
    """Per transform type what both offer, in the order of the first."""
    ours, theirs = list(one), list(other)
    return {
        kind: [t for t in transforms(ours, kind) if t in set(transforms(theirs, kind))]
        for kind in TYPES
        if transforms(ours, kind) or transforms(theirs, kind)
    }


def agreed(one: Iterable[Proposal], other: Iterable[Proposal]) -> bool:
    """Whether some proposal of one fits some proposal of the other in every type both have. A combined-mode cipher
    needs no integrity (RFC 5282), so a missing list never disagrees."""
    theirs = list(other)
    return any(_fit(mine, its) for mine in one for its in theirs)


def _fit(mine: Proposal, its: Proposal) -> bool:
    for kind in TYPES:
        ours, others = transforms([mine], kind), transforms([its], kind)
        if ours and others and not set(ours) & set(others):
            return False
    return True
