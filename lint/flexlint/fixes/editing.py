"""Configurations changed line by line, and the IOS commands that make the same change on a router.

Comes in: lines of a configuration with edits, or a device before and after. Goes out: new lines, or commands to paste
in order. This is the one module that imports ciscoconfparse2: its editor makes the changes, its `Diff` the commands.
Only what changes is handed to it, for it is slow on long stanzas and takes the text of a banner for commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from flexlint.config.model import Device, Keyring, Line, LineKind, Stanza
from flexlint.fact import names_of
from flexlint.finding import Edit
from flexlint.mask import mask


@cache
def _library() -> Any:
    """ciscoconfparse2, kept from telling what it reads: its log goes to standard output, keys and all."""
    found = import_module("ciscoconfparse2")
    import_module("loguru").logger.remove()
    return found


# ---- lines --------------------------------------------------------------------------------------------------------


def touching(one: Edit, other: Edit) -> bool:
    """Whether two edits of one file concern the same lines."""
    return max(one.first, one.last) >= other.first and one.first <= max(other.first, other.last)


def edited(lines: Sequence[str], edits: Iterable[Edit]) -> list[str]:
    """The lines with edits made that do not touch each other. Their line numbers are those of `lines`, 1-based."""
    out = list(lines)
    for edit in sorted(edits, key=lambda one: -one.first):
        if edit.last >= edit.first:
            out[edit.first - 1 : edit.last] = _rewritten(out[edit.first - 1 : edit.last], edit.lines)
        elif edit.first > 1:  # an insertion, behind the line before
            out[edit.first - 2 : edit.first - 1] = _inserted(out[edit.first - 2], edit.lines)
        else:
            out[:0] = edit.lines
    return out


def _rewritten(old: list[str], new: Sequence[str]) -> list[str]:
    """A run of lines replaced: those both have are rewritten, those too many deleted, those too few put behind."""
    parse = _library().CiscoConfParse(old)
    for position in range(min(len(old), len(new))):
        one = parse.objs[position]
        if one.text != new[position]:
            one.replace_text(one.text, new[position])
    for position in reversed(range(len(new), len(old))):  # from the last line up, so that no parent takes a child along
        parse.objs[position].delete()
    for text in reversed(new[len(old) :]):
        parse.objs[len(old) - 1].insert_after(text)
    return list(parse.get_text())


def _inserted(before: str, new: Sequence[str]) -> list[str]:
    return _rewritten([before], [before, *new])


# ---- commands -----------------------------------------------------------------------------------------------------

# Kinds of lines of which a new one takes the place of the old one, besides those that SYN209 knows (V for the leaves of
# Cisco-IOS-XE-crypto.yang and Cisco-IOS-XE-tunnel.yang). A `no` before them would take the tunnel down for nothing.
_REPLACED = frozenset(
    "protection tunnel_mode tunnel_source tunnel_destination tunnel_vrf tunnel_key ip_address unnumbered "
    "nhrp_network_id mode authentication_local config_exchange_request".split()
)

Path = tuple[str, ...]  # the texts of a line's parents and its own


class _Command:
    """A line to paste, and those of its sub-mode."""

    __slots__ = ("below", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.below: list[_Command] = []


def commands(before: Device, after: Device) -> Iterator[str]:
    """What to paste in configuration mode to make `after` of `before`: sub-commands indented by one blank each, and
    `exit` at the end of every mode. A command that holds a key is left out, and a comment says so."""
    old, new = _blocks(before.lines), _blocks(after.lines)
    changed = [head for head in (*old, *(head for head in new if head not in old)) if old.get(head) != new.get(head)]
    if not changed:
        return
    texts = [[line for head in changed for line in blocks.get(head, ())] for blocks in (old, new)]
    top = _Command("")
    _read(_library().Diff(*texts).get_diff(), top)
    idle = _idle(before, after)
    for command in _needed(top.below, (), idle):
        yield from _shown(command, 0)


def _blocks(lines: Iterable[Line]) -> dict[str, list[str]]:
    """The commands of each top-level line, indented by their depth; those of a repeated header together."""
    blocks: dict[str, list[str]] = {}
    for line in lines:
        if line.kind is LineKind.COMMAND:
            held = blocks.setdefault(line.text, [line.text])
            held.extend(" " * (len(path) - 1) + path[-1] for path, _ in _below(line, (line.text,)))
    return blocks


def _below(line: Line, path: Path) -> Iterator[tuple[Path, Line]]:
    for child in line.children:
        if child.kind is LineKind.COMMAND and child.text not in ("exit", "end"):
            yield (*path, child.text), child
            yield from _below(child, (*path, child.text))


def _read(lines: list[str], top: _Command) -> None:
    """The difference as a tree; the library indents by two blanks a level."""
    opened = [top]
    for line in lines:
        text = line.lstrip(" ")
        command = _Command(text)
        level = (len(line) - len(text)) // 2
        opened[level].below.append(command)
        opened[level + 1 :] = [command]


def _needed(held: list[_Command], path: Path, idle: set[Path]) -> Iterator[_Command]:
    """The commands without those that do nothing, and without headers that have nothing left below."""
    for command in held:
        here = (*path, command.text)
        if command.below:
            command.below = list(_needed(command.below, here, idle))
            if not command.below:
                continue
        elif here in idle:
            continue
        yield command


def _shown(command: _Command, depth: int) -> Iterator[str]:
    text = " " * depth + command.text
    yield text if mask(text) == text else f"! a line with a key is left out: {mask(text).strip()}"
    for one in command.below:
        yield from _shown(one, depth + 1)
    if command.below:
        yield " " * (depth + 1) + "exit"


def _idle(before: Device, after: Device) -> set[Path]:
    """The paths of `no` commands that must not be given: of lines that IOS never took, and of settings that another
    line of the same stanza sets."""
    was, now = _kinds(before), _kinds(after)
    unread = {id(one.line) for one in before.unparsed}
    still = {(path[:-1], now[id(line)]) for path, line in _paths(after) if id(line) in now}
    return {
        (*path[:-1], f"no {path[-1]}")
        for path, line in _paths(before)
        if id(line) in unread or (was.get(id(line)) in _replaced() and (path[:-1], was.get(id(line))) in still)
    }


def _paths(device: Device) -> Iterator[tuple[Path, Line]]:
    for line in device.lines:
        if line.kind is LineKind.COMMAND:
            yield (line.text,), line
            yield from _below(line, (line.text,))


def _kinds(device: Device) -> dict[int, str]:
    """What each line of a stanza says, by the id of the line."""
    return {id(one.line): one.kind for stanza in _stanzas(device) for one in stanza.statements if not one.negated}


def _stanzas(device: Device) -> Iterator[Stanza]:
    for shelf in (getattr(device, name) for name in names_of(Device)):
        for held in shelf.values() if isinstance(shelf, dict) else shelf if isinstance(shelf, list) else ():
            for one in held if isinstance(held, list) else (held,):
                if isinstance(one, Stanza):
                    yield one
                    yield from one.peers if isinstance(one, Keyring) else ()


@cache
def _replaced() -> frozenset[str]:
    from flexlint.checks.device.syntax import SINGLE

    return _REPLACED.union(*SINGLE.values())
