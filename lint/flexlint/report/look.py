"""How output is to look: what a writer may know about its reader. Nothing here depends on what is reported."""

from __future__ import annotations

from typing import NamedTuple

_ANSI = {"error": "1;31", "warning": "1;33", "note": "1;36", "frame": "1;34", "bold": "1", "fix": "32"}


class Look(NamedTuple):
    """`colour`: ANSI colours are welcome. `root`: the folder that relative paths are told from (POSIX spelling)."""

    colour: bool = False
    root: str = ""
    statistics: bool = False

    def paint(self, text: str, ink: str) -> str:
        """`text` in the ink of a severity, of the frame, or of a fix; unchanged without colour."""
        return f"\x1b[{_ANSI[ink]}m{text}\x1b[0m" if self.colour and text else text
