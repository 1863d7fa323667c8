"""A configuration that the caller has as a `ciscoconfparse2.CiscoConfParse` object, to a `Device`.

Comes in: that object. Goes out: the `Device` that reading its text gives. The library is not imported here: whoever has
such an object has paid for that import. Its tree of parents and children is not used either, for it takes the lines of
a banner for commands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from flexlint.config.model import Device
from flexlint.config.parse import read_device
from flexlint.place import TextFile


class _ConfigLine(Protocol):
    @property
    def text(self) -> str: ...


class ParsedConfiguration(Protocol):
    """What is needed of a `CiscoConfParse`: its lines, in order."""

    @property
    def objs(self) -> Iterable[_ConfigLine]: ...


def from_ciscoconfparse(parse: ParsedConfiguration, path: str = "<ciscoconfparse>") -> Device:
    """The device an object of ciscoconfparse2 describes. Line numbers count the lines of the object, from 1; `path` is
    what findings call it."""
    return read_device(TextFile(path, [line.text for line in parse.objs]))
