"""The rulebook: which checks there are, what each of them looks at, and which are chosen.

Comes in: the functions that register themselves, and selectors. Goes out: the checks of a scope, and the ids of rules.
What becomes of what they yield is in `judging/book.py`. Nothing here looks into a configuration or a log.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import field
from enum import StrEnum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, NamedTuple

from flexlint.cards import FAMILIES, by_id_or_name, cards
from flexlint.config.model import Device
from flexlint.fact import fact
from flexlint.finding import Finding, Silence
from flexlint.log.model import Coverage, Negotiation
from flexlint.predict.model import Prediction

if TYPE_CHECKING:
    pass

Yielded = Generator[Finding, None, Silence | None]  # a check that says why it was silent
Findings = Iterator[Finding]  # one that has nothing to say of its silence


class Scope(StrEnum):
    """What a check looks at."""

    DEVICE = "device"  # one configuration
    ENDS = "ends"  # the configurations of both ends
    TRACE = "trace"  # one negotiation, with or without a configuration
    PAIR = "pair"  # one negotiation and the configuration of its router
    JOINED = "joined"  # one IKE SA from both ends
    LOG = "log"  # a whole log, at its end


@fact
class Settings:
    """What the user set that changes what checks say."""

    release: str | None = None  # `--release`, else the `version` line of the configuration
    assumptions: dict[str, str] = field(default_factory=dict)  # contested behaviour to the value assumed


@fact
class DeviceCase:
    """One configuration."""

    device: Device
    settings: Settings = field(default_factory=Settings)


@fact
class EndsCase:
    """Two configurations: `device` is the one being checked, `other` its peer's."""

    device: Device
    other: Device
    settings: Settings = field(default_factory=Settings)


@fact
class TraceCase:
    """One negotiation, with the coverage of its log.

    A check that reads no name and no address of a healthy negotiation is not run again for others that went the same
    way (see `precedents`): let it ask first for what makes it silent, an outcome, or a thing that is mostly None."""

    negotiation: Negotiation
    coverage: Coverage
    settings: Settings = field(default_factory=Settings)


@fact
class PairCase:
    """A negotiation held against the configuration of its router.

    `prediction` is made from what the peer presented alone. `followed` starts from the objects the log names, where
    the configuration defines them: it says what the next step should have been after the observed one."""

    device: Device
    negotiation: Negotiation
    prediction: Prediction
    followed: Prediction
    coverage: Coverage
    settings: Settings = field(default_factory=Settings)


@fact
class LogCase:
    """A whole log: its coverage and, when it is checked against one, the configuration.

    `names` has every object name the log mentioned, by kind (profile, keyring, policy, list ...). The rulebook fills in
    the contradictions and the explanations of failures that were found before the log's end."""

    path: str
    coverage: Coverage
    device: Device | None
    names: dict[str, set[str]]
    negotiations: int
    settings: Settings = field(default_factory=Settings)
    contradictions: list[Finding] = field(default_factory=list)  # of this log and its configuration
    explanations: list[Finding] = field(default_factory=list)  # of this log by its configuration


class Check(NamedTuple):
    """A function registered behind a rule."""

    rule: str
    scope: Scope
    function: Callable[[Any], Findings]


_CHECKS: dict[str, Check] = {}

STEPS = ("SEL", "AUT", "AZN", "TUN")  # the families of pair checks, in the order of a negotiation


def check(*rules: str, on: Scope) -> Callable[[Callable[[Any], Findings]], Callable[[Any], Findings]]:
    """Registers a generator as the check behind a rule. With several rules the check sets `finding.rule` itself:
    one function over one table, with a card each where the advice differs."""

    def register(function: Callable[[Any], Findings]) -> Callable[[Any], Findings]:
        for rule in rules:
            if rule in _CHECKS:
                raise ValueError(f"rule {rule} has two checks")
            _CHECKS[rule] = Check(rule, on, function)
        return function

    return register


# The folder of `checks/` that holds the checks of a scope; a run imports only those it needs.
_FOLDERS = {scope: str(scope) for scope in Scope} | {Scope.LOG: "trace"}


@cache
def checks_on(scope: Scope) -> tuple[Check, ...]:
    """The checks of one scope in order of rule id; imports their modules at first use."""
    package = import_module(f"flexlint.checks.{_FOLDERS[scope]}")
    for module in iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return tuple(sorted((one for one in _CHECKS.values() if one.scope is scope), key=lambda one: one.rule))


@cache
def behind(one: Check) -> tuple[str, ...]:
    """The rules that the function of a check stands behind."""
    return tuple(other.rule for other in checks_on(one.scope) if other.function is one.function)


def all_checks() -> dict[str, Check]:
    """Every check by rule id."""
    return {one.rule: one for scope in Scope for one in checks_on(scope)}


class UnknownRule(ValueError):
    """A selector that names no rule, with what it was probably meant to be."""


def select(chosen: Iterable[str] = (), ignored: Iterable[str] = ()) -> frozenset[str]:
    """Rule ids for selectors: an id, a name, a family (`SEL` or `selection`) or `ALL`. Nothing chosen is ALL.

    Raises UnknownRule for a selector that fits nothing."""
    wanted = _expand(chosen) if (chosen := list(chosen)) else frozenset(cards())
    return wanted - _expand(ignored)


def _expand(selectors: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for selector in (part.strip() for text in selectors for part in text.split(",") if part.strip()):
        if selector.upper() == "ALL":
            found.update(cards())
        elif (prefix := _family(selector)) is not None:
            found.update(rule for rule in cards() if rule.startswith(prefix))
        elif (card := by_id_or_name(selector)) is not None:
            found.add(card.id)
        else:
            raise UnknownRule(_no_such_rule(selector))
    return frozenset(found)


def _family(selector: str) -> str | None:
    if selector.upper() in FAMILIES:
        return selector.upper()
    return next((prefix for prefix, name in FAMILIES.items() if name == selector.lower()), None)


def _no_such_rule(selector: str) -> str:
    from difflib import get_close_matches

    names = [*cards(), *(card.name for card in cards().values()), *FAMILIES, *FAMILIES.values()]
    near = get_close_matches(selector, names, n=1)
    return f"no rule, name or family '{selector}'" + (f"; did you mean '{near[0]}'?" if near else "")
