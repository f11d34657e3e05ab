"""Routes of the `stream_url` function: signed URLs for streaming and download."""

from __future__ import annotations

from typing import Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.files import names
from reelgate.domain.media.conversion import AUDIO_TYPE
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.storage import HasBucket, HasSigner
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.media.issue_audio_url import issue_audio_url
from reelgate.use_cases.videos.find_video import by_id, by_name
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from reelgate.use_cases.videos.issue_window_url import Method, StreamUrl
from reelgate.web.http.answers.json_answers import as_json, instant
from reelgate.web.http.calls import Call, Route


class Services(CommitServices, HasBucket, HasDerivedBucket, HasDerivedMedia, HasSigner, Protocol):
    """What these routes need."""


async def get_direct(call: Call[Services]) -> Response:
    """Return a signed URL as JSON. HEAD returns none and is not charged."""
    issued = await _issue(call)
    return as_json(
        {
            "url": issued.url,
            "method": issued.method,
            "expires_at": instant(issued.expires_at),
            "filename": issued.video.filename,
            "size": issued.video.size,
            "content_type": issued.video.content_type,
        }
    )


async def get_video(call: Call[Services]) -> Response:
    """Redirect a player to the bucket."""
    return await _redirect(call, download=False)


async def get_download(call: Call[Services]) -> Response:
    """Redirect to the bucket, which sends the video as a download under its name."""
    return await _redirect(call, download=True)


async def get_audio(call: Call[Services]) -> Response:
    """Redirect to a video's MP3 (video to MP3), or return its URL as JSON if the client accepts JSON."""
    file_id = call.request.query_params.get("fid", "")
    if not file_id:
        raise errors.InvalidRequest(
            "The video is not named.", field="fid", hint="Send 'fid' with the id of the file: /download?fid=FILE_ID."
        )
    if not names.is_file_id(file_id):
        raise errors.VideoNotFound("There is no such video.")
    as_document = "application/json" in call.request.headers.get("accept", "")
    issued = await issue_audio_url(call.services, call.caller, by_id(file_id), method=_method(call), audit=call.audit)
    if not as_document:
        return Response(status_code=302, headers={"Location": issued.url})
    return as_json(
        {
            "url": issued.url,
            "method": issued.method,
            "expires_at": instant(issued.expires_at),
            "file_id": file_id,
            "filename": issued.filename,
            "size": issued.audio.size,
            "content_type": AUDIO_TYPE,
            "duration_seconds": issued.audio.duration_seconds,
        }
    )


async def _redirect(call: Call[Services], *, download: bool) -> Response:
    issued = await _issue(call, download=download)
    # 302 and not 301: the URL changes with the window.
    return Response(status_code=302, headers={"Location": issued.url})


async def _issue(call: Call[Services], *, download: bool = False) -> StreamUrl:
    filename = call.filename()
    call.note(filename=filename)
    return await issue_stream_url(
        call.services, call.caller, by_name(filename), method=_method(call), download=download, audit=call.audit
    )


def _method(call: Call[Services]) -> Method:
    return "HEAD" if call.request.method == "HEAD" else "GET"


ROUTES = (
    Route("GET", "/stream/direct/{filename}", get_direct, action="stream.issued", rate="url"),
    Route("GET", "/stream/video/{filename}", get_video, action="stream.issued", rate="url"),
    Route("GET", "/download", get_audio, action="audio.issued", named=("file_id", "filename"), query=("fid",), rate="url"),
    Route("GET", "/download/disk/{filename}", get_download, action="download.issued", rate="url"),
)
