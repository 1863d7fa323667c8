"""Faults of sessions that were up, and of what a log shows outside of negotiations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from authoring.drafts import Draft, also, explained, fault, open_end
from authoring.retell import INIT_FAILED, at_end, ended, owners, packet, with_ids
from authoring.scene import Lines, Retelling, lines_of
from authoring.sites import hub_address, hub_fqdn, hub_radius, hub_vrf, spoke_client, spoke_fqdn, spoke_vrf
from authoring.trace import Ids, Said

GONE = (Said("S", "Check for existing active SA"), Said("S", "Delete all IKE SAs"), Said("S", "Deleting SA", True))


def in_turns(seconds: int) -> Retelling:
    """Each session is deleted as soon as the next one has come up, some seconds after it came up itself."""

    def retell(lines: Lines) -> Lines:
        sessions = owners(lines)
        out: Lines = []
        for number, ids in enumerate(sessions):
            own = [said for owner, said in lines if owner is ids]
            own[0] = own[0]._replace(wait=seconds * 1000 if number else 0)
            out += [(ids, said) for said in own]
            if number:
                out += [(sessions[number - 1], said) for said in GONE]
        return out

    return retell


@fault("shared-identity", "Two routers with one identity: each one's INITIAL_CONTACT ends the session of the other")
def shared_identity() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    copy = replace(peers[0], address="203.0.113.77")
    found = open_end("NEG011", "NOTIFY(INITIAL_CONTACT)", "koeln.example.net", "203.0.113.21", "203.0.113.77")
    yield Draft(site, [peers[0], copy, peers[0], copy], found, retell=in_turns(7))
    site, peers = hub_radius()
    copy = replace(peers[0], address="198.51.100.78")
    found = open_end("NEG011", "NOTIFY(INITIAL_CONTACT)", "stores", "198.51.100.77", "198.51.100.78")
    title = "Stores with one key-id between them"
    yield Draft(site, [copy, peers[0], copy, peers[0], copy], found, retell=in_turns(30), title=title)
    site, peers = hub_fqdn()
    yield Draft(site, [peers[0], peers[0], peers[0]], retell=in_turns(40), title="One router calls again and again")
    site, peers = hub_fqdn()
    moved = replace(peers[0], address="203.0.113.77")
    yield Draft(site, [peers[0], moved], retell=in_turns(40), title="A router moves to another address once")


def dead(ids: Ids, peer: str, local: str, answered: bool = False, after: int = 30, tries: int = 5) -> Iterable[Said]:
    """DPD: an INFORMATIONAL request, repeated until the peer answers or is given up."""
    send = f"Sending Packet [To {peer}:500/From {local}:500/VRF i0:f0] "
    yield from packet(ids, send, "INFORMATIONAL Exchange REQUEST", 5, "ENCR", wait=after * 1000)
    for _ in range(1 if answered else tries):
        yield Said("S", "Retransmitting packet", wait=2000)
        yield from packet(ids, send, "INFORMATIONAL Exchange REQUEST", 5, "ENCR")
    if answered:
        receive = f"Received Packet [From {peer}:500/To {local}:500/VRF i0:f0] "
        yield from packet(ids, receive, "INFORMATIONAL Exchange RESPONSE", 5, "NONE")
        return
    yield Said("S", "Deleting SA", True, wait=4000)


@fault("dead-peer", "A session was up, the peer answers no more, and dead-peer detection ends the session")
def dead_peer() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    at = "Deleting SA || Retransmitting packet || Sending Packet || is UP"
    tell = with_ids(lambda ids: dead(ids, peers[1].address, site.local), session=1)
    yield Draft(site, peers, open_end("NEG009", at, "203.0.113.37"), retell=tell)
    site, peers = spoke_fqdn()
    tell = with_ids(lambda ids: dead(ids, peers[0].address, site.local, after=60))
    found = open_end("NEG009", at, "198.51.100.10")
    yield Draft(site, peers, found, retell=tell, title="The hub does not answer the branch any more")
    site, peers = hub_fqdn()
    tell = with_ids(lambda ids: dead(ids, peers[0].address, site.local, answered=True), session=0)
    yield Draft(site, peers, retell=tell, title="One query lost, the next one answered")
    site, peers = spoke_vrf()
    yield Draft(site, peers, title="No DPD at all")


@fault("recursive-tunnel", "The way to the tunnel's destination leads through the tunnel")
def recursive() -> Iterator[Draft]:
    down = (
        Said("%", "%TUN-5-RECURDOWN: Tunnel0 temporarily disabled due to recursive routing", wait=9000),
        Said("%", "%LINEPROTO-5-UPDOWN: Line protocol on Interface Tunnel0, changed state to down"),
    )
    site, peers = spoke_fqdn()
    site.globals = ["ip route 198.51.100.0 255.255.255.0 Tunnel0", "!"]
    at = "ip route 198.51.100.0 255.255.255.0 Tunnel0"
    log = "%TUN-5-RECURDOWN: Tunnel0"
    yield Draft(site, peers, explained("NEG014", at, log, "Tunnel0", "198.51.100.10"), retell=at_end(*down))
    site, peers = spoke_fqdn()
    peers[0].subnets = ["198.51.100.0 255.255.255.0"]
    found = open_end("NEG014", "%TUN-5-RECURDOWN: Tunnel0", "Tunnel0", "198.51.100.10")
    title = "The hub sends a prefix that has its own address in it"
    yield Draft(site, peers, found, retell=at_end(*down), title=title)
    site, peers = spoke_fqdn()
    site.globals = [
        "ip route 198.51.100.10 255.255.255.255 203.0.113.22",
        "ip route 198.51.100.0 255.255.255.0 Tunnel0",
    ]
    yield Draft(site, peers, title="A route for the hub itself outside of the tunnel")
    yield Draft(*spoke_vrf(), title="A front-door VRF")


@fault("denied-request", "Call admission refuses negotiations, for the router limits their number")
def denied_request() -> Iterator[Draft]:
    def refused(peer: str, local: str, way: str = "INCOMING") -> Retelling:
        text = f"%CRYPTO-4-IKE_DENY_SA_REQ: IKE denied an {way} SA request from {peer} to {local} due to IKE SA LIMIT REACHED"
        return at_end(Said("%", text, wait=3000))

    site, peers = hub_fqdn()
    site.crypto = ["crypto ikev2 limit max-sa 2"]
    log = "%CRYPTO-4-IKE_DENY_SA_REQ"
    found = explained("NEG015", "crypto ikev2 limit max-sa 2", log, "203.0.113.80")
    yield Draft(site, peers, found, retell=refused("203.0.113.80", site.local))
    site, peers = hub_vrf()
    site.crypto = ["crypto ikev2 limit max-in-negotation-sa 1 incoming", "crypto ikev2 cookie-challenge 100"]
    at = "crypto ikev2 limit max-in-negotation-sa 1 incoming"
    tell = refused("198.51.100.67", site.local)
    yield Draft(site, peers[:1], explained("NEG015", at, log, "198.51.100.67"), retell=tell)
    site, peers = hub_address()
    found = open_end("NEG015", log, "203.0.113.81")
    yield Draft(site, peers, found, retell=refused("203.0.113.81", site.local), title="No limit is configured")
    site, peers = hub_fqdn()
    site.crypto = ["crypto ikev2 limit max-sa 2", "crypto ikev2 limit max-in-negotation-sa 20"]
    yield Draft(site, peers, interleaved=True, title="The limits are not reached")


def cookie(peer: str, local: str, sends: str, answered: bool) -> Retelling:
    """The responder asks for a cookie before it does anything."""

    def retell(lines: Lines) -> Lines:
        ids = owners(lines)[0]
        at = next(i for i, (_, said) in enumerate(lines) if said.text == "Insert SA")
        head = [said for _, said in lines[: at + 1]]
        first = next(i for i, said in enumerate(head) if said.text.startswith("Sending Packet"))
        receive = f"Received Packet [From {peer}:500/To {local}:500/VRF i0:f0] "
        asked = packet(ids, receive, "IKE_SA_INIT Exchange RESPONSE", 0, "NOTIFY(COOKIE)", is_first=True)
        again = head[first:-1]
        again[4] = again[4]._replace(text=f" NOTIFY(COOKIE) {again[4].text.strip()} ")
        said = [*head, *asked, Said("S", "Processing IKE_SA_INIT message"), *again]
        if not answered:
            for _ in range(4):
                said += [Said("S", "Retransmitting packet", wait=2000), *again]
            return [(ids, one) for one in said]
        return [(ids, one) for one in said] + lines[at + 1 :]

    return retell


@fault("unanswered-cookie", "The responder asks for a cookie, and answers the request that carries it no more")
def unanswered_cookie() -> Iterator[Draft]:
    site, peers = spoke_fqdn()
    tell = cookie(peers[0].address, site.local, "SA KE N", answered=False)
    at = "Getting preshared key || NOTIFY(COOKIE) || Retransmitting packet || Sending Packet"
    yield Draft(site, peers, open_end("NEG007", at, "cookie", "198.51.100.10"), retell=tell, style="console")
    yield Draft(site, peers, retell=cookie(peers[0].address, site.local, "SA KE N", answered=True))


@fault("client-without-peer", "A FlexVPN client goes down, and its configuration leaves it no peer that it can use")
def client() -> Iterator[Draft]:
    down = "%FLEXVPN-6-FLEXVPN_CONNECTION_DOWN: FlexVPN(TO-HUBS) Client_public_addr = 203.0.113.21 Server_public_addr = 198.51.100.10"
    site, peers = spoke_client()
    site.crypto[1:3] = [" peer 1 198.51.100.10 track 5", " peer 2 198.51.100.11 track 6"]
    site.globals = ["track 5 ip sla 5 reachability", "!"]
    at = "crypto ikev2 client flexvpn TO-HUBS > peer 2 198.51.100.11 track 6"
    found = explained("NEG016", at, "FLEXVPN_CONNECTION_DOWN", "TO-HUBS", "6")
    yield Draft(site, peers, found, retell=at_end(Said("%", down, wait=60000)))
    site, peers = spoke_client()
    found = open_end("NEG016", "FLEXVPN_CONNECTION_DOWN", "TO-HUBS", "198.51.100.10", "198.51.100.11")
    tell = at_end(Said("%", down, wait=60000))
    yield Draft(
        site, peers, found, retell=tell, title="Two peers, no tracks: nothing of the configuration accounts for it"
    )
    site, peers = spoke_client()
    up = down.replace("DOWN", "UP")
    yield Draft(site, peers, retell=at_end(Said("%", up)))


@fault("redirected", "The responder sends the client to another gateway, and nothing comes of it")
def redirected() -> Iterator[Draft]:
    def sent_away(peer: str, local: str, *closing: Said) -> Retelling:
        def retell(lines: Lines) -> Lines:
            ids = owners(lines)[0]
            receive = f"Received Packet [From {peer}:500/To {local}:500/VRF i0:f0] "
            asked = packet(ids, receive, "IKE_SA_INIT Exchange RESPONSE", 0, "NOTIFY(REDIRECT)", is_first=True)
            return ended("Insert SA", *asked, *closing, session=0)(lines)

        return retell

    site, peers = spoke_client()
    site.crypto.insert(0, "crypto ikev2 redirect client max-redirects 3")
    tell = sent_away(peers[0].address, site.local, *INIT_FAILED[1:])
    found = open_end("NEG001", "Initial exchange failed || NOTIFY(REDIRECT)", "198.51.100.10", "redirect")
    yield Draft(site, peers, found, retell=tell)
    other = replace(peers[0], address="198.51.100.11", key="another-hub-key-2")
    tell = sent_away(peers[0].address, site.local, Said("S", "Deleting SA", True))
    yield Draft(site, [peers[0], other], retell=tell, title="The other gateway is called, and answers")
    tell = sent_away(peers[0].address, site.local, *INIT_FAILED[1:])
    yield Draft(site, [peers[0], other], retell=tell, title="The exchange failed, as is printed; the other one answers")


ISAKMP = (
    "ISAKMP:(0): SA request profile is (NULL)",
    "ISAKMP:(0): beginning Main Mode exchange",
    "ISAKMP:(0): sending packet to {peer} my_port 500 peer_port 500 (I) MM_NO_STATE",
    "ISAKMP:(0): retransmitting phase 1 MM_NO_STATE...",
    "ISAKMP:(0): retransmitting phase 1 MM_NO_STATE...",
)


def ikev1(peer: str) -> tuple[Said, ...]:
    return tuple(Said("%", line.format(peer=peer), wait=900) for line in ISAKMP)


@fault("ikev1-by-mistake", "The router speaks IKEv1 with its peer, for its ipsec profile names no IKEv2 profile")
def by_mistake() -> Iterator[Draft]:
    def instead(lines: Lines) -> Lines:
        return [(owners(lines)[0], said) for said in ikev1("198.51.100.10")]

    site, peers = spoke_fqdn()
    was = site.copy()
    site.ipsec_profiles[0].profile = None
    at = "crypto ipsec profile PROTECT"
    alone = ("REF038", "SEL108")
    found = explained("LOG006", at, "ISAKMP:(0): SA request profile", "PROTECT", "Tunnel0")
    yield Draft(site, peers, found, was=was, retell=instead, allows=alone)
    site, peers = spoke_vrf()
    was = site.copy()
    site.ipsec_profiles[0].profile = None
    at = "crypto ipsec profile TO-PE-IPSEC"
    found = explained("LOG006", at, "", "TO-PE-IPSEC")
    title = "IKEv2 worked until the profile was taken out; since then it is IKEv1"
    yield Draft(site, peers, found, was=was, retell=at_end(*ikev1("203.0.113.129")), allows=alone, title=title)
    site, peers = spoke_fqdn()
    site.crypto = [
        "crypto isakmp policy 10",
        " encryption aes 256",
        " hash sha256",
        " authentication pre-share",
        " group 14",
        "!",
    ]
    site.crypto += ["crypto isakmp key old-site-key-77 address 192.0.2.99", "!"]
    title = "IKEv1 is spoken with another peer on purpose: a note"
    yield Draft(site, peers, retell=at_end(*ikev1("192.0.2.99")), title=title)


CHANGED = Said("%", "%SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.50)", wait=40000)


def mended(after: int = 0) -> Retelling:
    """Somebody configures the router after a session."""

    def retell(lines: Lines) -> Lines:
        ids = owners(lines)[after]
        last = max(i for i, (owner, _) in enumerate(lines) if owner is ids)
        return [*lines[: last + 1], (ids, CHANGED), *lines[last + 1 :]]

    return retell


@fault("changed-between-attempts", "The first attempt failed, somebody configured the router, the second one came up")
def changed_between() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    wrong = replace(peers[0], key="another-key-16ch")
    found = open_end("LOG004", "%SYS-5-CONFIG_I", "203.0.113.21", verdict="blindspot")
    yield Draft(site, [wrong, peers[0]], found, retell=mended(), title="The keys differed before, as the log shows")
    site, peers = hub_fqdn()
    wrong = replace(peers[1], ike=[replace(peers[1].ike[0], group=["14"])])
    found = open_end("LOG004", "%SYS-5-CONFIG_I", "203.0.113.37", verdict="blindspot")
    yield Draft(site, [wrong, peers[1]], found, retell=mended(), title="The groups differed before")
    site, peers = hub_fqdn()
    yield Draft(site, [peers[0], peers[0]], retell=mended(), title="Configured between two sessions that both came up")
    new, peers = hub_fqdn()
    old = new.copy()
    old.profiles[0].matches = ["fqdn domain example.com"]

    def before_and_after(_: Lines) -> Lines:
        before, after = lines_of(old, peers[:1], seed=5), lines_of(new, peers[:1], seed=6)
        return [*before, (before[-1][0], CHANGED), *after]

    at = "crypto ikev2 profile DIAL-IN > match identity remote fqdn domain example.com"
    stale = open_end("LOG012", "%SYS-5-CONFIG_I", "before the change", verdict="blindspot")
    found = also(explained("SEL001", at, "% IKEv2 profile not found", "koeln.example.net"), stale)
    title = "The configuration is the one from before: it explains the failures, and fits nothing after the change"
    yield Draft(old, peers[:1], found, retell=before_and_after, title=title)
    found = open_end("LOG012", "%SYS-5-CONFIG_I", "after the change", verdict="blindspot")
    title = "The configuration is the one after the change, which the failures before contradict"
    yield Draft(new, peers[:1], found, retell=before_and_after, title=title)
