"""Issue a signed URL for watching or downloading a video."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.books.video import Video
from reelgate.ports.identity import Caller
from reelgate.ports.storage import HasBucket, HasSigner
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.videos.find_video import VideoRef
from reelgate.use_cases.videos.issue_window_url import Method, StreamObject, StreamUrl, issue_window_url


class Services(CommitServices, HasBucket, HasSigner, Protocol):
    """What issuing the URL of a video needs."""


async def issue_stream_url(
    services: Services,
    caller: Caller,
    which: VideoRef,
    *,
    method: Method = "GET",
    download: bool = False,
    audit: PendingEvent | None = None,
) -> StreamUrl:
    """Return a signed URL for one of the caller's videos. With `download`, browsers save the file under its name.

    Raises:
        UserStorageNotFound, VideoNotFound: see `find_video`.
        AccountDisabled: an admin has disabled the account.
        BandwidthLimitExceeded: today's bandwidth is not enough for one transfer of the file.
        BooksBusy, BooksSlow, Unavailable.
    """

    async def whole(video: Video) -> StreamObject:
        saved_as = video.filename if download else None
        return StreamObject(bucket=services.bucket, object_name=video.object_name, size=video.size, saved_as=saved_as)

    return await issue_window_url(services, caller, which, whole, method=method, audit=audit)
