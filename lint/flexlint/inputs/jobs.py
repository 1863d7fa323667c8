"""Which files are judged together: paths as the user gave them in, jobs out.

A configuration and a log belong together when the user says so, when they are the only ones, when their names say so
(`pairing.py`), or when the log is named after the configuration's hostname or names that router. Rotated logs are one
log, oldest first. What finds no partner is judged alone. Files are told apart by content, never by ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from flexlint.fact import fact
from flexlint.inputs.kinds import is_page
from flexlint.inputs.pairing import beside, name_of, nearby, turn_of
from flexlint.inputs.source import Input, InputError, open_blocks, read_input
from flexlint.judging.belonging import names_router
from flexlint.pattern import pattern
from flexlint.run import Job

_HOSTNAME = pattern(r"(?:[\w.-]{1,63}\([\w-]{1,40}\)# ?)?(?:hostname|switchname) +(\S+)", re.IGNORECASE)
RECORDS = 3  # lines of IKEv2 debugs that make a log of a part of a configuration
_NEIGHBOURS = 64  # files beside a given one that are opened to look for the name of its router


@fact
class Plan:
    """What there is to judge, and what of the paths is not judged."""

    jobs: list[Job]
    strangers: list[Input]  # files named by the user that are neither a configuration nor a log
    passed_over: int = 0  # such files in folders, which nobody named


class _Given(NamedTuple):
    files: list[Input]
    strangers: list[Input]
    passed_over: int


def plan(
    paths: Sequence[str],
    logs: Sequence[str] = (),
    peer: str | None = None,
    peer_logs: Sequence[str] = (),
    find_partner: bool = False,
) -> Plan:
    """The jobs for these paths, in the order given. Raises InputError for what cannot be read or paired."""
    given = _read_all(paths, find_partner)
    configs = [one for one in given.files if one.kind == "config"]
    found_logs = [one for one in given.files if one.kind == "log"]
    other_end = _named(peer, "--peer", "log") if peer else None
    other_logs = joined(_named(path, "--peer-log", "config") for path in peer_logs)
    if other_logs and other_end is None:
        raise InputError("--peer-log needs --peer, the configuration that log belongs to")
    if logs or other_end:
        if len(configs) > 1 or (logs and not configs):
            asked = "--log" if logs else "--peer"
            raise InputError(f"{asked} wants exactly one configuration among the paths, there are {len(configs)}")
        named = joined([*found_logs, *(_named(path, "--log", "config") for path in logs)])
        jobs = [Job(configs[0] if configs else None, tuple(named), other_end, tuple(other_logs))]
        return Plan(jobs, given.strangers, given.passed_over)
    if find_partner:
        configs, found_logs = _with_partners(configs, found_logs)
    elif len(configs) == 1 and found_logs:
        return Plan([Job(configs[0], tuple(joined(found_logs)))], given.strangers, given.passed_over)
    jobs = [_taken_apart(job) for job in _paired(configs, joined(found_logs))]
    return Plan(jobs, given.strangers, given.passed_over)


def _taken_apart(job: Job) -> Job:
    """A file that has no partner may hold its own: a post has a configuration and a log in one text."""
    if job.config is None and len(job.logs) == 1 and job.logs[0].lines:
        log = job.logs[0]
        return Job(Input(log.path, "config", log.lines), job.logs)
    if job.config is not None and not job.logs:
        from flexlint.inputs.mixed import configuration_in, records_in

        lines = job.config.lines
        if records_in(lines, RECORDS) and (configuration := configuration_in(lines)):
            log = Input(job.config.path, "log", started="\n".join(lines).encode(), rest=iter(()))
            return Job(Input(job.config.path, "config", configuration), (log,))
    return job


def _named(path: str, option: str, wrong: str) -> Input:
    """A file that an option names. Raises InputError when it is plainly of the other kind."""
    one = read_input(path)
    if one.kind == wrong:
        what = {"config": "a configuration, not a log", "log": "a log, not a configuration"}[wrong]
        raise InputError(f"{path}: {option} names {what}")
    if one.kind == "binary":
        raise InputError(f"{path}: {option} names a binary file")
    return one


def _read_all(paths: Iterable[str], by_hook: bool) -> _Given:
    """Every file once, folders walked in order of name. In a folder, files of another kind are passed over, and texts
    that only quote a log or a configuration; these also where the names come from a hook."""
    seen: set[str] = set()
    files: list[Input] = []
    strangers: list[Input] = []
    passed_over = 0
    for path in paths:
        folder = Path(path)
        inside = path != "-" and folder.is_dir()
        for name in _files(folder) if inside else (path,):
            if name in seen:
                continue
            seen.add(name)
            if inside and is_page(name):
                passed_over += 1
                continue
            one = read_input(name)
            if one.quotes and (inside or by_hook):
                passed_over += 1
            elif one.kind in ("config", "log"):
                files.append(one)
            elif inside:
                passed_over += 1
            else:
                strangers.append(one)
    return _Given(files, strangers, passed_over)


def _files(folder: Path) -> list[str]:
    return sorted(
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def joined(logs: Iterable[Input]) -> list[Input]:
    """The logs, those of a rotated set as one: `hub.log.2.gz`, `hub.log.1`, `hub.log`."""
    sets: dict[str, list[Input]] = {}
    for log in logs:
        sets.setdefault(turn_of(log.path).newest if log.rest is None else log.path, []).append(log)
    return [
        files[0] if len(files) == 1 else _one_of(sorted(files, key=lambda one: turn_of(one.path).order))
        for files in sets.values()
    ]


def _one_of(files: list[Input]) -> Input:
    return Input(files[-1].path, "log", parts=tuple(files))


def _paired(configs: list[Input], logs: list[Input]) -> Iterator[Job]:
    """Each configuration with its logs, then the logs that are nobody's."""
    owners = _Owners(configs)
    mine: dict[str, list[Input]] = {config.path: [] for config in configs}
    alone: list[Input] = []
    waiting: list[Input] = []
    for log in logs:
        owner = owners.by_name(log)
        if owner is not None:
            mine[owner.path].append(log)
        else:
            (waiting if owners.may_be_named(log) else alone).append(log)
    for log in waiting:
        free = [config for config in configs if not mine[config.path]]
        owner = owners.by_content(log, free)
        if owner is not None:
            mine[owner.path].append(log)
        else:
            alone.append(log)
    yield from (Job(config, tuple(mine[config.path])) for config in configs)
    yield from (Job(None, (log,)) for log in alone)


