"""Show videos together with their media facts, posters and MP3s."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Protocol

from reelgate.domain.books.video import Video
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, HasPolicy, Page
from reelgate.ports.identity import Caller
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.runtime import HasApiUrl, HasClock
from reelgate.ports.storage import HasSigner
from reelgate.use_cases.media.link_posters import PosterUrl, link_poster, sign_poster
from reelgate.use_cases.media.read_video import read_video
from reelgate.use_cases.videos.find_video import VideoRef, by_id, find_video
from reelgate.use_cases.videos.list_videos import list_trash, list_videos


class Services(HasBooks, HasClock, HasDerivedBucket, HasDerivedMedia, HasPolicy, HasSigner, Protocol):
    """What describing videos needs."""


class LinkServices(Services, HasApiUrl, Protocol):
    """What describing videos with links to their posters needs."""


@value_type
class DescribedVideo:
    """A video and its record; `record` is None until it is examined. The URL of the poster stays the same during a window, as
    streaming URLs do; `poster` is None without a poster, and in the older services' lists."""

    video: Video
    record: DerivedMedia | None
    poster: PosterUrl | None = None


# With links to posters, which cost no call: version 1 of the API.


async def link_videos(services: LinkServices, videos: Sequence[tuple[Video, DerivedMedia | None]]) -> Sequence[DescribedVideo]:
    """Return videos, given with their records, with the URLs of their posters."""
    return [DescribedVideo(video=video, record=record, poster=await link_poster(services, record)) for video, record in videos]


async def link_video(services: LinkServices, video: Video) -> DescribedVideo:
    """Return a video with its record and the URL of its poster. Raises Unavailable when the record cannot be read."""
    record = (await services.derived_media.get(video.uid, video.file_id)).get(video.file_id)
    [described] = await link_videos(services, [(video, record)])
    return described


async def show_video_by_id(services: LinkServices, caller: Caller, video_id: str) -> DescribedVideo:
    """Return one of the caller's videos, also one in the trash. Raises VideoNotFound, Unavailable."""
    which = by_id(video_id)
    snapshot, record = await read_video(services, caller.uid, which, trashed=True)
    video = snapshot.video or snapshot.trashed
    if video is None:
        raise which.not_found()
    [described] = await link_videos(services, [(video, record)])
    return described


async def list_linked_trash(
    services: LinkServices, caller: Caller, *, limit: int, cursor: str | None = None
) -> Page[DescribedVideo]:
    """Return a page of the caller's trash, last deleted first. Raises InvalidRequest, Unavailable."""
    page = await list_trash(services, caller, limit=limit, cursor=cursor)
    records = await services.derived_media.get(caller.uid, *(video.file_id for video in page.items)) if page.items else {}
    videos = [(video, records.get(video.file_id)) for video in page.items]
    return Page(await link_videos(services, videos), page.next_cursor)


# With a signed URL for one poster, and none in lists: the older services.


async def list_described_videos(
    services: Services, caller: Caller, *, limit: int, cursor: str | None = None
) -> Page[DescribedVideo]:
    """Return a page of `list_videos` with all their records, which is one more read. Raises InvalidRequest, Unavailable."""
    page = await list_videos(services, caller, limit=limit, cursor=cursor)
    records = await services.derived_media.get(caller.uid, *(video.file_id for video in page.items))
    described = [DescribedVideo(video=video, record=records.get(video.file_id)) for video in page.items]
    return Page(described, page.next_cursor)


async def show_video(services: Services, caller: Caller, which: VideoRef) -> DescribedVideo:
    """Return one of the caller's videos. Raises UserStorageNotFound, VideoNotFound, Unavailable."""
    snapshot, record = await read_video(services, caller.uid, which)
    _, video = find_video(snapshot, which)
    return await _described(services, video, record)


async def describe_video(services: Services, video: Video) -> DescribedVideo:
    """Return a video with its record and a URL of its poster. Raises Unavailable when the record cannot be read."""
    return await _described(services, video, (await services.derived_media.get(video.uid, video.file_id)).get(video.file_id))


async def _described(services: Services, video: Video, record: DerivedMedia | None) -> DescribedVideo:
    poster = None
    if record is not None and record.poster == "ready":
        with contextlib.suppress(Unavailable):  # the answer is useful without the poster
            poster = await sign_poster(services, record)
    return DescribedVideo(video=video, record=record, poster=poster)
