"""From a site and its peers to the files of a case: who calls, what becomes of it, and how the log is kept.

Comes in: a `Site`, its peers, a style. Goes out: the configuration's text and the log's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from random import Random

from authoring.course import Course, Peer, initiate, respond
from authoring.framing import STYLES, interleave, log, spis
from authoring.site import Site, config
from authoring.trace import Ids, Said, initiate_trace, respond_trace

Lines = list[tuple[Ids, Said]]
Retelling = Callable[[Lines], Lines]


def courses(site: Site, peers: Sequence[Peer]) -> list[Course]:
    """What becomes of each peer; a pool gives each of them an address of its own."""
    found, given = [_course(site, peer) for peer in peers], Counter[str]()
    for course in found:
        if (first := course.address) is not None:
            course.address = str(IPv4Address(first) + given[first])
            given[first] += 1
    return found


def _course(site: Site, peer: Peer) -> Course:
    return initiate(site, peer) if is_spoke(site) else respond(site, peer)


def is_spoke(site: Site) -> bool:
    return any(t.name == "Tunnel0" for t in site.tunnels)


def lines_of(site: Site, peers: Sequence[Peer], seed: int = 1, interleaved: bool = False) -> Lines:
    """What the router prints while these peers meet it, one after another or interleaved."""
    ids = spis(seed)
    sessions, owners = [], []
    for peer, course in zip(peers, courses(site, peers), strict=True):
        own = next(ids)
        owners.append(own)
        make = initiate_trace if is_spoke(site) else respond_trace
        sessions.append(list(make(site, peer, course, own)))
    if interleaved:
        lines = interleave(sessions, seed)
    else:
        lines = [(i, said) for i, session in enumerate(sessions) for said in session]
    return [(owners[i], said) for i, said in lines]


def log_of(
    site: Site,
    peers: Sequence[Peer],
    style: str = "console",
    seed: int = 1,
    interleaved: bool = False,
    retell: Retelling | None = None,
) -> str:
    """The log of these peers meeting this router. `retell` changes what is printed."""
    lines = lines_of(site, peers, seed, interleaved)
    return framed(retell(lines) if retell else lines, site, style, seed)


def framed(lines: Lines, site: Site, style: str, seed: int) -> str:
    return log(lines, STYLES[style], site.hostname, Random(seed).randrange(10**6))


def files_of(
    site: Site,
    peers: Sequence[Peer],
    style: str = "console",
    seed: int = 1,
    interleaved: bool = False,
    was: Site | None = None,
    retell: Retelling | None = None,
) -> dict[str, str]:
    """`router.cfg` and `router.log`. `was` is the site as it was when the log was taken, where it has changed since."""
    return {"router.cfg": config(site), "router.log": log_of(was or site, peers, style, seed, interleaved, retell)}
