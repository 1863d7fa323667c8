"""Faults of users, of keys that a server keeps, and of post-quantum keys and key exchange."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from authoring.course import Peer
from authoring.drafts import Draft, denied, explained, fault, open_end
from authoring.drafts_ends import both
from authoring.pairs import Pair, names
from authoring.retell import FAILED, ended, in_turn, inserted, owners, packet, replaced, without
from authoring.scene import Lines, Retelling, courses
from authoring.site import Author, AuthorPolicy, IpsecProfile, Policy, Profile, Proposal, Site, TransformSet, Tunnel
from authoring.sites import Scene, hub_fqdn, hub_radius, spoke_fqdn
from authoring.trace import Said
from authoring.trace_eap import eap_trace

RADIUS = (
    "RADIUS(000000{number}A): Send Access-Request to 10.9.1.20:1812 id 1645/{number}1, len 141",
    "RADIUS: Received from id 1645/{number}1 10.9.1.20:1812, Access-{verdict}, len 58",
)


def remote_access() -> Scene:
    """A gateway for people: its own certificate, their names by EAP and a RADIUS server, addresses from a pool."""
    site = Site(
        "ra-gw1", ("GigabitEthernet2/0", "203.0.113.201", "255.255.255.248"), "203.0.113.206", "15.9", "staff.example"
    )
    site.loopback, site.lan = "10.9.255.1", "10.9.0.1 255.255.0.0"
    site.logins, site.lists = {"EAP-USERS": "group RADGROUP"}, {"STAFF-AUTHZ": "local"}
    site.authors = [AuthorPolicy("STAFF", "STAFF-POOL", True)]
    site.pools = {"STAFF-POOL": ("10.9.128.1", "10.9.131.254")}
    site.radius = [
        "radius server RAD9",
        " address ipv4 10.9.1.20 auth-port 1812 acct-port 1813",
        " key 7 14141B180F0B7B7977",
        "!",
    ]
    site.radius += ["aaa group server radius RADGROUP", " server name RAD9", "!"]
    site.trustpoints = {
        "STAFF-CA": [
            "enrollment terminal",
            "subject-name cn=ra-gw1.staff.example",
            "revocation-check none",
            "rsakeypair STAFF 2048",
        ]
    }
    site.proposals = [Proposal("RA", ["aes-cbc-256"], ["sha256"], ["14", "19"])]
    site.policies = [Policy("RA", ["RA"])]
    site.profiles = [
        Profile(
            "STAFF",
            ["email domain staff.example"],
            local_id="fqdn ra-gw1.staff.example",
            remote=["eap query-identity"],
            local="rsa-sig",
            trustpoint="STAFF-CA",
            eap_list="EAP-USERS",
            dpd=(60, 5),
            authors=[Author("group", "eap", "STAFF-AUTHZ", "STAFF")],
            template=9,
        )
    ]
    site.transform_sets = [TransformSet("RA", "esp-aes 256 esp-sha256-hmac")]
    site.ipsec_profiles = [IpsecProfile("RA", ["RA"], "STAFF")]
    site.tunnels = [Tunnel("Virtual-Template9", "RA", "ipsec ipv4")]
    one = Peer(
        "198.51.100.9", "user7@staff.example", "RFC822", "EAP", ike=[Proposal("1", ["aes-cbc-256"], ["sha256"], ["14"])]
    )
    one.esp, one.mode, one.transport = ["esp-aes 256 esp-sha256-hmac"], "ipsec ipv4", False
    return site, [one, replace(one, address="198.51.100.19", identity="user8@staff.example")]


def by_eap(site: Site, peers: list[Peer], rejected: int | None = None, answer: str = "") -> Retelling:
    """The users' sessions, one after another; one of them may be turned away, with what RADIUS says of it."""

    def retell(lines: Lines) -> Lines:
        out: Lines = []
        for number, (ids, peer, course) in enumerate(zip(owners(lines), peers, courses(site, peers), strict=True)):
            verdict = number != rejected
            said = "Accept" if verdict else answer
            radius = tuple(line.format(verdict=said, number=number + 5) for line in RADIUS) if said else ()
            out += [(ids, one) for one in eap_trace(site, peer, course, ids, radius, verdict)]
        return out

    return retell


