"""How the lines of a debug reach a file: time stamps, tags, sequence numbers, syslog relays; several sessions at once.

Comes in: the `Said` lines of one or more negotiations. Goes out: the text of a log. Nothing here knows what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from authoring.trace import Ids, Said

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Style:
    """One way in which a log is kept. `errors`: a tag of its own for error lines, as of IOS 15.4 and IOS XE."""

    name: str
    stamp: str = "msec"  # msec, zone, year, seconds, uptime, none
    mark: str = "*"
    errors: bool = True
    session_ids: bool = True  # IOS 15.2 prints the SA ID alone
    sequence: bool = False
    relay: str = ""  # `pri`: every physical line a syslog packet; `host`: time and host of the relay; `packed`: #012


STYLES = {
    s.name: s
    for s in (
        Style("console"),
        Style("ntp", mark=""),
        Style("zone", stamp="zone", mark=""),
        Style("year", stamp="year", mark=""),
        Style("uptime", stamp="uptime", mark=""),
        Style("bare", stamp="none", mark=""),
        Style("merged-errors", errors=False),
        Style("sequence", sequence=True),
        Style("relay", relay="host", mark=""),
        Style("relay-pri", relay="pri", sequence=True, mark=""),
        Style("relay-packed", relay="packed", mark=""),
        Style("old", errors=False, session_ids=False),
    )
}


def interleave(sessions: list[list[Said]], seed: int) -> list[tuple[int, Said]]:
    """The lines of several sessions, changing from one to another only where a router waits."""
    random, queues = Random(seed), [list(s) for s in sessions]
    out: list[tuple[int, Said]] = []
    current = 0
    while any(queues):
        if not queues[current]:
            current = random.choice([i for i, q in enumerate(queues) if q])
        said = queues[current].pop(0)
        out.append((current, said))
        if said.yields and (others := [i for i, q in enumerate(queues) if q]):
            current = random.choice(others)
    return out


def log(lines: Iterable[tuple[Ids, Said]], style: Style, hostname: str, seed: int = 0) -> str:
    """The text of a log, ends with a line feed."""
    random = Random(seed)
    clock = _Clock(style, random)
    sequence = random.randrange(2000, 90000)
    record: list[str] = []
    out: list[str] = []
    for ids, said in lines:
        if said.kind == "c" and style.relay in ("", "packed"):
            record.append(said.text)
            continue
        out += _packed(record, style)
        if said.kind == ">":
            record = [f"{hostname}#{said.text}"]
            continue
        sequence += 1
        clock.advance(said.wait)
        body = said.text if said.kind == "c" else _body(said, ids, style)
        record = [_head(style, clock, sequence, hostname) + body]
    out += _packed(record, style)
    return "\n".join(out) + "\n"


def _packed(record: list[str], style: Style) -> list[str]:
    return ["#012".join(record)] if style.relay == "packed" and record else record


def _body(said: Said, ids: Ids, style: Style) -> str:
    if said.kind == "%":
        return said.text
    both = f"(SESSION ID = {ids.session},SA ID = {ids.sa}):" if style.session_ids else f"(SA ID = {ids.sa}):"
    tag = "IKEv2-ERROR:" if said.kind in "Ee" and style.errors else "IKEv2:"
    text = said.text.removeprefix(": ") if said.kind == "e" else said.text
    return tag + {"S": both, "E": both, "A": f"(SA ID = {ids.sa}):"}.get(said.kind, "") + text


def _head(style: Style, clock: _Clock, sequence: int, hostname: str) -> str:
    own = f"{sequence:06d}: " if style.sequence else ""
    own += clock.text() and f"{clock.text()}: "
    if style.relay == "pri":
        return f"<191>{sequence - 77}: {hostname}: {own}"
    if style.relay:
        return f"{clock.relay()} {hostname} {own}"
    return own


class _Clock:
    def __init__(self, style: Style, random: Random) -> None:
        self._style, self._random = style, random
        self._day, self._month = random.randrange(1, 28), random.choice(MONTHS)
        self._milliseconds = random.randrange(6 * 3600, 20 * 3600) * 1000

    def advance(self, wait: int = 0) -> None:
        self._milliseconds += self._random.randrange(0, 7) + wait

    def _time(self) -> str:
        seconds, milliseconds = divmod(self._milliseconds, 1000)
        text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return text if self._style.stamp == "seconds" else f"{text}.{milliseconds:03d}"

    def relay(self) -> str:
        return f"{self._month} {self._day:2d} {self._time()[:8]}"

    def text(self) -> str:
        style = self._style
        if style.stamp == "none":
            return ""
        if style.stamp == "uptime":
            return self._time()[:8]
        year = " 2026" if style.stamp in ("year", "zone") else ""
        zone = " UTC" if style.stamp == "zone" else ""
        return f"{style.mark}{self._month} {self._day:2d}{year} {self._time()}{zone}"


def spis(seed: int) -> Iterator[Ids]:
    """Ids of one session after another."""
    random = Random(seed)
    session, sa = random.randrange(2, 400), 0
    while True:
        session, sa = session + 1, sa + 1
        yield Ids(session, sa, f"{random.getrandbits(64):016X}", f"{random.getrandbits(64):016X}")
