"""Request that a video is packaged for players."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change
from reelgate.domain.books.video import Video
from reelgate.domain.media.conversion import ORDER_AGAIN_AFTER
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.packaging import Hls
from reelgate.domain.media.reasons import HLS_SENTENCES, hls_in_words, renditions_in_words
from reelgate.domain.playback.renditions import runs
from reelgate.domain.value_types import value_type
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasConversion, HasDerivedMedia
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, commit
from reelgate.use_cases.media.read_video import read_video
from reelgate.use_cases.media.request_audio import order_of
from reelgate.use_cases.videos.find_video import VideoRef, find_video


class Services(CommitServices, HasConversion, HasDerivedMedia, Protocol):
    """What requesting packaging needs."""


@value_type
class RequestedHls:
    """The video with its record."""

    video: Video
    record: DerivedMedia


async def request_hls(
    services: Services, caller: Caller, which: VideoRef, *, audit: PendingEvent | None = None
) -> RequestedHls:
    """Request that one of the caller's videos is packaged, unless it is, or is being packaged; of a packaged one, the smaller
    renditions that it lacks. See `request_audio`: the message decides, and is sent again if it may have been lost.

    Raises:
        UserStorageNotFound, VideoNotFound: see `find_video`.
        NotPackaged: its content does not allow it, it was tried too often, or the deployment packages nothing.
        TooManyConversions: the user's conversions of the day are used up.
        AccountDisabled, BooksBusy, Unavailable.
    """
    snapshot, known = await read_video(services, caller.uid, which)
    _, video = find_video(snapshot, which)
    now = services.now()
    record = known or DerivedMedia(uid=video.uid, file_id=video.file_id, filename=video.filename, generation=video.generation)
    hls = record.hls
    made_now = hls.pending and record.leased(now)
    if (hls.state == "ready" and not _lacks_renditions(services, record, now)) or made_now or hls.ordered_lately(now):
        return RequestedHls(video=video, record=record)
    _require_possible(services, hls, now)
    request = hls.request if hls.pending else hls.request + 1

    def requested(current: DerivedMedia | None) -> DerivedMedia:
        shown = (current or record).with_request(hls_request=request, automatic=False)
        return replace(shown, hls=replace(shown.hls, ordered_at=now))

    async def show(_: Change) -> None:
        nonlocal record
        try:
            shown = await services.derived_media.change(record.uid, record.file_id, requested)
        except errors.Unavailable:  # the order is valid without it
            shown = None
        record = shown or requested(record)

    if audit is not None:
        audit.note(file_id=video.file_id, filename=video.filename)
    order = order_of("hls.requested", video, request)
    result = await commit(services, caller.uid, order, audit=audit, before_delivery=show)
    if result.change is None:
        raise errors.BooksBusy("Nothing was changed. Try again.")
    return RequestedHls(video=video, record=record)


def _lacks_renditions(services: HasConversion, record: DerivedMedia, now: datetime) -> bool:
    """Return whether a message about renditions may help. Raises TooManyConversions."""
    more, ordered_at = record.transcoding, record.hls.ordered_at
    if more.state == "skipped" or not runs.missing_kinds(record, services.conversion.renditions) or record.leased(now):
        return False
    if more.retry_at is not None and more.retry_at > now:
        raise errors.TooManyConversions(renditions_in_words(more) or "", retry_at=more.retry_at)
    return ordered_at is None or now >= ordered_at + ORDER_AGAIN_AFTER


def _require_possible(services: HasConversion, hls: Hls, now: datetime) -> None:
    reason = "switched_off" if services.conversion.hls == "off" else hls.impossible
    if reason is not None:
        raise errors.NotPackaged(HLS_SENTENCES[reason], reason=reason)
    if hls.retry_at is not None and hls.retry_at > now:
        raise errors.TooManyConversions(hls_in_words(hls) or "", retry_at=hls.retry_at)