@fault("undefined-login-list", "The profile lets users in by a AAA login list that is not defined")
def undefined_login() -> Iterator[Draft]:
    site, peers = remote_access()
    site.logins = {"EAP-USER": "group RADGROUP"}
    at = "crypto ikev2 profile STAFF > aaa authentication eap EAP-USERS"
    log = "Use authen method list EAP-USERS"
    found = explained("AUT020", at, log, "EAP-USERS", "EAP-USER")
    yield Draft(site, peers[:1], found, retell=by_eap(site, peers[:1], rejected=0))
    site, peers = remote_access()
    site.profiles[0].eap_list = "STAFF-AUTHZ"
    at = "crypto ikev2 profile STAFF > aaa authentication eap STAFF-AUTHZ"
    found = explained("AUT020", at, "Use authen method list STAFF-AUTHZ", "EAP-USERS", "authorization network")
    title = "The list of that name is one for authorization"
    yield Draft(site, peers[:1], found, retell=by_eap(site, peers[:1], rejected=0), title=title)
    site, peers = remote_access()
    yield Draft(site, peers, retell=by_eap(site, peers))


@fault("stale-login-list", "The router asked another login list than the profile lets users in by now")
def stale_login() -> Iterator[Draft]:
    was, peers = remote_access()
    site = was.copy()
    site.logins["NEW-USERS"] = "group RADGROUP"
    site.profiles[0].eap_list = "NEW-USERS"
    at = "crypto ikev2 profile STAFF > aaa authentication eap NEW-USERS"
    found = denied("AUT019", at, "Use authen method list EAP-USERS", "EAP-USERS", "NEW-USERS")
    yield Draft(site, peers, found, was=was, retell=by_eap(was, peers))
    was, peers = remote_access()
    site = was.copy()
    site.profiles[0].extra = ["aaa authentication anyconnect-eap EAP-USERS"]
    site.profiles[0].eap_list = "NEW-USERS"
    site.logins["NEW-USERS"] = "group RADGROUP"
    yield Draft(site, peers, was=was, retell=by_eap(was, peers), title="One of two lists")


@fault("rejected-user", "A user is rejected by the RADIUS server: nothing of the configuration explains it")
def rejected_user() -> Iterator[Draft]:
    site, peers = remote_access()
    found = open_end("NEG003", "Auth exchange failed || Access-Reject", "198.51.100.19", "rejected")
    yield Draft(site, peers, found, retell=by_eap(site, peers, rejected=1, answer="Reject"))
    site, peers = remote_access()
    yield Draft(site, peers[::-1], retell=by_eap(site, peers[::-1]))


ASKED = (
    Said("A", "[IKEv2 -> AAA] Authorisation request sent", True),
    Said("A", "[AAA -> IKEv2] Received AAA authorisation response"),
)
BY_SERVER = without("Getting preshared key from profile keyring", "Matched peer block")


def keys_by_aaa() -> tuple[Site, Site, list[Peer]]:
    """A hub that asks a server for its peers' keys; the site that prints the same log has them in a keyring."""
    was, peers = hub_radius()
    was.radius[5:7] = ["aaa group server radius RADGROUP", " server name RAD1"]
    site = was.copy()
    site.keyrings, site.profiles[0].keyring = [], None
    site.lists["RAD-KEYS"] = "group RADGROUP"
    site.profiles[0].extra = ["keyring aaa RAD-KEYS"]
    return site, was, peers


