"""What must be said of two configurations of which one was changed, with the log of one end or of both.

Comes in: the changed `Pair`, and at which of its ends a log is. Goes out: where a call ends now, at the hub and at the
spoke, and the rules that may say so. Written from the reference; it shares nothing with flexlint.
"""

from __future__ import annotations

from dataclasses import dataclass

from authoring.course import Peer, initiate, respond
from authoring.oracle import EXPLAINS, contested, unreliable
from authoring.pairs import SEEN, UNSEEN, Pair
from authoring.site import Site

# What both configurations say without a log, by where the course ends at the hub, or else at the spoke.
COMPARED = {
    "proposal": {"SEL203"},
    "profile": {"SEL201"},
    "method": {"AUT201"},
    "key": {"AUT203"},
    "block": {"AUT202"},
    "refused": {"AUT203"},
    "responder-identity": {"SEL202"},
    "esp": {"TUN201"},
    "selectors": {"TUN202"},
}
# What they say with a log, or one log says of the other.
JOINED = {
    "proposal": {"SEL223"},
    "profile": {"SEL222"},
    "method": {"AUT222"},
    "key": {"AUT221", "NEG201"},
    "block": {"NEG201"},
    "keyring": {"NEG201"},
    "refused": {"AUT221", "NEG201"},
    "responder-identity": {"SEL221"},
    "esp": {"TUN221"},
    "selectors": {"TUN221"},
}
# What the log of the end that was turned down says, where nothing explains it: it only sees that.
OPEN = {
    "proposal": {"SEL011"},
    "block": {"AUT014"},
    "keyring": {"AUT014"},
    "key": {"AUT014"},
    "refused": {"NEG010"},
    "esp": {"NEG006", "TUN007"},
}


@dataclass(frozen=True)
class Calls:
    """Where a call ends, at the hub and at the spoke; empty where it does not. None: nobody has seen such a log."""

    hub: str
    spoke: str
    is_seen: bool

    @property
    def stop(self) -> str:
        """The first cause: `refused` is only what the other end makes of it."""
        return next((one for one in (self.hub, self.spoke) if one and one != "refused"), self.hub or self.spoke)


def called(pair: Pair) -> Calls | None:
    """None where the sources do not agree on what becomes of a call."""
    try:
        calling, answering = pair.calling(), pair.answering()
        if contested(pair.hub, calling, False) or contested(pair.spoke, answering, True):
            return None
        at_hub = respond(pair.hub, calling).stop
        answering.refuses_us = SEEN.get(at_hub, "")
        at_spoke = initiate(pair.spoke, answering, pair.tunnel).stop
    except StopIteration:
        return None  # the change took away what the two meet by
    strange = at_hub in UNSEEN or at_spoke in ("unprotected", "no-key")
    strange = strange or unreliable(pair.hub, [calling], False) or unreliable(pair.spoke, [answering], True)
    return Calls(at_hub, at_spoke, is_seen=not strange and not _moved(pair))


def _moved(pair: Pair) -> bool:
    """Whether a packet would leave in another VRF than the trace shows it in."""
    return any(t.destination and (t.fvrf or None) != site.wan_vrf for site in _sites(pair) for t in site.tunnels)


def _sites(pair: Pair) -> tuple[Site, Site]:
    return pair.hub, pair.spoke


def explains(calls: Calls, both_logs: bool) -> set[str]:
    """The rules of which one at least must speak where a call fails."""
    stop = calls.stop
    out = EXPLAINS.get(stop, set()) | JOINED.get(stop, set()) | COMPARED.get(stop, set())
    return out if both_logs else out | left_open(calls)


def left_open(calls: Calls) -> set[str]:
    return OPEN.get(calls.hub, set()) | OPEN.get(calls.spoke, set())


def compared(pair: Pair, calls: Calls | None) -> set[str]:
    """The rules that may speak of both configurations, whatever a log says."""
    if calls is None:
        return set().union(*COMPARED.values()) | {"CRY101", "AZN201"}
    out = COMPARED.get(calls.hub, set()) | COMPARED.get(calls.spoke, set())
    if len({one.pfs for site in _sites(pair) for one in site.ipsec_profiles}) > 1:
        out = out | {"CRY101"}  # the first rekey fails
    if _moved(pair) or any(p.pqc for site in _sites(pair) for p in site.proposals):
        out = out | {"SEL203"}
    if respond(pair.hub, calling := pair.calling()).address is None and calling.wants_address:
        out = out | {"AZN201"}
    return out


def peers_of(pair: Pair) -> tuple[Peer, Peer]:
    return pair.calling(), pair.answering()
