"""What a failed negotiation is called, and where to look next: from the log alone.

Comes in: a closed negotiation. Goes out: its `Diagnosis`, the first row of `grammars/scenarios.tsv` that fits, with the
facts of the negotiation put in. Nothing here knows a configuration, and nothing is guessed: where the log does not
decide, the row says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple

from flexlint.data import folder, read_table
from flexlint.log.model import Failure, Milestone, Negotiation, Outcome, Phase, Side, Transforms

SILENCE = "silence"  # the cause of a negotiation in which nothing failed but packets were not answered
RETRANSMITS = 3  # fewer in a row are ordinary loss
_KINDS = (("encryption", "encryption"), ("prf", "PRF"), ("integrity", "integrity"), ("group", "group"))
_CUT = re.compile(r"\s*(?:ESP: )?Proposal \d+:.*")
_SIGNATURES = ("RSA", "ECDSA", "DSS", "DIGITAL", "SIG", "MLDSA", "ML-DSA")
_EAP_LINES = frozenset(f"M{n}" for n in range(169, 182)) - {"M173"}
_PRIVATE_KEYS = frozenset({"M147", "M148", "M149"})


class Scenario(NamedTuple):
    """A row of the table."""

    id: str
    name: str
    decided: str  # log, partly, lines, config, none
    rule: str
    phase: str
    side: str
    by: str
    cause: frozenset[str]
    seen: frozenset[str]
    conditions: tuple[str, ...]
    debug: str
    grade: str
    say: str
    look: str
    source: str


class Diagnosis(NamedTuple):
    """What happened, in words. `debug` names the debug that would show the reason where the log does not."""

    scenario: Scenario
    say: str
    look: str

    @property
    def decided(self) -> bool:
        return self.scenario.decided == "log"


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All rows, in the order in which they are tried."""
    return tuple(
        Scenario(
            row["id"], row["name"], row["decided"], row["rule"], row["phase"], row["side"], row["by"],
            frozenset(row["cause"].split()), frozenset(row["seen"].split()), tuple(row["if"].split()), row["debug"],
            row["grade"], row["say"], row["look"], row["source"],
        )
        for row in read_table(folder("grammars") / "scenarios.tsv")
    )  # fmt: skip


def failure_of(n: Negotiation) -> tuple[str, Phase] | None:
    """Cause and phase of what failed; None for a negotiation in which nothing did, or that an operator ended."""
    failure = n.failure
    if failure is not None:
        if n.outcome is not Outcome.FAILED and not _rekey(n):
            return None
        return _datum(failure), failure.phase
    if n.retransmits >= RETRANSMITS and n.operator_action is None and n.milestone < Milestone.SESSION_UP:
        return SILENCE, Phase.SA_INIT if n.milestone < Milestone.SA_INIT_DONE else Phase.AUTHENTICATION
    return None


def diagnose(n: Negotiation) -> Diagnosis | None:
    """The scenario of a negotiation that failed; None where none did."""
    failed = failure_of(n)
    if failed is None:
        return None
    cause, phase = failed
    # An excerpt that does not show the side is nearly always a responder's; what only an initiator does, it must show.
    role = Side.RESPONDER if n.role is Side.UNKNOWN else n.role
    by = "peer" if n.failure is not None and n.failure.by_peer else "self"
    read = {event.message for event, _, _ in n.footprints}
    read.update(one.message for one in (*n.errors, *n.doubts))
    for row in scenarios():
        if (
            row.rule
            and (not row.phase or row.phase == phase)
            and (not row.side or row.side == role)
            and (not row.by or row.by == by)
            and (not row.cause or cause in row.cause)
            and (not row.seen or row.seen & read)
            and all(_CONDITIONS[name](n) for name in row.conditions)
        ):
            known = _facts(n)
            return Diagnosis(row, _filled(row.say, known), _filled(row.look, known))
    return None


def _datum(failure: Failure) -> str:
    """The message of a failure, or the name of the notify that it is."""
    if failure.message == "M310":
        return failure.seen.removeprefix("NOTIFY(").removesuffix(")")
    return failure.message


# -- conditions ------------------------------------------------------------------------------------------------------


def _rekey(n: Negotiation) -> bool:
    """A child SA after the first was refused; the IKE SA may live on."""
    failure, up = n.failure, n.session_up
    return (
        failure is not None
        and failure.phase is Phase.CHILD_SA
        and up is not None
        and failure.seen.line > up.line
        and n.child_rekeys > 0
        and n.operator_action is None
    )


def _inner_address(n: Negotiation) -> bool:
    try:
        identity = ip_address(str(n.identity))
        return n.peer is not None and str(n.peer) != str(identity) and identity.is_private and _nat(n)
    except ValueError:
        return False


def _nat(n: Negotiation) -> bool:
    return n.nat_found or n.peer_port == "4500"


def _method(n: Negotiation) -> str:
    return str(n.peer_method or n.own_method or "").upper()


def _psk(n: Negotiation) -> bool:
    return _method(n) == "PSK" or (not _method(n) and bool(n.keys or n.peer_block))


def _saw(n: Negotiation, wanted: Iterable[str]) -> bool:
    return any(event.message in wanted for event, _, _ in n.footprints)


def _certificate(n: Negotiation) -> bool:
    return str(n.own_method or "").upper().startswith(_SIGNATURES) or _saw(n, _PRIVATE_KEYS)


