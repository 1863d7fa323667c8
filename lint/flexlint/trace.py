"""A negotiation as a person reads it: what happened, when, who said it, and which configuration line it came from.

Comes in: negotiations, and the configuration of their router where there is one. Goes out: rows, text of them, or plain
dictionaries. Keys never get out: each line of a file passes through `mask`. Nothing here reads files or prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flexlint.log.clock import between
from flexlint.log.model import Failure, Milestone, Negotiation, Outcome, Side
from flexlint.mask import mask
from flexlint.place import Place

if TYPE_CHECKING:
    from flexlint.accounts import Accounts
    from flexlint.config.model import Device
    from flexlint.log.events import Event
    from flexlint.predict.model import Prediction

OVERVIEW_LIMIT = 2000  # lines of the overview
GAP = 1.0  # seconds without a line that are worth a row of their own
WIDTH = 100  # columns of a row's text before it is cut
# Status notifies that nearly every message carries (RFC 7296 section 3.10.1, RFC 7383): left out of a row.
_USUAL = frozenset(
    "NAT_DETECTION_SOURCE_IP NAT_DETECTION_DESTINATION_IP SET_WINDOW_SIZE ESP_TFC_NO_SUPPORT NON_FIRST_FRAGS "
    "NON_FIRST_FRAGMENTS_ALSO IKEV2_FRAGMENTATION_SUPPORTED HTTP_CERT_LOOKUP_SUPPORTED".split()
)
_MARKS = {"certain": " ", "high": " ", "medium": "~", "low": "?"}
_REACHED = {
    Milestone.SA_INIT_DONE: "IKE_SA_INIT done",
    Milestone.PEER_AUTHENTICATED: "peer authenticated",
    Milestone.AUTHORIZED: "authorization answered",
    Milestone.SESSION_UP: "IKE session up",
    Milestone.CHILD_ACCEPTED: "child SA accepted",
    Milestone.IPSEC_SA: "IPsec SA made",
    Milestone.INTERFACE_UP: "interface up",
    Milestone.ROUTES: "routes installed",
}
_MARGIN = " " * 31  # before the line that stands for this router
_MILESTONE_OF = {"M084": 1, "M126": 2, "M127": 2, "M185": 3, "M188": 3, "M263": 4, "M254": 6, "M256": 6, "M250": 6}


class Row(NamedTuple):
    """One row of a timeline. `arrow` is `-->` for what this router sent, `<--` for what it received, else empty.

    `mark` is `~` where the line belongs to this negotiation probably, `?` where it may be another's. `elapsed` is in
    seconds since the row before; None without clocks."""

    line: int
    clock: str
    elapsed: float | None
    phase: str
    arrow: str
    text: str
    polarity: str  # "+", "-", "0"
    mark: str
    message: str  # catalogue id
    config: tuple[Place, ...]


@cache
def _words() -> dict[str, str]:
    from flexlint.data import folder, read_table

    return {row["message"]: row["words"] for row in read_table(folder("grammars") / "timeline.tsv")}


def rows(
    negotiation: Negotiation, device: Device | None = None, prediction: Prediction | None = None, full: bool = False
) -> Iterator[Row]:
    """The timeline. A packet and its payloads are one row; lines that say nothing to a reader are left out unless
    `full`. With `device`, each row knows the lines of the configuration that account for it."""
    from flexlint.log.messages import polarity_of, same_as

    accounts = _accounts(negotiation, device, prediction)
    clock = ""
    for events, phase, certainty in _blocks(negotiation):
        event = events[0]
        message = same_as.get(event.message, event.message)
        said = _said(events, message, negotiation)
        polarity = "-" if any(polarity_of(e) == "-" for e in events) else polarity_of(event)
        if said is None:
            if not full and polarity != "-":
                continue
            said = ("", event.text)
        elapsed = between(clock, event.clock) if clock and event.clock else None
        clock = event.clock or clock
        arrow, text = said
        places = tuple(accounts.of(event._replace(message=message))) if accounts is not None else ()
        yield Row(
            event.line, event.clock, elapsed, phase, arrow, mask(text), polarity, _MARKS[certainty], message, places
        )


def _accounts(negotiation: Negotiation, device: Device | None, prediction: Prediction | None) -> Accounts | None:
    if device is None or device.not_ios:
        return None
    from flexlint.accounts import Accounts

    return Accounts(negotiation, device, prediction)


def _blocks(negotiation: Negotiation) -> Iterator[tuple[list[Event], str, str]]:
    """The events of a negotiation, those of one packet together."""
    block: list[Event] = []
    phase = certainty = ""
    for event, its_phase, its_certainty in negotiation.footprints:
        if block and block[0].message in ("M001", "M002", "M008") and event.message in ("M003", "M004", "M005", "M006"):
            block.append(event)
            continue
        if block:
            yield block, phase, certainty
        block, phase, certainty = [event], its_phase.value, str(its_certainty)
    if block:
        yield block, phase, certainty


def _said(events: list[Event], message: str, negotiation: Negotiation) -> tuple[str, str] | None:
    """Direction and words of a row, or None for what is not worth one."""
    event = events[0]
    if message in ("M001", "M002"):
        return ("-->" if message == "M002" else "<--"), _packet(events)
    if message == "M008":
        payloads = _payloads(events)
        return ("-->", f"to be encrypted: {payloads}") if payloads else None
    if message == "M004" and event.fields.get("verb"):
        fields = event.fields
        arrow = "-->" if fields["verb"] == "Sending" else "<--"
        return arrow, f"{fields['exchange']} {fields['direction'].lower()}"
    if message == "M006":
        return None
    words = _words().get(message)
    if words is None:
        return None
    if message == "M093":
        sent = next((a.sent for a in negotiation.attributes if a.value.line > event.line), None)
        words = {True: "sends ", False: "receives ", None: ""}[sent] + words
    return "", _filled(words, event.fields)


def _filled(words: str, fields: dict[str, str]) -> str:
    """The words with the message's fields put in; a field the line does not have leaves nothing behind."""
    for name, value in fields.items():
        words = words.replace("{" + name + "}", value)
    while "{" in words and "}" in words[words.index("{") :]:
        at = words.index("{")
        words = words[:at].rstrip() + words[words.index("}", at) + 1 :]
    return words.rstrip()


