"""upload: issue, inspect, resume and cancel signed resumable uploads; accept small files as forms."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.compat.uploads.upload_routes import ROUTES as OLDER
from reelgate.web.http.function import answer
from reelgate.web.http.logs import json_lines
from reelgate.web.v1.uploads.s3_routes import ROUTES as S3
from reelgate.web.v1.uploads.upload_routes import ROUTES as V1

SETTINGS = bootstrap.start(signs=True)  # a wrong configuration fails the start, not the first request
ROUTES = (*V1, *S3, *OLDER)
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def upload(request: Request) -> Response:
    """Answer one request of the HTTP API."""
    return await answer(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
