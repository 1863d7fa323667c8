"""Addresses that a router gives its peers in config mode, and whether one of them was given to two at the same time.

Comes in: sessions as they close, written down or only counted. Goes out: the two that had one address. What ended
without a line that says so lives on as long as nothing speaks against it, except what was lost from sight. Memory is
bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flexlint.log.model import Negotiation, Side
from flexlint.place import Seen

if TYPE_CHECKING:
    from flexlint.log.epochs import Epoch

KEPT = 10_000  # addresses remembered
MARGIN = 30  # lines: what ends and what begins in one moment may be printed in either order
FOREVER = 1 << 62  # the line at which a session ends of which no line says that it does


class Lease(NamedTuple):
    """Whom an address was given to, and the lines between which it was certainly theirs."""

    since: int
    until: int
    identity: str
    profile: str
    vrf: str  # of a route over the session; one address may be in use in several VRFs
    ids: tuple[str, str]  # SESSION ID and SA ID
    seen: Seen | None  # None where the session was only counted

    def rivals(self, other: Lease, margin: int) -> bool:
        """Whether another peer had the address at the same time, for longer than so many lines."""
        if self.identity == other.identity or not self.identity or not other.identity:
            return False
        if self.profile != other.profile or self.vrf != other.vrf:
            return False
        if min(self.until, other.until) - max(self.since, other.since) <= margin:
            return False
        first, second = (self, other) if self.since < other.since else (other, self)
        return first.until < FOREVER or _goes_on(first.ids, second.ids)


def _goes_on(first: tuple[str, str], second: tuple[str, str]) -> bool:
    """Whether a session whose end was not seen may live on beside a later one: the SA ID of that is another one, and
    its SESSION ID a higher one, which after a restart it would not be."""
    earlier, later = (int(one[0]) if one[0].isdecimal() else 0 for one in (first, second))
    return first[1] != second[1] and 0 < earlier < later


class Leases:
    """Who had which address last."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], Lease] = {}  # by router and address

    def of(self, n: Negotiation, lost: bool) -> tuple[Lease, Lease] | None:
        """Notes the address that a responder gave in a session that came up. The later lease and the earlier one,
        where two peers had it at once."""
        given = n.assigned_addresses()
        if not given or n.role is not Side.RESPONDER or n.session_up is None:
            return None
        until = n.deleted.line if n.deleted is not None else n.last_line if lost else FOREVER
        vrf = next((str(route.vrf) for route in n.routes if route.added), "")
        who = str(n.identity or ""), str(n.profile or ""), vrf, (n.session, n.sa)
        lease = Lease(n.session_up.line, until, *who, given[0])
        key = n.device, str(given[0])
        before = self._last.get(key)
        self._keep(key, lease)
        if before is None or not before.rivals(lease, MARGIN):
            return None
        return (lease, before) if before.since < lease.since else (before, lease)

    def counted(self, address: str, profile: str, epoch: Epoch) -> bool:
        """Notes the address of a session that is only counted. False where another peer may have had it too."""
        until = epoch.deleted_line if epoch.deleted else epoch.last_line if epoch.lost else FOREVER
        who = epoch.identity, profile, epoch.vrf, (epoch.session, epoch.sa)
        lease = Lease(epoch.first_line, until, *who, None)
        key = epoch.device, address
        before = self._last.get(key)
        if before is not None and before.rivals(lease, margin=0):
            return False
        self._keep(key, lease)
        return True

    def _keep(self, key: tuple[str, str], lease: Lease) -> None:
        before = self._last.get(key)
        if before is None:
            if len(self._last) < KEPT:
                self._last[key] = lease
        elif before.until <= lease.until:
            self._last[key] = lease
