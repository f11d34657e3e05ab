"""convert: examine videos, and make a poster and an MP3 of each."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.events.media_push import answer_video_message
from reelgate.web.http.logs import json_lines

# A wrong configuration fails the start, not the first message.
SETTINGS = bootstrap.start(knows_callers=False, takes_pushes=True)
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def convert(request: Request) -> Response:
    """Answer one push of Pub/Sub."""
    return await answer_video_message(request, bootstrap.services())
