"""Show the captions of a shared video, and the playlist that leads players to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from reelgate.domain.books.video import Video
from reelgate.domain.playback.play_urls import PlayUrls
from reelgate.domain.playback.playlists import Subtitles, subtitles_playlist
from reelgate.domain.videos.captions.changes import find_captions
from reelgate.ports.playback import HasSegmentIndexes
from reelgate.use_cases.playback import viewer
from reelgate.use_cases.playback.packaged_video import packaged_video
from reelgate.use_cases.playback.viewer import Viewer, open_grant
from reelgate.use_cases.videos.manage_captions import language_of_url, no_captions, read_captions


class Services(viewer.OpeningServices, HasSegmentIndexes, Protocol):
    """What captions of shared videos need."""


def subtitles_of(video: Video, urls: PlayUrls) -> Sequence[Subtitles]:
    """Return the captions of a video as its master playlist lists them."""
    return [
        Subtitles(language=one.language, label=one.label, url=urls.captions_playlist(one.language), default=one.default)
        for one in video.captions
    ]


async def show_captions(services: Services, viewer: Viewer, language: str) -> str:
    """Return captions as WebVTT. They are free. Raises errors of `viewer.open_grant`, CaptionsNotFound."""
    opened = await open_grant(services, viewer, playing=True)
    return (await read_captions(services, opened.video, language)).text


async def write_captions_playlist(services: Services, viewer: Viewer, language: str) -> str:
    """Return the playlist of captions. Raises errors of `viewer.open_grant`, NotPackaged, CaptionsNotFound."""
    opened = await open_grant(services, viewer, playing=True)
    captions = find_captions(opened.video, language_of_url(language))
    if captions is None:
        raise no_captions()
    playable = await packaged_video(services, opened.video, opened.record)
    urls = PlayUrls(services.api_url, viewer.token)
    return subtitles_playlist(urls.captions(captions.language), playable.duration_seconds)
