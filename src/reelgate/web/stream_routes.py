"""Routes of the `stream_url` function."""

from __future__ import annotations

from starlette.responses import Response

from reelgate.use_cases.issue_stream_url import Charge, StreamUrl, issue_stream_url
from reelgate.web.answers import as_json, instant
from reelgate.web.calls import Call, Route


async def get_direct(call: Call) -> Response:
    """Answer with a signed URL as JSON; each one is charged to the day. HEAD gives none away and costs nothing."""
    charge: Charge = "nothing" if call.request.method == "HEAD" else "each"
    issued = await issue_stream_url(call.services, call.caller, call.filename(), charge=charge)
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


async def get_video(call: Call) -> Response:
    """Redirect a player to the bucket."""
    return await _redirect(call, download=False)


async def get_download(call: Call) -> Response:
    """Redirect to the bucket, which sends the file to be saved under its name."""
    return await _redirect(call, download=True)


async def _redirect(call: Call, *, download: bool) -> Response:
    head = call.request.method == "HEAD"
    issued: StreamUrl = await issue_stream_url(
        call.services,
        call.caller,
        call.filename(),
        charge="nothing" if head else "window",
        method="HEAD" if head else "GET",
        download=download,
    )
    # 302: the next request may get another URL, so nothing must remember this one.
    return Response(status_code=302, headers={"Location": issued.url})


ROUTES = (
    Route("GET", "/stream/direct/{filename}", get_direct),
    Route("GET", "/stream/video/{filename}", get_video),
    Route("GET", "/download/disk/{filename}", get_download),
)
