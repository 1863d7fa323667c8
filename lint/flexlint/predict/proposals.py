"""The proposals of a policy.

Comes in: a device and a policy. Goes out: its proposals, where all of them are known. Algorithms are not compared here.
"""

from __future__ import annotations

from flexlint.config.model import Device, Policy, Proposal


def lacks(proposal: Proposal) -> str:
    """What a proposal needs and does not have, as a list in words; empty when it is complete.

    A cipher and a group; integrity for a cipher without its own, or a PRF for AES-GCM (V: the banner IOS prints)."""
    missing = [] if proposal.encryption else ["encryption"]
    aead = [one for one in proposal.encryption if "gcm" in one]
    if proposal.encryption and not aead and not proposal.integrity:
        missing.append("integrity")
    if aead and not proposal.prf:
        missing.append("prf")
    return " and ".join(f"`{one}`" for one in [*missing, *([] if proposal.group else ["group"])])


def proposals_of(device: Device, policy: Policy | None) -> list[Proposal]:
    """The proposals in order. Empty when one of them is not known: the implicit `default` differs by release (V for
    15.x and 17.x, ? between them), and half a list must not be compared."""
    if policy is None:
        return []
    found = [device.proposals.get(name) for name in policy.proposals]
    return [p for p in found if p is not None] if None not in found else []
