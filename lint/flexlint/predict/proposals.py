"""The proposals of a policy.

Comes in: a device and a policy. Goes out: its proposals, where all of them are known. Algorithms are not compared here.
"""

from __future__ import annotations

from flexlint.config.model import Device, Policy, Proposal


def proposals_of(device: Device, policy: Policy | None) -> list[Proposal]:
    """The proposals in order. Empty when one of them is not known: the implicit `default` differs by release (V for
    15.x and 17.x, ? between them), and half a list must not be compared."""
    if policy is None:
        return []
    found = [device.proposals.get(name) for name in policy.proposals]
    return [p for p in found if p is not None] if None not in found else []
