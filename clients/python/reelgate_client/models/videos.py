"""Videos, and what is made of them. Sizes are bytes, times are UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Captions:
    """Captions or subtitles of a video in one language.

    Attributes:
        language: A BCP 47 language tag.
        label: What players show in their menus.
        size: Bytes. They count as stored, with those of the video.
        default: Whether players show them unless somebody chooses otherwise.
        updated_at: When it last changed.
    """

    language: str
    label: str
    size: int
    default: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """A picture of the video: a JPEG that is at most 640 pixels wide.

    Attributes:
        url: Shows the poster without a token, in an `<img>` for example. It stays the same for a while, so browsers can
            keep the picture. It is relative to the API if the deployment does not know its own address.
        expires_at: When the URL stops working. Read the video again for a new one.
    """

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoAudio:
    """The MP3 of a video's sound.

    Attributes:
        state: `none` was not requested, `skipped` is not possible; the others are steps of making it.
        progress_percent: How far it is.
        reason: Why there is none, if it is `failed` or `skipped`.
        detail: The reason as a sentence for people.
        retry_at: When it can be requested again, if that is a matter of time.
        size: Bytes, once it is ready.
        duration_seconds: How long it takes to play it.
        ready_at: When it was ready.
    """

    state: str
    progress_percent: int
    reason: str | None
    detail: str | None
    retry_at: datetime | None
    size: int | None
    duration_seconds: float | None
    ready_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRendition:
    """The video in one size, which players choose by the speed of their network.

    Attributes:
        name: `v0` is the original size.
        width: Pixels, as shown.
        height: Pixels.
        size: Bytes.
    """

    name: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRenditions:
    """The sizes that the video can be played in. Smaller ones are made afterwards, if the deployment makes any.

    Attributes:
        ready: Those that players can choose from.
        state: Of those that are still to be made: `none` if none is, or the deployment makes none.
        reason: Why there are no more, if it is `failed` or `skipped`.
        detail: The reason as a sentence for people.
        retry_at: When they can be requested again, if that is a matter of time.
    """

    ready: tuple[VideoRendition, ...]
    state: str
    reason: str | None
    detail: str | None
    retry_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPlayback:
    """Whether the video can be played in pieces (HLS). Without it, it plays as one file.

    Attributes:
        state: `none` was not requested, `skipped` is not possible for this file; the others are steps of making it.
        reason: Why it cannot, if it is `failed` or `skipped`.
        detail: The reason as a sentence for people.
        retry_at: When it can be requested again, if that is a matter of time.
    """

    state: str
    reason: str | None
    detail: str | None
    retry_at: datetime | None
    renditions: VideoRenditions


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoMedia:
    """What the file contains, as it says itself. A member is null if the file does not say it, or was not examined yet.

    Attributes:
        state: `processing` until the file was examined; `failed` if it could not be read as media.
        reason: Why it could not be read.
        container: As FFmpeg names it.
        video_codec: As FFmpeg names it.
        audio_codec: As FFmpeg names it.
        frame_rate: Pictures per second.
        rotation: Degrees by which players turn the stored picture clockwise.
        mirrored: Whether players show it mirrored.
        sample_rate: Samples of sound per second.
        channels: Channels of sound.
        truncated: Whether the file ends before the end that it declares.
    """

    state: str
    reason: str | None
    container: str | None
    video_codec: str | None
    audio_codec: str | None
    frame_rate: float | None
    rotation: int | None
    mirrored: bool | None
    sample_rate: int | None
    channels: int | None
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A video or sound file that is stored completely.

    Attributes:
        video_id: The same as the `upload_id` of its upload.
        filename: The name of the file.
        title: What people call it.
        size: Bytes.
        content_type: The media type of the file.
        type: What it is.
        crc32c: The base64 of the big-endian CRC32C of its bytes.
        created_at: When the upload was granted.
        uploaded_at: When its last byte had arrived.
        deleted_at: When it was moved to the trash; null if it is not there.
        purge_at: When it will be removed from the trash for good.
        captions: Sorted by language.
        state: `processing` while its poster, HLS, MP3 and facts are being made (it can be played already), `failed` if
            some of them could not be made (`media.state` and `audio.reason` say which), `trashed` in the trash.
        duration_seconds: Null until it is known.
        width: Pixels, as players show it; null for sound.
        height: Pixels.
        poster: Null if there is none, or not yet.
    """

    video_id: str
    filename: str
    title: str | None
    size: int
    content_type: str
    type: str
    crc32c: str
    created_at: datetime
    uploaded_at: datetime
    deleted_at: datetime | None
    purge_at: datetime | None
    captions: tuple[Captions, ...]
    state: str
    duration_seconds: float | None
    width: int | None
    height: int | None
    poster: Poster | None
    audio: VideoAudio
    playback: VideoPlayback
    media: VideoMedia


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoList:
    """A page of videos. With `search`, `state` or `type`, a page may have fewer items than `limit`, even none, while
    `next_cursor` is not null: only so many videos are examined for a page.

    Attributes:
        items: This page.
        next_cursor: `cursor` of the next page; null on the last one.
    """

    items: tuple[Video, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trash:
    """A page of the trash, and how much is in all of it.

    Attributes:
        items: This page.
        next_cursor: `cursor` of the next page; null on the last one.
        trash: Bytes in the trash. Null for a day after the store was updated to know them.
        trash_limit: Bytes that it may have now. Beyond it, what is oldest in it is removed for good.
    """

    items: tuple[Video, ...]
    next_cursor: str | None
    trash: int | None
    trash_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptiedTrash:
    """What a request to empty the trash has done.

    Attributes:
        purged: How many videos were removed for good.
        complete: Whether the trash is empty. If not, send the request again.
    """

    purged: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedVideoUrl:
    """A signed URL of a video.

    Attributes:
        video_id: The id of a video; that of its upload.
        url: Send no token with it: whoever has the URL can use it until it expires, ranges included.
        expires_at: When it ends.
        filename: The name of the file.
        size: The size of the video, in bytes.
        content_type: The media type of the file.
    """

    video_id: str
    url: str = field(repr=False)
    expires_at: datetime
    filename: str
    size: int
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAudioUrl:
    """A signed URL of a video's MP3.

    Attributes:
        video_id: The id of a video; that of its upload.
        url: Send no token with it: whoever has the URL can use it until it expires, ranges included.
        expires_at: When it ends.
        filename: The name under which browsers save it.
        size: The size of the MP3, in bytes.
        content_type: The media type of the file.
        duration_seconds: How long it takes to play it.
    """

    video_id: str
    url: str = field(repr=False)
    expires_at: datetime
    filename: str
    size: int
    content_type: str
    duration_seconds: float | None
