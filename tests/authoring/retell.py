"""Ways to change what a router prints, before it is framed: a session ends elsewhere, something is printed besides.

Comes in: the lines of all sessions in their order. Goes out: the lines as they are to be instead. A session is told by
its place among those of the log, from 0; where none is given, the first one with such a line is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from authoring.scene import Lines, Retelling
from authoring.trace import Ids, Said

FAILED = (Said("E", ": Auth exchange failed"), Said("S", "Abort exchange"), Said("S", "Deleting SA", True))
INIT_FAILED = (
    Said("S", "Failed SA init exchange"),
    Said("E", "Initial exchange failed: Initial exchange failed"),
    Said("S", "Abort exchange"),
    Said("S", "Deleting SA", True),
)


def in_turn(*changes: Retelling) -> Retelling:
    """One change after another."""

    def retell(lines: Lines) -> Lines:
        for change in changes:
            lines = change(lines)
        return lines

    return retell


def ended(after: str, *new: Said, keep: int = 0, session: int | None = None) -> Retelling:
    """The session that has this text ends after it, and `keep` further lines of its own, with the new lines."""

    def retell(lines: Lines) -> Lines:
        at = _find(lines, after, session)
        owner = lines[at][0]
        for _ in range(keep):
            at = next(i for i in range(at + 1, len(lines)) if lines[i][0] is owner)
        rest = [(ids, said) for ids, said in lines[at + 1 :] if ids is not owner]
        return [*lines[: at + 1], *((owner, said) for said in new), *rest]

    return retell


def inserted(after: str, *new: Said, keep: int = 0, session: int | None = None) -> Retelling:
    """The session that has this text says the new lines too, after it and `keep` further lines."""

    def retell(lines: Lines) -> Lines:
        at = _find(lines, after, session) + keep
        owner = lines[at][0]
        return [*lines[: at + 1], *((owner, said) for said in new), *lines[at + 1 :]]

    return retell


def at_end(*new: Said, session: int = -1) -> Retelling:
    """Lines of a session at the end of the log."""

    def retell(lines: Lines) -> Lines:
        who = owners(lines)[session]
        return [*lines, *((who, said) for said in new)]

    return retell


def silent(session: int) -> Retelling:
    """Nothing is printed of a session."""

    def retell(lines: Lines) -> Lines:
        who = owners(lines)[session]
        return [line for line in lines if line[0] is not who]

    return retell


def without(*texts: str, session: int | None = None) -> Retelling:
    """Leaves lines out, with what continues them."""

    def retell(lines: Lines) -> Lines:
        who = None if session is None else owners(lines)[session]
        out, leaves = [], False
        for ids, said in lines:
            if said.kind != "c":
                leaves = who in (None, ids) and any(text in said.text for text in texts)
            if not leaves:
                out.append((ids, said))
        return out

    return retell


def replaced(old: str, new: str, session: int | None = None) -> Retelling:
    def retell(lines: Lines) -> Lines:
        who = None if session is None else owners(lines)[session]
        return [
            (ids, said._replace(text=said.text.replace(old, new)) if who in (None, ids) else said)
            for ids, said in lines
        ]

    return retell


def delayed(at: str, milliseconds: int, session: int | None = None) -> Retelling:
    """Time passes before a line."""

    def retell(lines: Lines) -> Lines:
        where = _find(lines, at, session)
        ids, said = lines[where]
        return [*lines[:where], (ids, said._replace(wait=milliseconds)), *lines[where + 1 :]]

    return retell


def owners(lines: Lines) -> Sequence[Ids]:
    """The sessions of a log, in the order in which they begin."""
    found: list[Ids] = []
    for ids, _ in lines:
        if not any(ids is one for one in found):
            found.append(ids)
    return found


def packet(
    ids: Ids, head: str, exchange: str, number: int, payloads: str, is_first: bool = False, wait: int = 0
) -> Iterable[Said]:
    """A packet, received or sent. `exchange` is as in `INFORMATIONAL Exchange REQUEST`."""
    rspi = "0" * 16 if is_first else ids.rspi
    yield Said("S", head, wait=wait)
    yield Said("c", f"Initiator SPI : {ids.ispi} - Responder SPI : {rspi} Message id: {number}")
    yield Said("c", f"IKEv2 {exchange} ")
    yield Said("c", "Payload contents: ")
    yield Said("c", f" {payloads} ")
    yield Said("c", "")


def with_ids(make: Callable[[Ids], Iterable[Said]], session: int = -1) -> Retelling:
    """Lines at the end that need the ids of their session."""
    return lambda lines: at_end(*make(owners(lines)[session]), session=session)(lines)


def _find(lines: Lines, text: str, session: int | None) -> int:
    who = None if session is None else owners(lines)[session]
    return next(i for i, (ids, said) in enumerate(lines) if text in said.text and who in (None, ids))
