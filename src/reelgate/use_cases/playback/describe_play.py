"""Say everything that a player needs to show a shared video, before it is played."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.playback.play_urls import PlayUrls
from reelgate.domain.value_types import value_type
from reelgate.use_cases.media import link_posters
from reelgate.use_cases.media.link_posters import PosterUrl, link_poster
from reelgate.use_cases.playback import viewer
from reelgate.use_cases.playback.open_grant import OpenedGrant
from reelgate.use_cases.playback.viewer import Viewer, open_grant


class Services(viewer.OpeningServices, link_posters.SigningServices, Protocol):
    """What describing a play needs."""


@value_type
class DescribedPlay:
    """An open grant with its video, the picture of it, and the addresses of everything else."""

    opened: OpenedGrant
    poster: PosterUrl | None
    urls: PlayUrls
    lease_seconds: int


async def describe_play(services: Services, viewer: Viewer) -> DescribedPlay:
    """Return what there is to play. It costs nothing, and counts as no play. Raises errors of `viewer.open_grant`."""
    opened = await open_grant(services, viewer)
    return DescribedPlay(
        opened=opened,
        poster=await link_poster(services, opened.record),
        urls=PlayUrls(services.api_url, viewer.token),
        lease_seconds=services.policy.playback_lease_seconds,
    )
