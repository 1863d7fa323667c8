"""Whether both ends can prove themselves to each other: methods crosswise, peer blocks, keys.

Comes in: two devices. Goes out: findings AUT201 to AUT203. Keys, post-quantum ones too, are compared where both are
readable, and never shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flexlint.checks.device.wording import doubtful, is_placeholder, listed
from flexlint.checks.ends.links import Link, block_of_initiator, links, sent_at, shown
from flexlint.checks.ends.quantum import clash, ppk_of
from flexlint.config.model import Authentication, Method, PeerBlock, Profile, Secret
from flexlint.finding import Confidence, Finding
from flexlint.place import Located
from flexlint.predict.keys import keyring_of, select_block
from flexlint.predict.model import PeerFacts, Sureness
from flexlint.predict.presented import own_method
from flexlint.rulebook import EndsCase, Findings, Scope, check


@check("AUT201", on=Scope.ENDS)
def method_not_accepted(case: EndsCase) -> Findings:
    """What one end proves itself by, the other one does not accept; held in both directions."""
    for link in links(case):
        answering = link.responder
        if answering is None:
            continue
        ways = (
            (link.device, link.profile, link.other, answering),
            (link.other, answering, link.device, link.profile),
        )
        for device, prover, other, judge in ways:
            own = prover.local_auth[-1] if prover.local_auth else None
            accepted = [one.method for one in judge.remote_auth]
            if own is None or not accepted or own.method in accepted or is_open(own, judge):
                continue
            if doubtful(device, prover) or doubtful(other, judge):
                continue
            finding = Finding(
                f"profile '{prover.name}' proves itself by {own.word}, but the other end's profile '{judge.name}' "
                f"accepts {', '.join(one.word for one in judge.remote_auth)}"
            )
            finding.at(own).also(judge.remote_auth[0], "accepted there").about(*link.name, prover.name)
            yield finding


def is_open(own: Authentication, judge: Profile) -> bool:
    """Whether AAA, or a method newer than we know, decides."""
    known = {one.method for one in judge.remote_auth} | {own.method}
    return bool(known & {Method.DYNAMIC, Method.OTHER}) or judge.dynamic is not None


def _answering_block(link: Link) -> tuple[PeerBlock | None, bool]:
    """The peer block the responder takes its key from, and whether the choice is certain."""
    profile = link.responder
    keyring = keyring_of(link.other, profile).chosen if profile is not None else None
    if keyring is None or (link.facts.peer is None and link.facts.identity is None):
        return None, False
    choice = select_block(link.other, keyring, link.facts)
    return choice.chosen, choice.sureness is Sureness.SURE


def inline(lines: list[Authentication]) -> Secret | None:
    return next((line.key for line in lines if line.method is Method.PSK and line.key is not None), None)


@check("AUT202", on=Scope.ENDS)
def peer_without_block(case: EndsCase) -> Findings:
    """The responder's keyring has no block for what the initiator presents and where it comes from."""
    for link in links(case):
        answering = link.responder
        if answering is None or own_method(link.profile) is not Method.PSK or inline(answering.remote_auth):
            continue
        keyring = keyring_of(link.other, answering).chosen
        block, certain = _answering_block(link)
        if keyring is None or block is not None or not certain or doubtful(link.other, keyring):
            continue
        identity = link.facts.identity
        known = [str(p.identity.value if p.identity is not None else p.address) for p in keyring.peers]
        finding = Finding(
            f"the other end's keyring '{keyring.name}' has no peer block for "
            f"{shown(identity) if identity is not None else 'this peer'}"
            f"{f' at {link.facts.peer}' if link.facts.peer is not None else ''}; it has {listed(known, 4) or 'none'}"
        )
        finding.at(sent_at(link.profile)).also(keyring.name, "searched there").about(*link.name, keyring.name)
        yield finding


def keys(
    block: PeerBlock | None, written: tuple[Secret | None, Secret | None], assumptions: Mapping[str, str]
) -> tuple[Secret | None, Secret | None]:
    """The key a side signs with and the key it verifies the peer with (V). Of one written in the profile and one of the
    keyring the first counts, unless it is assumed otherwise (?)."""
    if block is None or (any(written) and assumptions.get("inline-key") != "keyring"):
        return written
    return block.local_key or block.key, block.remote_key or block.key


def comparable(*secrets: Secret | None) -> bool:
    return all(s is not None and s.readable and not is_placeholder(s.reveal_for_checks()) for s in secrets)


@check("AUT203", on=Scope.ENDS)
def different_keys(case: EndsCase) -> Findings:
    """The key one end signs with is not the key the other end verifies with."""
    for link in links(case):
        answering = link.responder
        if answering is None or not (is_psk(link.profile, answering) or is_psk(answering, link.profile)):
            continue
        assumed = case.settings.assumptions
        mine = block_of_initiator(link)
        theirs, certain = _answering_block(link)
        here = keys(mine.chosen, (inline(link.profile.local_auth), inline(link.profile.remote_auth)), assumed)
        there = keys(theirs, (inline(answering.local_auth), inline(answering.remote_auth)), assumed)
        if (mine.chosen is not None and mine.sureness is not Sureness.SURE) or (theirs is not None and not certain):
            continue
        ways = (
            (link.profile, answering, here[0], there[1], "signs with", "verifies with"),
            (answering, link.profile, here[1], there[0], "verifies with", "signs with"),
        )
        differing = [
            (one, other, ours, its)
            for prover, judge, one, other, ours, its in ways
            if is_psk(prover, judge) and comparable(one, other) and not same(one, other)
        ]
        if not differing:
            yield from _post_quantum(link, answering, mine.chosen, theirs)
            continue
        one, other, ours, its = differing[0]
        finding = Finding(
            f"the key this end {ours} for {link.start.address} is not the one the other end {its}" + lengths(one, other)
        )
        if len(differing) == 2 and same(here[0], there[0]) and same(here[1], there[1]):
            finding.message = (
                f"local and remote key for {link.start.address} are written the same on both ends: "
                "the local key here must be the remote key there"
            )
        finding.at(_place(one, mine.chosen)).also(_place(other, theirs), "there").about(*link.name, link.profile.name)
        yield finding


def _post_quantum(
    link: Link, answering: Profile, mine: PeerBlock | None, theirs: PeerBlock | None
) -> Iterator[Finding]:
    """The keys are the same, and the post-quantum keys are not."""
    own_facts = PeerFacts(role="initiator", peer=link.start.address)
    here, sure_here = ppk_of(link.device, link.profile, mine, own_facts)
    there, sure_there = ppk_of(link.other, answering, theirs, link.facts)
    found = clash(here, there) if sure_here and sure_there else None
    if found is not None:
        finding = Finding(f"with {link.start.address} {found.what}").at(found.one)
        finding.also(found.other, "there").lowered(confidence=Confidence.MEDIUM)
        yield finding.about(*link.name, link.profile.name, "ppk")


def is_psk(prover: Profile, judge: Profile) -> bool:
    return own_method(prover) is Method.PSK and any(one.method is Method.PSK for one in judge.remote_auth)


def same(one: Secret | None, other: Secret | None) -> bool:
    return one is not None and other is not None and one.same_as(other)


def lengths(one: Secret | None, other: Secret | None) -> str:
    """Lengths tell which of two keys was copied with a blank; `key len` of the debug shows them too."""
    if one is None or other is None or one.length == other.length:
        return ""
    return f" ({one.length} and {other.length} bytes)"


def _place(secret: Secret | None, block: PeerBlock | None) -> Located:
    if secret is not None:
        return secret
    assert block is not None, "a key comes from a line or a block"
    return block