class _Owners:
    """The configurations, by what a log can name them with."""

    def __init__(self, configs: list[Input]) -> None:
        self._by_path: dict[tuple[str, str], list[Input]] = {}
        self._by_name: dict[tuple[str, str], list[Input]] = {}
        self._by_host: dict[tuple[str, str], list[Input]] = {}
        self._hosts: dict[str, str] = {}
        for config in configs:
            name = name_of(config.path)
            self._by_path.setdefault(_plain(config.path), []).append(config)
            self._by_name.setdefault(name, []).append(config)
            if host := hostname_of(config):
                self._hosts[config.path] = host
                self._by_host.setdefault((name.folder, host.lower()), []).append(config)

    def by_name(self, log: Input) -> Input | None:
        """The one configuration of the log's own name, else of that name but for what is added to it, else the one
        whose hostname it has. Names that fit several settle nothing."""
        for table, key in (
            (self._by_path, _plain(log.path)),
            (self._by_name, name_of(log.path)),
            (self._by_host, name_of(log.path)),
        ):
            if found := table.get(key):
                return found[0] if len(found) == 1 or table is self._by_path else None
        return None

    def may_be_named(self, log: Input) -> bool:
        """Whether a log without an owner may have one that its text names."""
        return log.rest is None and bool(self._hosts)

    def by_content(self, log: Input, free: list[Input]) -> Input | None:
        """The one router that the first block of a log names, in a prompt or as the origin in a relay's header."""
        head = next(open_blocks(log.parts[0] if log.parts else log), b"").decode("utf-8", "replace")
        named = [one for one in free if (host := self._hosts.get(one.path)) and names_router(host, head)]
        return named[0] if len(named) == 1 else None


def _with_partners(configs: list[Input], logs: list[Input]) -> tuple[list[Input], list[Input]]:
    """The files, and those on disk that belong to them: a hook is only told of the files that changed."""
    known = {one.path for one in (*configs, *logs)}
    for one in (*configs, *logs):
        wanted = "log" if one.kind == "config" else "config"
        hostname = hostname_of(one) if one.kind == "config" else ""
        found = _opened(nearby(one.path, [hostname] if hostname else []), known, wanted)
        if not found:
            found = [other for other in _opened(beside(one.path, _NEIGHBOURS), set(known), wanted) if _fits(one, other)]
            known.update(other.path for other in found)
        if wanted == "config":
            configs = [*configs, *found]
        else:
            logs = [*logs, *found]
    for log in list(logs):  # what was rotated away from a log that changed
        rest = [path for path in beside(log.path, ENOUGH) if turn_of(path).newest == turn_of(log.path).newest]
        logs = [*logs, *_opened(rest, known, "log")]
    return configs, logs


ENOUGH = 5_000  # names of one folder


def _opened(paths: list[str], known: set[str], wanted: str) -> list[Input]:
    """Those of the files that are of the wanted kind and not known yet; they are known from here on."""
    found = []
    for path in paths:
        if path not in known:
            known.add(path)
            try:
                other = read_input(path)
            except InputError:
                continue  # nobody named it
            if other.kind == wanted and not other.quotes:
                found.append(other)
    return found


def _fits(one: Input, other: Input) -> bool:
    """Whether a configuration and a log are of one router by its name."""
    config, log = (one, other) if one.kind == "config" else (other, one)
    hostname = hostname_of(config)
    if not hostname:
        return False
    head = next(open_blocks(log), b"").decode("utf-8", "replace")
    return name_of(log.path).stem == hostname.lower() or names_router(hostname, head)


def _plain(path: str) -> tuple[str, str]:
    """Folder, and name up to its endings, in lower case."""
    folder, _, name = path.rpartition("/")
    return folder, name.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[0] or name.lower()


def hostname_of(config: Input) -> str:
    """The first hostname in a configuration, or empty."""
    return next((found[1] for line in config.lines if (found := _HOSTNAME.match(line))), "")
