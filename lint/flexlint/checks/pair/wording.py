"""Sentences that several families of pair checks share: a name the log has and the configuration lacks, an identity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flexlint.config.model import Device, Proposal, Stanza
from flexlint.finding import Finding, Severity
from flexlint.log.model import Negotiation
from flexlint.place import Seen, Word
from flexlint.rulebook import PairCase


def quoted_identity(negotiation: Negotiation) -> str:
    """The peer's identity as a message shows it: `'br7.example.net' (FQDN)`."""
    kind = f" ({negotiation.identity_type})" if negotiation.identity_type else ""
    return f"'{negotiation.identity}'{kind}"


def the_peer(negotiation: Negotiation) -> str:
    """`the peer 192.0.2.1`, or `the peer` where the log does not say which."""
    return f"the peer {negotiation.peer}" if negotiation.peer else "the peer"


def or_none(values: Iterable[str]) -> str:
    return ", ".join(values) or "none"


def defined(names: Iterable[str], limit: int = 6) -> str:
    """What is available, as the end of a sentence: `defined: a, b, c and 4 more`."""
    known = list(names)
    if not known:
        return "none is defined"
    shown = ", ".join(known[:limit])
    return f"defined: {shown}" + (f" and {len(known) - limit} more" if len(known) > limit else "")


def partial_severity(device: Device) -> Severity | None:
    """A snippet may simply not show the object: then a warning, else as the card says."""
    return Severity.WARNING if device.is_partial else None


def named(case: PairCase, seen: Seen, kind: str, known: Mapping[str, Stanza], verb: str) -> Finding:
    """The log names an object that the configuration does not define."""
    near = next((name for name in known if name.lower() == seen.lower()), None)
    tail = f"did you mean '{near}'? names are case-sensitive" if near else defined(known)
    finding = Finding(f"the router {verb} '{seen}', but the configuration defines no {kind} of that name; {tail}")
    if near:
        finding.at(known[near].name).saw(seen)
    else:
        finding.at(seen)
    return finding.lowered(partial_severity(case.device)).about(kind, seen)


def configured(proposal: Proposal, kind: str) -> list[Word]:
    """The words of a proposal for one transform type; the group's type is called `DH group` in messages."""
    return {
        "encryption": proposal.encryption,
        "integrity": proposal.integrity,
        "PRF": proposal.prf or proposal.integrity,
        "DH group": proposal.group,
    }[kind]
