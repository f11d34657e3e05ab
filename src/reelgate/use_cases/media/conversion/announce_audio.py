"""Publish the outcome of a file's MP3, at least once."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.books.messages import Message
from reelgate.domain.media.conversion import audio_name
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.ports.books import HasBooks
from reelgate.ports.events import HasEvents
from reelgate.ports.media import HasDerivedMedia
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.media.conversion.hold_lease import Found, find_video


class Services(HasBooks, HasClock, HasDerivedMedia, HasEvents, Protocol):
    """What announcing audio needs."""


async def announce_audio(services: Services, record: DerivedMedia, found: Found | None) -> None:
    """Publish `audio.ready` or `audio.failed` after a run has ended with it. `found` is what the run knows from the books.

    Raises Unavailable.
    """
    if record.outcome is not None:
        found = found or await find_video(services, record.uid, record.file_id)
        await services.events.publish(_message(record, record.outcome, found), at=services.now())


async def announce_again(services: Services, record: DerivedMedia, order: str) -> None:
    """Publish the outcome for a message that was delivered again, because the run that answered it may have died before it
    published. The record is then marked, so that any further delivery of the message publishes nothing.

    Publishing again costs a message that consumers recognise by its id. Marking every record when it is first published would
    cost a write for each video. Other messages publish nothing: a video that comes out of the trash months later is not news.

    Raises Unavailable.
    """
    if record.outcome is None or record.order != order:
        return
    await announce_audio(services, record, None)

    def announced(current: DerivedMedia | None) -> DerivedMedia | None:
        same = current is not None and (current.audio, current.order) == (record.audio, record.order)
        return current.marked_announced() if current is not None and same else None

    await services.derived_media.change(record.uid, record.file_id, announced)


def _message(record: DerivedMedia, kind: str, found: Found) -> Message:
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
        "email": found.email,
        "main_service_file_id": found.video.main_service_file_id if found.video else None,
    }
    return Message(
        event_id=f"{kind}:{key}",
        topic="videos",
        type=kind,
        uid=record.uid,
        data={name: value for name, value in data.items() if value is not None},
    )
