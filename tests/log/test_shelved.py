"""A negotiation that is put away comes back with every fact, its places among them, and without its timeline."""

from __future__ import annotations

import pickle
from pathlib import Path

from flexlint.fact import names_of
from flexlint.log.model import Negotiation
from flexlint.log.reader import LogReader
from flexlint.log.shelved import Shelved

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_comes_back_whole() -> None:
    shelved = 0
    for path in sorted(EXAMPLES.rglob("*.log")):
        for n in LogReader([path.read_bytes()], str(path)).negotiations():
            again = Shelved(n).negotiation
            assert again.footprints == []
            assert n.footprints
            assert again.origin is n.origin
            for name in set(names_of(Negotiation)) - {"footprints", "interface_events", "origin"}:
                assert _plain(getattr(again, name)) == _plain(getattr(n, name)), name
            if n.session_up is not None and again.session_up is not None:
                assert again.session_up.place() == n.session_up.place()
            shelved += 1
    assert shelved > 5


def test_takes_less_room() -> None:
    path = EXAMPLES / "healthy-hub" / "hub.log"
    n = next(LogReader([path.read_bytes()], str(path)).negotiations())
    n.footprints, n.interface_events = [], []
    assert len(Shelved(n)._packed) < len(pickle.dumps(n)) / 2


def _plain(value: object) -> object:
    """A value that can be compared: facts by their names, strings with their places."""
    names = names_of(type(value))
    if names:
        return type(value).__name__, {name: _plain(getattr(value, name)) for name in names if name != "origin"}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "line") and hasattr(value, "certainty"):
        return str(value), value.line, value.certainty
    return value
