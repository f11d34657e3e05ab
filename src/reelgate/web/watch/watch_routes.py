"""Routes of the watch page in the `stream_url` function: the page, its files, and how other programs show it (oembed.com)."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.playback.play_urls import PlayUrls
from reelgate.ports.storage import HasStorageUrl
from reelgate.use_cases.playback import describe_play as describing
from reelgate.use_cases.playback.describe_play import DescribedPlay
from reelgate.use_cases.playback.viewer import Viewer
from reelgate.web.http.answers.assets import ASK_FIRST, FOR_EVER, asset_answer
from reelgate.web.http.answers.compressed import text_answer
from reelgate.web.http.answers.content_security import page_headers
from reelgate.web.http.answers.problems import headers_of, status_of
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import Answer, v1
from reelgate.web.watch import assets as files
from reelgate.web.watch.messages import message_of
from reelgate.web.watch.page import WatchedVideo, message_page, watch_page
from reelgate.web.watch.watch_shapes import OEmbed, OEmbedQuery, WatchQuery, oembed

WATCH_PATH = "/watch/{token}"
HTML = "text/html; charset=utf-8"
_OPENING = (
    *(errors.GrantNotFound, errors.GrantExpired, errors.GrantRevoked, errors.GrantUsedUp, errors.VideoUnavailable),
    errors.OriginNotAllowed,
)


class Services(describing.Services, HasStorageUrl, Protocol):
    """What these routes need."""


async def get_watch_page(call: Call[Services], wanted: WatchQuery) -> Response:
    """Show the page on which a shared video is watched.

    Whoever has the link of a playback grant opens it. With `embed=1` it is for frames in other pages, of the grant's origins
    only. A link that opens nothing is a page, too, with the status of the problem, which says so in words for viewers.
    """
    found = _files()
    embedded = wanted.embed == 1
    try:
        described = await describing.describe_play(call.services, Viewer(token=call.params["token"]))
    except errors.ReelgateError as error:
        call.refusals.append(error)
        page = message_page(message_of(error.code), assets=found.folder_path(), embedded=embedded)
        # It shows nothing of the video, so any site may show it; the grant that names the sites may not even exist.
        answer = _page(call, page, framed_by=() if embedded else None, status=status_of(type(error)))
        if wait := headers_of(error).get("Retry-After"):  # its other headers are those of the client's own rate
            answer.headers["Retry-After"] = wait
        return answer
    page = watch_page(
        _watched(described),
        assets=found.folder_path(),
        api_url=described.urls.api_url,
        embedded=embedded,
    )
    framed_by = described.opened.grant.origins if embedded else None
    return _page(call, page, framed_by=framed_by, status=200, api_url=described.urls.api_url)


async def get_watch_asset(call: Call[Services]) -> Response:
    """Get a file that the watch page loads.

    Its address has the version of all of them, and never has another content. A version that is not the present one gets the
    present file, which is then not to be kept: while a deployment goes on, pages of both versions are open.
    """
    found = _files()
    asset = found.files.get(call.params["asset"])
    if asset is None:
        raise errors.AssetNotFound("The page has no such file.")
    present = call.params["assets_version"] == found.version
    return asset_answer(call.request, asset, cache_control=FOR_EVER if present else ASK_FIRST)


async def get_oembed(call: Call[Services], wanted: OEmbedQuery) -> Answer[OEmbed]:
    """Say how a page shows a shared video in a frame.

    For programs that turn links into players (oembed.com). The watch page names this address.
    """
    token = _token_of(wanted.url)
    described = await describing.describe_play(call.services, Viewer(token=token))
    answer = oembed(_watched(described), wanted, provider_url=described.urls.api_url)
    return Answer(answer, headers={"Access-Control-Allow-Origin": "*"})


def _token_of(url: str) -> str:
    """Return the token of a link. Raises GrantNotFound for what is none."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    before, _, token = path.rpartition("/")
    if not before.endswith("/watch"):
        raise errors.GrantNotFound("This is no link to a video.")
    return token


def _files() -> files.Assets:
    """Raises Unavailable if they were not fetched."""
    try:
        return files.assets()
    except files.AssetsMissingError as error:
        raise errors.Unavailable("This page cannot be shown at the moment.", hint=str(error)) from error


def _page(call: Call[Services], html: str, *, framed_by: tuple[str, ...] | None, status: int, api_url: str = "") -> Response:
    from_where = (call.services.storage_url, _origin_of(api_url))
    answer = text_answer(call.request, html, media_type=HTML)
    answer.status_code = status
    answer.headers.update(page_headers(loads_from=tuple(filter(None, from_where)), framed_by=framed_by))
    return answer


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _watched(described: DescribedPlay) -> WatchedVideo:
    opened, token = described.opened, described.urls.token
    facts = opened.record.facts if opened.record else None
    return WatchedVideo(
        title=opened.video.title or opened.video.filename,
        watch_url=described.urls.api_url + WATCH_PATH.format(token=token),
        play_url=PlayUrls("", token).play,  # the page's own origin, by whichever name it was reached
        poster_url=described.poster.url if described.poster else None,
        width=facts.width if facts else None,
        height=facts.height if facts else None,
        duration_seconds=facts.duration_seconds if facts else None,
        expires_at=opened.grant.expires_at,
    )


_PAGE = {"text/html": "A page for people."}
_FILE = {"text/javascript": "A script,", "text/css": "a style sheet,", "image/svg+xml": "or a picture."}

ROUTES = (
    v1(
        "GET",
        WATCH_PATH,
        get_watch_page,
        takes=WatchQuery,
        status=200,
        media_types=_PAGE,
        refused_in="text/html",
        public=True,
        keys="never",
        refuses=_OPENING,
    ),
    v1(
        "GET",
        files.PATH,
        get_watch_asset,
        status=200,
        media_types=_FILE,
        public=True,
        keys="never",
        refuses=(errors.AssetNotFound,),
    ),
    v1("GET", "/v1/oembed", get_oembed, takes=OEmbedQuery, gives=OEmbed, public=True, refuses=_OPENING),
)
