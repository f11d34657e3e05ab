"""Issue a signed URL for downloading a file's MP3, charged to the daily limit before it is returned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.video import Video
from reelgate.domain.media.conversion import audio_name
from reelgate.domain.media.derived_media import Audio, DerivedMedia
from reelgate.ports import Caller, HasBucket, HasDerivedBucket, HasDerivedMedia, HasIds, HasSigner, ReadSet, UrlToSign
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.videos.issue_stream_url import Charge, charge_transfer
from reelgate.use_cases.videos.name_download import attachment


class Services(CommitServices, HasBucket, HasDerivedBucket, HasDerivedMedia, HasIds, HasSigner, Protocol):
    """What issuing the URL of audio needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioUrl:
    """A URL that lets its holder download the MP3 until it expires."""

    video: Video
    filename: str
    audio: Audio
    method: str
    url: str = field(repr=False)
    expires_at: datetime


async def issue_audio_url(
    services: Services,
    caller: Caller,
    file_id: str,
    *,
    charge: Charge,
    method: str = "GET",
    audit: PendingEvent | None = None,
) -> AudioUrl:
    """Return a signed URL for the MP3 of one of the caller's files, saved under the file's name with `.mp3`.

    Raises:
        FileNotFound: the caller has no such file, or it is in the trash.
        AudioNotReady: the file has no MP3, or not yet.
        AccountDisabled: an admin has disabled the account.
        BandwidthLimitExceeded: today's bandwidth is not enough for one transfer of the MP3.
        BooksBusy, Unavailable.
    """
    record = (await services.derived_media.get(caller.uid, file_id)).get(file_id)
    video = await _find(services, caller.uid, file_id, record)
    if record is None or record.audio.state != "ready" or record.audio.size is None:
        raise _not_ready(video, record.audio if record else Audio())
    now, filename = services.now(), f"{video.filename.rpartition('.')[0] or video.filename}.mp3"
    to_sign = UrlToSign(
        method=method,
        bucket=services.derived_bucket,
        object_name=audio_name(video.uid, file_id, record.generation),
        expires_seconds=services.policy.stream_url_seconds,
        query={"response-content-disposition": attachment(filename)},
    )
    # Signed before it is charged: if the signer cannot be reached, nothing is charged.
    url = await services.signer.signed_url(to_sign, now=now)
    if charge != "nothing":
        made = ("audio", record.audio.size)
        await charge_transfer(services, caller, video, once_per_window=charge == "per_window", derived=made, audit=audit)
    expires_at = now + timedelta(seconds=to_sign.expires_seconds)
    return AudioUrl(video=video, filename=filename, audio=record.audio, method=method, url=url, expires_at=expires_at)


async def _find(services: Services, uid: str, file_id: str, record: DerivedMedia | None) -> Video:
    """Return the file with an id. Its name is in its record, or, for old files, in the entry of its upload."""
    filename = record.filename if record else None
    if filename is None:
        granted = EntryId.reserve(file_id)
        entry = (await services.books.read(uid, ReadSet(entry_ids=(granted,)))).entries.get(granted)
        filename = entry.filename if entry else None
    if filename is not None:
        snapshot = await services.books.read(uid, ReadSet(filename=filename))
        if snapshot.account is not None:  # it may be charged for this window already
            snapshot.account.require_enabled()
        if snapshot.video is not None and snapshot.video.file_id == file_id:
            return snapshot.video
    raise errors.FileNotFound("There is no finished file with this id. GET /files lists your files.")


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
