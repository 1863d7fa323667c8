"""Whom this router calls, where from, and what a session is attached to: held against tunnels, clients and maps.

Comes in: a negotiation, the configuration, and the prediction. Goes out: contradictions: a call that nothing in the
configuration makes, a clone that no profile asks for, an address in another VRF than its packets came in.
"""

from __future__ import annotations

from ipaddress import ip_address

from flexlint.checks.pair.authentication import observed_profile
from flexlint.config.model import Device, Interface, address_of
from flexlint.finding import Finding, Severity, Silence, Verdict
from flexlint.log.model import Phase, Side
from flexlint.place import Located
from flexlint.predict.keys import index_of
from flexlint.predict.locality import addresses_of, interface_with
from flexlint.predict.model import Sureness
from flexlint.rulebook import PairCase, Scope, Yielded, check

_EDITED = "the configuration may have been edited since, or the log is another router's"


@check("TUN013", on=Scope.PAIR)
def unconfigured_peer_called(case: PairCase) -> Yielded:
    """The router starts a negotiation with an address to which no tunnel, client or crypto map leads."""
    negotiation, device = case.negotiation, case.device
    if negotiation.role is not Side.INITIATOR:
        return Silence.NOT_APPLICABLE
    if negotiation.peer is None or not negotiation.started_inside or device.is_partial or _may_call_anybody(device):
        return Silence.NO_EVIDENCE
    called = [*_destinations(device)]
    if not called or any(address_of(word) is None for _, word in called):
        return Silence.NO_EVIDENCE
    peer = address_of(negotiation.peer)
    if peer is None:
        return Silence.NO_EVIDENCE
    if any(address_of(word) == peer for _, word in called):
        return Silence.SATISFIED
    ways = [f"{what} to {word}" for what, word in called]
    told = ", ".join(ways[:4]) + (f" and {len(ways) - 4} more" if len(ways) > 4 else "")
    finding = Finding(
        f"the router called {negotiation.peer}, to which no tunnel, crypto map or flexvpn client leads; there is {told}"
    )
    finding.at(_strayed(device, [word for _, word in called]), "leads here").saw(negotiation.peer).also(
        negotiation.profile
    )
    yield finding.because(_EDITED).about("called", negotiation.peer)
    return None


def _may_call_anybody(device: Device) -> bool:
    """Whether the router may learn whom to call: by NHRP, by a redirect, or from a peer that called it before."""
    for one in device.interfaces.values():
        if one.nhrp_shortcut_template is not None or "multipoint" in (one.tunnel_mode or ""):
            return True
    if any(profile.virtual_template is not None for profile in device.profiles.values()):
        return True
    return any(line.text.startswith(("crypto ikev2 redirect", "crypto gdoi", "crypto gkm")) for line in device.lines)


def _destinations(device: Device) -> list[tuple[str, Located]]:
    """What leads to a peer, by name, with the word that says to which."""
    found: list[tuple[str, Located]] = [
        (str(one.name), one.destination)
        for one in device.interfaces.values()
        if one.is_tunnel and one.destination is not None and one.destination != "dynamic"
    ]
    found += [(f"client '{client.name}'", peer.target) for client in device.clients.values() for peer in client.peers]
    found += [(f"crypto map '{entry.name}'", peer) for entry in device.crypto_maps for peer in entry.peers]
    return found


def _strayed(device: Device, words: list[Located]) -> Located:
    """The destination that was probably changed: one for which no keyring has a block, else the first."""
    for word in words:
        address = ip_address(str(word))
        if not any(index_of(keyring).by_address(address) for keyring in device.keyrings.values()):
            return word
    return words[0]


