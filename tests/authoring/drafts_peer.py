"""Faults of authentication and authorization."""

from __future__ import annotations

from collections.abc import Iterator

from authoring.drafts import Draft, explained, fault, open_end, replace
from authoring.site import Author
from authoring.sites import hub_address, hub_certificates, hub_fqdn, hub_radius, hub_vrf, spoke_fqdn, spoke_vrf


@fault("different-keys", "The pre-shared keys of both ends differ, with the same length")
def different_keys() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    peers[1].key = "Hn5sYc8GdJw3Xb6Q78"
    at = "crypto ikev2 keyring BRANCH-KEYS > peer MAINZ > pre-shared-key Hn5sYc8GdJw3Xb6Q77"
    yield Draft(site, peers, explained("AUT008", at, "Failed to authenticate the IKE SA", "MAINZ"), interleaved=True)
    site, peers = hub_address()
    peers[3].key = "sharedbyall-8"
    at = "crypto ikev2 keyring KR-SMALL > peer REST > pre-shared-key sharedbyall-9"
    yield Draft(site, peers, explained("AUT008", at, "Failed to authenticate the IKE SA", "REST"))
    site, peers = spoke_fqdn()
    peers[0].key = "another-key-16ch"
    peers[0].trusts = "q7Rk2mVx9TzLp4Wd"
    at = "crypto ikev2 keyring HUBS > peer BERLIN > pre-shared-key q7Rk2mVx9TzLp4Wd"
    yield Draft(site, peers, explained("AUT008", at, "Failed to authenticate the IKE SA", "BERLIN"))
    yield Draft(*hub_fqdn())
    yield Draft(*spoke_vrf())


@fault("refused-by-responder", "The responder refuses the authentication of this initiator: key, identity or method")
def refused_by_responder() -> Iterator[Draft]:
    site, peers = spoke_vrf()
    peers[0].trusts = "something-else"
    at = "NOTIFY(AUTHENTICATION_FAILED)"
    yield Draft(site, peers, open_end("AUT014", at, "PE7", "identity", "method", "cpe1@isp.example"))
    site, peers = spoke_fqdn()
    peers[0].refuses_us = "identity"
    yield Draft(site, peers, open_end("AUT014", at, "BERLIN", "koeln.example.net"))
    yield Draft(*spoke_fqdn())


@fault("swapped-keys", "The keys of an asymmetric pair are swapped")
def swapped_keys() -> Iterator[Draft]:
    site, peers = hub_address()
    block = site.block("SITE-B")
    block.local_key, block.remote_key = block.remote_key, block.local_key
    at = "crypto ikev2 keyring KR-SMALL > peer SITE-B > pre-shared-key remote Hub-side-7731"
    yield Draft(site, peers, explained("AUT008", at, "Failed to authenticate the IKE SA", "swapped"), interleaved=True)
    yield Draft(*hub_address())


@fault("missing-peer-block", "The keyring of the profile has no block for this peer")
def missing_block() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.keyrings[0].blocks = site.keyrings[0].blocks[:1]
    log = "Getting preshared key from profile keyring BRANCH-KEYS"
    yield Draft(
        site, peers[1:], explained("AUT009", "crypto ikev2 keyring BRANCH-KEYS", log, "KOELN", "mainz.example.net")
    )
    site, peers = hub_address()
    site.keyrings[0].blocks[2].address = "198.51.100.64 255.255.255.192"
    log = "Getting preshared key from profile keyring KR-SMALL"
    yield Draft(site, peers[3:], explained("AUT009", "crypto ikev2 keyring KR-SMALL", log, "198.51.100.200"))
    site, peers = hub_fqdn()
    site.keyrings[0].blocks[1].identity = None
    yield Draft(site, peers, title="One block has an address only")


@fault("profile-without-keyring", "The profile asks for pre-shared keys and names no keyring")
def without_keyring() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.profiles[0].keyring = None
    found = explained("AUT013", "crypto ikev2 profile DIAL-IN", "Failed to authenticate")
    yield Draft(site, peers[:1], found)
    yield Draft(*hub_vrf())


@fault("undefined-keyring", "The profile names a keyring that is not defined")
def undefined_keyring() -> Iterator[Draft]:
    site, peers = hub_vrf()
    site.profiles[0].keyring = "CPE-KEYS"
    at = "crypto ikev2 profile CUSTOMER-CPE > keyring local CPE-KEYS"
    yield Draft(site, peers[:1], explained("AUT001", at, "profile keyring CPE-KEYS", "CPE"))
    yield Draft(*hub_vrf())


