"""Small edits that might make a negotiation succeed, by the rule that says why it failed.

Comes in: a finding of a negotiation, with its case. Goes out: `Candidate`s, the smallest first: at this end or at the
other. They are guesses; `counterfactual.py` tries each of them. A value of a log is written into a configuration only
when it cannot be anything but a name or an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address

from flexlint.checks.device.edits import added, before, exchanged, rewritten
from flexlint.checks.ends.selection import TYPES, clash, offers, values
from flexlint.checks.pair.authentication import observed_profile
from flexlint.checks.pair.authorization import network_lists
from flexlint.checks.pair.selection import nearest
from flexlint.checks.pair.transforms import difference, lists_of, our_lists
from flexlint.config.model import (
    Device,
    IdentityKind,
    IdentityMatch,
    Interface,
    LineKind,
    Profile,
    Proposal,
    TransformSet,
)
from flexlint.finding import Edit
from flexlint.fixes.candidate import KEYWORDS, PLAIN, TRIED, Candidate, Case, candidate
from flexlint.fixes.credentials import block_for_peer, block_identified, credentials_named, method_accepted, same_key
from flexlint.fixes.interfaces import template_mended
from flexlint.judging.joined import End, JoinedCase
from flexlint.place import Word
from flexlint.predict.identities import accepts
from flexlint.predict.locality import local_fits, vrf_fits
from flexlint.predict.model import Choice, Identity, PeerFacts
from flexlint.rulebook import PairCase


def candidates(rule: str, case: Case) -> Iterator[Candidate]:
    """What may be tried for a finding of this rule. Rules without an entry have no edit that is known to help."""
    make = _MAKERS.get(rule)
    if make is not None:
        yield from make(case)


# ---- identities ------------------------------------------------------------------------------------------------------


def _match_line(identity: Identity) -> str | None:
    """The `match identity remote` line that accepts exactly this identity."""
    if not PLAIN.fullmatch(identity.value):
        return None
    if identity.kind is IdentityKind.ADDRESS:
        try:
            address = ip_address(identity.value)
        except ValueError:
            return None
        return f"match identity remote address {address}" + (" 255.255.255.255" if address.version == 4 else "/128")
    keyword = KEYWORDS.get(identity.kind)
    return f"match identity remote {keyword} {identity.value}" if keyword else None


def _accepting(device: Device, choice: Choice[Profile], facts: PeerFacts) -> Iterator[Candidate]:
    """Everything that the profile which came nearest lacks to match the peer: mostly a line for its identity."""
    near = nearest(choice)
    if near is None or facts.identity is None or not near.reason.startswith(("wants ", "has no `match fvrf`")):
        return
    profile, edits, lines = near.candidate, list[Edit](), list[str]()
    if vrf_fits(profile.fvrf, facts.fvrf) is False:
        if not facts.fvrf or not PLAIN.fullmatch(facts.fvrf):
            return
        if profile.fvrf is None:
            lines.append(f"match fvrf {facts.fvrf}")
        else:
            edits += exchanged(profile.fvrf, facts.fvrf)
    if local_fits(device, profile.local_addresses, facts.local) is False:
        lines.append(f"match address local {facts.local}")
    if not any(accepts(match, facts.identity) for match in profile.identities):
        if (line := _match_line(facts.identity)) is None:
            return
        lines.append(line)
    told = [f"add {' and '.join(f'`{line}`' for line in lines)} to profile '{profile.name}'"] if lines else []
    if edits:
        told.insert(0, f"set `match fvrf {facts.fvrf}` in profile '{profile.name}'")
    if lines:
        edits += added(profile, *lines)
    yield from candidate(device, ", and ".join(told), edits)
    # A profile that accepts the peer helps nobody whose key its keyring does not find.
    if (block := block_identified(device, profile, facts.identity)) is not None:
        yield from candidate(device, ", and ".join([*told, block[0]]), [*edits, *block[1]])


def _wanted_name(match: IdentityMatch, own: str, hostname: str) -> str | None:
    """A name that the match accepts, as much like the router's own as can be."""
    if match.kind not in KEYWORDS or match.value is None:
        return None
    value = match.value.strip('"')
    if not match.domain:
        return value
    label = own.partition("@" if match.kind is IdentityKind.EMAIL else ".")[0] or hostname.lower()
    joint = "@" if match.kind is IdentityKind.EMAIL else "."
    return f"{label}{joint}{value.lstrip('.@')}" if label else None


