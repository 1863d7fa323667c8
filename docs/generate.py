"""Writes the generated pages of this folder: `python docs/generate.py`, or `make docs`.

`rules.md` lists every rule by family as its card says; `commands.md` has the help of every command as it is printed.
A test holds the pages against what this would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from flexlint.cards import FAMILIES, Card, cards
from flexlint.cli import main

HERE = Path(__file__).resolve().parent
WIDTH = 100  # columns of the printed help


def rules() -> Iterator[str]:
    """The page of rules: a table for each family, each rule linked to its card."""
    by_family: dict[str, list[Card]] = {}
    for card in cards().values():
        by_family.setdefault(card.id[:3], []).append(card)
    yield "# Rules\n"
    yield (
        f"{len(cards())} rules in {len(by_family)} families. `flexlint explain <id or name>` prints a card. The grade\n"
        "says how sure the behaviour of IOS is that a rule rests on: V verified, R recalled, I inferred, ? contested.\n"
    )
    for prefix, family in FAMILIES.items():
        yield f"## {prefix}: {family}\n"
        yield "| rule | what it says | severity | confidence | verdict | grade |\n|---|---|---|---|---|---|"
        for card in by_family.get(prefix, []):
            link = f"[{card.id} {card.name}](../{card.path.relative_to(card.path.parents[2]).as_posix()})"
            summary = card.summary.replace("|", "\\|")
            yield f"| {link} | {summary} | {card.severity} | {card.confidence} | {card.verdict} | {card.grade} |"
        yield ""


def commands() -> Iterator[str]:
    """The page of commands: what `--help` prints for each."""
    yield "# Commands\n"
    yield (
        "Exit status, the same for every command and format: 0 nothing at or above `--fail-on`, 1 something is, 2 it\n"
        "could not run.\n"
    )
    with click.Context(main, info_name="flexlint", **main.context_settings) as top:
        for name in main.list_commands(top):
            command = main.get_command(top, name)
            assert command is not None
            context = click.Context(command, info_name=name, parent=top, terminal_width=WIDTH, max_content_width=WIDTH)
            yield f"## flexlint {name}\n\n```text\n{command.get_help(context)}\n```\n"


PAGES = {"rules.md": rules, "commands.md": commands}


def page(name: str) -> str:
    """The text of one generated page."""
    return "\n".join(PAGES[name]()).rstrip() + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:] or PAGES:
        (HERE / name).write_text(page(name), encoding="utf-8")
