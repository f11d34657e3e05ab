"""Stored files as version 1 of the API shows them, without what was derived from them. Sizes are bytes, times are UTC."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from reelgate.domain.books.captions import Captions as StoredCaptions
from reelgate.domain.books.video import Video as StoredVideo
from reelgate.domain.videos.video_search import VideoType, type_of
from reelgate.web.http.shapes import Instant


class Captions(Struct, kw_only=True):
    """Captions or subtitles of a video in one language."""

    language: Annotated[str, Meta(description="A BCP 47 language tag.", examples=["pt-BR"])]
    label: Annotated[str, Meta(description="What players show in their menus.", examples=["Português (Brasil)"])]
    size: Annotated[int, Meta(ge=0, description="Bytes. They count as stored, with those of the video.", examples=[48213])]
    default: Annotated[bool, Meta(description="Whether players show them unless somebody chooses otherwise.")]
    updated_at: Instant


class VideoFile(Struct, kw_only=True):
    """A video or sound file that is stored completely, without what was derived from it."""

    video_id: Annotated[str, Meta(description="The same as the `upload_id` of its upload.")]
    filename: Annotated[str, Meta(examples=["holiday.mp4"])]
    title: str | None
    size: Annotated[int, Meta(ge=0, examples=[45746134])]
    content_type: Annotated[str, Meta(examples=["video/mp4"])]
    type: VideoType
    crc32c: Annotated[str, Meta(description="The base64 of the big-endian CRC32C of its bytes.", examples=["AElvCQ=="])]
    created_at: Annotated[Instant, Meta(description="When the upload was granted.")]
    uploaded_at: Annotated[Instant, Meta(description="When its last byte had arrived.")]
    deleted_at: Annotated[Instant | None, Meta(description="When it was moved to the trash; null if it is not there.")]
    purge_at: Annotated[Instant | None, Meta(description="When it will be removed from the trash for good.")]
    captions: Annotated[list[Captions], Meta(description="Sorted by language.")]


def video_file(video: StoredVideo) -> VideoFile:
    """Return a video of the books as the API shows it, without what was derived from it."""
    return VideoFile(**members_of_file(video))


def members_of_file(video: StoredVideo) -> dict[str, Any]:
    """Return the members of a `VideoFile`, for types that have more."""
    return {
        "video_id": video.file_id,
        "filename": video.filename,
        "title": video.title,
        "size": video.size,
        "content_type": video.content_type,
        "type": type_of(video),
        "crc32c": video.crc32c,
        "created_at": video.created_at,
        "uploaded_at": video.uploaded_at,
        "deleted_at": video.deleted_at,
        "purge_at": video.purge_at,
        "captions": [captions_of(one) for one in video.captions],
    }


def captions_of(captions: StoredCaptions) -> Captions:
    """Return captions of the books as the API shows them."""
    return Captions(
        language=captions.language,
        label=captions.label,
        size=captions.size,
        default=captions.default,
        updated_at=captions.updated_at,
    )
