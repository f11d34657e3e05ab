"""stream_url: signed streaming and download URLs."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.compat.videos.stream_routes import ROUTES as OLDER
from reelgate.web.http.calls import Routes
from reelgate.web.http.function import answer
from reelgate.web.http.logs import json_lines
from reelgate.web.v1.playback.grant_routes import ROUTES as GRANTS
from reelgate.web.v1.playback.play_routes import ROUTES as PLAYS
from reelgate.web.v1.videos.poster_routes import ROUTES as POSTERS
from reelgate.web.v1.videos.url_routes import ROUTES as URLS
from reelgate.web.watch.watch_routes import ROUTES as WATCHING

SETTINGS = bootstrap.start(signs=True)  # a wrong configuration fails the start, not the first request
ROUTES: Routes[bootstrap.CloudServices] = (*PLAYS, *POSTERS, *URLS, *GRANTS, *WATCHING, *OLDER)
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def stream_url(request: Request) -> Response:
    """Answer one request of the HTTP API."""
    return await answer(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
