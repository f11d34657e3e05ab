"""audit: record the events that Pub/Sub delivers, and show the log to admins."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.compat.audit.audit_routes import ROUTES as OLDER
from reelgate.web.events.audit_push import answer_audit
from reelgate.web.http.logs import json_lines
from reelgate.web.v1.audit.audit_routes import ROUTES as V1

SETTINGS = bootstrap.start(takes_pushes=True)  # a wrong configuration fails the start, not the first message
ROUTES = (*V1, *OLDER)
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def audit(request: Request) -> Response:
    """Answer one push of Pub/Sub, or one request of the HTTP API."""
    return await answer_audit(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
