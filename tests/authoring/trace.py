"""What a router prints of one negotiation while `debug crypto ikev2` is on.

Comes in: a `Site`, a `Peer` and the `Course` between them. Goes out: `Said`, one for each line, without time stamp,
tag and ids, which `framing` adds. The texts are those of the message catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from authoring.course import Course, Peer, policy_of, proposals_of
from authoring.site import Proposal, Site

NONE = "0000000000000000"


class Said(NamedTuple):
    """`kind`: S both ids, A the SA ID alone, - none, E error with ids, e error without, c continuation, % syslog, or
    another debug, > typed at the prompt. `yields`: another session may print after this line. `wait`: milliseconds
    that pass before it."""

    kind: str
    text: str
    yields: bool = False
    wait: int = 0


@dataclass
class Ids:
    session: int
    sa: int
    ispi: str
    rspi: str


def respond_trace(site: Site, peer: Peer, course: Course, ids: Ids) -> Iterator[Said]:
    """The responder's side."""
    talk = Talk(site, peer, course, ids)
    yield from talk.received("IKE_SA_INIT", "REQUEST", 0, "SA KE N VID VID VID VID " + talk.nat_notifies, first=True)
    yield Said("S", "Verify SA init message")
    yield Said("S", "Insert SA")
    yield from talk.search_policy()
    yield Said("S", "Processing IKE_SA_INIT message")
    yield from talk.nat()
    if course.stop == "proposal":
        yield from talk.no_proposal()
        return
    yield from talk.exchange_keys()
    yield Said("S", "Generating IKE_SA_INIT message")
    yield from talk.ike_proposal([course.proposal or proposals_of(site)[0]])
    yield from talk.sending("IKE_SA_INIT", "RESPONSE", 0, "SA KE N VID VID VID VID " + talk.nat_notifies)
    yield Said("S", "Completed SA init exchange")
    yield Said("S", "Starting timer (30 sec) to wait for auth message", True)
    certs = "CERT CERTREQ " if peer.method == "RSA" else ""
    cfg = "CFG " if peer.wants_address else ""
    mode = "NOTIFY(USE_TRANSPORT_MODE) " if peer.transport else ""
    payloads = f"VID IDi {certs}AUTH {cfg}SA TSi TSr NOTIFY(INITIAL_CONTACT) {mode}NOTIFY(SET_WINDOW_SIZE)"
    yield from talk.received("IKE_AUTH", "REQUEST", 1, payloads)
    yield Said("S", "Stopping timer to wait for auth message")
    yield from talk.find_profile()
    if course.stop in ("profile", "certificate-map"):
        yield from talk.no_profile()
        return
    yield from talk.verify_peer()
    if course.stop in ("method", "key", "keyring", "block", "trustpoint"):
        return
    yield from talk.authorize()
    if course.stop in ("list", "author-policy", "pool", "mangler"):
        return
    yield from talk.clone_and_validate()
    if course.stop in ("template", "protection", "loop", "selectors"):
        return
    yield from talk.answer()
    if course.stop in ("esp", "refused"):
        yield from talk.taken_down()
        return
    yield from talk.config_set()