def _presenting(end: End, profile: Profile | None, judge: Profile) -> Iterator[Candidate]:
    """Another identity sent, that the other end's profile accepts."""
    if profile is None:
        return
    for match in judge.identities[:TRIED]:
        own = str(profile.identity_local or "").strip('"')
        name = _wanted_name(match, own, str(end.device.hostname or ""))
        if name is None or not PLAIN.fullmatch(name):
            continue
        line = f"identity local {KEYWORDS[match.kind]} {name}"
        old = profile.identity_local_line
        edits = rewritten(old, line) if old is not None else added(profile, line)
        yield from candidate(end.device, f"set `{line}` in profile '{profile.name}'", edits, leaves_log=True)


def _own(end: End) -> Profile | None:
    choice = end.prediction.profile
    return end.profile or (choice.rejected[0].candidate if len(choice.rejected) == 1 else None)


def _unmatched(case: Case) -> Iterator[Candidate]:
    if isinstance(case, PairCase):
        yield from _accepting(case.device, case.prediction.profile, case.prediction.facts)


def _unmatched_by_responder(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, JoinedCase)
    mine, theirs = case.ends
    yield from _unmatched_by(theirs, mine)


def _unmatched_by_initiator(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, JoinedCase)
    mine, theirs = case.ends
    yield from _unmatched_by(mine, theirs)


def _unmatched_by(searching: End, sending: End) -> Iterator[Candidate]:
    """One end accepts what the other sends, or that one sends what the nearest profile accepts."""
    choice = searching.prediction.profile
    yield from _accepting(searching.device, choice, searching.prediction.facts)
    if (near := nearest(choice)) is not None:
        yield from _presenting(sending, _own(sending), near.candidate)


# ---- proposals and transforms ----------------------------------------------------------------------------------------


def _offering(device: Device, proposal: Proposal, kind: str, value: str) -> Iterator[Candidate]:
    words: list[Word] = getattr(proposal, kind)
    if words and not proposal.implicit and PLAIN.fullmatch(value):
        what = f"add {kind} {value} to proposal '{proposal.name}'"
        yield from candidate(device, what, exchanged(words[-1], f"{words[-1]} {value}"))


def _no_common_proposal(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, JoinedCase)
    mine, theirs = case.ends
    release = case.settings.release
    ours, its = (offers(end.device, end.prediction.facts, release) for end in (mine, theirs))
    pairs = [(kind, one, other) for a in ours for one in a for b in its for other in b if (kind := clash(one, other))]
    for kind, one, other in sorted(pairs, key=lambda pair: -TYPES.index(pair[0]))[:1]:
        for value in values(one, kind)[:TRIED]:
            yield from _offering(theirs.device, other, kind, value)
        for value in values(other, kind)[:TRIED]:
            yield from _offering(mine.device, one, kind, value)


_FIELDS = {"encryption": "encryption", "PRF": "prf", "integrity": "integrity", "DH group": "group"}


def _no_offer_accepted(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, PairCase)
    proposals = case.followed.proposals or case.prediction.proposals
    received = [t for t in case.negotiation.received if t.protocol == "IKE"]
    ours, theirs = our_lists(proposals), lists_of(received)
    missing = difference(ours, theirs)
    if len(missing) == 1 and proposals:
        for value in theirs[missing[0]][:TRIED]:
            yield from _offering(case.device, proposals[0], _FIELDS[missing[0]], value)


def _transforms_of(one: TransformSet) -> str:
    return " ".join(f"{t.word} {t.size}" if t.size else str(t.word) for t in one.transforms)


def _same_transforms(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, JoinedCase)
    for end, other in (case.ends[::-1], case.ends):
        ours, its = end.followed.transform_sets, other.followed.transform_sets
        if ours and its and not ours[0].implicit:
            line = f"crypto ipsec transform-set {ours[0].name} {_transforms_of(its[0])}"
            yield from candidate(end.device, f"set `{line}`", rewritten(ours[0].line, line))


def _same_mode(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, JoinedCase)
    theirs = case.responder
    number = theirs.profile.virtual_template if theirs.profile is not None else None
    if number is not None and theirs.profile is not None:
        what = f"set `virtual-template {number} mode auto` in profile '{theirs.profile.name}'"
        yield from candidate(theirs.device, what, exchanged(number, f"{number} mode auto"))
    for end, other in (case.ends[::-1], case.ends):
        here, there = end.followed.template.chosen, other.followed.template.chosen
        if here is not None and there is not None:
            mode = str(there.tunnel_mode or "gre ip")
            what = f"set `tunnel mode {mode}` on {here.name}"
            yield from candidate(end.device, what, _mode_edits(here, f"tunnel mode {mode}"))


