"""Other processes of a run, that only the first one can interrupt, and that do not outlive it.

Comes in: a function, what it is told, and a pipe. Goes out: the process that runs it. Nothing here knows what it does.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess


def started(
    work: Callable[..., None], told: tuple[object, ...], end: Connection, ours: Iterable[Connection]
) -> BaseProcess:
    """Runs `work(*told, end)` in another process. `end` is closed here. `ours` are the ends that this process keeps of
    all pipes so far: a copy of it would have them too, and never see that this one is gone."""
    context = get_context()
    inherited = [*ours] if context.get_start_method() == "fork" else []
    process = context.Process(target=_begin, args=(work, told, end, inherited), daemon=True)
    with _uninterrupted():
        process.start()
    end.close()
    return process


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits; a process that is started meanwhile never hears of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(work: Callable[..., None], told: tuple[object, ...], end: Connection, others: Iterable[Connection]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()
    work(*told, end)
