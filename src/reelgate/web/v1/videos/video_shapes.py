"""Videos as version 1 of the API shows them. Sizes are bytes, durations seconds, times are UTC."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from reelgate.domain.books.video import Video as StoredVideo
from reelgate.domain.files.names import MAX_TITLE_CHARACTERS, clean_title
from reelgate.domain.media.audio import Audio as DerivedAudio
from reelgate.domain.media.audio import AudioState
from reelgate.domain.media.conversion import Reason
from reelgate.domain.media.derived_media import DerivedMedia, MediaState, state_of
from reelgate.domain.media.packaging import Hls, HlsReason, HlsState
from reelgate.domain.media.reasons import hls_in_words, in_words, renditions_in_words
from reelgate.domain.media.transcoding import Transcoding
from reelgate.domain.videos.video_search import VideoType
from reelgate.use_cases.media.describe_videos import DescribedVideo
from reelgate.web.http.shapes import Instant, ListQuery, checked_by
from reelgate.web.v1.videos.video_file_shapes import VideoFile, members_of_file

VideoState = Literal["processing", "ready", "failed", "trashed"]
Sort = Literal["-uploaded_at", "uploaded_at", "title", "-title", "size", "-size"]


class VideoListQuery(ListQuery, kw_only=True):
    """Which videos to list."""

    search: Annotated[
        str,
        Meta(
            max_length=200,
            description="Only videos with all of these words in their title or file name. Parts of words count; case and "
            "accents do not.",
            examples=["holiday 2026"],
        ),
    ] = ""
    sort: Annotated[
        Sort,
        Meta(description="What to sort by; `-` is descending. `title` is the file name of a video without a title."),
    ] = "-uploaded_at"
    state: Annotated[MediaState | None, Meta(description="Only videos in this state.")] = None
    type: Annotated[VideoType | None, Meta(description="Only videos of this type.")] = None


class VideoChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change of a video."""

    title: Annotated[
        str | None,
        Meta(
            description=f"One line of 1 to {MAX_TITLE_CHARACTERS} characters, or null to remove the title.",
            examples=["Our holiday"],
        ),
        checked_by(clean_title),
    ]


class Poster(Struct, kw_only=True):
    """A picture of the video: a JPEG that is at most 640 pixels wide."""

    url: Annotated[
        str,
        Meta(
            description="Shows the poster without a token, in an `<img>` for example. It stays the same for a while, so "
            "browsers can keep the picture. It is relative to the API if the deployment does not know its own address.",
            examples=["https://api.example.com/v1/posters/ada/31df231489c84c47a78c6dc45d8847bf/3q2-7wAAAAAAAAAAAAAAAAAA"],
        ),
    ]
    expires_at: Annotated[Instant, Meta(description="When the URL stops working. Read the video again for a new one.")]


class VideoAudio(Struct, kw_only=True):
    """The MP3 of a video's sound."""

    state: Annotated[
        AudioState,
        Meta(description="`none` was not requested, `skipped` is not possible; the others are steps of making it."),
    ]
    progress_percent: Annotated[int, Meta(ge=0, le=100)]
    reason: Annotated[Reason | None, Meta(description="Why there is none, if it is `failed` or `skipped`.")]
    detail: Annotated[
        str | None,
        Meta(description="The reason as a sentence for people.", examples=["The sound of this file is encrypted."]),
    ]
    retry_at: Annotated[Instant | None, Meta(description="When it can be requested again, if that is a matter of time.")]
    size: Annotated[int | None, Meta(description="Bytes, once it is ready.")]
    duration_seconds: float | None
    ready_at: Instant | None


class VideoRendition(Struct, kw_only=True):
    """The video in one size, which players choose by the speed of their network."""

    name: Annotated[str, Meta(description="`v0` is the original size.", examples=["v0"])]
    width: Annotated[int, Meta(description="Pixels, as shown.")]
    height: int
    size: Annotated[int, Meta(description="Bytes.")]


class VideoRenditions(Struct, kw_only=True):
    """The sizes that the video can be played in. Smaller ones are made afterwards, if the deployment makes any."""

    ready: Annotated[list[VideoRendition], Meta(description="Those that players can choose from.")]
    state: Annotated[
        HlsState,
        Meta(description="Of those that are still to be made: `none` if none is, or the deployment makes none."),
    ]
    reason: Annotated[HlsReason | None, Meta(description="Why there are no more, if it is `failed` or `skipped`.")]
    detail: Annotated[str | None, Meta(description="The reason as a sentence for people.")]
    retry_at: Annotated[Instant | None, Meta(description="When they can be requested again, if that is a matter of time.")]


class VideoPlayback(Struct, kw_only=True):
    """Whether the video can be played in pieces (HLS). Without it, it plays as one file."""

    state: Annotated[
        HlsState,
        Meta(
            description="`none` was not requested, `skipped` is not possible for this file; the others are steps of making it."
        ),
    ]
    reason: Annotated[HlsReason | None, Meta(description="Why it cannot, if it is `failed` or `skipped`.")]
    detail: Annotated[
        str | None,
        Meta(
            description="The reason as a sentence for people.",
            examples=["Browsers cannot play the format of this video in pieces."],
        ),
    ]
    retry_at: Annotated[Instant | None, Meta(description="When it can be requested again, if that is a matter of time.")]
    renditions: VideoRenditions