def _packet(events: list[Event]) -> str:
    exchange = direction = number = ""
    for event in events:
        exchange = event.fields.get("exchange", exchange)
        direction = event.fields.get("direction", direction)
        number = event.fields.get("message_id", number)
    what = f"{exchange} {direction.lower()} {number}".strip() if exchange else f"packet {number}".strip()
    payloads = _payloads(events)
    return f"{what}: {payloads}" if payloads else what


def _payloads(events: list[Event]) -> str:
    words = " ".join(e.text for e in events if e.message == "M006").split()
    names = (w[7:-1] if w.startswith("NOTIFY(") else w for w in words)
    return " ".join(name for name in names if name not in _USUAL)


# ---- text -----------------------------------------------------------------------------------------------------------


def timeline(
    negotiation: Negotiation, device: Device | None = None, prediction: Prediction | None = None, full: bool = False
) -> Iterator[str]:
    """One negotiation as lines of text: who, how it ended, then every step from top to bottom.

    Arrows point to the left for what came from the peer. Below a step stand the lines of the configuration that account
    for it. Keys are masked; control characters are left for the caller to show."""
    n = negotiation
    yield from _heading(n)
    reached, cause = -1, n.failure.seen.line if n.failure is not None and n.outcome is Outcome.FAILED else -1
    for row in rows(n, device, prediction, full):
        if row.elapsed is not None and row.elapsed >= GAP:
            yield f"{_MARGIN}:  {row.elapsed:.1f} s without a line"
        if row.line == cause:
            yield f"{_step(row)}   <== the first sign of failure"
            cause = -1
        else:
            yield _step(row)
        for place in row.config:
            yield f"{_MARGIN}|      = {place.path}:{place.line}: {_cut(mask(place.text).strip(), WIDTH)}"
        milestone = _MILESTONE_OF.get(row.message, -1)
        if milestone > reached and milestone <= n.milestone:
            reached = milestone
            yield f"{_MARGIN}|== {_REACHED[Milestone(milestone)]}"
    if n.steps_dropped:
        yield f"{_MARGIN}:  {n.steps_dropped} further lines, the last is line {n.last_line}"
    for sentence in n.ambiguities:
        yield f"  ? {mask(sentence)}"


def _step(row: Row) -> str:
    delta = f"{row.elapsed:+.3f}" if row.elapsed else ""
    arrow = {"-->": "|---> ", "<--": "|<--- "}.get(row.arrow, "|")
    return f"{row.line:>7}  {row.clock:<12} {delta:>8} {arrow}{row.mark}{_cut(row.text, WIDTH)}".rstrip()


def _heading(n: Negotiation) -> Iterator[str]:
    ids = f"SESSION {n.session}, SA {n.sa}" if n.session else f"SA {n.sa}" if n.sa else "no ids"
    yield f"negotiation {n.id}: {ids}, {n.origin.path}:{n.first_line}-{n.last_line}"
    peer = f"{n.peer}:{n.peer_port}" if n.peer and n.peer_port else str(n.peer or "unknown")
    here = f"this router{f' {n.device}' if n.device else ''} {n.local or ''}".rstrip()
    role = f"is the {n.role.value}" if n.role is not Side.UNKNOWN else "may be either side"
    yield f"  {here} {role}; the peer is {peer}{_identity(n)}"
    yield f"  {ended(n)}"