@fault("peer-method-not-configured", "The peer authenticates by a method that the profile does not accept")
def peer_method() -> Iterator[Draft]:
    site, peers = hub_certificates()
    peers[0] = replace(peers[0], method="PSK", key="tried-with-a-key")
    at = "crypto ikev2 profile BY-NAME > authentication remote rsa-sig"
    log = "Peer authentication method configured is mismatching"
    yield Draft(site, peers, explained("AUT006", at, log, "rsa-sig"))
    site, peers = hub_fqdn()
    site.profiles[0].remote = ["rsa-sig"]
    site.profiles[0].trustpoint = "CA"
    site.trustpoints = {"CA": ["enrollment terminal", "revocation-check crl"]}
    at = "crypto ikev2 profile DIAL-IN > authentication remote rsa-sig"
    allows = ("AUT166", "AZN180", "AZN178", "AZN179", "AUT169")
    yield Draft(site, peers[:1], explained("AUT006", at, log, "rsa-sig"), allows=allows)
    site, peers = hub_fqdn()
    site.profiles[0].remote = ["rsa-sig", "pre-share"]
    site.profiles[0].trustpoint = "CA"
    site.trustpoints = {"CA": ["enrollment terminal", "revocation-check crl"]}
    yield Draft(site, peers, title="Two remote methods, one of them the peer's")


@fault("profile-without-trustpoint", "A profile for certificates names no trustpoint: no certificate can be validated")
def without_trustpoint() -> Iterator[Draft]:
    site, peers = hub_certificates()
    site.profiles[0].trustpoint = None
    found = explained("AUT013", "crypto ikev2 profile BY-NAME")
    yield Draft(site, peers[:1], found)
    yield Draft(*hub_certificates())


@fault("unknown-issuer", "No trustpoint of this router has issued the peer's certificate")
def unknown_issuer() -> Iterator[Draft]:
    site, peers = hub_certificates()
    was = site.copy()
    was.profiles[0].trustpoint = None
    draft = Draft(
        site,
        peers[:1],
        open_end(
            "NEG003 AUT021",
            "No suitable trustpoints found || Validation of certificate chain FAILED || Platform errors",
        ),
        was=was,
    )
    yield draft
    yield Draft(*hub_certificates())


@fault("undefined-list", "Group authorization asks a AAA list that is not defined, or AAA is not switched on")
def undefined_list() -> Iterator[Draft]:
    for make, name in ((hub_fqdn, "DIAL-IN"), (hub_vrf, "CUSTOMER-CPE")):
        site, peers = make()
        author = site.profile(name).authors[0]
        other = author.list
        author.list = other.lower() + "-x"
        at = f"crypto ikev2 profile {name} > aaa authorization group psk list {author.list} {author.name}"
        log = f"Using mlist {author.list} and username"
        yield Draft(site, peers[:1], explained("AZN001", at, log, other))
    site, peers = hub_address()
    site.profiles[1].authors[0].list = "flex"
    at = "crypto ikev2 profile LARGE-SITES > aaa authorization group psk list flex LARGE"
    found = explained("AZN001", at, "Using mlist flex and username LARGE", "FLEX", "case")
    yield Draft(site, peers, found, interleaved=True, title="The list differs in case alone")
    site, peers = hub_certificates()
    site.logins = {"PKI-AUTHZ": "local"}
    site.lists = {"OTHER": "local"}
    at = "crypto ikev2 profile BY-NAME > aaa authorization group cert list PKI-AUTHZ name-mangler BY-DOMAIN"
    found = explained("AZN001", at, "Using mlist PKI-AUTHZ", "authentication login")
    yield Draft(site, peers[:1], found, allows=("REF012",), title="The list of that name is one for logins")
    site, peers = hub_fqdn()
    site.new_model = False
    at = "aaa authorization network FLEX-AUTHZ local"
    found = explained("AZN001", at, "Using mlist FLEX-AUTHZ", "aaa new-model")
    yield Draft(site, peers[:1], found, title="AAA is not switched on")
    yield Draft(*hub_address(), interleaved=True)
    site, peers = hub_address()
    for author in (p.authors[0] for p in site.profiles):
        author.list = "default"
    yield Draft(site, peers, title="The list is called default and is defined")


@fault("undefined-authorization-policy", "A local list is asked for an authorization policy that is not defined")
def undefined_policy() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.authors[0].name = "Branches"
    at = "crypto ikev2 authorization policy Branches || crypto ikev2 profile DIAL-IN > aaa authorization group psk list FLEX-AUTHZ BRANCHES"
    found = explained("AZN002", at, "username BRANCHES", "Branches", "case")
    yield Draft(site, peers[:1], found)
    site, peers = hub_address()
    del site.authors[1]
    at = "crypto ikev2 profile LARGE-SITES > aaa authorization group psk list FLEX LARGE"
    found = explained("AZN002", at, "username LARGE", "SMALL")
    yield Draft(site, peers, found, interleaved=True)
    site, peers = hub_certificates()
    site.authors[0].name = "acme"
    at = "crypto ikev2 profile BY-NAME > aaa authorization group cert list PKI-AUTHZ name-mangler BY-DOMAIN"
    found = explained("AZN002", at, "username acme.example", "BY-DOMAIN", "nice.acme.example")
    yield Draft(site, peers, found, title="The name-mangler makes a name that no policy has")
    yield Draft(*hub_certificates(), title="The name-mangler makes the name of a policy")
    site, peers = hub_fqdn()
    site.authors[0].name = "default"
    site.profiles[0].authors[0].name = "default"
    yield Draft(site, peers, title="The policy is called default")


