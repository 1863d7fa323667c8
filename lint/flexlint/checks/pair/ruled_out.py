"""What the configuration rules out as the cause of a failure that it does not explain.

Comes in: a negotiation held against the configuration. Goes out: one sentence that names what fits, for the finding
that leaves the failure open. Nothing is named that the log does not show.
"""

from __future__ import annotations

from collections.abc import Iterator

from flexlint.checks.pair.authentication import PRINTED, observed_block
from flexlint.checks.pair.authorization import network_lists, policy_named
from flexlint.predict.model import Sureness
from flexlint.rulebook import PairCase


def ruled_out(case: PairCase) -> str:
    """`the configuration fits the log in: policy 'A'; ...`; empty where the log shows too little to say."""
    fits = list(_fits(case))
    return f"the configuration fits the log in: {'; '.join(fits)}" if fits else ""


def _fits(case: PairCase) -> Iterator[str]:
    negotiation, device = case.negotiation, case.device
    policy, sure = negotiation.policy, case.prediction.policy.sureness is Sureness.SURE
    if policy is not None and sure and policy in {p.name for p in case.prediction.policy.candidates}:
        yield f"policy '{policy}'"
    profile = device.profiles.get(negotiation.profile) if negotiation.profile else None
    if profile is not None and profile in case.prediction.profile.candidates:
        yield f"profile '{profile.name}' (it matches the identity)"
    found = observed_block(case)
    if found is not None and found[1] in case.followed.peer_block.candidates:
        keys = {k.length for k in (found[1].key, found[1].local_key, found[1].remote_key) if k is not None}
        used = {k.length.number for k in negotiation.keys if k.length.isdecimal()}
        length = ", its key has the length in use" if used and used <= keys else ""
        yield f"peer block '{found[1].name}' (it fits the peer{length})"
    method = PRINTED.get(str(negotiation.peer_method))
    if profile is not None and method in {a.method for a in profile.remote_auth}:
        yield f"the peer's method {negotiation.peer_method}"
    lists = network_lists(device)
    for seen in negotiation.authorizations:
        if seen.list in lists:
            yield f"AAA list '{seen.list}'"
            if policy_named(device, seen.name) is not None:
                yield f"authorization policy '{seen.name}'"
