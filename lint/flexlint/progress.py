"""How far the reading of a log has come, on a terminal, for those who wait longer than a second.

Comes in: bytes read, and how many there are. Goes out: a bar on standard error, taken away at the end. Nothing here
knows what is read.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0  # seconds before anything is shown
_BETWEEN = 0.1  # seconds between two changes of the bar


class Bar:
    """One bar for each log, one after the other. rich is imported when the first of them is shown."""

    def __init__(self) -> None:
        self._shown: Progress | None = None
        self._task: TaskID | None = None
        self._path = ""
        self._next = 0.0

    def __call__(self, path: str, done: int, total: int) -> None:
        """`done` of `total` bytes of a log were read; a total of 0 is unknown."""
        now = time.monotonic()
        if path != self._path:
            self.close()
            self._path, self._next = path, now + PATIENCE
        if now < self._next:
            return
        self._next = now + _BETWEEN
        if self._shown is None:
            from rich.console import Console
            from rich.progress import Progress

            self._shown = Progress(console=Console(stderr=True), transient=True)
            self._task = self._shown.add_task(path.rpartition("/")[2], total=total or None)
            self._shown.start()
        if self._task is not None:
            self._shown.update(self._task, completed=done)

    def close(self) -> None:
        """Takes the bar away."""
        if self._shown is not None:
            self._shown.stop()
        self._shown = self._task = None
