"""Faults whose logs are healthy ones cut short: certificates, NAT, rekeys, software clients, silence after IKE_SA_INIT."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from authoring.drafts import Draft, denied, explained, fault, open_end, replace
from authoring.sites import hub_address, hub_certificates, hub_fqdn, hub_radius, hub_vrf, spoke_fqdn, spoke_vrf

Files = dict[str, str]
_IDS = re.compile(r"\(SESSION ID = (\d+),SA ID = (\d+)\):")


def ends(after: str, *lines: str, keep: int = 0) -> Callable[[Files], Files]:
    """Cuts the log after the first line that has `after`, and lets it end with these: `S text` with both ids, `A text`
    with the SA ID, `E text` an error, `- text` without ids, `% text` of another producer. `keep` keeps so many of the
    lines that follow."""

    def edit(files: Files) -> Files:
        log = files["router.log"].split("\n")
        at = next(i for i, line in enumerate(log) if after in line)
        ids = next(m for line in reversed(log[: at + 1]) if (m := _IDS.search(line)))
        head = log[at].partition("IKEv2")[0]
        tags = {
            "S": f"IKEv2:{ids[0]}",
            "A": f"IKEv2:(SA ID = {ids[2]}):",
            "E": f"IKEv2-ERROR:{ids[0]}",
            "-": "IKEv2:",
            "%": "",
        }
        new = [head + tags[line[0]] + line[2:] if line[:2] != "c " else line[2:] for line in lines]
        return files | {"router.log": "\n".join([*log[: at + 1 + keep], *new]) + "\n"}

    return edit


FAILED = ("E : Auth exchange failed", "S Abort exchange", "S Deleting SA")


@fault(
    "unreachable-revocation-list", "The revocation list cannot be fetched, and no certificate is accepted without it"
)
def revocation() -> Iterator[Draft]:
    site, peers = hub_certificates()
    lines = (
        "% %PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint ACME-CA failed",
        "A [PKI -> IKEv2] Validation of certificate chain FAILED",
        "E : Platform errors",
        "S Verify cert failed",
        *FAILED,
    )
    edit = ends("Validating certificate chain", *lines)
    found = explained("AUT015", "crypto pki trustpoint ACME-CA > revocation-check crl", "CRL_FETCH_FAIL", "ACME-CA")
    yield Draft(site, peers[:1], found, edit=edit, style="console")
    yield Draft(*hub_certificates())


@fault("unusable-own-certificate", "The router has no certificate of its own for the trustpoint of the profile")
def own_certificate() -> Iterator[Draft]:
    site, peers = hub_certificates()
    edit = ends("Getting certificate chain", "A [PKI -> IKEv2] Getting of certificate chain FAILED", *FAILED)
    at = "crypto ikev2 profile BY-NAME > pki trustpoint ACME-CA"
    yield Draft(site, peers[:1], explained("AUT016", at, "certificate chain FAILED", "ACME-CA"), edit=edit, style="ntp")
    yield Draft(*hub_certificates(), interleaved=True)


@fault("certificate-by-url-refused", "The peer sends no certificate by URL, and the router asks for that")
def by_url() -> Iterator[Draft]:
    site, peers = hub_certificates()
    text = (
        "Unsupported cert encoding found or Peer requested HTTP URL but never sent HTTP_LOOKUP_SUPPORTED Notification"
    )
    edit = ends("Peer's authentication method is 'RSA'", f"E : {text}", *FAILED)
    found = explained("AUT017", "crypto ikev2 profile BY-NAME", "Unsupported cert encoding", "http-url")
    yield Draft(site, peers[:1], found, edit=edit, style="console")
    site, peers = hub_certificates()
    site.crypto = ["no crypto ikev2 http-url cert"]
    yield Draft(site, peers)


@fault("expired-certificate", "The peer's certificate has expired: nothing of the configuration explains it")
def expired() -> Iterator[Draft]:
    site, peers = hub_certificates()
    date = "Validity period ended on 2026-01-31T00:00:00Z"
    lines = (
        f"% %PKI-3-CERTIFICATE_INVALID_EXPIRED: Certificate chain validation has failed.  The certificate (SN: 4A7F) has expired.    {date}",
        "A [PKI -> IKEv2] Validation of certificate chain FAILED",
        "E : Platform errors",
        "S Verify cert failed",
        *FAILED,
    )
    found = open_end(
        "NEG003", "CERTIFICATE_INVALID_EXPIRED || chain FAILED || Platform errors", "expired", "profile 'BY-NAME'"
    )
    yield Draft(site, peers[:1], found, edit=ends("Validating certificate chain", *lines), style="console")
    yield Draft(*hub_certificates(), style="old")


@fault("switched-off-nat-traversal", "There is NAT on the path, and NAT traversal is switched off")
def nat_off() -> Iterator[Draft]:
    site, peers = hub_address()
    site.crypto = ["no crypto ipsec nat-transparency udp-encapsulation"]
    lines = (
        "E NAT is found but it is not supported.: NAT-T disabled via cli",
        "S Failed SA init exchange",
        "E Initial exchange failed: Initial exchange failed",
        "S Abort exchange",
        "S Deleting SA",
    )
    at = "no crypto ipsec nat-transparency udp-encapsulation"
    found = explained("TUN009", at, "NAT-T disabled via cli")
    yield Draft(site, peers[:1], found, edit=ends("Checking NAT discovery", *lines), style="zone")
    yield Draft(site, peers, title="NAT traversal is off, and there is no NAT")
    site, peers = hub_radius()
    yield Draft(site, peers, title="NAT on the path, NAT traversal as by default")


@fault("other-pfs-at-rekey", "The group of PFS differs: the tunnel comes up and stops at the first rekey")
def pfs() -> Iterator[Draft]:
    site, peers = hub_fqdn()

    def rekey(*policies: str) -> Callable[[Files], Files]:
        def edit(files: Files) -> Files:
            spis = next(line for line in files["router.log"].split("\n") if "Message id: 1" in line).strip()
            lines = (
                f"S Received Packet [From {peers[0].address}:500/To {site.local}:500/VRF i0:f0] ",
                "c " + spis.replace("Message id: 1", "Message id: 3"),
                "c IKEv2 CREATE_CHILD_SA Exchange REQUEST ",
                "c Payload contents: ",
                "c  SA N KE TSi TSr NOTIFY(REKEY_SA) ",
                *policies,
            )
            return ends("Starting timer (8 sec)", *lines)(files)

        return edit

    refused = (
        "S Received Policies: ",
        "c ESP: Proposal 1:  AES-GCM-256 DH_GROUP_2048_MODP/Group 14 Don't use ESN",
        "S Expected Policies: ",
        "c ESP: Proposal 1:  AES-GCM-256 DH_GROUP_384_ECP/Group 20 Don't use ESN",
        "E : Failed to find a matching policy",
        "S Sending no proposal chosen notify",
    )
    at = "crypto ipsec profile PROTECT > set pfs group20"
    found = explained("TUN010", at, "ESP: Proposal 1:  AES-GCM-256 DH_GROUP_2048_MODP", "group20", "group14")
    yield Draft(site, peers[:1], found, edit=rekey(*refused), style="console")
    accepted = ("A [IPsec -> IKEv2] Creation of IPsec SA into IPsec database PASSED",)
    yield Draft(site, peers[:1], edit=rekey(*accepted), style="console")


@fault("anyconnect-without-match", "A software client calls, and no profile matches its key-id")
def anyconnect() -> Iterator[Draft]:
    site, peers = hub_radius()
    peers[0].identity = "*$AnyConnectClient$*"
    log = "Searching policy based on peer's identity '*$AnyConnectClient$*'"
    at = "crypto ikev2 profile STORES > match identity remote key-id stores"
    yield Draft(site, peers, explained("SEL001", at, log, "AnyConnectClient"))
    yield Draft(*hub_radius())


@fault("lost-authentication", "IKE_AUTH is lost on the way: port 4500 or fragments are filtered")
def lost() -> Iterator[Draft]:
    site, peers = spoke_vrf()
    peers[0].nat = True
    again = ["S Retransmitting packet"] * 5
    lines = (*again, "E : Maximum number of retransmissions reached", *FAILED)
    edit = ends("IKE_AUTH Exchange REQUEST", *lines, keep=3)
    found = open_end(
        "NEG007", "Getting preshared key || Maximum number of retransmissions reached || Retransmitting", "4500"
    )
    yield Draft(site, peers, found, edit=edit, style="console")
    site, peers = hub_vrf()
    lines = ("E : Failed to receive the AUTH msg before the timer expired", *FAILED)
    edit = ends("Starting timer (30 sec) to wait for auth message", *lines)
    found = open_end("NEG003 NEG007", "Failed to receive the AUTH msg before the timer expired || Received Packet")
    yield Draft(site, peers[:1], found, edit=edit, style="console")
    yield Draft(*spoke_vrf())


@fault("child-of-other-profile", "The child SA was checked against another profile than that of the session")
def other_child() -> Iterator[Draft]:
    site, peers = hub_address()

    def edit(files: Files) -> Files:
        log = files["router.log"].replace(
            "validate request sent for profile SMALL-SITES", "validate request sent for profile LARGE-SITES"
        )
        return files | {"router.log": log}

    log = "IPSec policy validate request sent for profile LARGE-SITES"
    yield Draft(site, peers[:1], denied("TUN004", "crypto ikev2 profile LARGE-SITES", log, "SMALL-SITES"), edit=edit)
    yield Draft(*hub_address())


@fault("operator-action", "An operator ends a negotiation: it looks like a failure and is none")
def operator() -> Iterator[Draft]:
    site, peers = spoke_fqdn()
    lines = ("E Initial exchange failed: Initial exchange failed", "S Abort exchange", "S Deleting SA")

    def cleared(files: Files) -> Files:
        cut = ends("Insert SA", *lines)(files)
        log = cut["router.log"].split("\n")
        at = next(i for i, line in enumerate(log) if "Initial exchange failed" in line)
        log.insert(at, "koeln#clear crypto ikev2 sa")
        return cut | {"router.log": "\n".join(log)}

    yield Draft(site, peers, edit=cleared, style="console")
    peers[0].silent = True
    where = "Getting preshared key || Maximum number of retransmissions reached"
    yield Draft(site, peers, open_end("NEG007", where), title="No operator, no answer")


@fault("second-group-offered", "The first group does not fit, the second one does: one more round trip, no failure")
def second_group() -> Iterator[Draft]:
    def retried(files: Files) -> Files:
        log = files["router.log"].split("\n")
        at = next(i for i, line in enumerate(log) if "Processing IKE_SA_INIT message" in line)
        head, ids = log[at].partition("IKEv2")[0], _IDS.search(log[at])
        assert ids is not None
        log.insert(at + 1, f"{head}IKEv2-ERROR:{ids[0]}: The peer's KE payload contained the wrong DH group")
        return files | {"router.log": "\n".join(log)}

    site, peers = hub_fqdn()
    yield Draft(site, peers, edit=retried, style="console")
    site, peers = hub_fqdn()
    peers[0].ike = [replace(peers[0].ike[0], group=["21"])]
    at = "crypto ikev2 proposal GCM > group 20 19"
    found = explained("SEL008", at, "DH_GROUP_521_ECP/Group 21", "21", "20, 19")
    yield Draft(
        site, peers, found, edit=retried, style="console", title="No group fits: after the retry it fails all the same"
    )
