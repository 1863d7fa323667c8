"""Phrases: records of one negotiation, one directly after another, as routers print them again and again.

Comes in: a stretch of records and where a phrase may begin. Goes out: how far it reaches, and its effect on the
negotiation, once `Attribution` was asked about each of its records and did with them what depends on the phrase alone.
From then on the phrase is taken as a whole. A record that may concern another negotiation is never part of a phrase,
nor is a phrase taken where anything waits for its owner. Nothing here decides whose a record is.
"""

from __future__ import annotations

from array import array
from operator import attrgetter, is_
from typing import NamedTuple

from flexlint.log.atoms import SYSTEM, Ids, Stretch
from flexlint.log.attribution import NEAR, Attribution, sent_last
from flexlint.log.bystanders import BYSTANDERS, RECENT
from flexlint.log.epochs import CLAIMS, NAMING, RECORD_LIMIT, Epoch
from flexlint.log.marks import message_of
from flexlint.log.messages import BEGINS, CONFIG_HEADERS, CONTINUATIONS, NEGATIVE, NOBODYS, PACKETS, same_as
from flexlint.log.model import Milestone
from flexlint.log.states import State

KEPT = 4096  # phrases remembered; when there are more, all are met anew
BEFORE = 3  # lines of others between two records of a phrase, at most

_PLAIN, _ALONE, _HEADER, _PACKET, _FAR, _NEGATIVE, _BEGINS = range(7)  # what a record is to a phrase
# Besides those that begin or end something, or whose owner their values decide.
_NEVER = frozenset({"M282", "M284", "M300", *NOBODYS, *CONTINUATIONS})
_MARK = attrgetter("mark")
_KIND = attrgetter("kind")

Key = tuple[State, bytes, bytes, tuple[str, bool], bool, bool, bool]


class Effect(NamedTuple):
    """What a phrase does to its negotiation."""

    codes: tuple[int, ...]
    state: State
    last_message: str
    naming: tuple[tuple[int, str], ...]  # records whose values stay with the negotiation, and their messages
    looked_at: tuple[int, ...]  # records that the reader looks at
    searching: bool  # whether something is looked for afterwards
    verified: bool  # whether it waits for authorization afterwards


class _Roles(dict[int, int]):
    """What a record of this mark is to a phrase."""

    def __init__(self, alone: frozenset[str]) -> None:
        super().__init__()
        self._alone = frozenset({*alone, *BYSTANDERS, *_NEVER, *(CLAIMS - NAMING)})

    def __missing__(self, mark: int) -> int:
        message = message_of(mark)
        if message in self._alone or same_as.get(message, message) in self._alone:
            role = _ALONE
        elif message in CONFIG_HEADERS:
            role = _HEADER
        elif message in PACKETS:
            role = _PACKET
        elif message in BEGINS:
            role = _BEGINS
        else:
            role = _NEGATIVE if same_as.get(message, message) in NEGATIVE else _PLAIN
        self[mark] = role
        return role


