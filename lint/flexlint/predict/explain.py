"""A prediction in words: the choice at each step with its line, and why each other candidate fell out.

Comes in: a `Prediction`. Goes out: lines of text. It chooses nothing and formats nothing for a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flexlint.config.model import Stanza
from flexlint.place import Located
from flexlint.predict.model import Choice, PeerFacts, Prediction, Sureness, T
from flexlint.predict.steps import attributes_of, is_told, steps_of

SHOWN = 10  # rejected candidates of one step


def explain(prediction: Prediction) -> Iterable[str]:
    """One line for each step, indented lines below it for what else there was."""
    yield _facts(prediction.facts)
    for title, choice in steps_of(prediction):
        yield from _step(title, choice)
        if title == "policy":
            yield from _list("proposals", prediction.proposals)
        elif title == "AAA list" and prediction.aaa_name is not None:
            yield _row("name asked for", prediction.aaa_name)
        elif title == "authorization policy":
            for number, one in enumerate(attributes_of(prediction)):
                yield _row("" if number else "attributes", f"{one.line.text}{at(one)}")
    yield from _list("transform-sets", prediction.transform_sets)


def _row(title: str, text: str) -> str:
    return f"{title:<21} {text}"


def _facts(facts: PeerFacts) -> str:
    parts = [f"identity {facts.identity}" if facts.identity is not None else "identity unknown"]
    parts += [f"at {facts.peer}"] if facts.peer is not None else []
    parts += [f"local address {facts.local}"] if facts.local is not None else []
    if facts.fvrf is not None:
        parts.append(f"VRF {facts.fvrf}" if facts.fvrf else "global VRF")
    parts += [f"authenticates with {facts.method.value}"] if facts.method is not None else []
    role = "of unknown role" if facts.role == "unknown" else facts.role
    return f"this router is {role}; the peer: {', '.join(parts)}"


def _step(title: str, choice: Choice[T]) -> Iterator[str]:
    if not is_told(choice):
        return
    if choice.chosen is None:
        yield _row(title, f"none: {choice.missing or 'every candidate fell out'}{at(choice.because)}")
    else:
        yield _row(title, f"{name_of(choice.chosen)}{_chosen_at(choice)}{_doubt(choice)}")
    for one in choice.also:
        yield _row("", f"{name_of(one)} fits too{at(one)}")
    for fallen in choice.rejected[:SHOWN]:
        yield _row("", f"not {name_of(fallen.candidate)}: {fallen.reason}{at(fallen.at)}")
    if len(choice.rejected) > SHOWN:
        yield _row("", f"and {len(choice.rejected) - SHOWN} more")


def _doubt(choice: Choice[T]) -> str:
    if choice.sureness is Sureness.CONTESTED:
        return f" - contested: {choice.contested}"
    return " - not sure: something that decides is not known" if choice.sureness is Sureness.PARTIAL else ""


def _list(title: str, stanzas: Iterable[Stanza]) -> Iterator[str]:
    for stanza in stanzas:
        yield _row(title, f"{stanza.name}{at(stanza)}")
        title = ""


def name_of(candidate: object) -> str:
    """The name of a stanza, or the text of a line that has none."""
    if isinstance(candidate, Stanza):
        return f"{candidate.name} (implicit)" if candidate.implicit else str(candidate.name)
    line = getattr(candidate, "line", None)
    return str(getattr(line, "text", candidate))


def _chosen_at(choice: Choice[T]) -> str:
    """Where the chosen object stands, and the line that made the choice when that is another one."""
    here, by = at(choice.chosen), choice.because
    if by is None or not here or (isinstance(by, Stanza) and by.implicit):
        return here or at(by)
    line = by.place().line
    return here if here.endswith(f":{line})") else f"{here[:-1]}, by line {line})"


def at(thing: object) -> str:
    """Where a thing stands, in brackets; empty for what IOS has without being told."""
    if thing is None or not hasattr(thing, "place") or (isinstance(thing, Stanza) and thing.implicit):
        return ""
    located: Located = thing
    place = located.place()
    return f"  ({place.path}:{place.line})"
