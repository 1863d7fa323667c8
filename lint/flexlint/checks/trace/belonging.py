"""Whether a log and a configuration are of one router, and of one time.

Comes in: the coverage of a log and its names, the configuration, and what the two were found to contradict each other
in. Goes out: findings LOG001 and LOG011 to LOG013, which hold back what follows from the mismatch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address

from flexlint.config.model import Device
from flexlint.finding import Finding, Silence
from flexlint.place import Place, Role, Seen
from flexlint.predict.locality import addresses_of
from flexlint.rulebook import LogCase, Scope, Yielded, check


class At:
    """A place in the log by line alone."""

    def __init__(self, path: str, line: int, text: str) -> None:
        self._place = Place(path, line, 1, line, len(text) + 1, text, Role.LOG)

    def place(self, note: str = "") -> Place:
        return self._place._replace(note=note)


def _names(device: Device) -> Mapping[str, set[str]]:
    """The names a configuration defines, by the kinds a log mentions."""
    lists = {name for _, name in device.aaa_lists}
    return {
        "profile": set(map(str, device.profiles)),
        "keyring": set(map(str, device.keyrings)),
        "policy": set(map(str, device.policies)),
        "list": lists,
        "peer_block": {str(b.name) for k in device.keyrings.values() for b in k.peers},
    }


def _seen(case: LogCase, device: Device) -> set[tuple[str, str]]:
    """The names of the log, of kinds that a configuration defines."""
    return {(kind, name) for kind in _names(device) for name in case.names.get(kind, ()) if name != "default"}


def _is_foreign(case: LogCase, device: Device) -> bool:
    known, seen = _names(device), _seen(case, device)
    return len(seen) > 1 and bool(device.profiles) and not any(name in known[kind] for kind, name in seen)


@check("LOG001", on=Scope.LOG)
def foreign_log(case: LogCase) -> Yielded:
    """None of the names in the log is defined in the configuration: the two are not of one router."""
    device = case.device
    if device is None or device.not_ios:
        return Silence.NOT_APPLICABLE
    seen = _seen(case, device)
    if len(seen) < 2:
        return Silence.NO_EVIDENCE
    if not _is_foreign(case, device):
        return Silence.SATISFIED
    listed = ", ".join(f"{kind.replace('_', ' ')} '{name}'" for kind, name in sorted(seen)[:4])
    finding = Finding(
        f"no name in the log is defined in {device.source.path}: {listed}; the two are not of one router, "
        "or of very different times"
    )
    finding.at(At(case.path, 1, "")).also(next(iter(device.profiles.values())), "profiles defined here")
    finding.because("comparisons of the two are held back")
    yield finding.about("foreign", *sorted(name for _, name in seen)[:4])
    return None


@check("LOG011", on=Scope.LOG)
def other_router(case: LogCase) -> Yielded:
    """The log calls its router by another name, or has it use addresses that the configuration does not have."""
    device = case.device
    if device is None or device.not_ios or not case.negotiations or _is_foreign(case, device):
        return Silence.NOT_APPLICABLE
    name, addresses = _other_name(device, case), _other_addresses(device, case)
    if addresses and _is_known_otherwise(device, case):
        return Silence.NOT_APPLICABLE  # other-addresses says it
    if not _is_of_other(device, case):
        return Silence.NO_EVIDENCE if addresses is None else Silence.SATISFIED
    doubts, finding = [], Finding("")
    if addresses:
        first = addresses[0]
        doubts.append(f"it uses local address {', '.join(addresses[:3])}, which {device.source.path} does not have")
        finding.at(first)
    if name is not None:
        doubts.insert(0, f"it calls its router '{name[0]}', the configuration '{device.hostname}'")
        finding.at(At(case.path, name[1], "")).also(addresses[0] if addresses else None)
        finding.also(device.hostname)
    finding.message = f"the log is not of this router, or of another time of it: {' and '.join(doubts)}"
    finding.because("comparisons of the two are held back")
    yield finding.about("other router", name[0] if name is not None else addresses[0] if addresses else "")
    return None


def _is_of_other(device: Device, case: LogCase) -> bool:
    """Whether name or addresses are another router's. With an address of its own it was renamed, or the relay has a
    name for it."""
    addresses = _other_addresses(device, case)
    if addresses and _is_known_otherwise(device, case):
        return False
    return bool(addresses) or (addresses is None and _other_name(device, case) is not None)


def _is_known_otherwise(device: Device, case: LogCase) -> bool:
    """Whether the log is this router's whatever its addresses: every name it mentions is defined, several and of more
    than one kind, and so is one that no other router has, its identity or its host name."""
    seen, known = _seen(case, device), _names(device)
    if len(seen) < NAMES or len({kind for kind, _ in seen}) < 2 or any(name not in known[kind] for kind, name in seen):
        return False
    if _other_name(device, case) is not None:
        return False
    own = {str(p.identity_local).strip('"').lower() for p in device.profiles.values() if p.identity_local is not None}
    sent = {name.lower() for name in case.names.get("own_identity", ()) if not _is_address(name)}
    if sent:
        return sent <= own
    return any(not _is_address(name) for name in case.coverage.hostnames)  # and none of them is another one's


@check("LOG013", on=Scope.LOG)
def other_addresses(case: LogCase) -> Yielded:
    """The log is this router's by every name, and its addresses are not: somebody changed those of one of the two."""
    device = case.device
    if device is None or device.not_ios or not case.negotiations:
        return Silence.NOT_APPLICABLE
    addresses = _other_addresses(device, case)
    if not addresses or not _is_known_otherwise(device, case):
        return Silence.SATISFIED if addresses is not None else Silence.NO_EVIDENCE
    held = [one for one in (*case.contradictions, *case.explanations) if one.rule in _BY_ADDRESS]
    finding = Finding(
        f"every name in this log is of this router, but its local address {', '.join(addresses[:3])} is not in "
        f"{device.source.path}: the addresses in one of the two were changed, and are not compared"
    )
    finding.at(addresses[0])
    finding.because(*(f"held back: {one.rule} {one.message}" for one in held[:5]))
    finding.holds_back = [one.fingerprint for one in held]
    yield finding.about("other addresses", *sorted(case.coverage.local_addresses)[:3])
    return None


