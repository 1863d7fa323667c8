"""Turns `grammars/*.lark` into the tables that a run reads: `python -m flexlint.config.compile`.

Comes in: the grammars, which lark checks and turns into an LALR automaton. Goes out: `grammars/tables.json`, committed
beside them. Lark does the work here, once, and is not imported by a run: its import costs as much as a whole check.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flexlint.data import folder

STARTS = (
    "global",
    "proposal",
    "policy",
    "keyring",
    "peer",
    "profile",
    "authorization_policy",
    "name_mangler",
    "flexvpn_client",
    "cluster",
    "transform_set",
    "ipsec_profile",
    "crypto_map",
    "trustpoint",
    "certificate_map",
    "interface",
    "vrf",
    "server_group",
    "radius_server",
    "access_list",
)
FAMILIES = ("common", "ikev2", "ipsec", "interface", "global")


def grammar_text() -> str:
    """The grammar of all families as one text."""
    return "\n".join((folder("grammars") / f"{name}.lark").read_text(encoding="utf-8") for name in FAMILIES)


def tables() -> dict[str, Any]:
    """The automaton: per state what each terminal does (shift to n: n, reduce by rule r: -r - 1), rules as
    [symbol, length, kind], terminals as keyword text or name of a class."""
    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(grammar_text(), parser="lalr", lexer="contextual", start=list(STARTS), maybe_placeholders=False)
    table = lark.parser.parser._parse_table
    keywords = {t.name: t.pattern.value for t in lark.terminals if isinstance(t.pattern, PatternStr)}
    order = _in_order(table)
    numbers = {state: n for n, state in enumerate(order)}
    rules: dict[Any, int] = {}
    states: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        for symbol, (action, argument) in sorted(table.states[state].items(), key=lambda item: item[0]):
            if action is Shift:
                row[symbol] = numbers[argument]
            else:
                row[symbol] = -rules.setdefault(argument, len(rules)) - 1
        states.append(row)
    return {
        "keywords": dict(sorted(keywords.items())),
        "rules": [[rule.origin.name, len(rule.expansion), rule.alias or ""] for rule in rules],
        "states": states,
        "starts": {name: numbers[state] for name, state in sorted(table.start_states.items())},
        "ends": {name: numbers[state] for name, state in sorted(table.end_states.items())},
    }


def _in_order(table: Any) -> list[Any]:
    """The states in an order that follows from the grammar alone, so that equal grammars give equal files."""
    from lark.parsers.lalr_analysis import Shift

    order: list[Any] = []
    waiting = [table.start_states[name] for name in sorted(table.start_states)]
    known = set(waiting)
    while waiting:
        state = waiting.pop(0)
        order.append(state)
        for _, (action, argument) in sorted(table.states[state].items(), key=lambda item: item[0]):
            if action is Shift and argument not in known:
                known.add(argument)
                waiting.append(argument)
    return order


def main() -> None:
    path: Path = folder("grammars") / "tables.json"
    path.write_text(json.dumps(tables(), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    print(f"{path}: written")


if __name__ == "__main__":
    main()