@fault("keys-from-aaa", "The keys of the peers come from AAA, and the list that is to give them cannot")
def keys_from_aaa() -> Iterator[Draft]:
    asked = "Peer's authentication method is 'PSK'"
    refused = in_turn(BY_SERVER, ended(asked, *ASKED, *FAILED))
    at = "crypto ikev2 profile STORES > keyring aaa RAD-KEYS"
    site, was, peers = keys_by_aaa()
    del site.lists["RAD-KEYS"]
    found = explained("AUT013", at, "Auth exchange failed", "RAD-KEYS", "RAD")
    yield Draft(site, peers, found, was=was, retell=refused)
    site, was, peers = keys_by_aaa()
    site.lists["RAD-KEYS"] = "local"
    found = explained("AUT013", at, "Auth exchange failed", "RAD-KEYS", "local")
    yield Draft(
        site, peers, found, was=was, retell=refused, title="The list asks the router itself, which gives no keys"
    )
    site, was, peers = keys_by_aaa()
    rejects = tuple(Said("%", line.format(verdict="Reject", number=7)) for line in RADIUS)
    answered = in_turn(BY_SERVER, ended(asked, ASKED[0], *rejects, ASKED[1], *FAILED))
    found = open_end("NEG003 AUT013", "Auth exchange failed || Access-Reject", "198.51.100.77")
    yield Draft(site, peers, found, was=was, retell=answered, title="The server has no key for this peer")
    site, was, peers = keys_by_aaa()
    yield Draft(site, peers, was=was, retell=in_turn(BY_SERVER, inserted(asked, *ASKED)))


def with_ppk(site: Site, block: str, key: str) -> None:
    site.release = "26.1"
    site.block(block).extra = [f"ppk manual id ppk-koeln key 0 {key} required"]


SHOWN = replaced("NOTIFY(INITIAL_CONTACT)", "NOTIFY(PPK_IDENTITY) NOTIFY(INITIAL_CONTACT)")


@fault("post-quantum-key", "Authentication fails with a post-quantum key in play, and one key or the other differs")
def post_quantum_key() -> Iterator[Draft]:
    head = "crypto ikev2 keyring BRANCH-KEYS > peer KOELN > "
    at = f"{head}pre-shared-key q7Rk2mVx9TzLp4Wd || {head}ppk manual id ppk-koeln key 0 Quantum-Key-One required"
    site, peers = hub_fqdn()
    with_ppk(site, "KOELN", "Quantum-Key-One")
    wrong = replace(peers[0], key="q7Rk2mVx9TzLp4We")
    found = explained("AUT008", at, "Failed to authenticate the IKE SA", "PPK", "KOELN")
    yield Draft(site, [wrong, peers[1]], found, retell=SHOWN, interleaved=True)

    def others(pair: Pair) -> None:
        with_ppk(pair.hub, "KOELN", "Quantum-Key-One")
        with_ppk(pair.spoke, "BERLIN", "Quantum-Key-One")

    yield both(names, others, peer_log=False, title="The same post-quantum key at both ends")

    def other_ppk(pair: Pair) -> None:
        others(pair)
        with_ppk(pair.spoke, "BERLIN", "Quantum-Key-Two")

    def other_id(pair: Pair) -> None:
        others(pair)
        pair.spoke.block("BERLIN").extra = ["ppk manual id ppk-berlin key 0 Quantum-Key-One"]

    def at_one_end(pair: Pair) -> None:
        others(pair)
        pair.spoke.block("BERLIN").extra = []

    refused = ended("Verify peer's authentication data", Said("E", ": Failed to authenticate the IKE SA"), *FAILED)
    shown = in_turn(SHOWN, refused)
    hub = "router.cfg: crypto ikev2 keyring BRANCH-KEYS > peer KOELN > ppk manual id ppk-koeln"
    spoke = "peer.cfg: crypto ikev2 keyring HUBS > peer BERLIN > ppk manual id ppk-"
    for change, said in ((other_ppk, "of id 'ppk-koeln' differ"), (other_id, "'ppk-berlin'"), (at_one_end, "demands")):
        at = hub if change is at_one_end else f"{hub} || {spoke}"
        found = explained("AUT221", at, "Failed to authenticate the IKE SA", said)
        yield both(names, change, found, peer_log=False, retell=shown, title="Compared with the other configuration")
    found = explained("AUT203", f"{hub} || {spoke}", "", "of id 'ppk-koeln' differ", verdict="contradiction")
    yield both(names, other_ppk, found, peer_log=False, since=True, title="Written anew at one end, since the log")

    def not_demanded(pair: Pair) -> None:
        pair.hub.release = "26.1"
        pair.hub.block("KOELN").extra = ["ppk manual id ppk-koeln key 0 Quantum-Key-One"]

    yield both(names, not_demanded, peer_log=False, since=True, title="At one end only, and not demanded")
    yield both(names, others, since=True, title="At both ends, with both logs")
    site, peers = hub_fqdn()
    with_ppk(site, "KOELN", "Quantum-Key-One")
    yield Draft(site, peers, retell=SHOWN, title="It comes up with a post-quantum key")


