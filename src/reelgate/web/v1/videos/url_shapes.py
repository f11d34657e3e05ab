"""URLs of videos and of their MP3s as version 1 of the API shows them. Sizes are bytes, times are UTC."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from reelgate.domain.media.conversion import AUDIO_TYPE
from reelgate.use_cases.media.issue_audio_url import AudioUrl
from reelgate.use_cases.videos.issue_window_url import StreamUrl
from reelgate.web.http.shapes import Instant

_URL = Meta(
    description="Send no token with it: whoever has the URL can use it until it expires, ranges included.",
    examples=["https://storage.googleapis.com/media/...?X-Goog-Signature=..."],
)


class UrlQuery(Struct, kw_only=True):
    """What the URL is for."""

    download: Annotated[
        bool, Meta(description="Whether browsers are to save the video under its name instead of playing it.")
    ] = False


class SignedVideoUrl(Struct, kw_only=True):
    """A signed URL of a video."""

    video_id: str
    url: Annotated[str, _URL]
    expires_at: Instant
    filename: str
    size: Annotated[int, Meta(ge=0, description="The size of the video, in bytes.")]
    content_type: Annotated[str, Meta(examples=["video/mp4"])]


class SignedAudioUrl(Struct, kw_only=True):
    """A signed URL of a video's MP3."""

    video_id: str
    url: Annotated[str, _URL]
    expires_at: Instant
    filename: Annotated[str, Meta(description="The name under which browsers save it.", examples=["holiday.mp3"])]
    size: Annotated[int, Meta(ge=0, description="The size of the MP3, in bytes.")]
    content_type: Annotated[str, Meta(examples=[AUDIO_TYPE])]
    duration_seconds: float | None


def signed_video_url(issued: StreamUrl) -> SignedVideoUrl:
    """Return a video's URL as the API shows it."""
    video = issued.video
    return SignedVideoUrl(
        video_id=video.file_id,
        url=issued.url,
        expires_at=issued.expires_at,
        filename=video.filename,
        size=video.size,
        content_type=video.content_type,
    )


def signed_audio_url(issued: AudioUrl) -> SignedAudioUrl:
    """Return an MP3's URL as the API shows it."""
    return SignedAudioUrl(
        video_id=issued.video.file_id,
        url=issued.url,
        expires_at=issued.expires_at,
        filename=issued.filename,
        size=issued.audio.size or 0,
        content_type=AUDIO_TYPE,
        duration_seconds=issued.audio.duration_seconds,
    )