class VideoMedia(Struct, kw_only=True):
    """What the file contains, as it says itself. A member is null if the file does not say it, or was not examined yet."""

    state: Annotated[
        MediaState,
        Meta(description="`processing` until the file was examined; `failed` if it could not be read as media."),
    ]
    reason: Annotated[Reason | None, Meta(description="Why it could not be read.")]
    container: Annotated[str | None, Meta(examples=["mp4"])]
    video_codec: Annotated[str | None, Meta(examples=["h264"])]
    audio_codec: Annotated[str | None, Meta(examples=["aac"])]
    frame_rate: float | None
    rotation: Annotated[int | None, Meta(description="Degrees by which players turn the stored picture clockwise.")]
    mirrored: bool | None
    sample_rate: int | None
    channels: int | None
    truncated: Annotated[bool, Meta(description="Whether the file ends before the end that it declares.")]


class Video(VideoFile, kw_only=True):
    """A video or sound file that is stored completely."""

    state: Annotated[
        VideoState,
        Meta(
            description="`processing` while its poster, HLS, MP3 and facts are being made (it can be played already), `failed` "
            "if some of them could not be made (`media.state` and `audio.reason` say which), `trashed` in the trash."
        ),
    ]
    duration_seconds: Annotated[float | None, Meta(description="Null until it is known.")]
    width: Annotated[int | None, Meta(description="Pixels, as players show it; null for sound.")]
    height: int | None
    poster: Annotated[Poster | None, Meta(description="Null if there is none, or not yet.")]
    audio: VideoAudio
    playback: VideoPlayback
    media: VideoMedia


class VideoList(Struct, kw_only=True):
    """A page of videos.

    With `search`, `state` or `type`, a page may have fewer items than `limit`, even none, while `next_cursor` is not null: only
    so many videos are examined for a page.
    """

    items: list[Video]
    next_cursor: Annotated[str | None, Meta(description="`cursor` of the next page; null on the last one.")]


class Trash(Struct, kw_only=True):
    """A page of the trash, and how much is in all of it."""

    items: list[Video]
    next_cursor: Annotated[str | None, Meta(description="`cursor` of the next page; null on the last one.")]
    trash: Annotated[
        int | None, Meta(description="Bytes in the trash. Null for a day after the store was updated to know them.")
    ]
    trash_limit: Annotated[
        int, Meta(ge=0, description="Bytes that it may have now. Beyond it, what is oldest in it is removed for good.")
    ]


class EmptiedTrash(Struct, kw_only=True):
    """What a request to empty the trash has done."""

    purged: Annotated[int, Meta(ge=0, description="How many videos were removed for good.")]
    complete: Annotated[bool, Meta(description="Whether the trash is empty. If not, send the request again.")]


def video_of(described: DescribedVideo) -> Video:
    """Return a video as the API shows it."""
    video, record, poster = described.video, described.record, described.poster
    facts = record.facts if record else None
    return Video(
        **members_of_file(video),
        state=_state(video, record),
        duration_seconds=facts.duration_seconds if facts else None,
        width=facts.width if facts else None,
        height=facts.height if facts else None,
        poster=Poster(url=poster.url, expires_at=poster.expires_at) if poster else None,
        audio=_audio(record.audio if record else DerivedAudio()),
        playback=playback_of(record),
        media=_media(record),
    )


def _state(video: StoredVideo, record: DerivedMedia | None) -> VideoState:
    return state_of(record) if video.deleted_at is None else "trashed"


def _audio(audio: DerivedAudio) -> VideoAudio:
    return VideoAudio(
        state=audio.state,
        progress_percent=audio.progress_percent,
        reason=audio.reason,
        detail=in_words(audio),
        retry_at=audio.retry_at,
        size=audio.size,
        duration_seconds=audio.duration_seconds,
        ready_at=audio.ready_at,
    )


def playback_of(record: DerivedMedia | None) -> VideoPlayback:
    """Return whether a video can be played in pieces, as the API shows it."""
    hls = record.hls if record else Hls()
    more = record.transcoding if record else Transcoding()
    ready = [VideoRendition(name=one.name, width=one.width, height=one.height, size=one.size) for one in hls.renditions]
    return VideoPlayback(
        state=hls.state,
        reason=hls.reason,
        detail=hls_in_words(hls),
        retry_at=hls.retry_at,
        renditions=VideoRenditions(
            ready=ready, state=more.state, reason=more.reason, detail=renditions_in_words(more), retry_at=more.retry_at
        ),
    )


_EXAMINED: dict[str, MediaState] = {"pending": "processing", "done": "ready", "failed": "failed"}


def _media(record: DerivedMedia | None) -> VideoMedia:
    facts = record.facts if record else None
    return VideoMedia(
        state=_EXAMINED[record.examination] if record else "processing",
        reason=record.examination_reason if record else None,
        container=facts.container if facts else None,
        video_codec=facts.video_codec if facts else None,
        audio_codec=facts.audio_codec if facts else None,
        frame_rate=facts.frame_rate if facts else None,
        rotation=facts.rotation if facts else None,
        mirrored=facts.mirrored if facts else None,
        sample_rate=facts.sample_rate if facts else None,
        channels=facts.channels if facts else None,
        truncated=facts.truncated if facts else False,
    )
