"""Owners of lines that other processes print: routes, interfaces, system messages, AAA, RADIUS, PKI, IPsec.

Comes in: an event without SESSION ID and SA ID. Goes out: the epochs it belongs to, each with the certainty of that.
Such a line names a prefix, an interface, an address, or an id of its own process. Where that leaves several epochs, an
interface belongs to all of them as ambiguous; an error belongs to none, since it must not hit the wrong one.
"""

from __future__ import annotations

from flexlint.log.epochs import Epoch
from flexlint.log.model import Milestone
from flexlint.log.sight import Sight
from flexlint.log.table import EpochTable
from flexlint.place import Certainty

RECENT = 300  # lines within which a negotiation may still be the one that a line without ids means
TICKETS = 4096  # ids of other processes that are remembered

Owners = list[tuple[Epoch, Certainty]]

_HIGH, _MEDIUM, _LOW = Certainty.HIGH, Certainty.MEDIUM, Certainty.LOW
_AAA = ("M190", "M191", "M192", "M194", "M195", "M196", "M197", "M198", "M199", "M200")
_ASKED = frozenset({"M182", "M183"})
_RADIUS = ("M201", "M202", "M203", "M204")
_PKI = tuple(f"M{n}" for n in range(157, 167))
_IPSEC = ("M242", "M243", "M244", "M245", "M246", "M247", "M248", "M250")
_PEER = ("M168", "M223", "M231", "M258", "M259", "M272", "M273", "M280")
_ROUTES = ("M221", "M222")
_INTERFACES = ("M224", "M225", "M226", "M227", "M229")
BYSTANDERS = frozenset((*_AAA, *_RADIUS, *_PKI, *_IPSEC, *_PEER, *_ROUTES, *_INTERFACES, "M277"))


