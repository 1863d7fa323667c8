"""What the names of files say about which belong together, and which files beside a given one may belong to it.

Comes in: paths, and the folders they stand in. Goes out: a `Name` that a configuration and its log share
(`configs/hub.cfg`, `logs/hub.debug.log.2.gz`), the files on disk that share it, and sets of rotated logs, oldest first.
Nothing here opens a file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from flexlint.pattern import pattern

ENDINGS = frozenset(
    ".log .txt .debug .dbg .out .cfg .conf .config .confg .ios .run .cap .capture .trace .bak .old".split()
)
# Folders that say what is in them, not of which router it is.
_KINDS_OF_FOLDER = frozenset(
    "config configs conf confs cfg cfgs configuration configurations running running-config running-configs log logs "
    "debug debugs trace traces syslog syslogs capture captures output outputs console".split()
)
FOLDERS = 200  # looked into for a partner of one file
ENTRIES = 5_000  # names looked at in one folder
LEVELS = 4  # folders above a file that are taken for part of a tree of configurations

_PACKED = pattern(r"\.(?:gz|bz2|xz|zst)$")
_TURN = pattern(r"[.-](\d{1,3}|\d{8}(?:[-T_]?\d{2,6})?|\d{4}-\d{2}-\d{2}(?:[-T_]\d{2,6})?)$")
_ADDED = pattern(
    r"(?<=.)[-_. ]+(?:debugs?|dbg|logs?|ikev2|ike|crypto|traces?|configs?|confg|conf|cfg|running|running-config|run|"
    r"startup|startup-config|show|show-run|syslog|console|output|capture)$"
    r"|(?<=.)[-_.](?:\d{8}|\d{4}-\d{2}-\d{2})(?:[-T_]\d{2,6})?$"
)


class Name(NamedTuple):
    """Folder without the parts that only say what kind of files it holds, and name without endings; lower case."""

    folder: str
    stem: str


class Turn(NamedTuple):
    """The place of a file in a set of rotated logs: the path of the newest, and the order, oldest first."""

    newest: str
    order: tuple[int, str]


def name_of(path: str) -> Name:
    """The name a file shares with its partner."""
    whole = Path(path).absolute()
    parts = [part for part in map(str.lower, whole.parent.parts) if part not in _KINDS_OF_FOLDER]
    return Name("/".join(parts), stem_of(whole.name))


def stem_of(name: str) -> str:
    """`hub` of `hub.debug.log.2.gz`, `hub-running-config.txt` and `hub.cfg`; a name that is nothing else stays."""
    name = _PACKED.sub("", name.lower())
    if "." in name and _has_ending(turned := _TURN.sub("", name)):
        name = turned
    while True:
        base, dot, ending = name.rpartition(".")
        shorter = base if base and dot + ending in ENDINGS else _ADDED.sub("", name)
        if shorter == name:
            return name
        name = shorter


def _has_ending(name: str) -> bool:
    return "." + name.rpartition(".")[2] in ENDINGS


def turn_of(path: str) -> Turn:
    """The place of a log in its rotated set: `hub.log.2` is older than `hub.log.1`, that than `hub.log`; a date in
    place of the number counts as it reads."""
    bare = _PACKED.sub("", path)
    found = _TURN.search(bare)
    if found is None or not _has_ending(bare[: found.start()].lower()):
        return Turn(bare, (1, ""))
    digits = "".join(filter(str.isdecimal, found[1]))
    order = (0, f"{digits:0<14}") if len(digits) > 3 else (0, f"{999 - int(digits):03}")
    return Turn(bare[: found.start()], order)


def nearby(path: str, also: Iterable[str] = ()) -> list[str]:
    """The files on disk that share the name of this one, or have one of the names of `also` (host names), in its folder
    and in those that stand to it as `logs/` stands to `configs/`."""
    if path == "-":
        return []
    wanted = {name_of(path).stem, *(one.lower() for one in also)}
    here = Path(path)
    found = [
        folder / entry.name
        for folder in _folders(here.parent)
        for entry in _entries(folder)
        if stem_of(entry.name) in wanted and _may_be_ours(entry.name) and entry.is_file()
    ]
    return sorted(str(other) for other in found if other != here)


def beside(path: str, limit: int) -> list[str]:
    """The first files of its folder that may be configurations or logs."""
    if path == "-":
        return []
    here = Path(path)
    found = (
        here.parent / entry.name for entry in _entries(here.parent) if _may_be_ours(entry.name) and entry.is_file()
    )
    return sorted(str(other) for other in found if other != here)[:limit]


def _may_be_ours(name: str) -> bool:
    name = _PACKED.sub("", name.lower())
    return not name.startswith(".") and (_has_ending(name) or _has_ending(_TURN.sub("", name)))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            for _, entry in zip(range(ENTRIES), entries, strict=False):
                yield entry
    except OSError:
        return


def _folders(folder: Path) -> list[Path]:
    """The folder itself first; then the same place in the tree with another folder of a kind in it, or without one."""
    found: dict[Path, None] = {folder: None}
    parts = folder.absolute().parts
    first = max(1, len(parts) - LEVELS)
    without = [parts]
    for n in range(len(parts) - 1, first - 1, -1):
        if parts[n].lower() in _KINDS_OF_FOLDER:
            without.append(parts[:n] + parts[n + 1 :])
    for kept in without:
        _keep(found, Path(*kept), folder)
        for depth in range(len(kept), first - 1, -1):
            top = Path(*kept[:depth])
            for entry in _entries(top):
                if entry.name.lower() in _KINDS_OF_FOLDER and len(found) < FOLDERS:
                    _keep(found, top.joinpath(entry.name, *kept[depth:]), folder)
    return list(found)


def _keep(found: dict[Path, None], candidate: Path, folder: Path) -> None:
    """Takes a folder that is there, written as the given one is: relative to where the user stands, or absolute."""
    if candidate != folder.absolute() and candidate.is_dir():
        found[candidate if folder.is_absolute() else Path(os.path.relpath(candidate))] = None
