"""Whether both ends find each other: identities that are sent against those that are matched, proposals of IKE.

Comes in: two devices. Goes out: findings SEL201 to SEL203. Which profile and policy a side takes is asked of the
prediction.
"""

from __future__ import annotations

from flexlint.checks.device.wording import doubtful, is_placeholder
from flexlint.checks.ends.links import Link, links, sent_at, shown, source_of
from flexlint.config.defaults import proposals_named, release_of
from flexlint.config.model import Device, IdentityKind, Method, Proposal
from flexlint.finding import Finding, Severity
from flexlint.place import Located
from flexlint.predict.identities import accepts, wanted
from flexlint.predict.model import PeerFacts, Sureness
from flexlint.predict.policy import select_policy
from flexlint.predict.presented import sent
from flexlint.predict.profile import unusable
from flexlint.rulebook import EndsCase, Findings, Scope, check

TYPES = ("encryption", "integrity", "prf", "group", "pqc")


@check("SEL201", on=Scope.ENDS)
def identity_unknown_to_peer(case: EndsCase) -> Findings:
    """No profile of the other end matches the identity this end presents."""
    for link in links(case):
        choice, identity = link.answer.profile, link.facts.identity
        if identity is None:
            yield from _learnt_address(link)
            continue
        if choice.chosen is not None or choice.also or not link.other.profiles:
            continue
        if choice.sureness is not Sureness.SURE or is_placeholder(identity.value) or link.facts.fvrf is None:
            continue
        if doubtful(link.other, *link.other.profiles.values()):
            continue
        finding = Finding(f"{link.start.what} presents {shown(identity)}, and no profile of the other end matches it")
        finding.at(sent_at(link.profile)).about(*link.name, identity.kind)
        for one in choice.rejected[:3]:
            finding.also(one.at, f"'{one.candidate.name}' {one.reason}")
        yield finding


def _learnt_address(link: Link) -> Findings:
    """With a pre-shared key and no `identity local` the address is presented (R), whichever it will be."""
    profiles = [one for one in link.other.profiles.values() if unusable(one) is None]
    by_key = link.facts.method is Method.PSK and link.profile.identity_local_kind is None
    if not by_key or not profiles or link.facts.fvrf is None or doubtful(link.device, link.profile):
        return
    statements = [match for one in profiles for match in one.identities]
    named = {match.kind for match in statements}
    if (
        not named
        or named & {IdentityKind.ADDRESS, IdentityKind.ANY}
        or not all(one.identities or one.certificate_maps for one in profiles)
    ):
        return
    if not doubtful(link.other, *link.other.profiles.values()):
        finding = Finding(
            f"{link.start.what} presents its address, for profile '{link.profile.name}' has no `identity local`, and "
            f"no profile of the other end matches addresses; they match {' and '.join(sorted(named))}"
        )
        finding.at(link.profile.name).also(statements[0], "matched there")
        yield finding.about(*link.name, "address").mend("add `identity local` with a name that the other end matches")


@check("SEL202", on=Scope.ENDS)
def identity_of_peer_refused(case: EndsCase) -> Findings:
    """The identity with which the other end answers is none that this end's profile accepts."""
    for link in links(case):
        answering = link.responder
        if answering is None or link.profile.certificate_maps or not link.profile.identities:
            continue
        identity = sent(answering, link.facts.local, case.settings.assumptions)
        if identity is None or is_placeholder(identity.value) or doubtful(link.device, link.profile):
            continue
        if any(accepts(match, identity) for match in link.profile.identities):
            continue
        expected = " or ".join(wanted(match) for match in link.profile.identities[:3])
        finding = Finding(
            f"the other end answers as {shown(identity)}, but profile '{link.profile.name}' expects {expected}"
        )
        finding.at(link.profile.identities[0]).also(sent_at(answering), f"sent by '{answering.name}'")
        yield finding.about(*link.name, identity.kind)


def offers(device: Device, facts: PeerFacts, release: str | None) -> list[list[Proposal]]:
    """The proposals of the policy in force, each as all contents it may have; empty when one is not certain."""
    choice = select_policy(device, facts)
    if choice.chosen is None or choice.sureness is Sureness.PARTIAL:
        return []
    found = [proposals_named(device, str(name), release_of(device, release)) for name in choice.chosen.proposals]
    return found if all(found) else []


def written(offers: list[list[Proposal]]) -> list[Proposal]:
    return [one for variants in offers for one in variants if not one.implicit]


def values(one: Proposal, kind: str) -> list[str]:
    """The PRF is the integrity unless it is given (V)."""
    words = getattr(one, kind)
    return [str(word) for word in (one.integrity if kind == "prf" and not words else words)]


def clash(one: Proposal, other: Proposal) -> str | None:
    """The first type of transform the two have not in common; combined-mode ciphers need no integrity (RFC 5282)."""
    for kind in TYPES[:-1]:
        ours, theirs = values(one, kind), values(other, kind)
        if ours and theirs and not set(ours) & set(theirs):
            return kind
    # I: an additional key exchange that one end demands must be one that the other has (RFC 9370).
    demanded = (one.pqc and not one.pqc_optional) or (other.pqc and not other.pqc_optional)
    if demanded and not (one.implicit or other.implicit) and not set(one.pqc) & set(other.pqc):
        return "pqc"
    return None


def told(one: Proposal, kind: str) -> str:
    return " ".join(values(one, kind)) or "none"


@check("SEL203", on=Scope.ENDS)
def nothing_in_common(case: EndsCase) -> Findings:
    """No proposal of one end fits a proposal of the other."""
    for link in links(case):
        vrf = str(link.start.tunnel.tunnel_vrf or "") if link.start.tunnel is not None else ""
        here = PeerFacts("initiator", link.start.address, source_of(link.device, link.start.tunnel), vrf)
        ours = offers(link.device, here, case.settings.release)
        theirs = offers(link.other, link.facts, case.settings.release)
        pairs = [(one, other) for a in ours for one in a for b in theirs for other in b]
        if not pairs or any(clash(one, other) is None for one, other in pairs):
            continue
        if doubtful(link.device, *written(ours)) or doubtful(link.other, *written(theirs)):
            continue
        # the pair that comes nearest: most types agree before the first that does not
        one, other = max(pairs, key=lambda pair: TYPES.index(clash(*pair) or "group"))
        kind = clash(one, other) or "group"
        finding = Finding(
            f"no IKEv2 proposal fits the other end: proposal '{one.name}' has {kind} {told(one, kind)}, "
            f"the other end's '{other.name}' {told(other, kind)}"
        )
        finding.at(where_said(one, kind), f"{kind} here").also(where_said(other, kind), "and there")
        yield finding.about(*link.name, kind).lowered(Severity.WARNING if _guessed(link, one, other) else None)


def where_said(one: Proposal, kind: str) -> Located:
    words = getattr(one, kind) or (one.integrity if kind == "prf" else [])
    return words[0] if words else one.name


def _guessed(link: Link, one: Proposal, other: Proposal) -> bool:
    """Whether the content of a built-in proposal was taken without knowing the release."""
    release = (link.device.version, link.other.version)
    return (one.implicit and release[0] is None) or (other.implicit and release[1] is None)
