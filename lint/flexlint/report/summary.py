"""A negotiation in the few words that reports print and keep."""

from __future__ import annotations

from flexlint.log.model import Negotiation, Outcome
from flexlint.report.model import NegotiationSummary

KEPT_ROUTES = 50


def summarize(negotiation: Negotiation, path: str) -> NegotiationSummary:
    """What the report keeps of a negotiation. Its cause is the first error; later ones are symptoms."""
    n = negotiation
    group = next((a for a in n.authorizations if a.scope == "group"), None)
    failure = n.failure if n.outcome is not Outcome.UP else None
    addresses = n.assigned_addresses()
    return NegotiationSummary(
        id=n.id,
        path=path,
        role=str(n.role),
        peer=str(n.peer or ""),
        local=str(n.local or ""),
        identity=str(n.identity or ""),
        identity_type=str(n.identity_type or ""),
        profile=str(n.profile or ""),
        keyring=str(n.keyring or ""),
        peer_block=str(n.peer_block or ""),
        policy=str(n.policy or ""),
        auth_method=str(n.peer_method or ""),
        aaa_list=str(group.list) if group else "",
        aaa_name=str(group.name) if group else "",
        virtual_access=str(n.virtual_access or ""),
        assigned_address=str(addresses[0]) if addresses else "",
        routes=[f"{r.network} {r.mask}" for r in n.routes[:KEPT_ROUTES] if r.added],
        milestone=n.milestone.name.lower(),
        outcome=str(n.outcome),
        failed_phase=str(failure.phase) if failure else "",
        cause=failure.seen.strip(": ") if failure else "",
        first_line=n.first_line,
        last_line=n.last_line,
        first_clock=n.first_clock,
        last_clock=n.last_clock,
    )
