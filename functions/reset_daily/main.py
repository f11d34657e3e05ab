"""reset_daily: close the day, sweep and republish when Cloud Scheduler calls."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.events.daily_tasks import answer_schedule
from reelgate.web.http.logs import json_lines

SETTINGS = bootstrap.start(knows_callers=False)  # a wrong configuration fails the start, not the first run
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def reset_daily(request: Request) -> Response:
    """Answer one run of the scheduler's job."""
    return await answer_schedule(request, bootstrap.services())