@check("TUN017", on=Scope.PAIR)
def forbidden_call(case: PairCase) -> Yielded:
    """V: `responder-only` keeps a router from initiating, and the log shows that it did."""
    negotiation, tunnel, ipsec = case.negotiation, case.followed.template, case.followed.ipsec_profile.chosen
    if negotiation.role is not Side.INITIATOR:
        return Silence.NOT_APPLICABLE
    if not negotiation.started_inside or ipsec is None or tunnel.chosen is None or tunnel.sureness is not Sureness.SURE:
        return Silence.NO_EVIDENCE
    if ipsec.responder_only is None:
        return Silence.SATISFIED
    finding = Finding(
        f"the router called {negotiation.peer} for {tunnel.chosen.name}, but its ipsec profile '{ipsec.name}' lets it "
        "respond only"
    )
    finding.at(ipsec.responder_only.line).saw(negotiation.peer).also(tunnel.chosen.destination, "leads to this peer")
    yield finding.because(_EDITED).about("responder-only", ipsec.name, tunnel.chosen.name)
    return None


@check("TUN014", on=Scope.PAIR)
def unexpected_clone(case: PairCase) -> Yielded:
    """A session has a virtual-access interface, and neither its profile nor NHRP clones one."""
    negotiation, profile, device = case.negotiation, observed_profile(case), case.device
    clone = next((r.interface for r in negotiation.routes if r.added and _is_clone(r.interface)), None)
    if clone is None or profile is None or negotiation.role is not Side.RESPONDER:
        return Silence.NO_EVIDENCE
    if profile.virtual_template is not None:
        return Silence.SATISFIED
    if device.is_partial or any(one.nhrp_shortcut_template is not None for one in device.interfaces.values()):
        return Silence.NO_EVIDENCE  # a shortcut is cloned from the template of its tunnel
    finding = Finding(
        f"the session got interface {clone}, but profile '{profile.name}' has no `virtual-template` to clone it from"
    )
    finding.at(profile).saw(clone).saw(negotiation.profile).because(_EDITED)
    yield finding.about("clone", profile.name)
    return None


def _is_clone(interface: str) -> bool:
    return interface.startswith(("Virtual-Access", "Vi"))


@check("SEL013", on=Scope.PAIR)
def address_in_other_vrf(case: PairCase) -> Yielded:
    """The packets came in the global VRF, table 0, at an address that the configuration has in a VRF only."""
    negotiation, device = case.negotiation, case.device
    local, table = negotiation.local, negotiation.fvrf_id
    address = address_of(local)
    if local is None or table is None or address is None or not table.isdecimal():
        return Silence.NO_EVIDENCE
    interface = interface_with(device, address)
    if interface is None or _has_elsewhere(device, interface, address):
        return Silence.NO_EVIDENCE
    if (table == "0") == (interface.vrf is None):
        return Silence.SATISFIED
    seen = negotiation.profile
    if seen is not None and seen not in {profile.name for profile in case.prediction.profile.candidates}:
        return Silence.NOT_APPLICABLE  # what comes of it is said of the profile
    if interface.vrf is None:
        configured, met = "the global VRF", f"VRF table {table}"
    else:
        configured, met = f"VRF {interface.vrf}", "the global VRF"
    finding = Finding(f"address {local} of {interface.name} is in {configured}, but its packets came in {met}")
    finding.at(interface.vrf or interface, "as configured").saw(table).saw(local)
    tunnel, failure = case.followed.template.chosen, negotiation.failure
    unanswered = failure is not None and failure.phase is Phase.SA_INIT and negotiation.responder_spi is None
    if negotiation.role is Side.INITIATOR and tunnel is not None and tunnel.tunnel_vrf is None and unanswered:
        finding.message += ", and nobody answered"
        finding.also(tunnel, f"sends from {local}, and has no `tunnel vrf`").saw(failure.seen if failure else None)
        finding.mend(f"add ` tunnel vrf {interface.vrf}` to {tunnel.name}")
        yield finding.judged(Verdict.EXPLANATION).lowered(Severity.ERROR).about("vrf", interface.name)
        return None
    yield finding.because(_EDITED).about("vrf", interface.name)
    return None


def _has_elsewhere(device: Device, interface: Interface, address: object) -> bool:
    """Whether another interface may have the address too: it borrows it, or gets its own from elsewhere."""
    for one in device.interfaces.values():
        if one is not interface and not one.is_template and not one.is_tunnel:
            found = addresses_of(device, one)
            if found is None or address in found:
                return True
    return False
