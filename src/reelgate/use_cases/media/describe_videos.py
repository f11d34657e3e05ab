"""Show videos together with their media facts, posters and MP3s."""

from __future__ import annotations

import contextlib
from dataclasses import field
from typing import Protocol

from reelgate.domain.books.video import Video
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import poster_name
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, HasPolicy, Page, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.runtime import HasClock
from reelgate.ports.signing import HasSigner
from reelgate.use_cases.videos.find_video import find_video
from reelgate.use_cases.videos.issue_window_url import sign_in_window, window_of
from reelgate.use_cases.videos.list_videos import list_videos


class Services(HasBooks, HasClock, HasDerivedBucket, HasDerivedMedia, HasPolicy, HasSigner, Protocol):
    """What describing videos needs."""


@value_type
class DescribedVideo:
    """A video and its record; `record` is None until it is examined. `poster_url` stays the same during a window, as
    streaming URLs do; it is None without a poster, and in lists."""

    video: Video
    record: DerivedMedia | None
    poster_url: str | None = field(default=None, repr=False)


async def list_described_videos(
    services: Services, caller: Caller, *, limit: int, cursor: str | None = None
) -> Page[DescribedVideo]:
    """Return a page of `list_videos` with all their records, which is one more read. Raises InvalidRequest, Unavailable."""
    page = await list_videos(services, caller, limit=limit, cursor=cursor)
    records = await services.derived_media.get(caller.uid, *(video.file_id for video in page.items))
    described = [DescribedVideo(video=video, record=records.get(video.file_id)) for video in page.items]
    return Page(described, page.next_cursor)


async def show_video(services: Services, caller: Caller, filename: str) -> DescribedVideo:
    """Return one of the caller's videos. Raises UserStorageNotFound, FileNotFound, Unavailable."""
    snapshot = await services.books.read(caller.uid, ReadSet(filename=filename))
    return await describe_video(services, find_video(snapshot, filename))


async def describe_video(services: Services, video: Video) -> DescribedVideo:
    """Return a video with its record and a URL of its poster. Raises Unavailable when the record cannot be read."""
    record = (await services.derived_media.get(video.uid, video.file_id)).get(video.file_id)
    url = None
    if record is not None and record.poster == "ready":
        with contextlib.suppress(Unavailable):  # the answer is useful without the poster
            url = await sign_in_window(
                services,
                window_of(services, video.file_id),
                method="GET",
                bucket=services.derived_bucket,
                object_name=poster_name(video.uid, video.file_id, record.generation),
            )
    return DescribedVideo(video=video, record=record, poster_url=url)
