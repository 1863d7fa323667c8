"""What a log shows beyond single negotiations: SAs that only one end has, clear packets, refused requests, tunnels that
route into themselves, an identity used twice.

Comes in: the incidents that the reader counted. Goes out: findings of the family NEG, one for each of them. What the
configuration has to do with them is asked of `accounts`.
"""

from __future__ import annotations

from flexlint.checks.trace import accounts
from flexlint.finding import Confidence, Finding, Severity, Silence
from flexlint.log.model import Incident
from flexlint.rulebook import LogCase, Scope, Yielded, check

FLOOD = 10  # packets of one SPI from which on they are no leftovers of a restart


def _of(case: LogCase, *kinds: str) -> list[Incident]:
    return [one for (kind, _), one in case.coverage.incidents.items() if kind in kinds]


def _silence(found: list[Incident]) -> Silence | None:
    return None if found else Silence.NO_EVIDENCE


def _told(incident: Incident, message: str, *notes: str) -> Finding:
    times = f" ({incident.times:,} times)" if incident.times > 1 else ""
    finding = Finding(message + times).at(incident.seen).because(*notes).about(incident.kind, incident.about)
    finding.peer = incident.peer
    return finding


@check("NEG010", on=Scope.LOG)
def session_deleted_at_once(case: LogCase) -> Yielded:
    """The peer deletes what just came up: it refused something after it had authenticated this router."""
    found = _of(case, "at-once")
    for one in found:
        finding = _told(
            one,
            f"peer {one.about} deleted the session right after it came up",
            "the peer refused something after authentication: the child SA, config mode, or this router's identity",
            "its log has the reason",
        )
        finding = accounts.of_ending(finding, case, one)
        if one.detail:  # another session with this peer stayed up: both ends may have begun at once
            finding.lowered(Severity.NOTE)
        yield finding
    return _silence(found)


@check("NEG011", on=Scope.LOG)
def shared_identity(case: LogCase) -> Yielded:
    """One identity from several addresses, each INITIAL_CONTACT deleting the session of the other."""
    found = _of(case, "identity")
    for one in found:
        yield _told(
            one,
            f"identity '{one.about}' comes from {one.peer} and {one.detail} in turn, and each ends the other's session",
            "give each router an identity of its own: a cloned configuration has the same `identity local`",
        )
    return _silence(found)


@check("NEG012", on=Scope.LOG)
def stale_sa(case: LogCase) -> Yielded:
    """Packets of SAs this router does not have."""
    found = _of(case, "unknown-spi", "dead-sa")
    for one in found:
        what = (
            f"peer {one.peer} sends IPsec packets with SPI {one.about.partition('(')[0]}"
            if one.about
            else "packets come for IKE SAs"
        )
        finding = _told(
            one,
            f"{what} that this router does not have",
            "the other end still believes in an SA that is gone here: after a restart or a clear this ends by itself, "
            "with dead-peer detection at that end",
            "where it goes on, look whether that end refused this router's identity or child SA in silence",
        )
        yield finding if one.times >= FLOOD else finding.lowered(Severity.NOTE)
    return _silence(found)


@check("NEG013", on=Scope.LOG)
def unencrypted_peer(case: LogCase) -> Yielded:
    """A peer sends in clear what should come encrypted."""
    found = _of(case, "clear")
    for one in found:
        what = {"47": "GRE packets", "": "packets"}.get(one.detail, f"packets of IP protocol {one.detail}")
        yield _told(
            one,
            f"peer {one.about or 'unknown'} sends {what} in clear that this router wants encrypted",
            "`tunnel protection ipsec profile` is missing at that end, or its SA is down",
        )
    return _silence(found)


@check("NEG014", on=Scope.LOG)
def recursive_tunnel(case: LogCase) -> Yielded:
    """The way to the tunnel's destination leads through the tunnel."""
    found = _of(case, "recursive")
    for one in found:
        finding = _told(
            one,
            f"{one.about} was disabled: the route to its destination leads through itself",
            "do not learn the destination through the tunnel: a host route, or a front-door VRF (`tunnel vrf`)",
        )
        yield accounts.of_recursion(finding, case.device, one)
    return _silence(found)


@check("NEG015", on=Scope.LOG)
def denied_request(case: LogCase) -> Yielded:
    """Call admission refused a negotiation."""
    found = _of(case, "denied")
    for one in found:
        finding = _told(
            one,
            f"negotiations with {one.about} were refused before they began: {one.detail or 'no reason given'}",
            "look at `crypto ikev2 limit` and `call admission limit`, and at what starts so many negotiations",
        )
        yield accounts.of_admission(finding, case.device, one)
    return _silence(found)


@check("NEG018", on=Scope.LOG)
def address_given_twice(case: LogCase) -> Yielded:
    """Two sessions of different peers have one address at the same time: answers of one go to the other."""
    found = _of(case, "address")
    if not found or case.coverage.gaps or case.coverage.is_excerpt:
        return Silence.NO_EVIDENCE  # a session may have ended in lines that are not here
    for one in found:
        if accounts.may_be_in_two_vrfs(case, one):
            continue
        finding = _told(one, f"address {one.about} was given to {one.detail} at the same time")
        if one.negotiation is not None and not one.negotiation.routes:
            finding.lowered(confidence=Confidence.LOW)  # no route says in which VRF the address is
        yield accounts.of_address(finding.saw(one.other, "given here first"), case.device, one)
    return None


@check("NEG017", on=Scope.LOG)
def counted_errors(case: LogCase) -> Yielded:
    """What `show crypto ikev2 diagnose error` counts: errors without time or peer."""
    counted = sorted(_of(case, "counted"), key=lambda one: -one.times)
    if not counted:
        return Silence.NO_EVIDENCE
    told = ", ".join(f"{one.times:,} times '{one.about}'" for one in counted[:5])
    finding = Finding(f"the router has counted errors: {told}").at(counted[0].seen)
    for one in counted[1:5]:
        finding.saw(one.seen)
    finding.because("they have neither time nor peer: `debug crypto ikev2` shows whose they are")
    yield finding.about("counted", *(one.about for one in counted[:5]))
    return None


@check("NEG016", on=Scope.LOG)
def client_down(case: LogCase) -> Yielded:
    """A FlexVPN client went down."""
    found = _of(case, "client")
    for one in found:
        finding = _told(
            one,
            f"FlexVPN client '{one.about}' went down",
            "look at its peers and their tracks: a client without a reachable peer does not try",
        )
        yield accounts.of_client(finding, case.device, one)
    return _silence(found)