def intermediate(peer: str, local: str) -> Retelling:
    """RFC 9370: the additional key exchange, between IKE_SA_INIT and IKE_AUTH."""

    def retell(lines: Lines) -> Lines:
        ids = owners(lines)[0]
        later = [
            (owner, said._replace(text=said.text.replace("Message id: 1", "Message id: 2"))) for owner, said in lines
        ]
        receive = f"Received Packet [From {peer}:500/To {local}:500/VRF i0:f0] "
        send = f"Sending Packet [To {peer}:500/From {local}:500/VRF i0:f0] "
        exchange = (
            *packet(ids, receive, "IKE_INTERMEDIATE Exchange REQUEST", 1, "KE"),
            *packet(ids, send, "IKE_INTERMEDIATE Exchange RESPONSE", 1, "ENCR"),
        )
        return inserted("Starting timer (30 sec)", *exchange, session=0)(later)

    return retell


def quantum(pqc: str) -> Callable[[], Scene]:
    def make() -> Scene:
        site, peers = hub_fqdn()
        site.release, site.proposals[0].pqc = "26.1", pqc
        return site, peers[:1]

    return make


@fault(
    "post-quantum-exchange",
    "The proposal demands an additional key exchange, and the session shows none, or the reverse",
)
def post_quantum_exchange() -> Iterator[Draft]:
    site, peers = quantum("mlkem768")()
    at = "crypto ikev2 proposal GCM > pqc mlkem768"
    found = denied("SEL009", at, "is UP", "mlkem768", "IKE_INTERMEDIATE")
    yield Draft(site, peers, found, title="Demanded since: the session of the log came up without it")
    site, peers = spoke_fqdn()
    site.release, site.proposals[0].pqc = "26.1", "mlkem768 mlkem1024"
    peers[0].ike = [Proposal("1", ["aes-cbc-128"], ["sha1"], ["2"])]
    found = open_end("SEL011", "NOTIFY(NO_PROPOSAL_CHOSEN)", "mlkem768")
    yield Draft(site, peers, found, title="An initiator that demands it is refused")

    def one_sided(pair: Pair) -> None:
        pair.hub.release, pair.hub.proposals[0].pqc = "26.1", "mlkem768"

    at = "router.cfg: crypto ikev2 proposal GCM > pqc mlkem768 || peer.cfg: crypto ikev2 proposal GCM"
    found = explained("SEL203", at, "", "mlkem768", verdict="contradiction")
    yield both(names, one_sided, found, peer_log=False, since=True, title="Demanded at one end only, since the log")
    site, peers = quantum("mlkem768")()
    yield Draft(site, peers, retell=intermediate(peers[0].address, site.local), title="Demanded, and done")
    site, peers = quantum("mlkem768 optional")()
    yield Draft(site, peers, title="Optional, and the peer cannot")
