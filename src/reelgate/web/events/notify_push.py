"""The requests of the `notify` function: messages that Pub/Sub pushes to `/`, and routes for admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.books.instants import rfc3339
from reelgate.domain.notifications.deliveries import Event
from reelgate.ports.identity import HasPushIdentity
from reelgate.use_cases.notifications.notify import Services as NotifyServices
from reelgate.use_cases.notifications.notify import notify
from reelgate.web.events.push import Pushed, answer_push
from reelgate.web.http.calls import Routes
from reelgate.web.http.function import HttpServices, answer


class Services(HttpServices, NotifyServices, HasPushIdentity, Protocol):
    """What the `notify` function needs."""


PUSH_PATH = "/"  # not a route of the API, so the gateway forwards nothing to it
_ENVELOPE = frozenset({"event_id", "type", "uid", "published_at"})


async def answer_notify(
    request: Request, routes: Routes[Services], services: Services, *, cors_origins: Sequence[str]
) -> Response:
    """Answer a pushed message, or a request of the API."""
    if request.scope["path"] != PUSH_PATH:
        return await answer(request, routes, services, cors_origins=cors_origins)

    async def handle(message: Pushed) -> str:
        return await notify(services, event_of(message, services), first=message.attempt == 1)

    return await answer_push(request, services, handle)


def event_of(message: Pushed, services: Services) -> Event:
    """Return the event in a message. Without `published_at`, it occurred now."""
    published_at = message.data.get("published_at")
    return Event(
        event_id=message.event_id,
        type=message.type,
        uid=message.uid,
        occurred_at=published_at if isinstance(published_at, str) and published_at else rfc3339(services.now()),
        data={name: value for name, value in message.data.items() if name not in _ENVELOPE},
    )
