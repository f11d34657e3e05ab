"""What the routes of the watch page take and give."""

from __future__ import annotations

from html import escape
from typing import Annotated, Literal

from msgspec import Meta, Struct

from reelgate.web.watch.page import PROVIDER, WatchedVideo, embed_url

_USUAL = (1280, 720)


class WatchQuery(Struct, kw_only=True):
    """How the page is shown."""

    embed: Annotated[int, Meta(ge=0, le=1, description="1: the player alone, for a frame in another page.")] = 0


class OEmbedQuery(Struct, kw_only=True):
    """Which video, and how much room there is (oembed.com, section 2.2)."""

    url: Annotated[
        str,
        Meta(
            max_length=2000,
            description="The link, as its owner has sent it.",
            examples=["https://api.example.com/watch/rgp_..."],
        ),
    ]
    maxwidth: Annotated[int, Meta(ge=1, description="Pixels.")] | None = None
    maxheight: Annotated[int, Meta(ge=1, description="Pixels.")] | None = None
    format: Annotated[Literal["json"], Meta(description="There is no other.")] = "json"


class OEmbed(Struct, kw_only=True, omit_defaults=True):
    """How to show the video in a page (oembed.com, section 2.3)."""

    type: Annotated[str, Meta(description="Of oEmbed: always a video.", examples=["video"])]
    version: Annotated[str, Meta(description="Of oEmbed.", examples=["1.0"])]
    title: str
    provider_name: Annotated[str, Meta(description="This service.", examples=[PROVIDER])]
    html: Annotated[
        str,
        Meta(
            description="The frame, to be put into the page.",
            examples=['<iframe src="https://api.example.com/watch/rgp_...?embed=1"'],
        ),
    ]
    width: Annotated[int, Meta(ge=1)]
    height: Annotated[int, Meta(ge=1)]
    provider_url: Annotated[str, Meta(description="Its address.", examples=["https://api.example.com"])] = ""
    thumbnail_url: Annotated[
        str,
        Meta(description="The poster, for a while; left out without one.", examples=["https://api.example.com/v1/posters/..."]),
    ] = ""
    thumbnail_width: Annotated[int, Meta(description="Pixels.", examples=[1920])] = 0
    thumbnail_height: Annotated[int, Meta(description="Pixels.", examples=[1080])] = 0


def oembed(video: WatchedVideo, wanted: OEmbedQuery, *, provider_url: str) -> OEmbed:
    """Return how to show a video, in its own shape and in the room that there is."""
    width, height = (video.width, video.height) if video.width and video.height else _USUAL
    share = min(1, (wanted.maxwidth or width) / width, (wanted.maxheight or height) / height)
    width, height = max(1, int(width * share)), max(1, int(height * share))
    frame = (
        f'<iframe src="{escape(embed_url(video.watch_url))}" width="{width}" height="{height}" title="{escape(video.title)}" '
        'style="border:0" allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>'
    )
    found = OEmbed(
        type="video",
        version="1.0",
        title=video.title,
        provider_name=PROVIDER,
        provider_url=provider_url,
        html=frame,
        width=width,
        height=height,
    )
    if video.poster_url:
        found.thumbnail_url, found.thumbnail_width, found.thumbnail_height = video.poster_url, width, height
    return found
