"""A whole log: whether it belongs to the configuration, and what of it could not be read.

Comes in: the coverage of a log and every name it mentioned. Goes out: findings of the family LOG.
"""

from __future__ import annotations

from collections.abc import Mapping

from flexlint.config.model import Device
from flexlint.finding import Finding, Silence
from flexlint.place import Place, Role
from flexlint.rulebook import LogCase, Scope, Yielded, check


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


class _At:
    """A place in the log by line alone."""

    def __init__(self, path: str, line: int, text: str) -> None:
        self._place = Place(path, line, 1, line, len(text) + 1, text, Role.LOG)

    def place(self, note: str = "") -> Place:
        return self._place._replace(note=note)


@check("LOG001", on=Scope.LOG)
def foreign_log(case: LogCase) -> Yielded:
    """None of the names in the log is defined in the configuration: the two are not of one router."""
    device = case.device
    if device is None or device.not_ios:
        return Silence.NOT_APPLICABLE
    known = _names(device)
    seen = {(kind, name) for kind in known for name in case.names.get(kind, ()) if name != "default"}
    if len(seen) < 2:
        return Silence.NO_EVIDENCE
    if any(name in known[kind] for kind, name in seen) or not device.profiles:
        return Silence.SATISFIED
    listed = ", ".join(f"{kind.replace('_', ' ')} '{name}'" for kind, name in sorted(seen)[:4])
    finding = Finding(
        f"no name in the log is defined in {device.source.path}: {listed}; the two are not of one router, "
        "or of very different times"
    )
    finding.at(_At(case.path, 1, "")).also(next(iter(device.profiles.values())), "profiles defined here")
    finding.because("comparisons of the two are held back")
    yield finding.about("foreign", *sorted(name for _, name in seen)[:4])
    return None


@check("LOG002", on=Scope.LOG)
def incomplete_log(case: LogCase) -> Yielded:
    """The router or the terminal dropped lines: a step that is missing proves nothing."""
    gaps = [gap for gap in case.coverage.gaps if gap.kind in ("dropped", "omitted", "sequence")]
    if not gaps:
        return Silence.SATISFIED
    first = gaps[0]
    kinds = ", ".join(sorted({gap.kind for gap in gaps}))
    finding = Finding(
        f"lines are missing from this log ({kinds}, {len(gaps)} in all): what it does not show proves nothing"
    )
    yield finding.at(_At(case.path, first.line, first.text)).about("gaps", kinds)
    return None


@check("LOG003", on=Scope.LOG)
def unknown_messages(case: LogCase) -> Yielded:
    """IKEv2 lines that the catalogue does not know."""
    coverage = case.coverage
    if coverage.unknown * 20 < coverage.ikev2_lines or not coverage.unknown_shapes:
        return Silence.SATISFIED
    shapes = sorted(coverage.unknown_shapes, key=lambda s: -s.times)
    finding = Finding(f"{coverage.unknown:,} of {coverage.ikev2_lines:,} IKEv2 lines are not in the message catalogue")
    finding.at(_At(case.path, shapes[0].line, shapes[0].example))
    finding.because(*(f"{s.times} times like line {s.line}: {s.shape[:100]}" for s in shapes[:5]))
    yield finding.about("unknown")
    return None
