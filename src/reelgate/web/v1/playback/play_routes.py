"""Routes of version 1 in the `stream_url` function for viewers: whoever has the token of a grant plays its video."""

from __future__ import annotations

from typing import Any, Protocol

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.playback import playlists
from reelgate.domain.playback.play_urls import PLAY_PATH
from reelgate.ports.accounts import HasRequestLimits
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.playback import HasKnownGrants, HasSegmentIndexes
from reelgate.ports.runtime import HasApiUrl, HasIds
from reelgate.ports.storage import HasBucket, HasSigner, HasStorageUrl
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.playback import describe_play as describing
from reelgate.use_cases.playback import lease_rendition as leasing
from reelgate.use_cases.playback import show_captions as captions
from reelgate.use_cases.playback import write_playlists as writing
from reelgate.use_cases.playback.viewer import Viewer, readers_of
from reelgate.web.http.answers.compressed import text_answer
from reelgate.web.http.calls import Call, Route
from reelgate.web.http.shapes import v1
from reelgate.web.v1.playback.play_shapes import (
    NewFileUrl,
    NewLease,
    Play,
    PlayFile,
    PlayLease,
    PlaylistQuery,
    play,
    play_file,
    play_lease,
)


class Services(
    CommitServices,
    HasApiUrl,
    HasBucket,
    HasDerivedBucket,
    HasDerivedMedia,
    HasIds,
    HasKnownGrants,
    HasRequestLimits,
    HasSegmentIndexes,
    HasSigner,
    HasStorageUrl,
    Protocol,
):
    """What these routes need."""


WEB_VTT = "text/vtt"
_PLAYLIST = {playlists.CONTENT_TYPE: "A playlist (RFC 8216)."}
_CUES = {WEB_VTT: "WebVTT."}


async def get_play(call: Call[Services]) -> Play:
    """Show a shared video.

    Everything that a player needs, for whoever has the token of a playback grant. It is free, and counts as no play.
    """
    return play(await describing.describe_play(call.services, await _viewer(call)))


async def get_master_playlist(call: Call[Services], wanted: PlaylistQuery) -> Response:
    """Get the HLS master playlist of a shared video.

    It lists the renditions and the captions, and is free.
    """
    text = await writing.write_master(call.services, await _viewer(call), leased=wanted.lease == 1)
    return text_answer(call.request, text, media_type=playlists.CONTENT_TYPE)


async def get_media_playlist(call: Call[Services], wanted: PlaylistQuery) -> Response:
    """Get the HLS playlist of a rendition.

    Its segments are byte ranges of one file. With `lease=1` the file's URL has no signature: the player puts a leased one in
    its place, and the playlist is free. Without, the URL outlives the video, and the first request in so long a time is charged
    to the owner as one transfer of the whole file, and counts as a play.
    """
    urls: writing.Urls = "leased" if wanted.lease else "none" if call.request.method == "HEAD" else "long"
    text = await writing.write_media(call.services, await _viewer(call), _rendition(call.params["playlist"]), urls=urls)
    answer = text_answer(call.request, text, media_type=playlists.CONTENT_TYPE)
    if urls == "none":
        del answer.headers["content-length"]  # that of the answer to GET is not known without paying for it
    return answer


async def get_shared_captions(call: Call[Services]) -> Response:
    """Get captions of a shared video.

    `de.vtt` is the text, as WebVTT, `de.m3u8` the HLS playlist that leads players to it. Both are free.
    """
    language, _, ending = call.params["captions_file"].rpartition(".")
    viewer = await _viewer(call)
    if ending == "m3u8":
        text = await captions.write_captions_playlist(call.services, viewer, language)
        return text_answer(call.request, text, media_type=playlists.CONTENT_TYPE)
    if ending != "vtt":
        raise errors.CaptionsNotFound("This video has no captions in this language.")
    return text_answer(call.request, await captions.show_captions(call.services, viewer, language), media_type=WEB_VTT)


async def get_sprites(call: Call[Services]) -> Response:
    """Get the small pictures of a shared video, to seek by.

    WebVTT, whose cues name parts of one picture. They are free.
    """
    text = await writing.show_sprites(call.services, await _viewer(call))
    return text_answer(call.request, text, media_type=WEB_VTT)