def _mode_edits(interface: Interface, line: str) -> list[Edit]:
    said = interface.said("tunnel_mode")
    return rewritten(said[-1].line, line) if said else added(interface, line)


def _child_refused(case: Case) -> Iterator[Candidate]:
    yield from _same_transforms(case)
    yield from _same_mode(case)


# ---- methods and authorization ---------------------------------------------------------------------------------------


def _same_method(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, JoinedCase)
    for judge, prover in (case.ends[::-1], case.ends):
        one, other = prover.profile, judge.profile
        own = one.local_auth[-1] if one is not None and one.local_auth else None
        if one is None or other is None or own is None or own.method in {a.method for a in other.remote_auth}:
            continue
        line = f"authentication remote {own.word}"
        yield from candidate(judge.device, f"add `{line}` to profile '{other.name}'", added(other, line))
        for accepted in other.remote_auth[:TRIED]:
            what = f"set `authentication local {accepted.word}` in profile '{one.name}'"
            yield from candidate(prover.device, what, exchanged(own.word, accepted.word))


def _list_named(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, PairCase)
    profile, lists = observed_profile(case), network_lists(case.device)
    for seen in case.negotiation.authorizations:
        line = next((a for a in profile.authorizations if a.list == seen.list), None) if profile is not None else None
        if line is None or line.list is None:
            continue
        if seen.list in lists:
            if case.device.aaa_new_model is None:
                yield from candidate(case.device, "add `aaa new-model`", _behind_aaa(case.device, "aaa new-model"))
            continue
        if len(lists) == 1:
            name = next(iter(lists))
            what = f"name list '{name}' in profile '{profile.name if profile is not None else ''}'"
            yield from candidate(case.device, what, exchanged(line.list, name), leaves_log=True)
        if PLAIN.fullmatch(seen.list):
            commands = [f"aaa authorization network {seen.list} local"]
            if case.device.aaa_new_model is None:
                commands.insert(0, "aaa new-model")
            told = " and ".join(f"`{one}`" for one in commands)
            yield from candidate(case.device, f"add {told}", _behind_aaa(case.device, *commands))


def _behind_aaa(device: Device, *commands: str) -> list[Edit]:
    """Global commands behind the first line of AAA, or before the first line that needs one; the switch for AAA as a
    whole before all of them."""
    mine = [line for line in device.lines if line.kind is LineKind.COMMAND and line.text.startswith("aaa ")]
    first = next((line for line in mine if not line.children), None)
    if first is not None and commands[0] == "aaa new-model":
        return before(mine[0], *commands)
    if first is not None:
        return [Edit(device.source.path, first.number + 1, first.number, commands)]
    crypto = (line for line in device.lines if line.kind is LineKind.COMMAND and line.text.startswith("crypto "))
    return before(one, *commands) if (one := next(crypto, None)) is not None else []


def _policy_named(case: Case) -> Iterator[Candidate]:
    assert isinstance(case, PairCase)
    profile = observed_profile(case)
    written = [str(p.name) for p in case.device.authorization_policies.values() if not p.implicit]
    for line in profile.authorizations if profile is not None else ():
        if line.name is not None and line.name not in written and profile is not None:
            for name in written[:TRIED] if len(written) <= TRIED else ():
                what = f"name authorization policy '{name}' in profile '{profile.name}'"
                yield from candidate(case.device, what, exchanged(line.name, name), leaves_log=True)


_MAKERS: dict[str, Callable[[Case], Iterator[Candidate]]] = {
    "SEL001": _unmatched,
    "SEL008": _no_offer_accepted,
    "SEL010": _unmatched,
    "SEL221": _unmatched_by_initiator,
    "SEL222": _unmatched_by_responder,
    "SEL223": _no_common_proposal,
    "AUT006": method_accepted,
    "AUT009": block_for_peer,
    "AUT013": credentials_named,
    "AUT221": same_key,
    "AUT222": _same_method,
    "AZN001": _list_named,
    "AZN002": _policy_named,
    "TUN001": template_mended,
    "TUN221": _child_refused,
}
