"""Many jobs over several processes: the same reports, in the same order, as one after the other.

Comes in: jobs, and the function that judges one. Goes out: the report of each job, in their order. A process is told
the number of a job, judges it and sends its report; reports that are early wait, packed, until those before them are
there. What only this process can read, a pipe or standard input, is judged here; so is a log so large that all
processes share it. Nothing here knows what is judged.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, NamedTuple

from flexlint.inputs.plainfile import LEAST
from flexlint.inputs.source import Input, InputError
from flexlint.processes import started

if TYPE_CHECKING:
    from flexlint.report.model import Report
    from flexlint.run import Job, Options

Judge = Callable[["Job", "Options"], "Report"]
WORTH = 300_000  # bytes of all jobs below which another process costs more than it saves
LINE = 30  # bytes of a line of a configuration, about
WAITING = 64 * 1024 * 1024  # bytes of reports that are early; beyond it no further job is given out


def spread(jobs: Sequence[Job], options: Options, judge: Judge) -> Iterator[Report]:
    """The report of each job, in order. Raises what judging it raises when it is the turn of a job, and `InputError`
    where its process is gone."""
    weights = [_weight(job) for job in jobs]
    there = _for_others(jobs, options.jobs)
    if len(there) < 3 or sum(weights[number] for number in there) < WORTH:
        yield from (judge(job, options) for job in jobs)
        return
    # One is judged before there are others, so that what all need is loaded once.
    first = min(there, key=lambda number: (not (jobs[number].config and jobs[number].logs), weights[number]))
    there.remove(first)
    mine = {number: _judged(job, options, judge) for number, job in enumerate(jobs) if number not in there}
    fleet = _Fleet(jobs, there)
    done, total = sum(weights[number] for number in mine), sum(weights)
    try:
        fleet.start(options, judge)
        for number in range(len(jobs)):
            while number not in mine and number not in fleet.waiting:
                if options.progress is not None:
                    options.progress("all files", done + sum(weights[one] for one in fleet.waiting), total)
                fleet.receive()
            answer = mine.pop(number) if number in mine else fleet.opened(number)
            if isinstance(answer, Exception):
                raise answer
            done += weights[number] if number in there else 0
            yield answer
    finally:
        fleet.close()


def _judged(job: Job, options: Options, judge: Judge) -> Report | Exception:
    try:
        return judge(job, options)
    except Exception as error:
        return error


def _for_others(jobs: Sequence[Job], processes: int) -> list[int]:
    """The numbers of the jobs that other processes may judge."""
    large = [number for number, job in enumerate(jobs) if any(_size(log) >= LEAST for log in _logs(job))]
    large = large if len(large) < processes else []
    return [
        number
        for number, job in enumerate(jobs)
        if number not in large and not any(one.rest is not None for one in _files(job))
    ]


def _files(job: Job) -> Iterator[Input]:
    yield from (one for one in (job.config, job.peer) if one is not None)
    yield from _logs(job)


def _logs(job: Job) -> Iterator[Input]:
    for log in (*job.logs, *job.peer_logs):
        yield from log.parts or (log,)


def _size(log: Input) -> int:
    try:
        return Path(log.path).stat().st_size
    except OSError:
        return 0


def _weight(job: Job) -> int:
    """About how many bytes there are to read."""
    return 1 + LINE * sum(len(one.lines) for one in _files(job)) + sum(map(_size, _logs(job)))


class _Fleet:
    """The processes, and the reports that are early."""

    def __init__(self, jobs: Sequence[Job], numbers: Iterable[int]) -> None:
        self.waiting: dict[int, bytes] = {}  # an answer by the number of its job
        self._jobs = jobs
        self._left = deque(numbers)
        self._held = 0  # bytes that wait
        self._at: dict[Connection, int] = {}  # the job that is being judged at the other end
        self._idle: list[Connection] = []
        self._processes: dict[Connection, BaseProcess] = {}

    def start(self, options: Options, judge: Judge) -> None:
        """As many processes as there may be."""
        quiet = copy(options)
        quiet.progress, quiet.jobs = None, 1
        told = {number: self._jobs[number] for number in self._left}
        for _ in range(min(options.jobs, len(self._left))):
            ours, theirs = Pipe()
            self._processes[ours] = started(_work, (told, quiet, judge), theirs, [*self._processes, ours])
            self._give(ours)

    def _give(self, end: Connection) -> None:
        if self._left and self._held <= WAITING:
            self._at[end] = number = self._left.popleft()
            with suppress(OSError):  # that the process is gone is seen when its answer is asked for
                end.send(number)
        else:
            self._idle.append(end)

    def receive(self) -> None:
        """Takes the answers that are there; waits for one."""
        for one in wait([*self._at]):
            assert isinstance(one, Connection)
            number = self._at.pop(one)
            try:
                answer = one.recv_bytes()
            except (EOFError, OSError):
                answer = pickle.dumps(InputError(self._gone(one, number)))
                one.close()
            else:
                self._give(one)
            self.waiting[number] = answer
            self._held += len(answer)

    def _gone(self, end: Connection, number: int) -> str:
        process = self._processes[end]
        process.join()
        code = process.exitcode or 0
        how = f"was ended by signal {-code}" if code < 0 else f"ended with status {code}"
        path = next((one.path for one in _files(self._jobs[number])), "a job")
        return f"{path}: the process that judged it {how}; --jobs 1 judges one after the other"

    def opened(self, number: int) -> Report | Exception:
        """The answer to the job of this number, which waits."""
        answer = self.waiting.pop(number)
        self._held -= len(answer)
        idle, self._idle = self._idle, []
        for end in idle:
            self._give(end)
        found: Report | Exception | _Elsewhere = pickle.loads(answer)
        return found.error() if isinstance(found, _Elsewhere) else found

    def close(self) -> None:
        """Ends the processes, whatever they are doing."""
        for end, process in self._processes.items():
            process.terminate()
            end.close()
        for process in self._processes.values():
            process.join()


def _work(jobs: dict[int, Job], options: Options, judge: Judge, end: Connection) -> None:
    """Another process: judges the jobs whose numbers it is told, until nobody tells it any more."""
    with suppress(EOFError, OSError):
        while True:
            end.send_bytes(_packed(_judged(jobs[end.recv()], options, judge)))


def _packed(answer: Report | Exception) -> bytes:
    try:
        if not isinstance(answer, Exception) or isinstance(answer, InputError):
            return pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        answer = error
    cause = answer.__cause__ or answer
    return pickle.dumps(
        _Elsewhere(getattr(answer, "position", ""), type(cause).__name__, "".join(format_exception(cause)))
    )


class _Elsewhere(NamedTuple):
    """An error of our own in another process, which loses its cause on the way."""

    position: str
    name: str
    traceback: str

    def error(self) -> Exception:
        from flexlint.run import Stopped

        error = Stopped(self.position)
        error.__cause__ = type(self.name, (Exception,), {})(self.traceback)
        return error
