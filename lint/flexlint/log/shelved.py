"""A negotiation put away in a sixth of its room, for one who may ask for it at the end of the log.

Comes in: a `Negotiation`. Goes out: one with the same facts, made anew at each call. Nothing here leaves the process.
"""

from __future__ import annotations

from copy import copy
from io import BytesIO
from pickle import HIGHEST_PROTOCOL, Pickler, Unpickler
from zlib import compress, decompress

from flexlint.log.model import Negotiation
from flexlint.place import Origin


class Shelved:
    """A negotiation without its timeline."""

    __slots__ = ("_origin", "_packed")

    def __init__(self, negotiation: Negotiation) -> None:
        kept = copy(negotiation)
        kept.footprints, kept.interface_events = [], []
        self._origin = kept.origin
        out = BytesIO()
        _Packer(out, self._origin).dump(kept)
        self._packed = compress(out.getvalue(), 1)

    @property
    def negotiation(self) -> Negotiation:
        found: Negotiation = _Unpacker(BytesIO(decompress(self._packed)), self._origin).load()
        return found


class _Packer(Pickler):
    """Leaves out the log that every value names."""

    def __init__(self, out: BytesIO, origin: Origin) -> None:
        super().__init__(out, HIGHEST_PROTOCOL)
        self._origin = origin

    def persistent_id(self, obj: object) -> str | None:
        return "log" if obj is self._origin else None


class _Unpacker(Unpickler):
    """Puts it in again."""

    def __init__(self, packed: BytesIO, origin: Origin) -> None:
        super().__init__(packed)
        self._origin = origin

    def persistent_load(self, pid: str) -> Origin:
        return self._origin
