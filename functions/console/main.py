"""console: the web console's page, and what it loads."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.console import files
from reelgate.web.console.console_routes import ROUTES
from reelgate.web.console.serving import serve
from reelgate.web.http.logs import json_lines

SETTINGS = bootstrap.start(knows_callers=False)  # a wrong configuration fails the start, not the first request
if SETTINGS.in_cloud:
    files.console()  # so does a deployment without the console: the error names the command that builds it
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def console(request: Request) -> Response:
    """Answer one request of a browser."""
    return await serve(request, ROUTES, bootstrap.services())
