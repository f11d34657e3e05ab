"""finalize: settle the upload of an object that Cloud Storage has finalized."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.events.finalize_event import answer_finalized
from reelgate.web.http.logs import json_lines

SETTINGS = bootstrap.start(knows_callers=False)  # a wrong configuration fails the start, not the first event
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def finalize(request: Request) -> Response:
    """Answer one delivery of Eventarc."""
    return await answer_finalized(request, bootstrap.services())
