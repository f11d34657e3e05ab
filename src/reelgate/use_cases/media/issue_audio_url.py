"""Issue a signed URL for downloading a file's MP3."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.domain.media.audio import Audio
from reelgate.domain.media.conversion import audio_name
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.reasons import HINTS, in_words
from reelgate.domain.value_types import value_type
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.storage import HasSigner
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.videos.find_video import VideoRef
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
    services: Services, caller: Caller, which: VideoRef, *, method: Method = "GET", audit: PendingEvent | None = None
) -> AudioUrl:
    """Return a signed URL for the MP3 of one of the caller's files, saved under the file's name with `.mp3`.

    The record of derived media is read at the same time as account and video, where the video's id is known.

    Raises:
        UserStorageNotFound, VideoNotFound: see `find_video`.
        AudioNotReady: the file has no MP3, or not yet.
        AccountDisabled: an admin has disabled the account.
        BandwidthLimitExceeded: today's bandwidth is not enough for one transfer of the MP3.
        BooksBusy, BooksSlow, Unavailable.
    """

    records = _Records(services, caller.uid, which)

    async def mp3(video: Video) -> StreamObject:
        media = await records.of(video)
        audio = _audio_of(media)
        if media is None or audio.state != "ready" or audio.size is None:
            raise _not_ready(video, audio)
        return StreamObject(
            bucket=services.derived_bucket,
            object_name=audio_name(video.uid, video.file_id, media.generation),
            size=audio.size,
            derived="audio",
            saved_as=_saved_as(video),
        )

    try:
        issued = await issue_window_url(services, caller, which, mp3, method=method, audit=audit)
    finally:
        await records.close()
    return AudioUrl(
        video=issued.video,
        filename=_saved_as(issued.video),
        audio=_audio_of(await records.of(issued.video)),
        method=method,
        url=issued.url,
        expires_at=issued.expires_at,
    )


class _Records:
    """The records of the videos that one request finds: usually one, more if the name's video is replaced meanwhile.

    If the id is known, its record is read right away, while the books are.
    """

    def __init__(self, services: Services, uid: str, which: VideoRef) -> None:
        self._services = services
        self._uid = uid
        self._reads: dict[str, asyncio.Future[Mapping[str, DerivedMedia]]] = {}
        if which.file_id is not None:
            self._begin(which.file_id)

    async def of(self, video: Video) -> DerivedMedia | None:
        """Return a video's record, as it was when it was first read. Raises Unavailable."""
        return (await (self._reads.get(video.file_id) or self._begin(video.file_id))).get(video.file_id)

    async def close(self) -> None:
        """End reads that are not needed, because the request was refused before."""
        for read in self._reads.values():
            read.cancel()
        await asyncio.gather(*self._reads.values(), return_exceptions=True)

    def _begin(self, file_id: str) -> asyncio.Future[Mapping[str, DerivedMedia]]:
        self._reads[file_id] = read = asyncio.ensure_future(self._services.derived_media.get(self._uid, file_id))
        return read


def _audio_of(media: DerivedMedia | None) -> Audio:
    return Audio() if media is None else media.audio


def _saved_as(video: Video) -> str:
    return f"{video.filename.rpartition('.')[0] or video.filename}.mp3"


def _not_ready(video: Video, audio: Audio) -> errors.AudioNotReady:
    advice = {
        "queued": "The MP3 is waiting to be made. Try again soon.",
        "running": f"The MP3 is being made ({audio.progress_percent} % done). Try again soon.",
        "none": "The MP3 has not been ordered yet.",
        "failed": "The MP3 could not be made.",
        "skipped": "There can be no MP3 of this video.",
    }
    hint = f"GET /v1/videos/{video.file_id} shows its state."
    if audio.state == "none":
        hint = f"POST /v1/videos/{video.file_id}/audio orders it. {hint}"
    elif audio.state == "failed":
        hint = f"`reason` says why; POST /v1/videos/{video.file_id}/audio tries again, if that can help."
    if audio.reason in HINTS:
        hint = HINTS[audio.reason]
    sentences = (advice.get(audio.state), in_words(audio))
    detail = " ".join(sentence for sentence in sentences if sentence)
    return errors.AudioNotReady(detail, state=audio.state, reason=audio.reason, hint=hint)
