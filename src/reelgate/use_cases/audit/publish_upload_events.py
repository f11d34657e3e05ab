"""Publish audit events about uploads and videos that change without a request: storage events and the sweep.

The action's id is derived from the upload or the object, so a repeated event is recorded once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from reelgate.domain.audit import Action, EventAction, Outcome, sentence
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.files.names import ObjectName
from reelgate.ports import HasClock, HasEvents, HasFunctionName
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event


class Services(HasClock, HasEvents, HasFunctionName, Protocol):
    """What publishing audit events of uploads needs."""


async def publish_object_event(
    services: Services, action: EventAction, parts: ObjectName, found: StoredObject, *, reason: str | None = None
) -> None:
    """Publish that an upload was finished or rejected, or that an object without a grant was removed."""
    details = {
        "file_id": parts.file_id,
        "filename": parts.filename,
        "size": found.size,
        "content_type": found.content_type,
        "generation": str(found.generation),
    }
    # Without the file's name: with the longest names, the message's id would exceed the limit for an attribute (1024 bytes;
    # Pub/Sub docs, "Quotas and limits"). No two objects with the same file id are written at the same instant.
    key = f"{parts.uid}/{parts.file_id}#{found.generation}"
    outcome: Outcome = "denied" if action is EventAction.UPLOAD_REJECTED else "done"
    await _publish(services, action, key, parts.uid, details, outcome=outcome, reason=reason)


async def publish_upload_expired(services: Services, uid: str, upload: OpenUpload) -> None:
    """Publish that an upload expired and its reservation was released."""
    details = {"file_id": upload.upload_id, "filename": upload.filename, "size": upload.size}
    await _publish(services, EventAction.UPLOAD_EXPIRED, upload.upload_id, uid, details)


async def publish_video_purged(services: Services, video: Video) -> None:
    """Publish that a video was purged because its time in the trash was over."""
    details = {"file_id": video.file_id, "filename": video.filename, "size": video.size}
    await _publish(services, EventAction.FILE_PURGED, video.file_id, video.uid, details, reason="its time in the trash is over")


async def _publish(
    services: Services,
    action: EventAction,
    key: str,
    uid: str,
    details: Mapping[str, Any],
    *,
    outcome: Outcome = "done",
    reason: str | None = None,
) -> None:
    reason_detail = {} if reason is None else {"reason": reason}
    description = sentence(action, details) + (f" ({reason})" if reason else "")
    event = Action(
        action_id=f"{action}:{key}",
        at=services.now(),
        action=action.value,
        uid=uid,
        service=services.function,
        outcome=outcome,
        description=description,
        data={**details, **reason_detail},
    )
    await publish_audit_event(services, event)
