"""What a log shows beyond single negotiations: packets of SAs that are gone, clear packets, refused requests, tunnels
that route into themselves, an identity or address used twice, configuration changes between attempts, a clock set back.

Comes in: events of `WATCHED`, and negotiations as they close. Goes out: incidents and turns in the `Coverage` of the
log, counted and bounded. Nothing here looks for the owner of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flexlint.log.clock import DAY, between, seconds
from flexlint.log.leases import Leases
from flexlint.log.messages import same_as
from flexlint.log.model import Coverage, Gap, Incident, Negotiation, Outcome, Turn
from flexlint.log.sight import Sight
from flexlint.place import Origin, Seen

if TYPE_CHECKING:
    from flexlint.log.epochs import Epoch
    from flexlint.log.shelved import Shelved

KEPT = 500  # incidents and turns that are told apart
PEERS = 10_000  # peers remembered
AT_ONCE = 2.0  # seconds after which a session has lived, and the lines that stand for them where there are no clocks
AT_ONCE_LINES = 30
SET_BACK = 60.0  # seconds a clock may run back because processors print at their own pace

# The kind of an incident by message, and the field that tells two of a kind apart.
_KINDS: dict[str, tuple[str, str]] = {
    "M229": ("recursive", "interface"),
    "M258": ("clear", "peer"),
    "M259": ("unknown-spi", "spi"),
    "M278": ("client", "client"),
    "M280": ("denied", "peer"),
    "M298": ("dead-sa", ""),
    "M347": ("ikev1", ""),
}
WATCHED = frozenset((*_KINDS, *(m for m, original in same_as.items() if original in _KINDS)))


class Watch:
    """The running state of one log."""

    __slots__ = ("_clock", "_coverage", "_last", "_leases", "_lived", "_origin", "_outcomes", "_pairs", "_redirected")

    def __init__(self, coverage: Coverage, origin: Origin) -> None:
        self._coverage = coverage
        self._origin = origin
        self._last: dict[str, bytes] = {}  # by router: the clock of a later line, of the same form
        self._clock: dict[str, float] = {}  # by router: seconds of the day of the last line looked at
        self._redirected: set[str] = set()  # gateways that sent this router to another one
        self._outcomes: dict[str, tuple[Outcome, int]] = {}  # by peer: how the last attempt ended, and where
        self._lived: set[str] = set()  # peers with which a session stayed up
        self._leases = Leases()
        self._pairs: dict[str, set[tuple[str, str]]] = {}  # by identity: addresses of which one took over from another

    def look(self, event: Sight) -> None:
        """One event of WATCHED."""
        kind, field = _KINDS[same_as.get(event.message, event.message)]
        if kind == "client" and event.fields.get("state") != "DOWN":
            return
        about = event.fields.get(field, "") if field else ""
        seen = Seen.at(event.text, event.line, event.raw, self._origin)
        detail = event.fields.get("reason") or event.fields.get("protocol") or ""
        self._count(kind, about, seen, event.fields.get("peer", ""), detail.strip(" .\n"))

    def tick(self, event: Sight, device: str) -> None:
        """Notes where a router's clock was set back."""
        now = seconds(event.clock) if event.clock else None
        if now is None:
            return
        last = self._last.pop(device, None)
        before = self._clock.get(device) if last is None else seconds(last.decode("ascii"))
        if before is not None and SET_BACK < before - now < DAY / 2 and len(self._coverage.gaps) < KEPT:
            self._coverage.gaps.append(Gap("clock", event.line, event.raw))
        if before is not None or len(self._clock) < KEPT:
            self._clock[device] = now

    def goes_on(self, clock: bytes, device: str) -> bool:
        """Notes a clock that has the form of this router's last one and is not before it. False: `tick` must look."""
        last = self._last.get(device)
        if last is None or len(last) != len(clock) or clock < last:
            return False
        self._last[device] = clock
        return True

    def steady(self, clock: bytes, device: str) -> None:
        """The clock of the line that `tick` was told of last, where its letters sort as its time does."""
        if device in self._clock:
            self._last[device] = clock

    def replaced(self, old: Epoch, new: Epoch) -> None:
        """An INITIAL_CONTACT of `new` ended `old`, of the same identity; the two may come from different addresses."""
        if not old.peer or not new.peer or old.peer == new.peer or not new.identity:
            return
        identity = new.identity
        pairs = self._pairs.setdefault(identity, set()) if len(self._pairs) < KEPT else set()
        pair = (old.peer, new.peer)
        if len(pairs) < KEPT:
            pairs.add(pair)
        if pair[::-1] in pairs:
            n = new.so_far()
            if (seen := n.initial_contact or n.identity) is not None:
                self._count("identity", identity, seen, *pair, times=2)

    def closed(self, n: Negotiation, lost: bool) -> None:
        """Notes how a negotiation ended, and what a configuration of this router must agree with. `lost`: it may have
        gone on."""
        coverage = self._coverage
        if n.local is not None and len(coverage.local_addresses) < KEPT:
            coverage.local_addresses.setdefault(n.local, n.local)
        if "REDIRECT" in n.notifies_received and n.peer is not None and len(self._redirected) < KEPT:
            self._redirected.add(str(n.peer))
        gone = n.deleted if deleted_at_once(n) else None
        self.ended(str(n.peer or ""), n.outcome, n.first_line, n.last_line, gone)
        first = coverage.incidents.get(("at-once", str(n.peer or ""))) if gone is not None else None
        if first is not None and first.kept is None:
            first.kept = shelved(n)

        if (twice := self._leases.of(n, lost)) is not None:
            lease, other = twice
            address = n.assigned_addresses()[0]
            who = f"'{lease.identity}' and '{other.identity}'"
            self._count("address", address, lease.seen or n.session_up or address, str(n.peer or ""), who)
            incident = coverage.incidents.get(("address", address))
            if incident is not None and incident.kept is None:
                incident.other, incident.kept = other.seen, shelved(n)

    def lend(self, address: str, profile: str, epoch: Epoch) -> bool:
        """Notes the address that a session was given which is only counted. False where another one may have had it
        meanwhile: then it must be written down."""
        return self._leases.counted(address, profile, epoch)

    def knows(self, local: str) -> bool:
        """Whether nothing new could be learnt of this address of the router."""
        known = self._coverage.local_addresses
        return not local or local in known or len(known) >= KEPT

    def ended(self, peer: str, outcome: Outcome, first_line: int, last_line: int, gone: Seen | None = None) -> None:
        """Notes where a peer's attempts end otherwise after a change of the configuration than before it. `gone` is the
        deletion of a session that had just come up."""
        coverage = self._coverage
        coverage.began = min(coverage.began or first_line, first_line)
        if not peer or outcome is Outcome.INCOMPLETE:
            return
        if gone is not None:
            self._count("at-once", peer, gone, peer)
        elif outcome is not Outcome.FAILED and len(self._lived) < PEERS:
            self._lived.add(peer)
        if self._redirected and outcome is not Outcome.FAILED:
            coverage.followed |= self._redirected - {peer}
        ended = Outcome.FAILED if outcome is Outcome.FAILED else Outcome.UP
        before = self._outcomes.get(peer)
        if before is not None and before[0] is not ended and len(self._coverage.turns) < KEPT:
            change = next((c for c in reversed(self._coverage.config_changes) if before[1] < c.line < last_line), None)
            if change is not None and change.line <= first_line:
                self._coverage.turns.append(Turn(peer, before[0], ended, change))
        if before is not None or len(self._outcomes) < PEERS:
            self._outcomes[peer] = (ended, first_line)

    def finish(self) -> None:
        """Marks what another session of the same peer made harmless."""
        for (kind, about), one in self._coverage.incidents.items():
            if kind == "at-once" and about in self._lived:
                one.detail = "another session stayed up"

    def _count(self, kind: str, about: str, seen: Seen, peer: str = "", detail: str = "", times: int = 1) -> None:
        incidents = self._coverage.incidents
        known = incidents.get((kind, about))
        if known is not None:
            known.times += 1
        elif len(incidents) < KEPT:
            incidents[kind, about] = Incident(kind, about, peer, detail, seen, times)


def shelved(n: Negotiation) -> Shelved:
    """A negotiation to be kept, without its timeline."""
    from flexlint.log.shelved import Shelved

    return Shelved(n)


def at_once(up_line: int, up_clock: str, end_line: int, end_clock: str) -> bool:
    """Whether a session that came up was deleted by the peer so soon after."""
    gap = between(up_clock, end_clock) if up_clock and end_clock else None
    return end_line - up_line <= AT_ONCE_LINES if gap is None else gap <= AT_ONCE


def deleted_at_once(n: Negotiation) -> bool:
    """Whether the peer deleted this session as soon as it was up."""
    if n.outcome is not Outcome.DELETED or n.session_up is None or n.deleted is None or not n.deleted_by_peer:
        return False
    if n.replaced_by is not None or n.operator_action is not None:
        return False
    return at_once(n.session_up.line, n.up_clock, n.deleted.line, n.end_clock)
