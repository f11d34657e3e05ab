"""library: list, delete, restore and purge videos."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.compat.videos.library_routes import ROUTES as OLDER
from reelgate.web.http.function import answer
from reelgate.web.http.logs import json_lines
from reelgate.web.v1.videos.captions_routes import ROUTES as CAPTIONS
from reelgate.web.v1.videos.library_routes import ROUTES as V1

SETTINGS = bootstrap.start(signs=True)  # a wrong configuration fails the start, not the first request
ROUTES = (*V1, *CAPTIONS, *OLDER)
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def library(request: Request) -> Response:
    """Answer one request of the HTTP API."""
    return await answer(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