def _error(failure: Failure) -> str:
    """The error as the log words it, without the list of proposals that some releases glue to it."""
    return _cut(mask(failure.seen.lstrip(": ").partition("Proposal 1:")[0].strip()), WIDTH)


def _identity(n: Negotiation) -> str:
    if n.identity is None:
        return ""
    kind = f" ({n.identity_type})" if n.identity_type else ""
    return f", identity {n.identity}{kind}"


def ended(n: Negotiation) -> str:
    """How a negotiation ended, in a clause: `failed in authentication: Failed to authenticate the IKE SA`."""
    reached = _REACHED.get(n.milestone, "nothing")
    failure = n.failure
    if n.outcome is Outcome.FAILED and failure is not None:
        whose = "the peer refused in" if failure.by_peer else "failed in"
        return f"{whose} {failure.phase.value}: {_error(failure)} (line {failure.seen.line}); reached: {reached}"
    if n.outcome is Outcome.DELETED:
        who = {True: "by the peer", False: "by this router", None: ""}[n.deleted_by_peer]
        why = f", after {mask(str(n.operator_action))}" if n.operator_action is not None else ""
        why = why or (f", replaced by negotiation {n.replaced_by}" if n.replaced_by is not None else "")
        return f"deleted {who}".rstrip() + f"{why}; reached: {reached}"
    if n.outcome is Outcome.INCOMPLETE:
        return f"incomplete: the log does not show how it ended; reached: {reached}"
    return f"up; reached: {reached}"


_COLUMNS = (("id", 4), ("time", 12), ("role", 9), ("peer", 21), ("identity", 28), ("profile", 16), ("outcome", 10))


def overview(negotiations: Iterable[Negotiation]) -> Iterator[str]:
    """One line a negotiation under a line of headings."""
    yield "  ".join(f"{name:<{width}}" for name, width in _COLUMNS) + "  reached / cause"
    for n in negotiations:
        peer = f"{n.peer}:{n.peer_port}" if n.peer and n.peer_port else str(n.peer or "-")
        values = (
            str(n.id), n.first_clock or f"line {n.first_line}", n.role.value, peer, str(n.identity or "-"),
            str(n.profile or "-"), n.outcome.value,
        )  # fmt: skip
        cells = (f"{_cut(v, width):<{width}}" for v, (_, width) in zip(values, _COLUMNS, strict=True))
        cause = _error(n.failure) if n.outcome is Outcome.FAILED and n.failure is not None else ""
        yield "  ".join(cells) + "  " + (cause or _REACHED.get(n.milestone, "-"))[:WIDTH]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def wanted(negotiation: Negotiation, only_failed: bool = False, peer: str | None = None) -> bool:
    """Whether a negotiation is among those asked for: the failed ones, those with this peer address or identity."""
    if only_failed and negotiation.outcome is not Outcome.FAILED:
        return False
    return peer is None or peer in (str(negotiation.peer or ""), str(negotiation.identity or ""))


def trace_text(
    negotiations: Iterable[Negotiation],
    device: Device | None = None,
    only_failed: bool = False,
    peer: str | None = None,
) -> Iterator[str]:
    """The timeline of each negotiation asked for as soon as it is over, then, where there are several, the overview."""
    lines: list[str] = []
    total = 0
    for n in negotiations:
        if wanted(n, only_failed, peer):
            yield from timeline(n, device)
            yield ""
            total += 1
            if len(lines) < OVERVIEW_LIMIT:
                lines += list(overview([n]))[bool(lines) :]
    if total > 1:
        yield from lines
        if total >= OVERVIEW_LIMIT:
            yield f"... {total} negotiations in all"
    elif not total:
        yield "no negotiation that was asked for"


def trace_json(
    negotiations: Iterable[Negotiation],
    device: Device | None = None,
    only_failed: bool = False,
    peer: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Each negotiation asked for as a dictionary of plain values: its summary and `timeline`, a list of rows."""
    from dataclasses import asdict

    from flexlint.report.summary import summarize

    for n in negotiations:
        if not wanted(n, only_failed, peer):
            continue
        steps = []
        for row in rows(n, device):
            config = [{"path": p.path, "line": p.line, "text": mask(p.text).strip()} for p in row.config]
            steps.append({**row._asdict(), "mark": row.mark.strip(), "config": config})
        summary = {
            key: mask(value) if isinstance(value, str) else value
            for key, value in asdict(summarize(n, n.origin.path)).items()
        }
        yield {**summary, "timeline": steps, "steps_dropped": n.steps_dropped, "ambiguities": n.ambiguities}
