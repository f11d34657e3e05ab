"""Publish the outcome of a file's MP3, at least once."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.books.messages import Message
from reelgate.domain.media.conversion import audio_name
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.ports import HasBooks, HasClock, HasDerivedMedia, HasEvents, ReadSet


class Services(HasBooks, HasClock, HasDerivedMedia, HasEvents, Protocol):
    """What announcing audio needs."""


async def announce_audio(services: Services, record: DerivedMedia) -> None:
    """Publish `audio.ready` or `audio.failed`, unless the record is marked as announced.

    The record is marked only afterwards: after a crash in between, the message is published again, with the same id.

    Raises Unavailable.
    """
    if record.outcome is None:
        return
    await services.events.publish(await _message(services, record, record.outcome), at=services.now())

    def announced(current: DerivedMedia | None) -> DerivedMedia | None:
        same = current is not None and (current.audio, current.request) == (record.audio, record.request)
        return current.marked_announced() if current is not None and same else None

    await services.derived_media.change(record.uid, record.file_id, announced)


async def _message(services: Services, record: DerivedMedia, kind: str) -> Message:
    snapshot = await services.books.read(record.uid, ReadSet(filename=record.filename))
    video = snapshot.video if snapshot.video and snapshot.video.file_id == record.file_id else None
    audio, ready = record.audio, kind == "audio.ready"
    # A generation has one MP3; it can fail once per request.
    key = f"{record.file_id}:{record.generation}" if ready else f"{record.file_id}:{record.generation}:{record.request}"
    data = {
        "file_id": record.file_id,
        "filename": record.filename,
        "generation": str(record.generation),
        "state": audio.state,
        "reason": audio.reason,
        "size": audio.size,
        "duration_seconds": audio.duration_seconds,
        "object": audio_name(record.uid, record.file_id, record.generation) if ready else None,
        "email": snapshot.account.email if snapshot.account else None,
        "main_service_file_id": video.main_service_file_id if video else None,
    }
    return Message(
        event_id=f"{kind}:{key}",
        topic="videos",
        type=kind,
        uid=record.uid,
        data={name: value for name, value in data.items() if value is not None},
    )
