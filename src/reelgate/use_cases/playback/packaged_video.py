"""What a video was packaged into: its index, and the URLs of its files."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol
from urllib.parse import quote

from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.packaging import index_object, rendition_object
from reelgate.domain.playback.playlists import PlayableVideo
from reelgate.domain.playback.segment_index import Rendition
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.playback import HasSegmentIndexes
from reelgate.ports.storage import HasStorageUrl


class UnsignedServices(HasDerivedBucket, HasStorageUrl, Protocol):
    """What naming a file in the bucket needs."""


class FindingServices(HasDerivedMedia, HasSegmentIndexes, Protocol):
    """What finding a packaged video without its record needs."""


def made_of(video: Video, record: DerivedMedia | None) -> Video:
    """Return a video with the generation that is in the names of what was made of it: that of its record. The video has another
    one once an operator has restored its object.
    """
    return video if record is None else replace(video, generation=record.generation)


async def find_packaged(services: FindingServices, video: Video) -> tuple[Video, PlayableVideo]:
    """Return a video as in `made_of`, and its index. Its record is read only if there is no index of its own generation.

    Raises NotPackaged, Unavailable.
    """
    try:
        return video, await packaged_video(services, video)
    except errors.NotPackaged:
        record = (await services.derived_media.get(video.uid, video.file_id)).get(video.file_id)
        made = made_of(video, record)
        if made == video:
            raise not_packaged(record) from None
    return made, await packaged_video(services, made, record)


async def packaged_video(services: HasSegmentIndexes, video: Video, record: DerivedMedia | None = None) -> PlayableVideo:
    """Return the index of a packaged video. No document is read.

    Args:
        record: what is known of it, for the names of what was made, and the reason why there is none.

    Raises NotPackaged, Unavailable.
    """
    made = made_of(video, record)
    found = await services.segment_indexes.find(index_object(made.uid, made.file_id, made.generation))
    if found is None or not found.index.renditions:
        raise not_packaged(record)
    return found


def not_packaged(record: DerivedMedia | None) -> errors.NotPackaged:
    """Return the error of a video without playlists."""
    hls = None if record is None else record.hls
    if hls is None or hls.pending:
        detail = "This video is still being prepared. Try again in a few minutes."
    else:
        detail = "This video cannot be played in pieces, only as a whole."
    return errors.NotPackaged(detail, state="queued" if hls is None else hls.state, reason=None if hls is None else hls.reason)


def rendition_of(playable: PlayableVideo, name: str) -> Rendition:
    """Return a rendition by its name. Raises RenditionNotFound."""
    rendition = playable.index.rendition(name)
    if rendition is None:
        raise errors.RenditionNotFound("This size of the video does not exist.")
    return rendition


def rendition_name(video: Video, rendition: Rendition) -> str:
    """Return the name of a rendition's object."""
    return rendition_object(video.uid, video.file_id, video.generation, rendition.name)


def unsigned_url(services: UnsignedServices, video: Video, rendition: Rendition) -> str:
    """Return the URL of a rendition's object without a signature: that of a signed one without its query."""
    return f"{services.storage_url}/{quote(f'{services.derived_bucket}/{rendition_name(video, rendition)}', safe='/~')}"
