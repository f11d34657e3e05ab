"""settle_egress: record what a usage log says was sent, when Cloud Storage has written one."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.events.usage_log_event import answer_usage_log
from reelgate.web.http.logs import json_lines

SETTINGS = bootstrap.start(knows_callers=False)  # a wrong configuration fails the start, not the first event
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def settle_egress(request: Request) -> Response:
    """Answer one delivery of Eventarc."""
    return await answer_usage_log(request, bootstrap.services())