def _debugged(*lines: str, after: str = "Authorisation request sent"):
    """Adds lines of another debug after the first line that has `after`."""

    def edit(files: dict[str, str]) -> dict[str, str]:
        log = files["router.log"].split("\n")
        at = next(i for i, line in enumerate(log) if after in line)
        head = log[at].partition("IKEv2")[0]
        log[at + 1 : at + 1] = [head + line for line in lines]
        return files | {"router.log": "\n".join(log)}

    return edit


@fault("radius-reject", "The RADIUS server does not know the group")
def radius_reject() -> Iterator[Draft]:
    site, peers = hub_radius()
    broken = site.copy()
    broken.new_model = False  # makes the trace end after the answer
    lines = (
        "RADIUS(0000004C): Send Access-Request to 10.4.1.20:1812 id 1645/7, len 97",
        'RADIUS:  User-Name           [1]   14  "stores-group"',
        "RADIUS: Received from id 1645/7 10.4.1.20:1812, Access-Reject, len 20",
    )
    found = open_end("AZN008", "Access-Reject || Auth exchange failed", "stores-group", "RAD", "peer block 'ANY-STORE'")
    yield Draft(site, peers, found, was=broken, edit=_debugged(*lines), style="console")
    lines = (*lines[:2], "RADIUS: No response from (10.4.1.20:1812,1813) for id 1645/7", "RADIUS: Tried all servers.")
    found = open_end("AZN008", "No response from || Tried all servers || Auth exchange failed", "RAD")
    yield Draft(site, peers, found, was=broken, edit=_debugged(*lines), style="ntp", title="The RADIUS server is dead")
    good = "RADIUS: Received from id 1645/7 10.4.1.20:1812, Access-Accept, len 120"
    yield Draft(site, peers, edit=_debugged(*lines[:2], good), style="console")


@fault("missing-pool", "The authorization policy takes addresses from a pool that is not defined")
def missing_pool() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.pools = {"OVERLAY-POOL": ("10.77.1.10", "10.77.1.200")}
    at = "crypto ikev2 authorization policy BRANCHES > pool OVERLAY"
    found = explained("AZN007", at, "Failed to allocate IP addr", "OVERLAY-POOL")
    yield Draft(site, peers[:1], found)
    site, peers = hub_address()
    del site.pools["P-LARGE"]
    at = "crypto ikev2 authorization policy LARGE > pool P-LARGE"
    found = explained("AZN007", at, "Failed to allocate IP addr", "P-SMALL")
    yield Draft(site, peers, found, interleaved=True)
    yield Draft(*hub_vrf())


@fault("unusable-mangler", "The name-mangler has no rule for the kind of identity that the peer sends")
def unusable_mangler() -> Iterator[Draft]:
    site, peers = hub_certificates()
    site.manglers = {"BY-DOMAIN": ["email domain"]}
    at = "crypto ikev2 profile BY-NAME > aaa authorization group cert list PKI-AUTHZ name-mangler BY-DOMAIN || crypto ikev2 name-mangler BY-DOMAIN"
    found = explained("AZN009", at, "Auth exchange failed", "nice.acme.example")
    yield Draft(site, peers[:1], found)
    yield Draft(*hub_certificates())


@fault("authorization-of-other-method", "The profile authorizes peers with certificates, this one has a key")
def other_method() -> Iterator[Draft]:
    site, peers = hub_fqdn()
    site.profiles[0].authors = [Author("group", "cert", "FLEX-AUTHZ", "BRANCHES")]
    at = "crypto ikev2 profile DIAL-IN > aaa authorization group cert list FLEX-AUTHZ BRANCHES"
    found = explained("AZN003", at, "Peer's authentication method is 'PSK'", "psk", verdict="")
    yield Draft(site, peers[:1], found, allows=("AZN178",))
    site, peers = hub_fqdn()
    site.profiles[0].authors.append(Author("group", "cert", "FLEX-AUTHZ", "BRANCHES"))
    site.profiles[0].remote = ["pre-share", "rsa-sig"]
    site.profiles[0].trustpoint = "CA"
    site.trustpoints = {"CA": ["enrollment terminal", "revocation-check crl"]}
    yield Draft(site, peers, title="A line for each method")
