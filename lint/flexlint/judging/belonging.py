"""Of which router a log is, when one configuration file holds several.

Comes in: a log and the devices of the file. Goes out: the device, or nothing when the log does not say. The log's name
and the names in it count first, then the addresses at which it says that packets arrived and left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from flexlint.config.model import Device
from flexlint.inputs.pairing import stem_of
from flexlint.inputs.source import Input, open_blocks
from flexlint.log.model import Coverage
from flexlint.pattern import pattern

# V: `Received Packet [From PEER:500/To OWN:500/VRF i0:f0]`, `Sending Packet [To PEER:500/From OWN:500/VRF i0:f0]`.
_OWN = pattern(r"(?:Received Packet \[From|Sending Packet \[To) [^/\n]{2,60}/(?:To|From) ([0-9A-Fa-f.:]{2,45}):\d")


def router_of(log: Input, devices: Sequence[Device]) -> Device | None:
    """The one device the log is of."""
    stem = stem_of(log.path.rpartition("/")[2])
    named = [one for one in devices if one.label.lower() == stem]
    if len(named) == 1:
        return named[0]
    head = (
        next(open_blocks(log.parts[0] if log.parts else log), b"").decode("utf-8", "replace")
        if log.rest is None
        else ""
    )
    told = [one for one in devices if names_router(one.label, head)]
    if len(told) == 1:
        return told[0]
    seen = Counter(_OWN.findall(head))
    holds = {
        id(one): sum(
            seen[str(address)] for interface in one.interfaces.values() for _, address, _ in interface.addresses
        )
        for one in devices
    }
    best = max(holds.values(), default=0)
    owners = [one for one in devices if holds[id(one)] == best]
    return owners[0] if best and len(owners) == 1 else None


def names_router(hostname: str, head: str) -> bool:
    """Whether the text of a log names this router: in a prompt, or as the origin in a relay's header."""
    name = re.escape(hostname)
    return (
        re.search(rf"(?m)^{name}(?:\([\w-]{{1,40}}\))?[#>]|^.{{0,60}}[ :]{name}[: ] ?.{{0,60}}(?:IKEv2|%[A-Z])", head)
        is not None
    )


def of_other_router(name: str, coverage: Coverage, device: Device) -> bool:
    """Whether a relay wrote several routers into a log, and a negotiation of the router of this name is another's than
    the one that the configuration is of. A log that never names that one may call it otherwise, by its address
    perhaps."""
    own, other = _label(str(device.hostname or "")), _label(name)
    return bool(own and other) and other != own and own in {_label(host) for host in coverage.hostnames}


def _label(host: str) -> str:
    """The name of a router without its domain; an address whole."""
    return host if not host[:1].isalpha() else host.partition(".")[0].lower()
