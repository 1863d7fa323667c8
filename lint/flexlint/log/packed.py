"""The records of a negotiation that is quiet, in little space.

Comes in: records. Goes out: the same, made anew when they are asked for. Nothing here knows what a record means.
"""

from __future__ import annotations

from array import array

from flexlint.log.atoms import Record, Spis


class Packed:
    """The records of a quiet negotiation, in little space."""

    __slots__ = ("atoms", "extras", "heads", "ids", "lines", "widths")

    def __init__(self, records: list[Record]) -> None:
        lines, heads, self.ids, self.atoms, extras = zip(*records, strict=True)
        self.lines = array("Q", lines)
        self.heads = b"".join(heads)
        self.widths = array("H", map(len, heads))
        self.extras = {i: extra for i, extra in enumerate(extras) if extra is not None}
        shared: dict[str, str] = {}
        for extra in self.extras.values():
            if isinstance(extra, Spis):
                extra.share(shared)

    def record(self, i: int) -> Record:
        at = sum(self.widths[:i])
        head = self.heads[at : at + self.widths[i]]
        return self.lines[i], head, self.ids[i], self.atoms[i], self.extras.get(i)

    def records(self) -> list[Record]:
        found: list[Record] = []
        at = 0
        for i, (line, width, ids, atom) in enumerate(zip(self.lines, self.widths, self.ids, self.atoms, strict=True)):
            found.append((line, self.heads[at : at + width], ids, atom, self.extras.get(i)))
            at += width
        return found
