"""usage: storage status, days, the ledger, and invoices for admins."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.compat.usage.usage_routes import ROUTES as OLDER
from reelgate.web.http.function import answer
from reelgate.web.http.logs import json_lines
from reelgate.web.v1.usage.invoice_routes import ROUTES as FOR_ADMINS
from reelgate.web.v1.usage.usage_routes import ROUTES as FOR_USERS

SETTINGS = bootstrap.start(signs=True)  # a wrong configuration fails the start, not the first request
ROUTES = (*FOR_USERS, *FOR_ADMINS, *OLDER)
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def usage(request: Request) -> Response:
    """Answer one request of the HTTP API."""
    return await answer(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
