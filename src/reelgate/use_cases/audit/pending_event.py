"""The audit event of something that is being done: recorded in the commit of the books that it makes, published otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reelgate.domain.audit import Action, sentence
from reelgate.domain.books.ledger import Change

FILE = ("file_id", "filename", "size")
"""What an event names of the file that a change is about, unless its route says otherwise."""


@dataclass(slots=True, kw_only=True)
class PendingEvent:
    """What is known of an event before the books are changed.

    Attributes:
        action_id: returns the action's id, the same at every call: for each attempt to commit, and for the publish. So the log
            has the action once, whatever is lost in between.
        uid: the user who does it; empty before sign-in, when the note `user_id` says whose account it concerns.
        notes: details of the request. They win over those of the change.
        named: which details are taken from the change: `file_id`, `filename`, `size`, and `released` bytes.
        recorded: the log has it: from a commit of this call, or from that of an earlier call which this one only repeats.
    """

    action_id: Callable[[], str]
    action: str
    uid: str
    service: str
    request_id: str | None = None
    notes: dict[str, Any] = field(default_factory=dict)
    named: Collection[str] = FILE
    recorded: bool = False

    def note(self, **details: Any) -> None:
        """Add JSON values to the details, for what the change does not say."""
        self.notes.update(details)

    def action_of(self, change: Change | None, at: datetime) -> Action:
        """Return the action that a change makes, or a call that changed nothing (None). Does not change the event."""
        about = {} if change is None else _details_of(change)
        details = {name: about[name] for name in self.named if name in about} | self.notes
        return Action(
            action_id=self.action_id(),
            at=at,
            action=self.action,
            uid=self.uid or str(details.get("user_id", "")),
            service=self.service,
            outcome="done",
            description=sentence(self.action, details),
            data=details,
            request_id=self.request_id,
        )


def _details_of(change: Change) -> dict[str, Any]:
    """Return what a change says about the file that it is about."""
    entry, replaced = change.entry, change.replace_video
    if entry is None:
        return {} if replaced is None else {"file_id": replaced.file_id, "filename": replaced.filename, "size": replaced.size}
    details = {"file_id": entry.file_id, "filename": entry.filename, "size": entry.size or None}
    if entry.delta.reserved < 0:
        details["released"] = -entry.delta.reserved
    return {name: value for name, value in details.items() if value is not None}
