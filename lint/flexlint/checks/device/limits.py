"""Numbers outside of what a command takes, and commands that a release does not have yet.

Comes in: a device. Goes out: findings. The limits and the releases are tables (`grammars/facts/ranges.tsv`,
`releases.tsv`); nothing here knows a single command.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from flexlint.checks.device.references import holders_of, names_at
from flexlint.checks.device.wording import is_placeholder, shown
from flexlint.config.model import Device, Stanza, Statement
from flexlint.data import folder, read_table
from flexlint.finding import Finding
from flexlint.pattern import pattern
from flexlint.place import Word
from flexlint.rulebook import DeviceCase, Findings, Scope, check

_RELEASE = pattern(r"(\d{1,3})\.(\d{1,3})")


@check("CMP064", on=Scope.DEVICE)
def value_out_of_range(case: DeviceCase) -> Findings:
    """A number the command refuses."""
    for row in read_table(folder("grammars") / "facts" / "ranges.tsv"):
        low, high = int(row["low"]), int(row["high"])
        for name, word in _numbers(case.device, row["from"], row["path"]):
            if not word.isdecimal() or is_placeholder(word) or len(word) > 15 or low <= word.number <= high:
                continue
            of = f" of '{name}'" if name else ""
            finding = Finding(f"{row['what']}{of} is {word}; allowed: {row['low']} to {row['high']}")
            yield finding.at(word).about(name, row["path"].removesuffix(":1"), word)


def _numbers(device: Device, collection: str, path: str) -> Iterator[tuple[str, Word]]:
    """The values a row of the table speaks of, each with the name of its object."""
    kind, colon, where = path.partition(":")
    if not colon:
        for holder in holders_of(device, collection):
            for word in names_at(holder, path):
                yield str(holder.name), word
        return
    for name, statement in _statements(device, collection):
        if statement.kind == kind and not statement.negated and (number := _number(statement, where)) is not None:
            yield name, number


def _number(statement: Statement, where: str) -> Word | None:
    """The number behind a keyword, or the one of that count."""
    numbers = [word for word in statement.words if word.isdecimal()]
    if where.isdecimal():
        return numbers[int(where) - 1] if len(numbers) >= int(where) else None
    line = statement.line
    for word in numbers:
        before = line.text[: word.column - line.column].lower().split()
        if before and where.startswith(before[-1]):
            return word
    return None


def _statements(device: Device, collection: str) -> Iterator[tuple[str, Statement]]:
    """Every statement of the objects of a collection, with the object's name; of the device itself for `globals`."""
    if collection == "globals":
        yield from (("", statement) for statement in device.globals)
        return
    for one in _objects(device, collection):
        for statement in one.statements:
            yield str(one.name), statement


def _objects(device: Device, collection: str) -> Collection[Stanza]:
    if collection == "peers":
        return [peer for keyring in device.keyrings.values() for peer in keyring.peers]
    return holders_of(device, collection)


@check("SYN212", on=Scope.DEVICE)
def command_newer_than_release(case: DeviceCase) -> Findings:
    """A command the release of the `version` line does not have yet."""
    release = _release(case.settings.release or case.device.version)
    if release is None or release < (16, 5):  # the models begin there
        return
    for row in read_table(folder("grammars") / "facts" / "releases.tsv"):
        since = _release(row["release"])
        if row["known"] != "first" or since is None or release >= since:
            continue
        for name, statement in _statements(case.device, row["stanza"]):
            if not statement.negated and f"{statement.line.text} ".startswith(row["begins"]):
                finding = Finding(
                    f"'{shown(statement.line.text)}' came with IOS XE {row['release']}; "
                    f"this configuration is of {'.'.join(map(str, release))}"
                )
                yield finding.at(statement).also(case.device.version).about(name, row["begins"])


def _release(text: str | None) -> tuple[int, int] | None:
    """`17.9.4a` as (17, 9); None for text that is no release."""
    found = _RELEASE.match(text or "")
    return (int(found[1]), int(found[2])) if found else None
