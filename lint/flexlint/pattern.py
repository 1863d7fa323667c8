"""Regular expressions that are compiled when they are first used.

Comes in: the text of an expression. Goes out: what `re.compile` would have given, to all who use it. Most expressions
of this package look for what most files do not have, and compiling one costs more than a small file takes to read.
"""

from __future__ import annotations

import re
from typing import AnyStr, cast

_METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer", "pattern", "flags", "groups")


class _Pattern:
    """Stands for a compiled expression; its slots are empty until one of them is asked for."""

    __slots__ = ("_flags", "_text", *_METHODS)

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._text = text
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(self._text, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The expression, compiled at its first use. A faulty one raises `re.error` then, so that tests must use each."""
    return cast("re.Pattern[AnyStr]", _Pattern(text, flags))
