"""Audit events about uploads and videos that change without a request: storage events and the sweep.

An action's id is derived from the upload or the object, so a repeated event is recorded once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelgate.domain.audit import Action, EventAction, sentence
from reelgate.domain.books.entries import EntryKind
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files.names import ObjectName
from reelgate.domain.videos.trash import NO_ROOM
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.audit.pending_event import PendingEvent

LATE = "no open upload has a right to it"


@dataclass(slots=True, kw_only=True)
class ObjectEvent:
    """The event of an object that has appeared in the bucket. What it is called depends on what the books make of the object.

    `recorded` is set once a commit has recorded it.
    """

    key: str
    uid: str
    service: str
    details: Mapping[str, Any]
    recorded: bool = False

    def action_of(self, change: Change, at: datetime) -> Action:
        """Return that the upload was finished or rejected, that the object came too late, or that it came back."""
        if change.put_video is not None:
            return self.named(EventAction.UPLOAD_FINISHED, at)
        if change.entry is None:
            return self.named(EventAction.OBJECT_RESTORED, at)
        if change.entry.kind == EntryKind.REJECT:
            return self.named(EventAction.OBJECT_REMOVED, at, reason=LATE)
        released = change.entry.release_reason
        return self.named(EventAction.UPLOAD_REJECTED, at, reason=released.problem if released else None)

    def named(self, action: EventAction, at: datetime, *, reason: str | None = None) -> Action:
        """Return the action under a name, with the reason for it, if there is one."""
        details = {**self.details, **({} if reason is None else {"reason": reason})}
        return Action(
            action_id=f"{action}:{self.key}",
            at=at,
            action=action.value,
            uid=self.uid,
            service=self.service,
            outcome="denied" if action is EventAction.UPLOAD_REJECTED else "done",
            description=sentence(action, details),
            data=details,
        )


def object_event(services: HasFunctionName, parts: ObjectName, found: StoredObject) -> ObjectEvent:
    """Return the event of an object."""
    # Without the file's name: with the longest names, the message's id would exceed the limit for an attribute (1024 bytes;
    # Pub/Sub docs, "Quotas and limits"). No two objects with the same file id are written at the same instant.
    return ObjectEvent(
        key=f"{parts.uid}/{parts.file_id}#{found.generation}",
        uid=parts.uid,
        service=services.function,
        details={
            "file_id": parts.file_id,
            "filename": parts.filename,
            "size": found.size,
            "content_type": found.content_type,
            "generation": str(found.generation),
        },
    )


def upload_expired(services: HasFunctionName, uid: str, upload_id: str) -> PendingEvent:
    """Return the event that an upload expired and its reservation was released."""
    return _sweep_event(services, EventAction.UPLOAD_EXPIRED, uid, upload_id)


def video_purged(services: HasFunctionName, uid: str, file_id: str) -> PendingEvent:
    """Return the event that a video was purged because its time in the trash was over."""
    return _sweep_event(services, EventAction.FILE_PURGED, uid, file_id, reason="its time in the trash is over")


def trash_trimmed(services: HasFunctionName, uid: str, file_id: str) -> PendingEvent:
    """Return the event that a video was purged before its time because the trash was too large."""
    return _sweep_event(services, EventAction.FILE_PURGED, uid, file_id, reason=NO_ROOM)


def trash_emptied(services: HasFunctionName, uid: str, file_id: str, *, request_id: str | None) -> PendingEvent:
    """Return the event that a video was purged because its owner emptied the trash."""
    event = _sweep_event(services, EventAction.FILE_PURGED, uid, file_id, reason="the trash was emptied")
    event.request_id = request_id
    return event


def _sweep_event(services: HasFunctionName, action: EventAction, uid: str, file_id: str, **notes: str) -> PendingEvent:
    return PendingEvent(
        action_id=lambda: f"{action}:{file_id}", action=action.value, uid=uid, service=services.function, notes=dict(notes)
    )
