"""Faults that only both configurations show, with the log of one end or of both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from authoring.drafts import Draft, Expected, explained, fault
from authoring.framing import STYLES
from authoring.pairs import Pair, asymmetric, certificates, names
from authoring.retell import FAILED, ended
from authoring.scene import Retelling
from authoring.site import Author, AuthorPolicy, Block, Keyring, Proposal
from authoring.trace import Said

STYLE_NAMES = [name for name in STYLES if name != "old"]
KOELN = "crypto ikev2 keyring BRANCH-KEYS > peer KOELN > pre-shared-key "
BERLIN = "crypto ikev2 keyring HUBS > peer BERLIN > pre-shared-key "


def both(
    make: Callable[[], Pair],
    change: Callable[[Pair], object],
    finds: tuple[Expected, ...] = (),
    at_spoke: bool = False,
    peer_log: bool = True,
    allows: str = "",
    title: str = "",
    since: bool = False,
    retell: Retelling | None = None,
) -> Draft:
    """A pair that was changed before it was logged, or with `since` after that."""
    before = make()
    pair = before.copy()
    change(pair)

    def files(seed: int, style: str) -> dict[str, str]:
        styles = style, STYLE_NAMES[seed % 7]
        logged, now = (before, pair) if since else (pair, None)
        return logged.files(seed, styles, at_spoke, peer_log, now, retell)

    return Draft(pair.hub, [], finds, allows=tuple(allows.split()), title=title, make=files)


def nothing(pair: Pair) -> None:
    """As it was."""


@fault("keys-of-both-ends", "The pre-shared keys of both ends differ, and both configurations are given")
def keys() -> Iterator[Draft]:
    def other_key(pair: Pair) -> None:
        pair.spoke.block("BERLIN").key = "q7Rk2mVx9TzLp4We"

    at = f"router.cfg: {KOELN}q7Rk2mVx9TzLp4Wd || peer.cfg: {BERLIN}q7Rk2mVx9TzLp4We"
    yield both(names, other_key, explained("AUT221", at, "Failed to authenticate the IKE SA"))
    at = f"peer.cfg: {KOELN}q7Rk2mVx9TzLp4Wd || router.cfg: {BERLIN}q7Rk2mVx9TzLp4We"
    found = explained("AUT221", at, "NOTIFY(AUTHENTICATION_FAILED)")
    title = "The initiator sees only that it is refused; the other configuration says why"
    yield both(names, other_key, found, at_spoke=True, peer_log=False, title=title)

    def one_direction(pair: Pair) -> None:
        pair.hub.block("CPE1").local_key = "from-pe7-Lk43"

    hub = "crypto ikev2 keyring CPE > peer CPE1 > pre-shared-key local from-pe7-Lk43"
    spoke = "crypto ikev2 keyring PE > peer PE7 > pre-shared-key remote from-pe7-Lk42"
    found = explained("AUT221", f"router.cfg: {hub} || peer.cfg: {spoke}", "Failed to authenticate the IKE SA")
    yield both(
        asymmetric, one_direction, found, title="One direction fails: the responder is up, the initiator refuses"
    )

    def swapped(pair: Pair) -> None:
        block = pair.spoke.block("PE7")
        block.local_key, block.remote_key = block.remote_key, block.local_key

    hub = "crypto ikev2 keyring CPE > peer CPE1 > pre-shared-key remote from-cpe1-99Xw"
    spoke = "crypto ikev2 keyring PE > peer PE7 > pre-shared-key local from-pe7-Lk42"
    found = explained("AUT221", f"peer.cfg: {hub} || router.cfg: {spoke}")
    yield both(asymmetric, swapped, found, at_spoke=True, title="The spoke has its two keys in the wrong order")
    at = f"router.cfg: {KOELN}q7Rk2mVx9TzLp4Wd || peer.cfg: {BERLIN}q7Rk2mVx9TzLp4We"
    found = explained("AUT221", at, "Failed to authenticate the IKE SA")
    yield both(names, other_key, found, peer_log=False, title="The responder's log alone")
    yield both(names, nothing)
    yield both(asymmetric, nothing, at_spoke=True)

    def elsewhere(pair: Pair) -> None:
        pair.spoke.block("PE8").key = "not-pe8s-key"

    yield both(asymmetric, elsewhere, peer_log=False, title="The key of another hub")


@fault(
    "identity-of-other-end", "The responder has no profile for the identity that the initiator's configuration sends"
)
def identities() -> Iterator[Draft]:
    def other_domain(pair: Pair) -> None:
        pair.spoke.profiles[0].local_id = "fqdn koeln.example.org"

    match = "crypto ikev2 profile DIAL-IN > match identity remote fqdn domain example.net"
    said = ("koeln.example.org",)
    yield both(names, other_domain, explained("SEL222", match, "identity 'koeln.example.org'", *said))
    found = explained("SEL222", f"peer.cfg: {match}", "NOTIFY(AUTHENTICATION_FAILED)", *said)
    yield both(names, other_domain, found, at_spoke=True, peer_log=False, title="The initiator's log alone")

    def by_address(pair: Pair) -> None:
        pair.spoke.profiles[0].local_id = None

    match = "crypto ikev2 profile CUSTOMER-CPE > match identity remote email domain isp.example"
    found = explained("SEL222", match, "identity '198.51.100.66'", "198.51.100.66")
    yield both(asymmetric, by_address, found, title="Without `identity local` the address is sent")
    yield both(names, nothing, peer_log=False)

    def other_name(pair: Pair) -> None:
        pair.spoke.profiles[0].local_id = "fqdn koeln-2.example.net"
        pair.hub.block("KOELN").identity = "fqdn koeln-2.example.net"

    yield both(names, other_name, at_spoke=True, title="Another name, which both ends know")


@fault("half-open-session", "The initiator refuses the responder's identity, and the responder believes that it is up")
def half_open() -> Iterator[Draft]:
    def renamed(pair: Pair) -> None:
        pair.hub.profiles[0].local_id = "fqdn hub1.example.net"

    match = "crypto ikev2 profile HUB > match identity remote fqdn berlin.example.net"
    log = "Searching policy based on peer's identity 'hub1.example.net'"
    yield both(names, renamed, explained("SEL221", f"peer.cfg: {match}", log, "hub1.example.net", "half-open"))
    yield both(names, renamed, explained("SEL221", match, log, "hub1.example.net"), at_spoke=True)

    def by_address(pair: Pair) -> None:
        pair.hub.profiles[0].local_id = None

    match = "peer.cfg: crypto ikev2 profile TO-PE > match identity remote email pe7@isp.example"
    log = "Searching policy based on peer's identity '203.0.113.129'"
    yield both(asymmetric, by_address, explained("SEL221", match, log, "203.0.113.129"))
    title = "The responder's log shows nothing but success, the other configuration does"
    found = explained("SEL202", match, "", "203.0.113.129", verdict="contradiction")
    yield both(asymmetric, by_address, found, peer_log=False, title=title)
    yield both(certificates, nothing)


@fault("offers-of-both-ends", "The IKE proposals of both configurations have nothing in common, as the logs show")
def offers() -> Iterator[Draft]:
    def other_group(pair: Pair) -> None:
        pair.spoke.proposals[0].group = ["14"]

    hub, spoke = "crypto ikev2 proposal GCM > group 20 19", "crypto ikev2 proposal GCM > group 14"
    found = explained("SEL223", f"router.cfg: {hub} || peer.cfg: {spoke}", "", "14", "20 19")
    yield both(names, other_group, found)
    found = explained("SEL223", f"peer.cfg: {hub} || router.cfg: {spoke}", "NOTIFY(NO_PROPOSAL_CHOSEN)", "14", "20")
    yield both(names, other_group, found, at_spoke=True, peer_log=False, title="The initiator's log alone")

    def weaker(pair: Pair) -> None:
        pair.hub.proposals[0] = Proposal("LEGACY", ["aes-cbc-256"], ["sha512"], ["14"])

    hub = "crypto ikev2 proposal LEGACY > integrity sha512"
    spoke = "crypto ikev2 proposal P1 > integrity sha256"
    found = explained("SEL223", f"router.cfg: {hub} || peer.cfg: {spoke}", "", "sha512", "sha256")
    yield both(asymmetric, weaker, found)

    def longer(pair: Pair) -> None:
        pair.spoke.proposals[0].group = ["21", "19"]

    yield both(names, longer, title="The second group is the common one")


@fault("methods-of-both-ends", "One end proves itself by a method that the other configuration does not accept")
def methods() -> Iterator[Draft]:
    def by_key(pair: Pair) -> None:
        profile = pair.spoke.profiles[0]
        profile.local, profile.keyring = "pre-share", "LYON-KEY"
        pair.spoke.keyrings = [Keyring("LYON-KEY", [Block("LYON", "198.51.100.130", None, "a-key-for-lyon-1")])]

    hub = "crypto ikev2 profile BY-NAME > authentication remote rsa-sig"
    spoke = "crypto ikev2 profile LYON > authentication local pre-share"
    found = explained("AUT222", f"router.cfg: {hub} || peer.cfg: {spoke}", "mismatching with the method", "pre-share")
    yield both(certificates, by_key, found)
    found = explained("AUT222", f"peer.cfg: {hub} || router.cfg: {spoke}", "NOTIFY(AUTHENTICATION_FAILED)")
    yield both(certificates, by_key, found, at_spoke=True, peer_log=False, title="The initiator's log alone")

    def accepted(pair: Pair) -> None:
        pair.hub.profiles[0].remote = ["rsa-sig", "ecdsa-sig"]

    yield both(certificates, accepted, allows="AUT171", title="One method more than is used")


@fault(
    "children-of-both-ends", "IKE comes up, and the child SA is refused: transform-sets or tunnel modes of both ends"
)
def children() -> Iterator[Draft]:
    def other_set(pair: Pair) -> None:
        pair.spoke.transform_sets[0].words = "esp-aes 256 esp-sha256-hmac"

    hub = "crypto ipsec transform-set ESP-GCM esp-gcm 256"
    spoke = "crypto ipsec transform-set ESP-GCM esp-aes 256 esp-sha256-hmac"
    at = f"router.cfg: {hub} || peer.cfg: {spoke}"
    yield both(names, other_set, explained("TUN221", at, "NOTIFY(NO_PROPOSAL_CHOSEN)"))
    at = f"peer.cfg: {hub} || router.cfg: {spoke}"
    found = explained("TUN221", at, "NOTIFY(NO_PROPOSAL_CHOSEN)")
    yield both(names, other_set, found, at_spoke=True, peer_log=False, title="The initiator's log alone")

    def other_mode(pair: Pair) -> None:
        pair.spoke.tunnel("Tunnel0").mode = None
        pair.spoke.transform_sets[0].mode = "transport"

    hub = "interface Virtual-Template3 type tunnel > tunnel mode ipsec ipv4"
    at = f"router.cfg: {hub} || peer.cfg: interface Tunnel0"
    found = explained("TUN221", at, "", "gre ip", "ipsec ipv4")
    yield both(certificates, other_mode, found, title="GRE at one end, IPsec at the other")
    yield both(certificates, nothing, at_spoke=True, peer_log=False)

    def two_sets(pair: Pair) -> None:
        pair.spoke.transform_sets.append(
            replace(pair.spoke.transform_sets[0], name="OLD", words="esp-aes esp-sha-hmac")
        )
        pair.spoke.ipsec_profiles[0].sets.append("OLD")

    yield both(names, two_sets, title="One transform-set more at one end")


@fault("address-nobody-gives", "The tunnel waits for an address, and the other end has none to give")
def no_address() -> Iterator[Draft]:
    def without_pool(pair: Pair) -> None:
        pair.hub.authors[0].pool = None

    at = "peer.cfg: interface Tunnel0 > ip address negotiated || crypto ikev2 authorization policy BRANCHES"
    found = explained("AZN201", at, "", "BRANCHES", verdict="contradiction")
    yield both(names, without_pool, found, peer_log=False)

    def without_authorization(pair: Pair) -> None:
        pair.hub.profiles[0].authors = []

    at = "interface Tunnel0 > ip address negotiated || peer.cfg: crypto ikev2 profile CUSTOMER-CPE"
    found = explained("AZN201", at, "", "CUSTOMER-CPE", verdict="contradiction")
    yield both(asymmetric, without_authorization, found, at_spoke=True, peer_log=False)

    def own_address(pair: Pair) -> None:
        pair.hub.authors[0].pool = None
        pair.spoke.tunnel("Tunnel0").address = "10.77.1.13 255.255.255.0"

    yield both(names, own_address, title="The tunnel has an address of its own")


@fault(
    "edited-since-at-one-end", "Both ends were up; one configuration was changed since and does not fit the other one"
)
def edited_since() -> Iterator[Draft]:
    def new_key(pair: Pair) -> None:
        pair.spoke.block("BERLIN").key = "r8Sl3nWy0UaMq5Xe"

    at = f"router.cfg: {KOELN}q7Rk2mVx9TzLp4Wd || peer.cfg: {BERLIN}r8Sl3nWy0UaMq5Xe"
    title = "The session of the log is up; with the keys of today it will not come up again"
    found = explained("AUT203", at, "", verdict="contradiction")
    yield both(names, new_key, found, since=True, title=title)

    def new_identity(pair: Pair) -> None:
        pair.hub.profiles[0].matches = ["email domain cust.example"]

    hub = "crypto ikev2 profile CUSTOMER-CPE > match identity remote email domain cust.example"
    spoke = "crypto ikev2 profile TO-PE > identity local email cpe1@isp.example"
    log = "found matching IKEv2 profile 'CUSTOMER-CPE'"
    at = f"router.cfg: {hub} || peer.cfg: {spoke}"
    found = explained("SEL201 SEL002", at, log, "cpe1@isp.example", verdict="contradiction")
    yield both(asymmetric, new_identity, found, since=True)

    def new_policy(pair: Pair) -> None:
        pair.hub.authors.append(AuthorPolicy("SPARE"))
        pair.hub.profiles[0].authors[0] = Author("group", "psk", "FLEX-AUTHZ", "BRANCHES")

    yield both(names, new_policy, since=True, allows="REF037", title="A policy that nothing uses")


@fault(
    "packet-lost-between-both-ends", "The initiator repeats IKE_AUTH, and the responder's log shows that it never came"
)
def lost() -> Iterator[Draft]:
    def cut(make: Callable[[], Pair], at_spoke: bool) -> Draft:
        pair = make()
        again = (Said("S", "Retransmitting packet"),) * 5
        gave_up = (*again, Said("E", ": Maximum number of retransmissions reached"), *FAILED)
        waited = (Said("E", ": Failed to receive the AUTH msg before the timer expired"), *FAILED)

        def files(seed: int, style: str) -> dict[str, str]:
            calls = ended("IKE_AUTH Exchange REQUEST", *gave_up, keep=3)
            spoke = pair.files(seed, (style, style), True, retell=calls)
            hub = pair.files(seed, (style, style), retell=ended("Starting timer (30 sec) to wait", *waited))
            mine, its = (spoke, hub) if at_spoke else (hub, spoke)
            return mine | {"peer.log": its["router.log"]}

        at = "Failed to receive the AUTH msg", "Maximum number of retransmissions"
        hub_log, spoke_log = ("peer.log", "router.log") if at_spoke else ("router.log", "peer.log")
        finds = (Expected(("NEG203",), (f"{hub_log}: {at[0]}", f"{spoke_log}: {at[1]}"), verdict="explanation"),)
        return Draft(pair.hub, [], finds, make=files)

    yield cut(names, at_spoke=False)
    yield cut(certificates, at_spoke=True)
    yield both(names, nothing)


def first_lines(files: dict[str, str]) -> dict[str, str]:
    """What a collector leaves that keeps the first line of each message: no SPIs."""
    kept = {
        name: "".join(line for line in text.splitlines(keepends=True) if IN_CLOCK.match(line))
        for name, text in files.items()
        if name.endswith(".log")
    }
    assert not any("SPI :" in text for text in kept.values())
    return files | kept


IN_CLOCK = re.compile(r"\*?[A-Z][a-z]{2} +\d+ ")


@fault("both-logs-without-spis", "Neither log has SPIs: the two are joined where only one negotiation fits")
def without_spis() -> Iterator[Draft]:
    def other_key(pair: Pair) -> None:
        pair.spoke.block("BERLIN").key = "q7Rk2mVx9TzLp4We"

    def renamed(pair: Pair) -> None:
        pair.hub.profiles[0].local_id = "fqdn hub1.example.net"

    def bare(make: Callable[[], Pair], change: Callable[[Pair], object], finds: tuple[Expected, ...] = ()) -> Draft:
        pair = make()
        change(pair)
        return Draft(
            pair.hub, [], finds, edit=first_lines, make=lambda seed, style: pair.files(seed, ("console", "ntp"))
        )

    at = f"router.cfg: {KOELN}q7Rk2mVx9TzLp4Wd || peer.cfg: {BERLIN}q7Rk2mVx9TzLp4We"
    yield bare(names, other_key, explained("AUT221", at, "Failed to authenticate the IKE SA", "share no SPI"))
    match = "peer.cfg: crypto ikev2 profile HUB > match identity remote fqdn berlin.example.net"
    yield bare(names, renamed, explained("SEL221", match, "hub1.example.net", "half-open", "share no SPI"))
    yield bare(names, nothing)
    yield bare(certificates, nothing)
