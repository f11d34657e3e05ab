"""accounts: register, log in, validate tokens; admins manage users."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.compat.accounts.account_routes import ROUTES as OLDER
from reelgate.web.http.calls import Routes
from reelgate.web.http.function import answer
from reelgate.web.http.logs import json_lines
from reelgate.web.v1.accounts.account_routes import ROUTES as V1

SETTINGS = bootstrap.start(signs_in=True)  # a wrong configuration fails the start, not the first request
ROUTES: Routes[bootstrap.CloudServices] = (*V1, *OLDER)
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def accounts(request: Request) -> Response:
    """Answer one request of the HTTP API."""
    return await answer(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
