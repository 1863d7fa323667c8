"""Why an IKE SA ended: something an operator did, a restart, or the peer's INITIAL_CONTACT in another negotiation.

Comes in: what an operator typed or configured, and the line that says an SA is gone. Goes out: the reason, noted in the
epoch that ended. Nothing here looks for the owner of a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flexlint.log.clock import apart
from flexlint.log.events import ENDING
from flexlint.log.model import Milestone
from flexlint.place import Seen

if TYPE_CHECKING:
    from flexlint.log.epochs import Epoch
    from flexlint.log.sight import Sight
    from flexlint.log.table import EpochTable
    from flexlint.log.watch import Watch

_OPERATOR_SECONDS = 5.0  # a deletion so long after what an operator did is its effect
_OPERATOR_LINES = 60  # the same in a log without clocks
_REPLACED_LINES = 60


def is_action(event: Sight) -> bool:
    """Whether an operator did something that may end negotiations."""
    if event.message == "M279":
        return event.fields.get("state") == "OFF"
    return event.message != "M336" or ENDING.search(event.fields.get("command", "")) is not None


def restart(table: EpochTable, event: Sight) -> None:
    """No SA outlives its router; SESSION ID and SA ID begin anew."""
    seen = Seen.at(event.text, event.line, event.raw, table.origin)
    for epoch in table.alive():
        if not epoch.deleted:
            epoch.ended_by = seen
            epoch.operator_action = epoch.operator_action or seen
        table.close(epoch)
    table.operator = None


def _at_once(line: int, clock: str, other_line: int, other_clock: str) -> bool:
    """Whether two lines are so close that one may explain the other."""
    gap = apart(clock, other_clock)
    return abs(line - other_line) <= _OPERATOR_LINES if gap is None else gap <= _OPERATOR_SECONDS


def explain_deletions(table: EpochTable, action: Sight) -> None:
    """The line about a change of configuration comes when the operator leaves the mode: after its effect."""
    for epoch in table.recent(action.line, _OPERATOR_LINES):
        ended = epoch.deleted_line if epoch.operator_action is None else 0
        if ended and _at_once(action.line, action.clock, ended, epoch.latest_clock):
            epoch.operator_action = Seen.at(action.text, action.line, action.raw, table.origin)


def explain_end(table: EpochTable, gone: Epoch, event: Sight, watch: Watch) -> None:
    """Why an SA ended: an operator, or the peer's INITIAL_CONTACT in another negotiation (RFC 7296 section 2.4)."""
    if table.operator is not None and gone.operator_action is None:
        action, clock = table.operator
        if gone.first_line < action.line and _at_once(event.line, event.clock, action.line, clock):
            gone.operator_action = action
    if gone.replaced_by is not None or not gone.deleted_line:
        return
    successor: Epoch | None = None
    for other in table.recent(event.line, _REPLACED_LINES):
        if other is gone or not other.state.initial_contact or other.state.milestone < Milestone.PEER_AUTHENTICATED:
            continue
        same = not gone.peer or other.peer == gone.peer or (other.identity and other.identity == gone.identity)
        if same and (gone.state.superseded or gone.state.up):
            successor = other
    if successor is not None:
        gone.replaced_by = successor.id
        watch.replaced(gone, successor)
