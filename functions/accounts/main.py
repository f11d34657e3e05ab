"""accounts: register, log in, validate tokens; admins manage users."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.accounts.account_routes import ROUTES
from reelgate.web.http import logs
from reelgate.web.http.function import answer

SETTINGS = bootstrap.start(signs_in=True)  # a wrong configuration fails the start, not the first request
logs.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def accounts(request: Request) -> Response:
    """Answer one request of the HTTP API."""
    return await answer(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
