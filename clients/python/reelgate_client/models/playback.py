"""Playback grants, and what the holder of a link gets. Sizes are bytes, times are UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from reelgate_client.models.videos import Poster, VideoPlayback


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackGrant:
    """A playback grant, without its token.

    Attributes:
        grant_id: Names the grant; it is part of its token, and no secret.
        video_id: The id of a video; that of its upload.
        label: A name for people.
        state: `active`: whoever has the link can watch. Otherwise why nobody can: `revoked` by you, alone or with all
            grants of the video, also by moving it to the trash and back; `used_up`: all plays or bytes that it may have.
        created_at: When it was made.
        expires_at: When it ends.
        revoked_at: When it was revoked by itself; null if it was not.
        origins: The web origins whose pages may play it, as browsers send them (`https://example.com`, without a path);
            empty: any. Players that send no `Origin`, and this service's own pages, may always play it.
        max_plays: How many plays there may be; null: any number.
        max_bytes: How many bytes may be charged for it in all; null: any number.
        plays: Plays that have begun.
        charged_bytes: Bytes that were charged to your daily bandwidth for it.
    """

    grant_id: str
    video_id: str
    label: str | None
    state: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    origins: tuple[str, ...]
    max_plays: int | None
    max_bytes: int | None
    plays: int
    charged_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedPlaybackGrant:
    """A new playback grant, with its links.

    Attributes:
        grant_id: Names the grant; it is part of its token, and no secret.
        video_id: The id of a video; that of its upload.
        label: A name for people.
        state: `active`: whoever has the link can watch. Otherwise why nobody can: `revoked` by you, alone or with all
            grants of the video, also by moving it to the trash and back; `used_up`: all plays or bytes that it may have.
        created_at: When it was made.
        expires_at: When it ends.
        revoked_at: When it was revoked by itself; null if it was not.
        origins: The web origins whose pages may play it, as browsers send them (`https://example.com`, without a path);
            empty: any. Players that send no `Origin`, and this service's own pages, may always play it.
        max_plays: How many plays there may be; null: any number.
        max_bytes: How many bytes may be charged for it in all; null: any number.
        plays: Plays that have begun.
        charged_bytes: Bytes that were charged to your daily bandwidth for it.
        token: The token that the links contain. It is shown this once.
        watch_url: The page to share. Without `REELGATE_API_URL`, only its path.
        play_url: What players of your own ask first. Without `REELGATE_API_URL`, only its path.
    """

    grant_id: str
    video_id: str
    label: str | None
    state: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    origins: tuple[str, ...]
    max_plays: int | None
    max_bytes: int | None
    plays: int
    charged_bytes: int
    token: str = field(repr=False)
    watch_url: str = field(repr=False)
    play_url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackGrantList:
    """A page of playback grants, newest first. Those that are over are listed for 30 days more.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[PlaybackGrant, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayHls:
    """The playlists of a video that is packaged.

    Attributes:
        url: The master playlist for players that lease URLs.
        lease_url: Where they lease them.
        native_url: The master playlist for all other players.
    """

    url: str
    lease_url: str
    native_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaySource:
    """The file as it was uploaded, for a video without playlists. `POST` to `url` gives the URL with which it is played.

    Attributes:
        type: Its media type.
        size: Bytes.
        url: What to POST to.
    """

    type: str
    size: int
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayCaptions:
    """Captions in one language, as WebVTT.

    Attributes:
        language: A language tag (BCP 47).
        label: What players show in their menus.
        url: The signed URL.
        default: Whether players show them unless somebody chooses otherwise.
    """

    language: str
    label: str
    url: str
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaySprites:
    """Small pictures to seek by: WebVTT whose cues name parts of one picture (`#xywh=`).

    Attributes:
        url: The signed URL.
    """

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A shared video, and everything that a player needs to show it. All URLs are relative to the API if the deployment
    does not know its own address.

    Attributes:
        title: The video's title, or its file name without one.
        duration_seconds: How long it takes to play it.
        width: Pixels, as players show it; null for sound.
        height: Pixels.
        poster: Null if there is none, or not yet.
        hls: Null if the video has no playlists; `playback` says why.
        sources: Empty if there are playlists.
        captions: In each language that there is.
        sprites: Null if there are no such pictures.
        expires_at: When the link ends.
        lease_seconds: How long a leased URL works.
        origins: The web origins whose pages may play it; empty for any.
    """

    title: str
    duration_seconds: float | None
    width: int | None
    height: int | None
    poster: Poster | None
    playback: VideoPlayback
    hls: PlayHls | None
    sources: tuple[PlaySource, ...]
    captions: tuple[PlayCaptions, ...]
    sprites: PlaySprites | None
    expires_at: datetime
    lease_seconds: int
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayLease:
    """A URL of a rendition's file that works for a few minutes.

    Attributes:
        view: To be sent with the play's next leases.
        number: The number.
        url: To be used in place of the URL in the playlist, with the same ranges, without a token.
        expires_at: When it ends.
        opens_until_seconds: Until which position of the video it is paid for. For what is behind it, send the next
            number.
    """

    view: str
    number: int
    url: str = field(repr=False)
    expires_at: datetime
    opens_until_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayFile:
    """A URL of the file as it was uploaded.

    Attributes:
        view: To be sent to get the same URL again, free of charge.
        url: The signed URL.
        expires_at: When it ends.
    """

    view: str
    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OEmbed:
    """How to show the video in a page (oembed.com, section 2.3).

    Attributes:
        type: Of oEmbed: always a video.
        version: Of oEmbed.
        title: What people call it.
        provider_name: This service.
        html: The frame, to be put into the page.
        width: Pixels.
        height: Pixels.
        provider_url: Its address.
        thumbnail_url: The poster, for a while; left out without one.
        thumbnail_width: Pixels.
        thumbnail_height: Pixels.
    """

    type: str
    version: str
    title: str
    provider_name: str
    html: str
    width: int
    height: int
    provider_url: str | None = None
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None
