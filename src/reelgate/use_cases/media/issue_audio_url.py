"""Issue a signed URL for downloading a file's MP3."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.video import Video
from reelgate.domain.media.conversion import audio_name
from reelgate.domain.media.derived_media import Audio
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.signing import HasSigner
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.videos.issue_window_url import Method, StreamObject, issue_window_url


class Services(CommitServices, HasDerivedBucket, HasDerivedMedia, HasSigner, Protocol):
    """What issuing the URL of audio needs."""


@value_type
class AudioUrl:
    """A URL that lets its holder download the MP3 until it expires."""

    video: Video
    filename: str
    audio: Audio
    method: Method
    url: str = field(repr=False)
    expires_at: datetime


async def issue_audio_url(
    services: Services, caller: Caller, file_id: str, *, method: Method = "GET", audit: PendingEvent | None = None
) -> AudioUrl:
    """Return a signed URL for the MP3 of one of the caller's files, saved under the file's name with `.mp3`.

    The record of derived media is read first, because it has the file's name, under which account and video are then read.

    Raises:
        FileNotFound: the caller has no such file, or it is in the trash.
        AudioNotReady: the file has no MP3, or not yet.
        AccountDisabled: an admin has disabled the account.
        BandwidthLimitExceeded: today's bandwidth is not enough for one transfer of the MP3.
        BooksBusy, BooksSlow, Unavailable.
    """
    record = (await services.derived_media.get(caller.uid, file_id)).get(file_id)
    filename = (record and record.filename) or await _granted_name(services, caller.uid, file_id)
    if filename is None:
        raise _not_found()
    audio = record.audio if record else Audio()

    def mp3(video: Video) -> StreamObject:
        if video.file_id != file_id:
            raise _not_found()
        if record is None or audio.state != "ready" or audio.size is None:
            raise _not_ready(video, audio)
        return StreamObject(
            bucket=services.derived_bucket,
            object_name=audio_name(video.uid, file_id, record.generation),
            size=audio.size,
            derived="audio",
            saved_as=_saved_as(video),
        )

    try:
        issued = await issue_window_url(services, caller, filename, mp3, method=method, audit=audit)
    except (errors.UserStorageNotFound, errors.FileNotFound):
        raise _not_found() from None
    return AudioUrl(
        video=issued.video,
        filename=_saved_as(issued.video),
        audio=audio,
        method=method,
        url=issued.url,
        expires_at=issued.expires_at,
    )


async def _granted_name(services: HasBooks, uid: str, file_id: str) -> str | None:
    """Return the name of an old file, whose record has none: it is in the entry of its upload."""
    granted = EntryId.reserve(file_id)
    entry = (await services.books.read(uid, ReadSet(entry_ids=(granted,)))).entries.get(granted)
    return entry.filename if entry else None


def _saved_as(video: Video) -> str:
    return f"{video.filename.rpartition('.')[0] or video.filename}.mp3"


def _not_found() -> errors.FileNotFound:
    return errors.FileNotFound("There is no finished file with this id. GET /files lists your files.")


def _not_ready(video: Video, audio: Audio) -> errors.AudioNotReady:
    advice = {
        "queued": "It is waiting to be made. Try again soon.",
        "running": f"It is being made ({audio.progress_percent} % done). Try again soon.",
        "none": f"It was not requested yet. Request it with POST /files/{video.filename}/audio.",
        "failed": "It could not be made.",
        "skipped": "This file cannot have one.",
    }
    detail = f"{advice.get(audio.state, '')} GET /files/{video.filename} shows its state."
    return errors.AudioNotReady(detail, state=audio.state, reason=audio.reason)