class Phrases:
    """The phrases met in one log."""

    def __init__(self, alone: frozenset[str], looked_at: frozenset[str]) -> None:
        """Messages of `alone` are never taken in a phrase; of `looked_at` the reader wants to know."""
        self._roles_of = _Roles(alone)
        self._wanted = looked_at
        self._known: dict[Key, Effect | None] = {}
        self._stretch = Stretch((), (), (), ())
        self._roles = bytearray()
        self._kinds = self._marks = b""
        self._new: tuple[Key, Epoch, tuple[object, ...]] | None = None
        self.looked_at: tuple[int, ...] = ()  # of the last phrase taken, counted from its beginning

    def enter(self, stretch: Stretch) -> None:
        """From here on records are those of this stretch."""
        self._stretch = stretch
        marks = list(map(_MARK, stretch.atoms))
        self._marks = array("I", marks).tobytes()
        self._roles = roles = bytearray(map(self._roles_of.__getitem__, marks))
        self._kinds = kinds = bytes(map(_KIND, stretch.ids))
        at = -1
        for _ in range(kinds.count(SYSTEM)):
            at = kinds.index(SYSTEM, at + 1)
            roles[at] = _ALONE
        if max(stretch.before) > BEFORE:
            for at, lines in enumerate(stretch.before[: len(roles)]):
                if lines > BEFORE and roles[at] == _PLAIN:
                    roles[at] = _FAR

    def take(self, router: Attribution, start: int) -> int:
        """Takes the phrase that begins with the record at `start`, and says where it ends. Negative: the records up
        to there are to be read one by one, and `learn` told of them."""
        self._new = None
        epoch = self._owner(router, start)
        if epoch is None:
            return -start - 1
        end = self._end(epoch, start)
        if end == start:
            return -start - 1
        line = self._stretch.records[start][0]
        for one in (*router.searching, *router.verified):
            if one is not epoch and not one.closed and line - one.last_line < RECENT:
                return -end
        searching, verified = epoch in router.searching, epoch in router.verified
        before = ("", False) if self._kinds[start] else (epoch.last_message, sent_last(epoch))
        marks, kinds = self._marks[start * 4 : end * 4], self._kinds[start:end]
        key = (epoch.state, marks, kinds, before, router.naming.sessions, searching, verified)
        known = self._known
        if key not in known:
            self._new = (key, epoch, _measures(router, epoch))
            router.forget()
            return -end
        effect = known[key]
        if effect is None or len(epoch.codes) + end - start > RECORD_LIMIT:
            return -end
        self._apply(router, epoch, effect, start, end)
        return end

    def learn(self, router: Attribution, start: int, end: int) -> None:
        """Remembers what became of the records that `take` had read one by one, where it asked for that."""
        if self._new is None:
            return
        key, epoch, before = self._new
        self._new = None
        if len(self._known) >= KEPT:
            self._known.clear()
        count = end - start
        codes = tuple(epoch.codes[-count:])
        after = _measures(router, epoch)
        same = before[2:] == after[2:] and router.current is epoch and not router.waits
        grown = (before[0] + count, before[1] + count) == after[:2]  # type: ignore[operator]
        taken = grown and all(map(is_, epoch.records[-count:], self._stretch.records[start:end]))
        messages = [atom.message for atom in self._stretch.atoms[start:end]]
        if not same or not taken or any(code & 3 == 3 for code in codes) or _begins_late(key[0], codes, messages):
            self._known[key] = None
            return
        naming = tuple((at, message) for at, message in enumerate(messages) if message in NAMING)
        looked_at = tuple(at for at, message in enumerate(messages) if message in self._wanted)
        waits = epoch in router.searching, epoch in router.verified
        self._known[key] = Effect(codes, epoch.state, epoch.last_message, naming, looked_at, *waits)

    def _owner(self, router: Attribution, start: int) -> Epoch | None:
        """The negotiation whose phrase may begin here."""
        if self._roles[start] == _ALONE or router.waits:
            return None
        table = router.table
        one = self._stretch.ids[start]
        if one.session:
            epoch = table.by_ids.get((one.session, one.sa))
            if not router.naming.sessions:
                return None
        elif one.sa:
            epoch = table.by_sa.get(one.sa)
        else:
            epoch = router.current
            if epoch is None or self._stretch.records[start][0] - epoch.last_line >= NEAR:
                return None
        if epoch is None or epoch.closed or epoch.deleted or epoch.rivals or not epoch.sa:
            return None
        return epoch if table.by_sa.get(epoch.sa) is epoch else None

    def _end(self, epoch: Epoch, start: int) -> int:
        """Where the phrase of this negotiation ends that begins at `start`."""
        _, ids, atoms, before = self._stretch
        roles = self._roles
        session, sa = epoch.session, epoch.sa
        begins = epoch.responder_spi is None and epoch.state.milestone < Milestone.SA_INIT_DONE
        mine: set[Ids] = set()
        last = len(ids)
        for at in range(start, last):
            one = ids[at]
            if one not in mine:
                if one.sa and (one.sa != sa or (one.session and one.session != session)):
                    return at
                mine.add(one)
            role = roles[at]
            if role == _PLAIN:
                continue
            if role == _ALONE:
                return at
            if role == _HEADER:
                if at + 1 == last or before[at + 1] > (atoms[at].lines == 0):
                    return at
                following = ids[at + 1]
                if (
                    roles[at + 1] in (_ALONE, _HEADER, _PACKET)
                    or following.sa != sa
                    or following.session not in ("", session)
                ):
                    return at
            elif role == _PACKET:
                if not self._is_of(epoch, at):
                    return at
            elif role == _BEGINS:
                if not begins or not one.sa:
                    return at
            elif not one.sa and (role == _NEGATIVE or at > start):
                return at
        return last

    def _is_of(self, epoch: Epoch, at: int) -> bool:
        """Whether a packet with ids has the SPIs that its negotiation is known by."""
        spis = self._stretch.records[at][4]
        one = self._stretch.ids[at]
        if spis is None or not one.sa or one.session != epoch.session:
            return False
        own = spis.own
        if epoch.initiator_spi != own or epoch.responder_spi != spis.theirs:
            return False
        return epoch.table.by_spi.get(own) is epoch and own not in epoch.table.nameless

    def _apply(self, router: Attribution, epoch: Epoch, effect: Effect, start: int, end: int) -> None:
        stretch = self._stretch
        epoch.records.extend(stretch.records[start:end])
        epoch.codes.extend(effect.codes)
        epoch.state = effect.state
        epoch.last_line = stretch.records[end - 1][0] + stretch.atoms[end - 1].span
        epoch.last_message = effect.last_message
        epoch.table.touch(epoch)
        for at, message in effect.naming:
            epoch.named(message, stretch.atoms[start + at])
        router.took(epoch, effect.searching, effect.verified)
        self.looked_at = effect.looked_at


def _begins_late(state: State, codes: tuple[int, ...], messages: list[str]) -> bool:
    """Whether a line that may begin a negotiation comes after its first exchange: it may be of the next one."""
    for code, message in zip(codes, messages, strict=True):
        if message in BEGINS and state.milestone >= Milestone.SA_INIT_DONE:
            return True
        state = state.next[code]
    return False


def _measures(router: Attribution, epoch: Epoch) -> tuple[object, ...]:
    """What tells whether records went where a phrase's records go: the first two count them, the rest stays."""
    table = router.table
    counts = len(epoch.records), len(epoch.codes)
    lost = epoch.closed, epoch.deleted, epoch.draft is None, len(epoch.ambiguities), len(epoch.rivals)
    return (*counts, *lost, table.opened, len(table.closed), epoch.interface, len(epoch.shares))
