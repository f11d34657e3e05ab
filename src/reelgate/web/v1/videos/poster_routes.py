"""The route of posters, for whoever has a link to one."""

from __future__ import annotations

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.videos.poster_links import PATH
from reelgate.use_cases.media import open_poster as opening
from reelgate.use_cases.videos.issue_window_url import Method
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import v1
from reelgate.web.v1.videos.url_routes import Services


async def get_poster(call: Call[Services]) -> Response:
    """Show a video's poster.

    Redirects to the picture. The address is what lists show as `poster.url`: whoever has it needs no token, until it expires.
    Wrong and expired ones get the same answer.
    """
    user_id, video_id, capability = (call.params[name] for name in ("user_id", "video_id", "capability"))
    method: Method = "HEAD" if call.request.method == "HEAD" else "GET"
    poster = await opening.open_poster(call.services, user_id, video_id, capability, method=method)
    headers = {"Location": poster.url, "Cache-Control": f"private, max-age={poster.seconds}"}
    return Response(status_code=302, headers=headers)


ROUTES = (v1("GET", PATH, get_poster, status=302, public=True, refuses=(errors.PosterNotFound,)),)
