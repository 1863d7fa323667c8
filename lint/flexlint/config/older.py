"""Forms of a command that other releases print, and what people add to one.

Comes in: the text of a line that the grammar refused. Goes out: the command it is in today's form, or the refusal.
"""

from __future__ import annotations

from flexlint.config.grammar import Command, Mismatch, parse
from flexlint.pattern import pattern

_LISTLESS = pattern(r"aaa +(?:authorization +(?:group|user)|authentication|accounting) +$")


def older_form(stanza: str, text: str, misfit: Mismatch) -> Command | Mismatch:
    """Forms that older releases print: `keyring NAME` for `keyring local NAME`, and a ` ! remark` behind a command."""
    words = text.split()
    if (
        stanza == "profile"
        and len(words) == 2
        and len(words[0]) > 2
        and "keyring".startswith(words[0].lower())
        and not words[1].startswith(("local", "aaa", "ppk"))
    ):
        command = parse(stanza, f"keyring local {words[1]}")
        if isinstance(command, Command):
            at = text.index(words[1], len(words[0]))
            return command._replace(pieces=(command.pieces[0], command.pieces[2]._replace(column=at)))
    if stanza == "profile" and "list" not in words and (found := _LISTLESS.match(text[: misfit.column].lower())):
        # R: `aaa authorization group LIST NAME` of 15.1; the list of every method has no keyword in front either.
        column = found.end()
        command = parse(stanza, f"{text[:column]}list {text[column:]}")
        if isinstance(command, Command):
            moved = (p._replace(column=p.column - 5) if p.column > column else p for p in command.pieces)
            return command._replace(pieces=tuple(moved))
    if misfit.word.startswith("!") and misfit.column > 0:
        command = parse(stanza, text[: misfit.column].rstrip())
        if isinstance(command, Command):
            return command
    return misfit
