"""Routes of version 1 in the `stream_url` function."""

from __future__ import annotations

from typing import Any, Protocol

from reelgate.domain import errors
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.storage import HasBucket, HasSigner
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.media.issue_audio_url import issue_audio_url
from reelgate.use_cases.videos.find_video import VideoRef, by_id
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from reelgate.use_cases.videos.issue_window_url import Method
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import v1
from reelgate.web.v1.videos.url_shapes import SignedAudioUrl, SignedVideoUrl, UrlQuery, signed_audio_url, signed_video_url


class Services(CommitServices, HasBucket, HasDerivedBucket, HasDerivedMedia, HasSigner, Protocol):
    """What the routes of this function need."""


REFUSALS = (
    errors.VideoNotFound,
    errors.AccountDisabled,
    errors.BandwidthLimitExceeded,
    errors.BooksBusy,
    errors.BooksSlow,
)


async def get_video_url(call: Call[Services], wanted: UrlQuery) -> SignedVideoUrl:
    """Get a URL for playing or downloading a video.

    It is the same URL for every request during its window (an hour, unless the deployment says otherwise), and stays valid
    for at least that long. The first request in a window is charged to your daily bandwidth as one transfer of the whole
    video, further ones are free.
    """
    which = _which(call)
    if wanted.download:
        call.note(download=True)
    issued = await issue_stream_url(
        call.services, call.caller, which, method=_method(call), download=wanted.download, audit=call.audit
    )
    return signed_video_url(issued)


async def get_audio_url(call: Call[Services]) -> SignedAudioUrl:
    """Get a URL for downloading a video's MP3.

    It is charged like the URL of a video, with the size of the MP3. 409 says that there is no MP3, or not yet.
    """
    which = _which(call)
    return signed_audio_url(await issue_audio_url(call.services, call.caller, which, method=_method(call), audit=call.audit))


def _which(call: Call[Any]) -> VideoRef:
    video_id = call.file_id("video_id", errors.VideoNotFound)
    call.note(file_id=video_id)
    return by_id(video_id)


def _method(call: Call[Any]) -> Method:
    return "HEAD" if call.request.method == "HEAD" else "GET"


ROUTES = (
    v1(
        "GET",
        "/v1/videos/{video_id}/url",
        get_video_url,
        takes=UrlQuery,
        gives=SignedVideoUrl,
        action="stream.issued",
        rate="url",
        refuses=REFUSALS,
    ),
    v1(
        "GET",
        "/v1/videos/{video_id}/audio-url",
        get_audio_url,
        gives=SignedAudioUrl,
        action="audio.issued",
        rate="url",
        named=("file_id", "filename"),
        refuses=(*REFUSALS, errors.AudioNotReady),
    ),
)
