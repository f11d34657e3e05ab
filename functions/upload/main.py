"""upload: issue, inspect, resume and cancel signed resumable uploads; accept small files as forms."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.http import logs
from reelgate.web.http.function import answer
from reelgate.web.uploads.upload_routes import ROUTES

SETTINGS = bootstrap.start(signs=True)  # a wrong configuration fails the start, not the first request
logs.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def upload(request: Request) -> Response:
    """Answer one request of the HTTP API."""
    return await answer(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
