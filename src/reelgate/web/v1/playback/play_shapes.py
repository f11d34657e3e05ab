"""What viewers get of a shared video. Sizes are bytes, durations and positions seconds, times are UTC."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from reelgate.domain.playback.lease_charges import MAX_NUMBER
from reelgate.use_cases.playback.describe_play import DescribedPlay
from reelgate.use_cases.playback.lease_rendition import FileUrl, Lease
from reelgate.web.http.shapes import Instant
from reelgate.web.v1.videos.video_shapes import Poster, VideoPlayback, playback_of

_VIEW = Meta(
    max_length=64,
    description="The play that a request belongs to, as an earlier answer has it. Without it, a play begins, which counts.",
    examples=["31df231489c84c47a78c6dc45d8847bf"],
)


class PlaylistQuery(Struct, kw_only=True):
    """For which kind of player a playlist is."""

    lease: Annotated[
        int,
        Meta(
            ge=0,
            le=1,
            description="1 for players that put leased URLs in the place of those in the playlist, which then costs nothing. "
            "0 for all others: their playlist has a URL that outlives the video, and the whole file is charged.",
        ),
    ] = 0


class PlayHls(Struct, kw_only=True):
    """The playlists of a video that is packaged."""

    url: Annotated[
        str,
        Meta(
            description="The master playlist for players that lease URLs.",
            examples=["https://api.example.com/v1/play/rgp_.../master.m3u8?lease=1"],
        ),
    ]
    lease_url: Annotated[
        str, Meta(description="Where they lease them.", examples=["https://api.example.com/v1/play/rgp_.../lease"])
    ]
    native_url: Annotated[
        str,
        Meta(
            description="The master playlist for all other players.",
            examples=["https://api.example.com/v1/play/rgp_.../master.m3u8"],
        ),
    ]


class PlaySource(Struct, kw_only=True):
    """The file as it was uploaded, for a video without playlists. `POST` to `url` gives the URL with which it is played."""

    type: Annotated[str, Meta(description="Its media type.", examples=["video/mp4"])]
    size: Annotated[int, Meta(ge=0)]
    url: Annotated[str, Meta(description="What to POST to.", examples=["https://api.example.com/v1/play/rgp_.../url"])]


class PlayCaptions(Struct, kw_only=True):
    """Captions in one language, as WebVTT."""

    language: Annotated[str, Meta(description="A language tag (BCP 47).", examples=["pt-BR"])]
    label: Annotated[str, Meta(description="What players show in their menus.", examples=["Português (Brasil)"])]
    url: Annotated[str, Meta(examples=["https://api.example.com/v1/play/rgp_.../captions/pt-BR.vtt"])]
    default: Annotated[bool, Meta(description="Whether players show them unless somebody chooses otherwise.")]


class PlaySprites(Struct, kw_only=True):
    """Small pictures to seek by: WebVTT whose cues name parts of one picture (`#xywh=`)."""

    url: Annotated[str, Meta(examples=["https://api.example.com/v1/play/rgp_.../sprites.vtt"])]


class Play(Struct, kw_only=True):
    """A shared video, and everything that a player needs to show it.

    All URLs are relative to the API if the deployment does not know its own address.
    """

    title: Annotated[str, Meta(description="The video's title, or its file name without one.", examples=["Our holiday"])]
    duration_seconds: float | None
    width: Annotated[int | None, Meta(description="Pixels, as players show it; null for sound.")]
    height: int | None
    poster: Annotated[Poster | None, Meta(description="Null if there is none, or not yet.")]
    playback: VideoPlayback
    hls: Annotated[PlayHls | None, Meta(description="Null if the video has no playlists; `playback` says why.")]
    sources: Annotated[list[PlaySource], Meta(description="Empty if there are playlists.")]
    captions: Annotated[list[PlayCaptions], Meta(description="In each language that there is.")]
    sprites: Annotated[PlaySprites | None, Meta(description="Null if there are no such pictures.")]
    expires_at: Annotated[Instant, Meta(description="When the link ends.")]
    lease_seconds: Annotated[int, Meta(ge=1, description="How long a leased URL works.")]
    origins: Annotated[list[str], Meta(description="The web origins whose pages may play it; empty for any.")]


class NewLease(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a player is about to read."""

    rendition: Annotated[str, Meta(max_length=64, description="Its name in the address of its playlist.", examples=["v0"])]
    number: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_NUMBER,
            description="Of the lease in its play, one more than that of the lease before; the first one can have any. "
            "The same number is charged once, however often it is sent.",
        ),
    ] = 0
    position: Annotated[float, Meta(ge=0, description="From where on it is going to read, in seconds of the video.")] = 0.0
    view: Annotated[str, _VIEW] | None = None


class PlayLease(Struct, kw_only=True):
    """A URL of a rendition's file that works for a few minutes."""

    view: Annotated[str, Meta(description="To be sent with the play's next leases.")]
    number: int
    url: Annotated[
        str,
        Meta(
            description="To be used in place of the URL in the playlist, with the same ranges, without a token.",
            examples=["https://storage.googleapis.com/derived/.../v0.mp4?X-Goog-Signature=..."],
        ),
    ]
    expires_at: Instant
    opens_until_seconds: Annotated[
        float,
        Meta(description="Until which position of the video it is paid for. For what is behind it, send the next number."),
    ]


class NewFileUrl(Struct, kw_only=True, forbid_unknown_fields=True):
    """For which play the file is opened."""

    view: Annotated[str, _VIEW] | None = None


class PlayFile(Struct, kw_only=True):
    """A URL of the file as it was uploaded."""

    view: Annotated[str, Meta(description="To be sent to get the same URL again, free of charge.")]
    url: Annotated[str, Meta(examples=["https://storage.googleapis.com/media/.../film.mp4?X-Goog-Signature=..."])]
    expires_at: Instant


def play(described: DescribedPlay) -> Play:
    """Return a shared video as viewers see it."""
    opened, urls, poster = described.opened, described.urls, described.poster
    video, record = opened.video, opened.record
    facts = record.facts if record else None
    ready = record is not None and record.hls.state == "ready"
    hls = PlayHls(url=urls.master(leased=True), lease_url=urls.lease, native_url=urls.master(leased=False)) if ready else None
    source = PlaySource(type=video.content_type, size=video.size, url=urls.file)
    return Play(
        title=video.title or video.filename,
        duration_seconds=facts.duration_seconds if facts else None,
        width=facts.width if facts else None,
        height=facts.height if facts else None,
        poster=Poster(url=poster.url, expires_at=poster.expires_at) if poster else None,
        playback=playback_of(record),
        hls=hls,
        sources=[] if ready else [source],
        captions=[
            PlayCaptions(language=one.language, label=one.label, url=urls.captions(one.language), default=one.default)
            for one in video.captions
        ],
        sprites=PlaySprites(url=urls.sprites) if record and ready and record.hls.sprites else None,
        expires_at=opened.grant.expires_at,
        lease_seconds=described.lease_seconds,
        origins=list(opened.grant.origins),
    )


def play_lease(lease: Lease) -> PlayLease:
    """Return a lease as players get it."""
    return PlayLease(
        view=lease.view,
        number=lease.number,
        url=lease.url,
        expires_at=lease.expires_at,
        opens_until_seconds=lease.opens_until_seconds,
    )


def play_file(opened: FileUrl) -> PlayFile:
    """Return the URL of a file as players get it."""
    return PlayFile(view=opened.view, url=opened.url, expires_at=opened.expires_at)