def _notified(*names: str) -> Callable[[Negotiation], bool]:
    return lambda n: any(one in names for one in n.notifies_received) or any(one in names for one in n.notifies_sent)


_CONDITIONS: dict[str, Callable[[Negotiation], bool]] = {
    "anyconnect": lambda n: n.identity == "*$AnyConnectClient$*",
    "asked": lambda n: n.authorization_asked is not None and bool(n.authorizations),
    "certificate": _certificate,
    "cookie": lambda n: "COOKIE" in n.notifies_received,
    "default-policy": lambda n: n.default_policy is not None and n.policy in (None, "default"),
    "dn": lambda n: n.identity_type == "DER ASN1 DN",
    "eap": lambda n: "EAP" in _method(n) or n.authentication_list is not None or _saw(n, _EAP_LINES),
    "inner-address": _inner_address,
    "key-from-aaa": lambda n: (
        n.authorization_asked is not None and n.keyring is None and n.milestone < Milestone.PEER_AUTHENTICATED
    ),
    "nat": _nat,
    "no-answer": lambda n: n.responder_spi is None,
    # the peer's list must be there: a post may have lost both, and only their headings are left
    "no-local-proposal": lambda n: n.expected_empty is not None and not n.expected and bool(n.received),
    "no-peer-block": lambda n: n.keyring is not None and n.peer_block is None,
    "ppk": _notified("USE_PPK", "PPK_IDENTITY", "NO_PPK_AUTH"),
    "psk": _psk,
    "redirect": _notified("REDIRECT"),
    "rejected": lambda n: n.aaa_verdict in ("Reject", "FAIL"),
    "rekey": _rekey,
    "signature": lambda n: _method(n).startswith(_SIGNATURES),
}


# -- words -----------------------------------------------------------------------------------------------------------


def _facts(n: Negotiation) -> dict[str, str]:
    asked = n.authorizations[-1] if n.authorizations else None
    groups: dict[str, str] = next((e.fields for e, _, _ in n.footprints if e.message in ("M074", "M075")), {})
    facts = {
        "peer": n.peer,
        "identity": n.identity,
        "type": n.identity_type,
        "profile": n.profile,
        "keyring": n.keyring,
        "policy": n.policy,
        "user": n.username,
        "child_profile": n.child_profile,
        "list": asked.list if asked else None,
        "name": asked.name if asked else None,
        "error": error_text(n.failure) if n.failure is not None else None,
        "key": _key(n),
        "difference": difference(n),
        "offered": _offer(n.offered_ike),
        "offered_esp": _offer(n.offered_esp),
        "retransmits": f"{n.retransmits} retransmissions" if n.retransmits > 1 else None,
        "clock": "the router's clock is not set" if n.first_text.lstrip().startswith("*") else None,
        "peer_group": groups.get("peer_group"),
        "own_group": groups.get("own_group"),
    }
    return {name: str(value) for name, value in facts.items() if value}


def error_text(failure: Failure) -> str:
    """The error as the log words it, without the list of proposals that some releases glue to it."""
    text = failure.seen.removeprefix("Received Policies:").strip(": ")
    return _CUT.sub("", text) or "an error without text"


def _key(n: Negotiation) -> str:
    used = next((k for k in reversed(n.keys) if k.own is not True), None)
    where = f"peer block '{n.peer_block}'" if n.peer_block else ""
    where += f" of keyring '{n.keyring}'" if n.keyring else ""
    if used is None:
        return f"used was {where.strip()}" if where else ""
    return f"used was one of {used.length} characters{f', {where.strip()}' if where else ''}"


def difference(n: Negotiation) -> str:
    """What the lists of both ends lack in common, by kind of algorithm."""
    received, expected = n.received, n.expected
    if not received or not expected:
        return ""
    protocol = received[-1].protocol
    theirs, ours = ([one for one in some if one.protocol == protocol] for some in (received, expected))
    if not theirs or not ours:
        return ""
    said = []
    for attribute, word in _KINDS:
        offered, wanted = (
            list(dict.fromkeys(v for one in some for v in getattr(one, attribute))) for some in (theirs, ours)
        )
        if offered and wanted and not set(offered) & set(wanted):
            said.append(f"no common {word} (the peer offers {' '.join(offered)}, here {' '.join(wanted)})")
        elif bool(offered) != bool(wanted):
            said.append(f"{word} at one end only ({' '.join(offered or wanted)})")
    return "; ".join(said) or "each algorithm is known to both, but not in one proposal"


def _words(some: list[Transforms], attribute: str) -> list[str]:
    return list(dict.fromkeys(word for one in some for word in getattr(one, attribute)))


def _offer(offers: list[Transforms]) -> str:
    one = offers[0] if offers else None
    return " ".join((*one.encryption, *one.prf, *one.integrity, *(f"group {g}" for g in one.group))) if one else ""


def _filled(text: str, known: dict[str, str]) -> str:
    """The words with the facts put in; what stands in ‹ › goes where one of its facts is not known."""

    def optional(match: re.Match[str]) -> str:
        return match[1] if all(name in known for name in re.findall(r"\{(\w+)\}", match[1])) else ""

    text = re.sub(r"‹([^›]*)›", optional, text)
    return re.sub(r"\{(\w+)\}", lambda m: known.get(m[1], "?"), text)
