"""Which files are judged together: paths as the user gave them in, jobs out.

A configuration and a log belong together when the user says so, when they are the only ones, when their names are
equal up to the ending in one folder, or when the log is named after the configuration's hostname. What finds no
partner is judged alone. Files are told apart by content, never by ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from flexlint.pattern import pattern
from flexlint.run import Job
from flexlint.source import Input, InputError, open_blocks, read_input

_HOSTNAME = pattern(r"^\s*(?:hostname|switchname)\s+(\S+)", re.IGNORECASE)
_ENDINGS = (".log", ".txt", ".debug", ".log.gz", ".cfg", ".conf", ".config", ".ios")


def plan(
    paths: Sequence[str],
    logs: Sequence[str] = (),
    peer: str | None = None,
    peer_logs: Sequence[str] = (),
    find_partner: bool = False,
) -> list[Job]:
    """The jobs for these paths, in the order given. Raises InputError for what cannot be read or paired."""
    given = list(_read_all(paths))
    configs = [one for one in given if one.kind == "config"]
    found_logs = [one for one in given if one.kind == "log"]
    other_end = read_input(peer) if peer else None
    other_logs = tuple(read_input(path) for path in peer_logs)
    if other_logs and other_end is None:
        raise InputError("--peer-log needs --peer, the configuration that log belongs to")
    if logs or other_end:
        if len(configs) > 1 or (logs and not configs):
            asked = "--log" if logs else "--peer"
            raise InputError(f"{asked} wants exactly one configuration among the paths, there are {len(configs)}")
        named = tuple(read_input(path) for path in logs)
        return [Job(configs[0] if configs else None, (*found_logs, *named), other_end, other_logs)]
    if find_partner:
        configs, found_logs = _with_partners(configs, found_logs)
    elif len(configs) == 1 and found_logs:
        return [Job(configs[0], tuple(found_logs))]
    return list(_paired(configs, found_logs))


def _read_all(paths: Iterable[str]) -> Iterator[Input]:
    """Every file once, folders walked in order of name. In a folder, files of another kind are passed over."""
    seen: set[str] = set()
    for path in paths:
        folder = Path(path)
        inside = path != "-" and folder.is_dir()
        for name in _files(folder) if inside else (path,):
            if name not in seen:
                seen.add(name)
                one = read_input(name)
                if one.kind in ("config", "log"):
                    yield one


def _files(folder: Path) -> list[str]:
    return sorted(
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _paired(configs: list[Input], logs: list[Input]) -> Iterator[Job]:
    taken: set[str] = set()
    by_stem: dict[tuple[str, str], list[Input]] = {}
    for log in logs:
        by_stem.setdefault(_stem(log.path), []).append(log)
    stems = {_stem(config.path) for config in configs}
    for config in configs:
        mine = by_stem.get(_stem(config.path), [])
        if not mine and (hostname := _hostname(config)):
            mine = by_stem.get((_stem(config.path)[0], hostname.lower()), []) or [
                log for log in logs if _stem(log.path) not in stems and _is_of(log, hostname)
            ]
        mine = [log for log in mine if log.path not in taken]
        taken.update(log.path for log in mine)
        yield Job(config, tuple(mine))
    yield from (Job(None, (log,)) for log in logs if log.path not in taken)


def _is_of(log: Input, hostname: str) -> bool:
    """Whether the first block of a log names this router: in a prompt, or as the origin in a relay's header."""
    if log.path == "-":
        return False
    head = next(open_blocks(log), b"").decode("utf-8", "replace")
    name = re.escape(hostname)
    return (
        re.search(rf"(?m)^{name}(?:\([\w-]{{1,40}}\))?[#>]|^.{{0,60}}[ :]{name}[: ] ?.{{0,60}}(?:IKEv2|%[A-Z])", head)
        is not None
    )


def _with_partners(configs: list[Input], logs: list[Input]) -> tuple[list[Input], list[Input]]:
    """The files, and those beside them on disk that have the same name up to the ending: a hook is only told of the
    files that changed."""
    known = {one.path for one in (*configs, *logs)}
    for one in (*configs, *logs):
        for partner in _beside(one.path):
            if partner in known:
                continue
            known.add(partner)
            found = read_input(partner)
            if found.kind == "log" and one.kind == "config":
                logs = [*logs, found]
            elif found.kind == "config" and one.kind == "log":
                configs = [*configs, found]
    return configs, logs


def _beside(path: str) -> list[str]:
    here = Path(path)
    if path == "-" or not here.parent.is_dir():
        return []
    stem = _stem(path)
    beside = (other for other in here.parent.iterdir() if other.name.lower().startswith(stem[1]))
    return sorted(str(o) for o in beside if o.name.lower().endswith(_ENDINGS) and o.is_file() and _stem(str(o)) == stem)


def _stem(path: str) -> tuple[str, str]:
    """Folder, and name up to its endings, in lower case."""
    folder, _, name = path.rpartition("/")
    return folder, name.lower().removesuffix(".gz").removesuffix(".zst").rpartition(".")[0] or name.lower()


def _hostname(config: Input) -> str:
    return next((found[1] for line in config.lines if (found := _HOSTNAME.match(line))), "")
