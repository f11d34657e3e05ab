"""The outbox: messages to publish, objects to remove or to replace by placeholders, and trash to trim after a commit.

Outbox items are written in the commit itself and carried out after it, at least once. Their ids are derived from the event
itself, so a consumer recognises a message that arrives twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any, Literal

from reelgate.domain.audit import Action
from reelgate.domain.books.instants import rfc3339
from reelgate.domain.books.video import Video
from reelgate.domain.files.part_names import parse_part_name
from reelgate.domain.value_types import value_type

Topic = Literal["videos", "alerts", "accounts", "audit"]


def topic_of(kind: str) -> Topic:
    """Return the topic on which events of a type are published. Raises ValueError for a type that `notify` does not receive."""
    area, _, what = kind.partition(".")
    if area in {"video", "audio", "hls"}:
        return "videos"
    if what == "alert":
        return "alerts"
    if area == "account":
        return "accounts"
    raise ValueError(f"notify gets no events of the type {kind}")


@value_type
class Message:
    """An event for other services. `data` holds JSON values only."""

    event_id: str
    topic: Topic
    type: str
    uid: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def content(self, published_at: datetime) -> dict[str, Any]:
        """Return the JSON object that is published."""
        about = {"event_id": self.event_id, "type": self.type, "uid": self.uid, "published_at": rfc3339(published_at)}
        return {**about, **self.data}

    def attributes(self) -> dict[str, str]:
        """Return the attributes that subscriptions can filter by; `uid` only if there is one."""
        attributes = {"event_id": self.event_id, "type": self.type, "uid": self.uid}
        return {name: value for name, value in attributes.items() if value}


@value_type
class RemoveObject:
    """The order to remove an object. Only this generation may be removed."""

    event_id: str
    name: str
    generation: int


@value_type
class PutPlaceholder:
    """The order to put a placeholder in the place of an object. Only this generation may be replaced."""

    event_id: str
    name: str
    generation: int
    upload_id: str


@value_type
class TrimTrash:
    """The order to purge a user's oldest trash until all of it fits. Nothing is purged if it fits by then."""

    event_id: str
    uid: str


OutboxItem = Message | RemoveObject | PutPlaceholder | TrimTrash


def video_event(kind: str, video: Video, key: str) -> Message:
    """Return the message about a change of a video (`video.ready`, `video.deleted`, ...).

    Args:
        key: makes the message's id unique among those of its kind.
    """
    named = {} if video.main_service_file_id is None else {"main_service_file_id": video.main_service_file_id}
    return Message(
        event_id=f"{kind}:{key}",
        topic="videos",
        type=kind,
        uid=video.uid,
        data={
            "file_id": video.file_id,
            "filename": video.filename,
            "object": video.object_name,
            "generation": str(video.generation),
            "size": video.size,
            "content_type": video.content_type,
            **named,
        },
    )


def audit_message(action: Action) -> Message:
    """Return the message that brings an action to the audit log."""
    return Message(
        event_id=f"audit:{action.action_id}",
        topic="audit",
        type=action.action,
        uid=action.uid,
        data={
            "action_id": action.action_id,
            "at": rfc3339(action.at),
            "service": action.service,
            "outcome": action.outcome,
            "description": action.description,
            "request_id": action.request_id,
            "details": dict(action.data),
        },
    )


def removal(file_id: str, name: str, generation: int) -> RemoveObject:
    """Return the order to remove one generation of a file's object."""
    return RemoveObject(event_id=f"remove:{file_id}:{generation}", name=name, generation=generation)


def replacement(upload_id: str, name: str, generation: int) -> PutPlaceholder:
    """Return the order to put a placeholder in the place of one generation of an upload's object or part."""
    index = parsed.index if (parsed := parse_part_name(name)) is not None else None
    place = upload_id if index is None else f"{upload_id}:{index}"
    return PutPlaceholder(event_id=f"placeholder:{place}:{generation}", name=name, generation=generation, upload_id=upload_id)


def trimming(uid: str, on: date, sequence: int) -> TrimTrash:
    """Return the order to trim a user's trash, after the change on that day that left the account's ledger at `sequence`."""
    return TrimTrash(event_id=f"trim-trash:{uid}:{on.isoformat()}:{sequence}", uid=uid)