class Bystanders:
    """What other processes are working on for which epoch of one router."""

    __slots__ = ("_radius", "_table", "_tickets")

    def __init__(self, table: EpochTable) -> None:
        self._table = table
        self._tickets: dict[str, Epoch] = {}  # AAA ids, RADIUS request ids, PKI handles
        self._radius: Epoch | None = None  # of the last RADIUS line with an id: lines of attributes follow it

    def owners(self, event: Sight, current: Epoch | None) -> Owners:
        """The owners of an event of BYSTANDERS; `current` is the epoch that printed the last line with ids."""
        message = event.message
        if message in _ROUTES:
            return self._route(event, current)
        if message in _INTERFACES:
            return self._interface(event)
        if message in _PEER:
            return self._peer(event)
        if message in _AAA:
            return self._aaa(event)
        if message in _RADIUS:
            return self._server(event)
        if message in _PKI:
            return self._pki(event, current)
        if message in _IPSEC:
            busy = (
                current is not None and not current.deleted and current.state.milestone >= Milestone.PEER_AUTHENTICATED
            )
            return [(current, _MEDIUM)] if current is not None and busy else []
        negotiating = [e for e in self._recent(event) if not e.state.up and not e.deleted]
        return [(negotiating[0], _LOW)] if len(negotiating) == 1 else []

    def _recent(self, event: Sight) -> list[Epoch]:
        return self._table.recent(event.line, RECENT)

    # -- routes and interfaces -----------------------------------------------------------------------------------

    def _route(self, event: Sight, current: Epoch | None) -> Owners:
        """The epoch whose configuration payload has the same prefix."""
        prefix = f"{event.fields['network']} {event.fields['mask']}"
        if current is not None and current.offers(prefix):
            return [(current, _HIGH)]
        same = [e for e in self._recent(event) if e.offers(prefix)]
        if len(same) == 1:
            return [(same[0], _HIGH)]
        if current is not None and current.state.config_type in ("set", "reply") and not current.deleted:
            return [(current, _MEDIUM)]
        owner = same[-1] if same else current
        if owner is None:
            return []
        owner.doubt(f"line {event.line}: the route {prefix} may belong to another negotiation")
        return [(owner, _LOW)]

    def _interface(self, event: Sight) -> Owners:
        """The epoch the interface is bound to, else those that may be making or losing one just now."""
        name, state = event.fields.get("interface", ""), event.fields.get("state", "down")
        if not name.startswith(("Virtual-Access", "Tunnel")):
            return []
        bound = self._table.by_interface.get(name)
        if bound is not None and bound.closed:
            bound = None
        down = state == "down"
        if bound is not None and bound.deleted == down:
            return [(bound, _HIGH)]
        recent = self._recent(event)
        if bound is not None and down and not any(e.deleted and event.line - e.last_line < 20 for e in recent):
            return [(bound, _HIGH)]
        if down:
            found = [e for e in recent if e.deleted or e.cloning]
        else:
            found = [
                e
                for e in recent
                if not (e.deleted or e.state.has_interface or e.state.milestone < Milestone.AUTHORIZED)
            ]
        if len(found) < 2:
            return [(e, _MEDIUM) for e in found]
        found = found[-3:]
        found.sort(key=lambda e: e.id)
        names = " and ".join(e.name for e in found)
        ids = tuple(e.id for e in found)
        for epoch in found:
            epoch.shared_with = ids
            epoch.doubt(f"{name} went {state} (from line {event.line}): this may belong to {names}", f"{name} {state}")
        return [(e, _LOW) for e in found]

    # -- addresses -----------------------------------------------------------------------------------------------

    def _peer(self, event: Sight) -> Owners:
        address = event.fields.get("peer") or event.fields.get("identity", "")
        there = self._table.by_peer.get(address, [])
        there = [e for e in there if not e.deleted] or there[-1:]
        certainty = _MEDIUM if len(there) == 1 else _LOW
        return [(e, certainty) for e in there[-4:]]

    # -- ids of other processes ----------------------------------------------------------------------------------

    def _remember(self, ticket: str, epoch: Epoch) -> None:
        if len(self._tickets) >= TICKETS:
            self._tickets.clear()
        self._tickets[ticket] = epoch

    def _aaa(self, event: Sight) -> Owners:
        """AAA counts its requests by an id of its own; the first line with one belongs to the request that is open."""
        ticket = "aaa " + event.fields["uid"].lower().removeprefix("0x").lstrip("0")
        epoch = self._tickets.get(ticket)
        if epoch is None or epoch.closed:
            asking = [e for e in self._recent(event) if e.state.aaa_pending]
            wanted = event.fields.get("list")
            if wanted and len(asking) > 1:
                asking = [e for e in asking if e.last_field(_ASKED, "list") == wanted]
            if len(asking) > 1:  # who has an id of AAA already is not the one that gets the next
                served = {e.id for name, e in self._tickets.items() if name.startswith("aaa ")}
                asking = [e for e in asking if e.id not in served] or asking
            if len(asking) != 1:
                for one in asking:
                    one.doubt(f"line {event.line} ({event.text[:60]}) may answer any of {len(asking)} requests", "aaa")
                return []
            epoch = asking[0]
            self._remember(ticket, epoch)
        if "request" in event.fields:
            self._remember("radius " + event.fields["request"], epoch)
        self._radius = epoch
        return [(epoch, _MEDIUM)]

    def _server(self, event: Sight) -> Owners:
        request = event.fields.get("request")
        epoch = self._tickets.get("radius " + request) if request else self._radius
        if epoch is None or epoch.closed:
            asking = [e for e in self._recent(event) if e.state.aaa_pending]
            epoch = asking[0] if len(asking) == 1 else None
        self._radius = epoch
        return [(epoch, _MEDIUM)] if epoch is not None else []

    def _pki(self, event: Sight, current: Epoch | None) -> Owners:
        """A validation has a handle; its first line belongs to the certificate that is being checked."""
        handle = event.fields.get("handle", "").strip("()")
        epoch = self._tickets.get("pki " + handle) if handle else None
        if epoch is None or epoch.closed:
            checking = [e for e in self._recent(event) if e.state.pki_pending]
            if current is not None and current.state.pki_pending:
                epoch = current
            elif len(checking) == 1:
                epoch = checking[0]
            else:
                return []
            if handle:
                self._remember("pki " + handle, epoch)
        return [(epoch, _MEDIUM)]