def initiate_trace(site: Site, peer: Peer, course: Course, ids: Ids) -> Iterator[Said]:
    """The initiator's side."""
    talk = Talk(site, peer, course, ids)
    yield from talk.look_up_key()
    if course.stop == "no-key":
        yield Said("e", "Failed to initiate sa")
        yield Said("e", ": A supplied parameter is incorrect")
        return
    yield from talk.search_policy()
    yield Said("S", f"[IKEv2 -> Crypto Engine] Computing DH public key, DH Group {talk.offer[0].group[0]}")
    yield Said("A", "[Crypto Engine -> IKEv2] DH key Computation PASSED")
    yield Said("S", "Request queued for computation of DH key")
    yield Said("-", "IKEv2 initiator - no config data to send in IKE_SA_INIT exch")
    yield Said("S", "Generating IKE_SA_INIT message")
    yield from talk.ike_proposal(talk.offer)
    yield from talk.sending("IKE_SA_INIT", "REQUEST", 0, "SA KE N VID VID VID VID " + talk.nat_notifies, first=True)
    yield Said("S", "Insert SA", True)
    if course.stop == "silent":
        for _ in range(5):
            yield Said("S", "Retransmitting packet")
            yield from talk.sending("IKE_SA_INIT", "REQUEST", 0, "SA KE N VID VID " + talk.nat_notifies, first=True)
        yield Said("E", ": Maximum number of retransmissions reached")
        yield Said("S", "Failed SA init exchange")
        yield Said("E", "Initial exchange failed: Initial exchange failed")
        yield from talk.aborted()
        return
    if course.stop == "proposal":
        yield from talk.received("IKE_SA_INIT", "RESPONSE", 0, "NOTIFY(NO_PROPOSAL_CHOSEN)")
        yield Said("S", "Processing IKE_SA_INIT message")
        yield Said("E", ": Received no proposal chosen notify")
        yield Said("S", "Failed SA init exchange")
        yield Said("E", "Initial exchange failed: Initial exchange failed")
        yield from talk.aborted()
        return
    yield from talk.received("IKE_SA_INIT", "RESPONSE", 0, "SA KE N VID VID VID VID " + talk.nat_notifies)
    yield Said("S", "Processing IKE_SA_INIT message")
    yield Said("S", "Verify SA init message")
    yield Said("S", "Processing IKE_SA_INIT message")
    yield from talk.nat()
    yield from talk.derive()
    yield Said("S", "Completed SA init exchange")
    yield from talk.request()
    if course.stop == "refused":
        yield from talk.received("IKE_AUTH", "RESPONSE", 1, "NOTIFY(AUTHENTICATION_FAILED)")
        yield Said("S", "Process auth response notify")
        yield Said("E", ": Failed to authenticate the IKE SA")
        yield Said("S", "Verify auth failed")
        yield from talk.auth_failed()
        return
    cfg = "CFG " if course.asked or peer.wants_address else ""
    refused = {"esp": "NOTIFY(NO_PROPOSAL_CHOSEN)", "selectors": "NOTIFY(TS_UNACCEPTABLE)"}.get(course.stop)
    certs = "CERT " if peer.method == "RSA" else ""
    yield from talk.received("IKE_AUTH", "RESPONSE", 1, f"VID IDr {certs}AUTH {refused or cfg + 'SA TSi TSr'}")
    if refused:
        yield Said("S", "Process auth response notify")
        yield Said("E", "")
    yield from talk.search_identity()
    if course.stop == "responder-identity":
        yield Said("e", "% IKEv2 profile not found")
        yield Said("E", ": Failed to locate an item in the database")
        yield from talk.auth_failed()
        return
    yield from talk.search_policy()
    yield from talk.verify_peer(looked_up=True)
    if course.stop in ("method", "key", "trustpoint"):
        return
    yield from talk.authorize()
    if course.stop in ("list", "author-policy", "pool", "mangler"):
        return
    yield from talk.up()
    if refused:
        yield Said("S", "Queuing IKE SA delete request reason: unknown")
        yield from talk.taken_down()
        return
    yield from talk.keyed()
    yield Said("%", f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {talk.interface}, changed state to up")
    yield from talk.routes_pushed()


class Talk:
    """One negotiation's lines, phase by phase."""

    def __init__(self, site: Site, peer: Peer, course: Course, ids: Ids) -> None:
        self.site, self.peer, self.course, self.ids = site, peer, course, ids
        self.fvrf = 2 if site.wan_vrf else 0
        self.port = 4500 if peer.nat else 500
        self.nat_notifies = "NOTIFY(NAT_DETECTION_SOURCE_IP) NOTIFY(NAT_DETECTION_DESTINATION_IP)"
        self.offer = proposals_of(site)
        self.interface = course.tunnel.name if course.tunnel is not None else ""
        if not self.interface.startswith("Tunnel"):
            self.interface = f"Virtual-Access{ids.sa}"

    # ---- packets ----------------------------------------------------------------------------------------------------

    def received(
        self, exchange: str, direction: str, number: int, payloads: str, first: bool = False
    ) -> Iterator[Said]:
        port = 500 if exchange == "IKE_SA_INIT" else self.port
        head = f"Received Packet [From {self.peer.address}:{port}/To {self.site.local}:{port}/VRF i0:f{self.fvrf}] "
        yield Said("-" if first else "S", head)
        yield from self._packet(exchange, direction, number, payloads, first)

    def sending(self, exchange: str, direction: str, number: int, payloads: str, first: bool = False) -> Iterator[Said]:
        port = 500 if exchange == "IKE_SA_INIT" else self.port
        head = f"Sending Packet [To {self.peer.address}:{port}/From {self.site.local}:{port}/VRF i0:f{self.fvrf}] "
        yield Said("S", head)
        yield from self._packet(exchange, direction, number, payloads, first)

    def _packet(self, exchange: str, direction: str, number: int, payloads: str, first: bool) -> Iterator[Said]:
        rspi = NONE if first else self.ids.rspi
        yield Said("c", f"Initiator SPI : {self.ids.ispi} - Responder SPI : {rspi} Message id: {number}")
        yield Said("c", f"IKEv2 {exchange} Exchange {direction} ")
        yield Said("c", "Payload contents: ")
        yield Said("c", f" {payloads.strip()} ")
        yield Said("c", "")

    def encrypted(self, exchange: str, direction: str, number: int, payloads: str) -> Iterator[Said]:
        yield Said("S", "Building packet for encryption.  ")
        yield Said("c", "Payload contents: ")
        yield Said("c", f" {payloads} ")
        yield Said("c", "")
        yield from self.sending(exchange, direction, number, "ENCR")

    # ---- IKE_SA_INIT ------------------------------------------------------------------------------------------------

    def search_policy(self) -> Iterator[Said]:
        yield Said("-", f"Searching Policy with fvrf {self.fvrf}, local address {self.site.local}")
        if policy_of(self.site) is None and self.course.policy == "default":
            yield Said("-", "Using the Default Policy for Proposal")
        yield Said("-", f"Found Policy '{self.course.policy}'")

    def nat(self) -> Iterator[Said]:
        yield Said("S", "Checking NAT discovery")
        yield Said("S", "NAT OUTSIDE found" if self.peer.nat else "NAT not found")
        if self.peer.nat:
            yield Said("S", "NAT detected float to init port 4500, resp port 4500")

    def no_proposal(self) -> Iterator[Said]:
        yield Said("S", "Failed to verify the proposed policies")
        for title, lists in (("Received", self.peer.ike), ("Expected", self.offer)):
            yield Said("S", f"{title} Policies: ")
            for number, one in enumerate(lists, 1):
                yield Said("c", f"Proposal {number}:  {ike_words(one, sized=True)}")
            yield Said("c", "")
        yield Said("E", ": Failed to find a matching policy")
        yield Said("S", "Sending no proposal chosen notify")
        yield from self.sending("IKE_SA_INIT", "RESPONSE", 0, "NOTIFY(NO_PROPOSAL_CHOSEN)")
        yield Said("S", "Failed SA init exchange")
        yield Said("E", "Initial exchange failed: Initial exchange failed")
        yield from self.aborted()

    def exchange_keys(self) -> Iterator[Said]:
        group = self.course.proposal.group[0] if self.course.proposal else "19"
        yield Said("S", f"[IKEv2 -> Crypto Engine] Computing DH public key, DH Group {group}")
        yield Said("A", "[Crypto Engine -> IKEv2] DH key Computation PASSED")
        yield Said("S", "Request queued for computation of DH key")
        yield from self.derive()

    def derive(self) -> Iterator[Said]:
        group = self.course.proposal.group[0] if self.course.proposal else "19"
        yield Said("S", f"[IKEv2 -> Crypto Engine] Computing DH secret key, DH Group {group}")
        yield Said("A", "[Crypto Engine -> IKEv2] DH key Computation PASSED")
        yield Said("S", "Request queued for computation of DH secret")
        yield Said("A", "[IKEv2 -> Crypto Engine] Calculate SKEYSEED and create rekeyed IKEv2 SA")
        yield Said("A", "[Crypto Engine -> IKEv2] SKEYSEED calculation and creation of rekeyed IKEv2 SA PASSED")

    def ike_proposal(self, proposals: list[Proposal]) -> Iterator[Said]:
        for number, one in enumerate(proposals, 1):
            yield Said("S", f"IKE Proposal: {number}, SPI size: 0 (initial negotiation), ")
            yield Said("c", f"Num. transforms: {len(ike_words(one).split('   '))}")
            yield Said("c", f"   {ike_words(one)} ")

    # ---- profile, keys, methods -------------------------------------------------------------------------------------

    def search_identity(self) -> Iterator[Said]:
        peer = self.peer
        yield Said("S", f"Searching policy based on peer's identity '{peer.identity}' of type '{peer.type}'")

    def look_up_key(self) -> Iterator[Said]:
        course = self.course
        if course.profile is not None and course.profile.keyring is not None:
            yield Said("-", f"% Getting preshared key from profile keyring {course.profile.keyring}")
            if course.block is not None:
                yield Said("-", f"% Matched peer block '{course.block.name}'")

    def find_profile(self) -> Iterator[Said]:
        yield from self.search_identity()
        if self.course.profile is None:
            return
        yield Said("-", f"found matching IKEv2 profile '{self.course.profile.name}'")
        yield from self.look_up_key()
        yield from self.search_policy()

    def no_profile(self) -> Iterator[Said]:
        if self.course.stop == "certificate-map":
            yield Said("e", "%Profile could not be found by peer certificate.")
        yield Said("e", "% IKEv2 profile not found")
        yield Said("E", ": Failed to locate an item in the database")
        yield from self.auth_failed()

    def verify_peer(self, looked_up: bool = False) -> Iterator[Said]:
        peer, course = self.peer, self.course
        yield Said("S", "Verify peer's policy")
        yield Said("S", "Peer's policy verified")
        yield Said("S", "Get peer's authentication method")
        if course.stop == "method":
            text = "Peer authentication method configured is mismatching with the method proposed by peer"
            yield Said("E", f": {text}")
            yield Said("S", "Verification of peer's authentication data FAILED")
            yield Said("S", "Sending authentication failure notify")
            yield from self.auth_failed()
            return
        yield Said("S", f"Peer's authentication method is '{peer.method}'")
        if peer.method == "RSA":
            yield from self._verify_certificate()
            return
        yield Said("S", f"Get peer's preshared key for {peer.identity}")
        yield Said("S", "Verify peer's authentication data")
        if course.stop in ("keyring", "block"):
            yield Said("E", ": Failed to authenticate the IKE SA")
            yield Said("S", "Verification of peer's authentication data FAILED")
            yield from self.auth_failed()
            return
        yield Said("S", f"Use preshared key for id {peer.identity}, key len {len(course.peer_key or '')}")
        yield Said("-", "[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data")
        yield Said("-", "[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED")
        if course.stop == "key":
            yield Said("E", ": Failed to authenticate the IKE SA")
            yield Said("S", "Verification of peer's authentication data FAILED")
            yield Said("S", "Sending authentication failure notify")
            yield from self.auth_failed()
            return
        yield Said("S", "Verification of peer's authentication data PASSED")
        if not looked_up:
            yield Said("S", "Processing INITIAL_CONTACT")

    def _verify_certificate(self) -> Iterator[Said]:
        yield Said("A", "[IKEv2 -> PKI] Validating certificate chain")
        if self.course.stop == "trustpoint":
            yield Said("%", "CRYPTO_PKI: (A1007) No suitable trustpoints found")
            yield Said("A", "[PKI -> IKEv2] Validation of certificate chain FAILED")
            yield Said("E", ": Platform errors")
            yield Said("S", "Verify cert failed")
            yield Said("S", "Verification of peer's authentication data FAILED")
            yield from self.auth_failed()
            return
        yield Said("A", "[PKI -> IKEv2] Validation of certificate chain PASSED")
        yield Said("S", "Verify peer's authentication data")
        yield Said("A", "[IKEv2 -> Crypto Engine] Verify signed authentication data")
        yield Said("A", "[Crypto Engine -> IKEv2] Verification of signed authentication data PASSED")
        yield Said("S", "Verification of peer's authentication data PASSED")

    def sign(self) -> Iterator[Said]:
        course = self.course
        yield Said("S", "Generate my authentication data")
        if course.own_method == "PSK":
            yield Said("S", f"Use preshared key for id {course.own_id[0]}, key len {len(course.own_key or '')}")
            yield Said("-", "[IKEv2 -> Crypto Engine] Generate IKEv2 authentication data")
            yield Said("-", "[Crypto Engine -> IKEv2] IKEv2 authentication data generation PASSED")
        else:
            yield Said("A", "[IKEv2 -> PKI] Getting certificate chain")
            yield Said("A", "[PKI -> IKEv2] Getting of certificate chain PASSED")
            yield Said("A", "[IKEv2 -> Crypto Engine] Sign authentication data")
            yield Said("A", "[Crypto Engine -> IKEv2] Signing of authentication data PASSED")
        yield Said("S", "Get my authentication method")
        yield Said("S", f"My authentication method is '{course.own_method}'")

    # ---- authorization and config mode ------------------------------------------------------------------------------

    def authorize(self) -> Iterator[Said]:
        course = self.course
        for scope, name, user in course.asked:
            yield Said("-", f"Using mlist {name} and username {user} for {scope} author request")
            yield Said("A", "[IKEv2 -> AAA] Authorisation request sent", True)
            yield Said("A", "[AAA -> IKEv2] Received AAA authorisation response")
        if course.stop == "pool":
            yield Said("S", "Received valid config mode data")
            yield Said("E", "Failed to allocate IP addr")
        if course.stop in ("list", "author-policy", "pool", "mangler"):
            yield from self.auth_failed()
            return
        if course.asked:
            yield Said("S", "Received valid config mode data")
            yield from self._config_request()

    def _config_request(self) -> Iterator[Said]:
        initiates = self.interface == "Tunnel0"
        yield Said("-", "Config data recieved:")
        if initiates:
            yield Said("S", "Config-type: Config-reply ")
            for subnet in self.peer.subnets:
                yield Said("S", f"Attrib type: ipv4-subnet, length: 8, data: {subnet}")
                yield Said("-", f"VPN Route Added {subnet} via {self.interface} in vrf {self._vrf()}")
        else:
            yield Said("S", "Config-type: Config-request ")
            if self.peer.wants_address:
                yield Said("S", "Attrib type: ipv4-addr, length: 0 ")
            yield Said("S", "Attrib type: ipv4-subnet, length: 0 ")
        yield Said("S", "Set received config mode data")

    def _vrf(self) -> str:
        return (self.course.tunnel.vrf if self.course.tunnel else None) or "global"

    def clone_and_validate(self) -> Iterator[Said]:
        course = self.course
        if course.stop != "template":
            yield Said("%", f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {self.interface}, changed state to down")
        yield Said("S", "Processing IKE_AUTH message")
        name = course.profile.name if course.profile else ""
        yield Said("-", f"IPSec policy validate request sent for profile {name} with psh index {self.ids.sa}.")
        yield Said("c", "")
        failed = course.stop in ("template", "protection", "loop", "selectors", "esp")
        yield Said(
            "A", f"[IPsec -> IKEv2] Callback received for the validate proposal - {'FAILED' if failed else 'PASSED'}."
        )
        yield Said("c", "")
        if course.stop == "esp":
            ours = [t.words for t in self.site.transform_sets if t.name in self._sets()]
            for title, lists in (("Received", self.peer.esp), ("Expected", ours)):
                yield Said("S", f"{title} Policies: ")
                for number, words in enumerate(lists, 1):
                    yield Said("c", f"ESP: Proposal {number}:  {esp_words(words, sized=True)} Don't use ESN")
                yield Said("c", "")
            yield Said("E", ": Failed to find a matching policy")
            yield Said("S", "Sending no proposal chosen notify")
        elif failed:
            yield Said("E", ": There was no IPSEC policy found for received TS")
            yield Said("S", "Sending TS unacceptable notify")
            yield from self.auth_failed()

    def _sets(self) -> list[str]:
        tunnel = self.course.tunnel
        return next((p.sets for p in self.site.ipsec_profiles if tunnel and p.name == tunnel.protection), [])

    def request(self) -> Iterator[Said]:
        """The initiator's IKE_AUTH request."""
        course = self.course
        yield Said("-", "Config data to send:")
        yield Said("S", "Config-type: Config-request ")
        for name in ("ipv4-addr", "app-version", "split-dns", "def-domain"):
            if name != "ipv4-addr" or (course.tunnel and course.tunnel.address == "negotiated"):
                yield Said("S", f"Attrib type: {name}, length: 0 ")
        yield Said("S", "Have config mode data to send")
        yield Said("S", "Check for EAP exchange")
        yield from self.sign()
        yield Said("S", "Check for EAP exchange")
        yield Said("S", "Generating IKE_AUTH message")
        yield Said("S", f"Constructing IDi payload: '{course.own_id[0]}' of type '{course.own_id[1]}'")
        yield from self.esp_proposal()
        mode = "NOTIFY(USE_TRANSPORT_MODE) " if self._transport() else ""
        yield from self.encrypted(
            "IKE_AUTH", "REQUEST", 1, f"VID IDi AUTH CFG SA TSi TSr NOTIFY(INITIAL_CONTACT) {mode}"
        )

    def _transport(self) -> bool:
        return any(t.mode == "transport" for t in self.site.transform_sets if t.name in self._sets())

    def esp_proposal(self) -> Iterator[Said]:
        words = next((t.words for t in self.site.transform_sets if t.name in self._sets()), "esp-aes esp-sha-hmac")
        printed = esp_words(words)
        yield Said("S", "ESP Proposal: 1, SPI size: 4 (IPSec negotiation), ")
        yield Said("c", f"Num. transforms: {len(printed.split()) + 1}")
        yield Said("c", f"   {printed}   Don't use ESN ")

    def answer(self) -> Iterator[Said]:
        """The responder's IKE_AUTH response, and what follows from it."""
        course = self.course
        yield from self.sign()
        yield Said("S", "Generating IKE_AUTH message")
        yield Said("S", f"Constructing IDr payload: '{course.own_id[0]}' of type '{course.own_id[1]}'")
        reply = list(self.reply())
        yield from reply
        refused = course.stop == "esp"
        if not refused:
            yield from self.esp_proposal()
        cfg = "CFG " if reply else ""
        payloads = "NOTIFY(NO_PROPOSAL_CHOSEN)" if refused else f"{cfg}SA TSi TSr NOTIFY(SET_WINDOW_SIZE)"
        transport = "NOTIFY(USE_TRANSPORT_MODE) " if self.peer.transport and self._transport() and not refused else ""
        yield from self.encrypted("IKE_AUTH", "RESPONSE", 1, f"VID IDr AUTH {payloads} {transport}")
        yield from self.up()
        if not refused and course.stop != "refused":
            yield from self.keyed()
            yield Said("%", f"%LINEPROTO-5-UPDOWN: Line protocol on Interface {self.interface}, changed state to up")

    def reply(self) -> Iterator[Said]:
        """The responder's answer in config mode."""
        attributes = [(n, 4 if n == "ipv4-addr" else 8, v) for n, v in self._attributes()]
        if attributes:
            yield Said("-", "Config data to send:")
            yield Said("S", "Config-type: Config-reply ")
            yield from (Said("S", f"Attrib type: {n}, length: {size}, data: {v}") for n, size, v in attributes)
            yield Said("S", "Have config mode data to send")

    def _attributes(self) -> Iterator[tuple[str, str]]:
        if self.course.address:
            yield "ipv4-addr", self.course.address
        yield from (("ipv4-subnet", one) for one in self.course.sent)

    # ---- the end ----------------------------------------------------------------------------------------------------

    def up(self) -> Iterator[Said]:
        profile = self.course.profile
        life = (profile.lifetime if profile else None) or 86400
        yield Said("S", f"IKEV2 SA created; inserting SA into database. SA lifetime timer ({life} sec) started")
        yield Said("S", f"Session with IKE ID PAIR ({self.peer.identity}, {self.course.own_id[0]}) is UP")
        yield Said("-", f"IKEv2 MIB tunnel started, tunnel index {self.ids.sa}")

    def keyed(self) -> Iterator[Said]:
        profile = self.course.profile
        if profile is not None and profile.dpd:
            yield Said("S", f"Initializing DPD, configured for {profile.dpd[0]} seconds")
        yield Said("S", "Load IPSEC key material")
        yield Said("A", "[IKEv2 -> IPsec] Create IPsec SA into IPsec database")
        yield Said("A", "[IPsec -> IKEv2] Creation of IPsec SA into IPsec database PASSED")
        yield Said("S", "Checking for duplicate IKEv2 SA")
        yield Said("S", "No duplicate IKEv2 SA found")
        yield Said("S", "Starting timer (8 sec) to delete negotiation context", True)

    def config_set(self) -> Iterator[Said]:
        """The peer's routes."""
        if not self.peer.subnets or not self.course.asked:
            return
        yield from self.received("INFORMATIONAL", "REQUEST", 2, "CFG")
        yield Said("-", "Config data recieved:")
        yield Said("S", "Config-type: Config-set ")
        for subnet in self.peer.subnets:
            yield Said("S", f"Attrib type: ipv4-subnet, length: 8, data: {subnet}")
            yield Said("-", f"VPN Route Added {subnet} via {self.interface} in vrf {self._vrf()}")
        yield Said("S", "Set received config mode data")
        yield Said("-", "Config data to send:")
        yield Said("S", "Config-type: Config-ack ")
        yield Said("S", "Attrib type: ipv4-subnet, length: 0 ")
        yield Said("S", "Have config mode data to send")
        yield Said("S", "Sending info exch config resp")
        yield from self.encrypted("INFORMATIONAL", "RESPONSE", 2, "CFG")

    def routes_pushed(self) -> Iterator[Said]:
        """Our own routes, to the responder."""
        if not self.course.sent:
            return
        yield Said("-", "Config data to send:")
        yield Said("S", "Config-type: Config-set ")
        for subnet in self.course.sent:
            yield Said("S", f"Attrib type: ipv4-subnet, length: 8, data: {subnet}")
        yield Said("S", "Have config mode data to send")
        yield Said("S", "Sending info exch config req")
        yield from self.encrypted("INFORMATIONAL", "REQUEST", 2, "CFG")
        yield from self.received("INFORMATIONAL", "RESPONSE", 2, "CFG")
        yield Said("-", "Config data recieved:")
        yield Said("S", "Config-type: Config-ack ")
        yield Said("S", "Attrib type: ipv4-subnet, length: 0 ")

    def auth_failed(self) -> Iterator[Said]:
        yield Said("E", ": Auth exchange failed")
        yield from self.aborted()

    def aborted(self) -> Iterator[Said]:
        yield Said("S", "Abort exchange")
        yield Said("S", "Deleting SA", True)

    def taken_down(self) -> Iterator[Said]:
        """The peer takes the IKE SA down again, for it did not get what it needs."""
        spis = f"ISPI: 0x{self.ids.ispi} RSPI: 0x{self.ids.rspi}"
        if self.interface != "Tunnel0":
            yield from self.received("INFORMATIONAL", "REQUEST", 2, "DELETE")
            yield Said("S", f"Processing DELETE INFO message for IKEv2 SA [{spis}]")
            yield Said("S", "Process delete request from peer")
        else:
            yield Said("S", f"Sending DELETE INFO message for IKEv2 SA [{spis}]")
        yield Said("S", "Check for existing active SA")
        yield Said("S", "Delete all IKE SAs")
        yield Said("S", "Deleting SA", True)


_SIZES = {"768": "1", "1024": "2", "1536": "5", "2048": "14", "3072": "15", "4096": "16"}
_GROUPS = {number: f"DH_GROUP_{bits}_MODP/Group {number}" for bits, number in _SIZES.items()}
_GROUPS |= {n: f"DH_GROUP_{b}_ECP/Group {n}" for n, b in (("19", "256"), ("20", "384"), ("21", "521"))}


def ike_words(proposal: Proposal, sized: bool = False) -> str:
    """Transforms as the debug prints them: encryption, PRF, integrity, group; key lengths only in policy lists."""
    encryption = [e.upper() if sized else e.upper().rpartition("-")[0] or e.upper() for e in proposal.encryption]
    prf = [p.upper() for p in proposal.prf or proposal.integrity]
    aead = all("gcm" in e for e in proposal.encryption)
    integrity = (
        [] if aead else [{"SHA1": "SHA96", "MD5": "MD596"}.get(i.upper(), i.upper()) for i in proposal.integrity]
    )
    gap = " " if sized else "   "
    return gap.join([*encryption, *prf, *integrity, *(_GROUPS[g] for g in proposal.group)])


_ESP = {"esp-aes": "AES-CBC", "esp-gcm": "AES-GCM", "esp-3des": "3DES", "esp-des": "DES"}
_HMAC = {"esp-sha-hmac": "SHA96", "esp-md5-hmac": "MD596"}


def esp_words(words: str, sized: bool = False) -> str:
    """`esp-aes 256 esp-sha256-hmac` to `AES-CBC-256 SHA256`."""
    out: list[str] = []
    for word in words.split():
        if word.isdecimal():
            out[-1] = f"{out[-1].rpartition('-')[0]}-{word}" if sized else out[-1]
        elif word in _ESP:
            out.append(_ESP[word] + ("-128" if sized and "AES" in _ESP[word] else ""))
        else:
            out.append(_HMAC.get(word) or word.removeprefix("esp-").removesuffix("-hmac").upper())
    return " ".join(out) if sized else "   ".join(out)
