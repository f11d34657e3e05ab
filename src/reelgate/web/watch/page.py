"""The watch page as HTML, from what is known of the video and its link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from reelgate.domain.value_types import value_type
from reelgate.web.watch.assets import HLS
from reelgate.web.watch.messages import MESSAGES, Message

PROVIDER = "Reelgate"
MAX_DESCRIBED_SECONDS = 100 * 3600


@value_type
class WatchedVideo:
    """What the page shows of a video before it plays.

    Attributes:
        watch_url: the page's own address, without a query.
        play_url: of the API, where the player asks what there is to play.
        poster_url: of a picture, for a while; None without one.
        width, height: pixels; None if they are not known.
        expires_at: when the link ends.
    """

    title: str
    watch_url: str
    play_url: str
    poster_url: str | None
    width: int | None
    height: int | None
    duration_seconds: float | None
    expires_at: datetime


def watch_page(video: WatchedVideo, *, assets: str, api_url: str, embedded: bool) -> str:
    """Return the page of a video.

    Args:
        assets: the path of the files that it loads.
        embedded: for a frame in somebody else's page: the player alone.
    """
    title = escape(video.title)
    size = f' width="{video.width}" height="{video.height}"' if video.width and video.height else ' width="1280" height="720"'
    player = _template("player.html").substitute(
        title=title,
        play_url=escape(video.play_url),
        size=size,
        poster=f'<img class="poster" alt="" src="{escape(video.poster_url)}">' if video.poster_url else "",
        duration=f"{video.duration_seconds or 0:.1f}",
        clock=clock(video.duration_seconds) if video.duration_seconds else "",
        # In a script element `<` would end it, or begin a comment.
        messages=json.dumps({code: one._asdict() for code, one in MESSAGES.items()}).replace("<", "\\u003c"),
    )
    return _page(
        kind="embed" if embedded else "",
        title=title,
        tags="\n".join(_tags(video, api_url)),
        assets=assets,
        scripts=f'<script src="{assets}/{HLS}" defer></script>\n<script src="{assets}/player.js" type="module"></script>',
        player=player,
        about=_about(video),
    )


def message_page(message: Message, *, assets: str, embedded: bool) -> str:
    """Return a page that says why there is nothing to watch."""
    said = f"<h1>{escape(message.title)}</h1><p>{escape(message.text)}</p>"
    icon = '<svg aria-hidden="true"><use href="#i-film"/></svg>'
    return _page(
        kind="gone embed" if embedded else "gone",
        title=escape(message.title),
        tags="",
        assets=assets,
        scripts="",
        player=f'<section class="player"><div class="message">{icon}{said}</div></section>',
        about=_FOOTER,
    )


def clock(seconds: float) -> str:
    """Return a length as people write it: `1:02:03`, `2:03`."""
    minutes, rest = divmod(round(min(seconds, MAX_DESCRIBED_SECONDS)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def embed_url(watch_url: str) -> str:
    """Return the address of the page for a frame in another page."""
    return f"{watch_url}?embed=1"


def oembed_url(api_url: str, watch_url: str) -> str:
    """Return where other programs ask how to show the video in their pages (oembed.com)."""
    return f"{api_url}/v1/oembed?{urlencode({'url': watch_url})}"


_FOOTER = f"<footer><span>Shared privately with {PROVIDER}</span></footer>"


def _about(video: WatchedVideo) -> str:
    until = f"{video.expires_at.day} {video.expires_at:%B %Y}"
    facts = [clock(video.duration_seconds)] if video.duration_seconds else []
    facts.append(f'Link works until <time datetime="{video.expires_at.isoformat()}">{until}</time>')
    keys = "<kbd>space</kbd> plays, <kbd>←</kbd> <kbd>→</kbd> seek, <kbd>f</kbd> full screen, <kbd>c</kbd> captions"
    footer = f'<footer><span>Shared privately with {PROVIDER}</span><span class="keys">{keys}</span></footer>'
    return (
        f'<div class="about"><h1 dir="auto">{escape(video.title)}</h1><p class="facts">{" · ".join(facts)}</p></div>\n{footer}'
    )


def _tags(video: WatchedVideo, api_url: str) -> Iterator[str]:
    """Yield what other programs read to show a card of the page: Open Graph (ogp.me), and where to ask for oEmbed."""
    properties: dict[str, object] = {
        "og:type": "video.other",
        "og:site_name": PROVIDER,
        "og:title": video.title,
        "og:url": video.watch_url,
        "og:image": video.poster_url,
        "og:image:alt": f"A picture from {video.title}" if video.poster_url else None,
        "og:video": embed_url(video.watch_url),
        "og:video:type": "text/html",
        "og:video:width": video.width,
        "og:video:height": video.height,
        "video:duration": round(video.duration_seconds) if video.duration_seconds else None,
    }
    for name, value in properties.items():
        if value is not None:
            yield f'<meta property="{name}" content="{escape(str(value))}">'
    yield f'<meta name="twitter:card" content="{"summary_large_image" if video.poster_url else "summary"}">'
    href = escape(oembed_url(api_url, video.watch_url))
    yield f'<link rel="alternate" type="application/json+oembed" href="{href}" title="{escape(video.title)}">'


def _page(*, kind: str, **parts: str) -> str:
    return _template("page.html").substitute(kind=f' class="{kind}"' if kind else "", **parts)


@cache
def _template(name: str) -> Template:
    return Template(Path(__file__).with_name(name).read_text(encoding="utf-8"))
