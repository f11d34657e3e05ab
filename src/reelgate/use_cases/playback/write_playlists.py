"""Write the playlists of a shared video, and what they lead to besides the video itself."""

from __future__ import annotations

from typing import Literal, Protocol

from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.domain.media.packaging import sprites_object
from reelgate.domain.playback.lease_charges import long_seconds, window_entry, window_seconds
from reelgate.domain.playback.play_urls import PlayUrls
from reelgate.domain.playback.playlists import PlayableVideo
from reelgate.domain.playback.segment_index import Rendition
from reelgate.domain.playback.sprite_cues import sprite_cues
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.ports.playback import HasSegmentIndexes
from reelgate.ports.storage import HasSigner
from reelgate.use_cases.playback import granted_url, viewer
from reelgate.use_cases.playback.granted_url import GrantedUrl, PaidObject
from reelgate.use_cases.playback.open_grant import OpenedGrant
from reelgate.use_cases.playback.packaged_video import (
    UnsignedServices,
    made_of,
    packaged_video,
    rendition_name,
    rendition_of,
    unsigned_url,
)
from reelgate.use_cases.playback.show_captions import subtitles_of
from reelgate.use_cases.playback.viewer import Viewer, open_grant
from reelgate.use_cases.videos.issue_window_url import SigningServices, sign_in_window, window_of

Urls = Literal["leased", "long", "none"]
"""Which URL a media playlist has: one without a signature, which players exchange for leased ones; a signed one that outlives
the video; or none, for a request that only asks for headers."""


class Services(viewer.OpeningServices, HasSegmentIndexes, Protocol):
    """What playlists need that name only other addresses of the API."""


class MediaServices(Services, granted_url.Services, UnsignedServices, Protocol):
    """What playlists need that name the video's own URL."""


class SpriteServices(Services, SigningServices, UnsignedServices, HasSigner, Protocol):
    """What the cues of the small pictures need."""


async def write_master(services: Services, viewer: Viewer, *, leased: bool) -> str:
    """Return the master playlist. It costs nothing. Raises errors of `viewer.open_grant`, NotPackaged."""
    opened = await open_grant(services, viewer, playing=True)
    playable = await packaged_video(services, opened.video, opened.record)
    urls = PlayUrls(services.api_url, viewer.token)
    subtitles = subtitles_of(opened.video, urls)
    return playable.master(lambda rendition: urls.rendition(rendition.name, leased=leased), subtitles)


async def write_media(services: MediaServices, viewer: Viewer, name: str, *, urls: Urls) -> str:
    """Return the media playlist of a rendition; empty if no URLs are wanted.

    With long URLs, the first one of a grant in a window of time begins a play and is charged with the largest rendition.

    Raises errors of `viewer.open_grant` and `GrantedUrl.issue`, NotPackaged, RenditionNotFound.
    """
    opened = await open_grant(services, viewer, playing=True)
    playable = await packaged_video(services, opened.video, opened.record)
    rendition = rendition_of(playable, name)
    if urls == "none":
        return ""
    if urls == "leased":
        return playable.media(rendition, unsigned_url(services, made_of(opened.video, opened.record), rendition))
    return playable.media(rendition, await _long_url(services, opened, playable, rendition))


async def _long_url(services: MediaServices, opened: OpenedGrant, playable: PlayableVideo, rendition: Rendition) -> str:
    grant, seconds = opened.grant, long_seconds(playable.duration_seconds)
    window = StreamWindow.of(grant.grant_id, services.now(), seconds=window_seconds(seconds))
    entry_id = window_entry(grant.grant_id, window.starts_at)

    async def object_of(video: Video) -> PaidObject:
        if video.generation != opened.video.generation:
            raise errors.Unavailable("The video was replaced just now. Try again.")
        return PaidObject(
            bucket=services.derived_bucket,
            object_name=rendition_name(made_of(video, opened.record), rendition),
            size=playable.size,
            seconds=seconds,
            variant=rendition.name,
            tag=EgressTag.charged_by(entry_id),
        )

    return (await GrantedUrl(services, grant, entry_id, object_of, renewed=True).issue()).url


async def show_sprites(services: SpriteServices, viewer: Viewer) -> str:
    """Return WebVTT with the small pictures of a video, which are free. Raises errors of `viewer.open_grant`, NotPackaged."""
    opened = await open_grant(services, viewer, playing=True)
    video, record = opened.video, opened.record
    sprites = record.hls.sprites if record else None
    if record is None or sprites is None or record.hls.state != "ready":
        raise errors.NotPackaged(
            "This video has no small pictures.", state=record.hls.state if record else "queued", reason=None
        )
    playable = await packaged_video(services, video, record)
    url = await sign_in_window(
        services,
        window_of(services, video.file_id),
        method="GET",
        bucket=services.derived_bucket,
        object_name=sprites_object(record.uid, record.file_id, record.generation),
        tag=EgressTag.free("sprites"),
    )
    return sprite_cues(sprites, url, playable.duration_seconds)
