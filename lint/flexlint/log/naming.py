"""Which negotiation has these SPIs, or these ids.

Comes in: a packet with its SPIs, or a line with ids. Goes out: the epoch, opened where none has them. An SPI decides
(RFC 7296 section 3.1). A responder's first packet comes without ids: the first line with new ones gives them to it, by
the order of lines alone where several wait; a guess that a later SPI contradicts is taken back. Nothing here knows what
a line says.
"""

from __future__ import annotations

from itertools import islice

from flexlint.log.bystanders import RECENT
from flexlint.log.epochs import Epoch
from flexlint.log.messages import AFTER_DELETION, BEGINS, RECEIVES_FIRST
from flexlint.log.model import Milestone
from flexlint.log.sight import Sight
from flexlint.log.table import NO_SPI, EpochTable
from flexlint.place import Certainty, Seen

GUESSING = 2000  # lines for which what was guessed last may have been wrong
NAMELESS = 64  # first packets without ids among which the first line with ids looks for its own

_CERTAIN, _HIGH, _MEDIUM, _LOW = Certainty.CERTAIN, Certainty.HIGH, Certainty.MEDIUM, Certainty.LOW


class Naming:
    """The ids and SPIs of one router's log."""

    __slots__ = ("_guessed", "sessions", "table")

    def __init__(self, table: EpochTable) -> None:
        self.table = table
        self.sessions = False  # the log prints SESSION IDs
        self._guessed = -GUESSING  # the line at which ids were given by guess last

    def by_spi(self, packet: Sight, line: Sight, own: str, theirs: str, message_id: str) -> Epoch:
        table = self.table
        own, theirs = spi_of(own), spi_of(theirs)
        epoch = table.by_spi.get(own)
        first = theirs == NO_SPI and not message_id.strip("0")
        if epoch is not None and first and (epoch.deleted or epoch.state.milestone >= Milestone.SA_INIT_DONE):
            table.close(epoch)  # an SPI is random: the same one again is another log, or another lab run
            epoch = None
        ids = (packet.session, packet.sa)
        known = table.by_ids.get(ids) if any(ids) else None
        if epoch is None and known is not None and not known.deleted and known.initiator_spi is None:
            epoch = known
        if epoch is None:
            if known is not None and known.guessed and known.initiator_spi is not None:
                table.unname(known)
            epoch = table.open(packet.session, packet.sa, packet)
        elif any(ids) and known is not epoch:
            for one in (known, epoch):
                if one is not None and one.guessed:  # the guess was wrong
                    table.unname(one)
            table.name(epoch, *ids)
        if epoch.initiator_spi is None:
            epoch.initiator_spi = _spi_seen(own, line, epoch)
        known_spi = epoch.responder_spi
        fresh = known_spi is None or (known_spi != theirs and epoch.state.milestone < Milestone.SA_INIT_DONE)
        if theirs != NO_SPI and fresh:  # a retry may bring another one
            epoch.responder_spi = _spi_seen(theirs, line, epoch)
        table.claim(epoch, own)
        if any(ids):
            epoch.guessed = False
        if any(ids) or epoch.sa:
            table.nameless.pop(own, None)
        else:
            table.nameless[own] = epoch
        return epoch

    def by_ids(self, event: Sight) -> tuple[Epoch, Certainty]:
        table, message = self.table, event.message
        certainty = _CERTAIN
        if event.session:
            self.sessions = True
            epoch = table.by_ids.get((event.session, event.sa)) or self._unsessioned(event)
        else:
            epoch = table.by_sa.get(event.sa)
            certainty = self._of_sa(epoch, event) if epoch is not None else _HIGH
        spi = event.fields.get("initiator_spi")
        if spi and (owner := table.by_spi.get(spi_of(spi))) is not None:
            return owner, _CERTAIN
        if epoch is not None:
            done = epoch.state.milestone >= Milestone.SA_INIT_DONE or epoch.responder_spi is not None
            over = epoch.deleted and message not in AFTER_DELETION
            if over and not event.session and self.sessions:
                return epoch, _LOW
            if not over and not (message in BEGINS and done and (message == "M043" or table.nameless)):
                return epoch, certainty
        if table.nameless and (message in RECEIVES_FIRST or epoch is None):
            return self._christen(event), _CERTAIN
        return table.open(event.session, event.sa, event), certainty

    def _of_sa(self, epoch: Epoch, event: Sight) -> Certainty:
        """How surely a line with the SA ID alone is of the epoch that had it last."""
        for rival in epoch.rivals:
            near = not rival.deleted and event.line - rival.last_line < RECENT
            if near and rival.state.milestone < Milestone.IPSEC_SA:
                epoch.doubt(f"lines with SA ID {event.sa} alone may belong to {rival.name}")
                return _MEDIUM
        return _HIGH

    def _unsessioned(self, event: Sight) -> Epoch | None:
        """A negotiation whose lines so far named the SA ID alone."""
        epoch = self.table.by_sa.get(event.sa)
        if epoch is None or epoch.session or epoch.deleted:
            return None
        self.table.name(epoch, event.session, event.sa)
        return epoch

    def _christen(self, event: Sight) -> Epoch:
        """Ids for a negotiation of which only the first packet, without ids, was read."""
        table = self.table
        newest = list(islice(reversed(table.nameless.values()), NAMELESS))
        recent = [e for e in newest if event.line - e.last_line < RECENT]
        epoch = recent[-1] if recent else newest[0]
        if len(newest) > 1:
            self._guessed = event.line
        if event.line - self._guessed < GUESSING:  # who comes after a guess is left what that one did not take
            for one in newest:
                one.guessed = True
        if epoch.initiator_spi is not None:
            table.nameless.pop(epoch.initiator_spi, None)
        table.name(epoch, event.session, event.sa)
        return epoch


def _spi_seen(value: str, sight: Sight, epoch: Epoch) -> Seen:
    """An SPI on its line, which is the second of a packet."""
    if sight.spis is None:
        return epoch.seen(value, sight)
    return Seen.at(value, sight.line + 1, sight.spis.raw, epoch.table.origin)


def spi_of(text: str) -> str:
    return text.upper().removeprefix("0X")
