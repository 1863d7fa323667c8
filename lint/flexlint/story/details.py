"""What only detailed formats print: each negotiation step by step, and the lines around what a finding is about.

Comes in: negotiations as they close, then the findings of a job and its configurations. Goes out: `walks`, `ladders`
and `context` of a report, for what its findings cite. Kept in limited number. Nothing here judges or reads a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from flexlint.config.model import Device
from flexlint.finding import Finding
from flexlint.inputs.rotated import Spread
from flexlint.log.model import Negotiation
from flexlint.place import Place, Role
from flexlint.report.model import Ladder, Report
from flexlint.story.ladder import ended
from flexlint.story.trace import rows

KEPT_NEGOTIATIONS = 1_000
KEPT_STEPS = 60  # steps of one walk: more than a negotiation without retransmits has
AROUND = 2  # lines before and after a line of a configuration


class Details:
    """The details of one job."""

    def __init__(self) -> None:
        self._met = 0
        self._walks: dict[int, list[Place]] = {}
        self._ladders: dict[int, Ladder] = {}

    def pass_by(self) -> None:
        """A negotiation that no finding will cite."""
        self._met += 1

    def keep(self, negotiation: Negotiation, device: Device | None) -> None:
        self._met += 1
        if self._met <= KEPT_NEGOTIATIONS:
            self._walks[negotiation.id] = list(_walk(negotiation, device))
            self._ladders[negotiation.id] = _ladder(negotiation, device)

    def hand_over(
        self, report: Report, findings: Iterable[Finding], devices: Iterable[Device], spreads: Iterable[Spread]
    ) -> None:
        """Puts into the report what these findings cite. `spreads` tell which file of a rotated log has a line."""
        spreads = list(spreads)
        files = {device.source.path: device.source for device in devices}
        for finding in findings:
            for number in (finding.negotiation, finding.counterpart):
                if number in self._walks:
                    report.walks[number] = [_settled(place, spreads) for place in self._walks[number]]
                    report.ladders[number] = _in_files(self._ladders[number], spreads)
            for place in (finding.primary, *finding.related):
                if place and place.role is Role.CONFIG and (source := files.get(place.path)):
                    first = max(1, place.line - AROUND)
                    last = min(place.line + AROUND, len(source.lines))
                    report.context[(place.path, place.line)] = tuple(source.text_of(n) for n in range(first, last + 1))


def _settled(place: Place, spreads: list[Spread]) -> Place:
    for spread in spreads:
        place = spread.place(place)
    return place


def _in_files(ladder: Ladder, spreads: list[Spread]) -> Ladder:
    for spread in spreads:
        if spread.is_rotated and ladder.path == spread.path:
            ladder.rows = [row._replace(line=spread.at(row.line)[1]) for row in ladder.rows]
            ladder.last_line = spread.at(ladder.last_line)[1]
            ladder.path, ladder.first_line = spread.at(ladder.first_line)
            break
    return ladder


def _walk(negotiation: Negotiation, device: Device | None) -> Iterator[Place]:
    """The negotiation step by step, with the configuration's object at the line where the log names it."""
    chosen: dict[int, list[Place]] = {}
    if device is not None:
        for kind, seen, objects in (
            ("IKEv2 profile", negotiation.profile, device.profiles),
            ("keyring", negotiation.keyring, device.keyrings),
            ("IKEv2 policy", negotiation.policy, device.policies),
        ):
            stanza = objects.get(str(seen)) if seen else None
            if seen and stanza is not None and not stanza.implicit:
                chosen.setdefault(seen.line, []).append(stanza.place(f"{kind} {stanza.name} is used"))
    path = negotiation.origin.path
    for step in negotiation.steps[:KEPT_STEPS]:
        end = len(step.text) + 1
        yield Place(path, step.line, 1, step.line, end, step.text, Role.LOG, step.text)
        yield from chosen.pop(step.line, ())


def _ladder(n: Negotiation, device: Device | None) -> Ladder:
    every = rows(n, device)
    kept = list(islice(every, KEPT_STEPS))
    router = str((device.hostname if device is not None else None) or n.device or n.local or "this router")
    identity = f"{n.identity} ({n.identity_type})" if n.identity and n.identity_type else str(n.identity or "")
    return Ladder(
        number=n.id,
        path=n.origin.path,
        first_line=n.first_line,
        last_line=n.last_line,
        router=router,
        role=n.role.value,
        peer=str(n.peer or "unknown"),
        identity=identity,
        ended=ended(n),
        rows=kept,
        dropped=sum(1 for _ in every) + n.steps_dropped,
    )
