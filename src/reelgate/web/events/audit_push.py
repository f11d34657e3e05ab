"""The requests of the `audit` function: audit events that Pub/Sub pushes to `/`, and routes for admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from reelgate.ports.identity import HasPushIdentity
from reelgate.use_cases.audit.record_action import Services as RecordServices
from reelgate.use_cases.audit.record_action import record_action
from reelgate.web.events.push import Pushed, answer_push
from reelgate.web.http.calls import Routes
from reelgate.web.http.function import HttpServices, answer


class Services(HttpServices, RecordServices, HasPushIdentity, Protocol):
    """What the `audit` function needs."""


PUSH_PATH = "/"  # not a route of the API, so the gateway forwards nothing to it


async def answer_audit(
    request: Request, routes: Routes[Services], services: Services, *, cors_origins: Sequence[str]
) -> Response:
    """Answer a pushed action, or a request of the API."""
    if request.scope["path"] != PUSH_PATH:
        return await answer(request, routes, services, cors_origins=cors_origins)

    async def record(message: Pushed) -> str:
        return await record_action(services, message.type, message.uid, message.data)

    return await answer_push(request, services, record)