async def create_lease(call: Call[Services], wanted: NewLease) -> PlayLease:
    """Lease the URL of a rendition for a few minutes.

    What can be played in that time is charged to the video's owner, once for each number. A repeated request gets the same URL
    for as long as it works; then 409 `lease_over` asks for the next number. Send an `Idempotency-Key` with a request that
    begins a play, so that it counts once although its answer is lost.
    """
    lease = leasing.WantedLease(
        view=wanted.view,
        number=wanted.number,
        rendition=wanted.rendition,
        position=wanted.position,
        key=call.idempotency_key(),
    )
    return play_lease(await leasing.lease_rendition(call.services, await _viewer(call), lease))


async def create_file_url(call: Call[Services], wanted: NewFileUrl) -> PlayFile:
    """Get a URL of the file itself, for a video without playlists.

    It outlives the video, and is charged to its owner as one transfer of the whole file, once per play. With the `view` of an
    earlier answer, or the same `Idempotency-Key`, it is the same URL.
    """
    opened = await leasing.open_file(call.services, await _viewer(call), view=wanted.view, key=call.idempotency_key())
    return play_file(opened)


def _rendition(playlist: str) -> str:
    """Return the rendition of a playlist's name, `v0` of `v0.m3u8`. Raises RenditionNotFound.

    Gateways take no path in which a parameter is only part of a segment.
    """
    name, dot, ending = playlist.rpartition(".")
    if (dot, ending) != (".", "m3u8"):
        raise errors.RenditionNotFound("This size of the video does not exist.")
    return name


async def _viewer(call: Call[Services]) -> Viewer:
    """Return who asks, after saying which pages may read the answer. Raises GrantNotFound, OriginNotAllowed, Unavailable."""
    request = call.request
    viewer = Viewer(token=call.params["token"], origin=request.headers.get("origin"), own_origin=_own_origin(request))
    try:
        call.let_read(await readers_of(call.services, viewer))
    except errors.OriginNotAllowed:
        call.let_read(())
        raise
    return viewer


def _own_origin(request: Request) -> str | None:
    """The origin of the address that a page of this service has asked: it has the host, if not always the scheme."""
    origin, host = request.headers.get("origin"), request.headers.get("host")
    return origin if origin and host and origin.partition("://")[2] == host else None  # anything at all can be in either


REFUSALS = (
    *(errors.GrantNotFound, errors.GrantExpired, errors.GrantRevoked, errors.GrantUsedUp, errors.VideoUnavailable),
    errors.OriginNotAllowed,
)
_CHARGES = (errors.NotPlayableToday, errors.BooksBusy, errors.BooksSlow)
_KEY = {"Idempotency-Key": ""}


def _get(path: str, handler: Any, *refuses: type[errors.ReelgateError], **more: Any) -> Route[Any]:
    return v1("GET", PLAY_PATH + path, handler, status=200, public=True, opens=_viewer, refuses=(*REFUSALS, *refuses), **more)


def _post(
    path: str, handler: Any, takes: type[Struct], gives: type[Struct], *refuses: type[errors.ReelgateError]
) -> Route[Any]:
    return v1(
        "POST",
        PLAY_PATH + path,
        handler,
        takes=takes,
        gives=gives,
        headers=_KEY,
        public=True,
        opens=_viewer,
        refuses=(*REFUSALS, *_CHARGES, *refuses),
    )


ROUTES = (
    _get("", get_play, gives=Play),
    _get("/master.m3u8", get_master_playlist, errors.NotPackaged, takes=PlaylistQuery, media_types=_PLAYLIST),
    _get(
        "/captions/{captions_file}",
        get_shared_captions,
        *(errors.NotPackaged, errors.CaptionsNotFound),
        media_types={**_CUES, **_PLAYLIST},
    ),
    _get("/sprites.vtt", get_sprites, errors.NotPackaged, media_types=_CUES),
    _get(
        "/{playlist}",
        get_media_playlist,
        *(errors.NotPackaged, errors.RenditionNotFound, *_CHARGES),
        takes=PlaylistQuery,
        media_types=_PLAYLIST,
    ),
    _post(
        "/lease",
        create_lease,
        NewLease,
        PlayLease,
        *(errors.NotPackaged, errors.RenditionNotFound, errors.LeaseOver, errors.LeaseOutOfOrder),
    ),
    _post("/url", create_file_url, NewFileUrl, PlayFile, errors.LeaseOver, errors.LeaseOutOfOrder),
)