NAMES = 3  # so many names that are all defined make it unlikely that another router has them too
# Rules that go by addresses, of this router, of the peer, or of what is given to it.
_BY_ADDRESS = frozenset(
    "SEL001 SEL002 SEL003 SEL006 SEL007 SEL010 SEL013 AUT004 AUT009 AUT010 AZN005 AZN006 AZN010 "
    "TUN005 TUN011 TUN013".split()
)


def _other_name(device: Device, case: LogCase) -> tuple[str, int] | None:
    """The name the log has for its router, with its line, when none of its names can be the configuration's."""
    if device.hostname is None:
        return None
    own = device.hostname.lower().partition(".")[0]
    names = [(name, line) for name, line in case.coverage.hostnames.items() if not _is_address(name)]
    if any(own in name.lower() or name.lower().partition(".")[0] in own for name, _ in names):
        return None  # `hub1`, `hub1.example.net`, `hub1-mgmt`, `nyc-hub1`
    return names[0] if names else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return name.isdigit()
    return True


def _other_addresses(device: Device, case: LogCase) -> list[Seen] | None:
    """The local addresses of the log, when the configuration has none of them; empty when it has one; None when it
    cannot be told, since addresses are dynamic or left out."""
    used = list(case.coverage.local_addresses.values())
    if not used or device.is_partial:
        return None
    outside = [i for i in device.interfaces.values() if not i.is_tunnel and not i.is_template and i.shutdown is None]
    configured = [addresses_of(device, i) for i in outside]
    if any(found is None for found in configured) or not any(configured):
        return None
    text = "\n".join(device.source.lines)
    has = any(re.search(rf"(?<![\d.:a-f]){re.escape(one)}(?![\d.:a-f])", text, re.IGNORECASE) for one in used)
    return [] if has else used


# Commands that cannot change what IKEv2 does: a change of nothing else makes no configuration stale.
_ELSEWHERE = (
    "logging", "debug", "do ", "service timestamps", "line ", "exec-timeout", "username", "snmp-server", "ntp", "clock",
    "banner", "end", "exit", "monitor", "event manager", "alias", "archive", "terminal", "no logging", "transport",
)  # fmt: skip


def _changes(case: LogCase) -> Iterator[Seen]:
    """Changes of the configuration that may matter; of one whose commands are logged, only if one of them may."""
    logged: list[Seen] = []
    for change in case.coverage.config_changes:
        if not change.startswith("%SYS"):
            logged.append(change)
            continue
        if not logged or any(_may_matter(one) for one in logged):
            yield next((one for one in logged if _may_matter(one)), change)
        logged = []
    yield from (one for one in logged if _may_matter(one))


def _may_matter(command: Seen) -> bool:
    return not command.strip().lower().startswith(_ELSEWHERE)


@check("LOG012", on=Scope.LOG)
def stale_configuration(case: LogCase) -> Yielded:
    """The configuration was changed inside the log, and the contradictions lie on one side of the change only."""
    if case.device is None or not case.contradictions or _is_of_other(case.device, case):
        return Silence.NOT_APPLICABLE
    best: tuple[Seen, list[Finding]] | None = None
    for change in _changes(case):
        if change.line <= case.coverage.began:
            continue
        spans = [(finding, finding.span) for finding in case.contradictions if finding.span]
        for held in (
            [finding for finding, span in spans if span[1] < change.line],
            [finding for finding, span in spans if span[0] > change.line],
        ):
            if held and (best is None or len(held) > len(best[1])):
                best = change, held
    if best is None:
        return Silence.SATISFIED
    change, held = best
    is_newer = all(finding.span and finding.span[1] < change.line for finding in held)
    this, that = ("after", "before") if is_newer else ("before", "after")
    finding = Finding(
        f"the configuration was changed inside this log; {case.device.source.path} is probably from {this} the change: "
        f"what it contradicts {that} it is held back"
    )
    finding.at(change)
    for one in held[:5]:
        finding.related += [one.primary] if one.primary is not None else []
        finding.because(f"held back: {one.rule} {one.message}")
    if len(held) > 5:
        finding.because(f"and {len(held) - 5} more")
    finding.holds_back = [one.fingerprint for one in held]
    yield finding.about("stale", *sorted(one.rule for one in held))
    return None
