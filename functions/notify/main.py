"""notify: send events as mails and webhooks; admins list the deliveries and send them again."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from reelgate import bootstrap
from reelgate.web.events.notify_push import answer_notify
from reelgate.web.http.logs import json_lines
from reelgate.web.v1.notifications.delivery_routes import ROUTES

SETTINGS = bootstrap.start(takes_pushes=True)  # a wrong configuration fails the start, not the first message
json_lines.write_json_lines(SETTINGS.project)


@functions_framework.aio.http
async def notify(request: Request) -> Response:
    """Answer one push of Pub/Sub, or one request of the HTTP API."""
    return await answer_notify(request, ROUTES, bootstrap.services(), cors_origins=SETTINGS.cors_origins)
