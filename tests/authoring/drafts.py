"""The catalogue of generated cases: for each kind of fault at least one pair that has it and one that has not.

What must be said of each is stated here by hand, from what IOS does; it is never copied from what flexlint says.
Goes out: `Case` objects, which `python tests/write_cases.py` stores under `tests/cases`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from zlib import crc32

from authoring.case import Case, Expected
from authoring.course import Peer
from authoring.framing import STYLES
from authoring.scene import Retelling, files_of
from authoring.site import Site


@dataclass
class Draft:
    """A pair to be. `was`: the site as it was when the log was taken. `style` None takes the next one in turn."""

    site: Site
    peers: list[Peer]
    finds: tuple[Expected, ...] = ()
    was: Site | None = None
    style: str | None = None
    interleaved: bool = False
    allows: tuple[str, ...] = ()
    edit: Callable[[dict[str, str]], dict[str, str]] = field(default=lambda files: files)
    title: str = ""
    retell: Retelling | None = None  # changes what the router prints, before it is framed
    make: Callable[[int, str], dict[str, str]] | None = (
        None  # from a seed and a style to the files, in place of all this
    )


Maker = Callable[[], Iterator[Draft]]
FAULTS: dict[str, tuple[str, Maker]] = {}


def fault(slug: str, title: str) -> Callable[[Maker], Maker]:
    """Registers the drafts of one kind of fault."""

    def register(make: Maker) -> Maker:
        if slug in FAULTS:
            raise ValueError(f"two faults are called {slug}")
        FAULTS[slug] = (title, make)
        return make

    return register


def explained(rules: str, at: str, log: str = "", *says: str, verdict: str = "explanation") -> tuple[Expected, ...]:
    """One finding in the configuration. `rules`: ids with blanks between; `at`: markers with ` || ` between."""
    return (Expected(tuple(rules.split()), tuple(at.split(" || ")), "router.cfg", verdict, log, says),)


def denied(rules: str, at: str, log: str = "", *says: str) -> tuple[Expected, ...]:
    return explained(rules, at, log, *says, verdict="contradiction")


def open_end(rules: str, at: str, *says: str, verdict: str = "unexplained") -> tuple[Expected, ...]:
    """One finding in the log: nothing in the configuration accounts for it."""
    return (Expected(tuple(rules.split()), tuple(at.split(" || ")), "router.log", verdict, "", says),)


def also(finds: tuple[Expected, ...], *others: tuple[Expected, ...]) -> tuple[Expected, ...]:
    """More than one finding."""
    return (*finds, *(one for other in others for one in other))


def all_cases() -> Iterator[Case]:
    """Every generated case, the same at each call."""
    from authoring import (  # noqa: F401  registers its faults
        drafts_child,
        drafts_choice,
        drafts_ends,
        drafts_init,
        drafts_keys,
        drafts_live,
        drafts_more,
        drafts_peer,
        drafts_session,
        drafts_stale,
    )

    styles = [s for s in STYLES if s != "old"]
    for slug, (title, make) in FAULTS.items():
        counts = {"faulty": 0, "healthy": 0}
        for draft in make():
            kind = "faulty" if draft.finds else "healthy"
            counts[kind] += 1
            name = f"{slug}-{kind}-{counts[kind]}"
            seed = crc32(name.encode())
            style = draft.style or styles[seed % len(styles)]
            if draft.make is not None:
                files = draft.make(seed, style)
            else:
                files = files_of(draft.site, draft.peers, style, seed, draft.interleaved, draft.was, draft.retell)
            yield Case(name, slug, draft.title or title, draft.edit(files), draft.finds, draft.allows)
        if not all(counts.values()):
            raise ValueError(f"fault {slug} lacks a {min(counts, key=counts.__getitem__)} pair")


__all__ = ["Draft", "Expected", "all_cases", "also", "denied", "explained", "fault", "open_end", "replace"]
