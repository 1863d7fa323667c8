"""Several routers in one paste, told apart by the prompts of a session or by their `hostname` lines.

Comes in: the top-level lines of an outline, and the prompts seen on the way. Goes out: the lines of each router, in the
order in which they first appear; most files have one. What returns to a router later joins what it had before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from flexlint.config.model import Line, LineKind
from flexlint.pattern import pattern

# Commands that stand before the host name in `show running-config`, or before everything in a file to be pasted.
_BEFORE_NAME = pattern(
    r"(?:no )?(?:version|service|platform|enable|en$|conf(?:igure)? t|config t|configure$|upgrade|license|"
    r"hw-module|no ip domain)",
    2,
)
MOST = 500  # routers in one file
_CUT = 16  # characters: prompts of sub-modes cut longer names off


class Prompt(NamedTuple):
    """A prompt of another name than the one before: 1-based line, name, whether it is one of a configuration mode."""

    line: int
    name: str
    configures: bool


class Part(NamedTuple):
    """The lines of one router. `name` is what told it apart, empty for the only one of a file."""

    name: str
    lines: list[Line]


class _Router:
    __slots__ = ("hostname", "lines", "prompt")

    def __init__(self, prompt: str = "") -> None:
        self.prompt = prompt
        self.hostname = ""
        self.lines: list[Line] = []

    def is_called(self, name: str) -> bool:
        return any(_same(own, name) for own in (self.hostname, self.prompt) if own)


def separate(top: list[Line], prompts: Sequence[Prompt]) -> list[Part]:
    """The routers of a file, at least one."""
    if len({prompt.name for prompt in prompts if prompt.configures}) < 2 and _hostnames(top) < 2:
        return [Part("", top)]
    routers = _Routers()
    now = routers.new("")
    turn = 0
    for line in top:
        while turn < len(prompts) and prompts[turn].line <= line.number:
            prompt, turn = prompts[turn], turn + 1
            now = routers.by_prompt(now, prompt.name)
        prompted = bool(now.prompt) and turn > 0 and prompts[turn - 1].line <= line.number
        if line.kind is LineKind.COMMAND and (name := _hostname(line)):
            now = routers.by_hostname(now, name, prompted and line.column > 1)
        now.lines.append(line)
    named = [r for r in routers.all if (r.hostname or r.prompt) and _has_commands(r.lines)]
    if len(named) < 2:
        return [Part("", top)]
    if len(named) > MOST:
        return [Part("", top)]  # no paste has so many: it is a list of something, or meant to be costly
    known = {id(router) for router in named}
    for router in routers.all:  # what stands before the first name, and remarks of no router
        if id(router) not in known:
            named[0].lines.extend(router.lines)
    named[0].lines.sort(key=lambda line: line.number)
    return [Part(r.hostname or r.prompt, r.lines) for r in named]


class _Routers:
    """The routers seen so far, found again by the beginning of a name."""

    __slots__ = ("_named", "all")

    def __init__(self) -> None:
        self.all: list[_Router] = []
        self._named: dict[str, list[_Router]] = {}

    def new(self, prompt: str) -> _Router:
        router = _Router(prompt)
        self.all.append(router)
        if prompt:
            self._named.setdefault(prompt[:_CUT], []).append(router)
        return router

    def _rename(self, router: _Router, name: str) -> None:
        router.hostname = name
        self._named.setdefault(name[:_CUT], []).append(router)

    def _known(self, name: str) -> _Router | None:
        return next((router for router in self._named.get(name[:_CUT], ()) if router.is_called(name)), None)

    def by_prompt(self, now: _Router, name: str) -> _Router:
        """The router whose prompt this is."""
        if now.is_called(name):
            now.prompt = now.prompt or name
            return now
        return self._known(name) or self.new(name)

    def by_hostname(self, now: _Router, name: str, prompted: bool) -> _Router:
        """The router that a `hostname` line names: the present one gets its name, or another one begins."""
        if now.hostname == name:
            return now
        if prompted or not now.hostname:
            if prompted and (known := self._known(name)) is not None:
                known.lines.extend(now.lines)  # set up anew under the name it has had
                now.lines.clear()
                return known
            if prompted:
                now.prompt = name  # `Router(config)#hostname R1`
            if prompted or not now.prompt or _same(now.prompt, name):
                self._rename(now, name)
                return now
        router = self._known(name) or self.new("")
        self._rename(router, name)
        before = now.lines
        at = len(before)
        while at and (before[at - 1].kind is not LineKind.COMMAND or _BEFORE_NAME.match(before[at - 1].text)):
            at -= 1
        router.lines.extend(before[at:])
        del before[at:]
        return router


def _same(one: str, other: str) -> bool:
    if min(len(one), len(other)) >= _CUT:
        return one.startswith(other) or other.startswith(one)
    return one == other


def _hostname(line: Line) -> str:
    """The name that a top-level `hostname` line gives; empty for other lines and for what a template leaves open."""
    first, _, name = line.text.partition(" ")
    name = name.strip().strip('"')
    return name if first.lower() == "hostname" and name and not set(name) & set("{}<>$ ") else ""


def _hostnames(top: list[Line]) -> int:
    return len({name for line in top if line.kind is LineKind.COMMAND and (name := _hostname(line))})


def _has_commands(lines: list[Line]) -> bool:
    return any(line.kind is LineKind.COMMAND for line in lines)
