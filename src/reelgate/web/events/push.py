"""Messages that Pub/Sub pushes: verifies the sender, unpacks the envelope, and acknowledges.

The framework's cloud-event functions refuse the raw body of a push, so functions that take them are HTTP functions.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.errors import InvalidRequest, Unauthorized
from reelgate.domain.value_types import value_type
from reelgate.ports.identity import HasPushIdentity
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.bodies import bounded
from reelgate.web.http.function import MethodUnknown, guarded

MAX_PUSH_BYTES = 1024 * 1024
"""Messages of this service have a few hundred bytes. Pub/Sub's own limit is 10 MB before base64."""

_log = logging.getLogger(__name__)


@value_type
class Pushed:
    """A message of this service. `event_id` stays the same in repeated deliveries.

    `attempt` counts deliveries from 1 where the subscription has a dead-letter policy (the emulator never sends it).
    """

    event_id: str
    type: str
    uid: str
    data: Mapping[str, Any]
    attempt: int | None


Handle = Callable[[Pushed], Awaitable[str]]
"""Handles a message and returns the outcome as a word. If it raises Unavailable, Pub/Sub delivers the message again."""


async def answer_push(request: Request, services: HasPushIdentity, handle: Handle) -> Response:
    """Let `handle` process a pushed message.

    2xx acknowledges it, also if it is not a message of this service: that is logged, since another delivery could not
    succeed. After any other status Pub/Sub delivers it again, with the subscription's backoff.
    """

    async def process(_: str) -> Response:
        if request.method != "POST":
            raise MethodUnknown("POST")
        await _verify_sender(request, services)
        message = _message(await bounded(request, MAX_PUSH_BYTES).body())
        if message is None:
            return as_json({"result": "ignored"})
        result = await handle(message)
        push = {"event_id": message.event_id, "type": message.type, "uid": message.uid, "result": result}
        _log.info("message %s: %s", message.event_id, result, extra={"json_fields": {"push": push}})
        return as_json({"result": result})

    return await guarded(request, process)


async def _verify_sender(request: Request, services: HasPushIdentity) -> None:
    if services.push_identity is None:  # only outside Google Cloud: `bootstrap.start` checks that
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Only this deployment's Pub/Sub subscriptions send requests here.")
    # If both headers have a token, Cloud Run checks X-Serverless-Authorization ("Authenticating service-to-service").
    checked = "x-serverless-authorization" not in request.headers
    await services.push_identity.verify(token.strip(), seen_by_platform=checked)


def _message(body: bytes) -> Pushed | None:
    """Return the message in a push request (Pub/Sub docs, "Receive push messages"), None for one of another service.

    Raises InvalidRequest for anything that is not a push request.
    """
    try:
        envelope = json.loads(body)
        message, attempt = envelope["message"], envelope.get("deliveryAttempt")
        raw = base64.b64decode(message.get("data", ""), validate=True)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, binascii.Error):
        raise InvalidRequest("The body is not a push request. Only Pub/Sub sends requests here.") from None
    try:
        data = json.loads(raw)
        event_id, kind, uid = (data[name] for name in ("event_id", "type", "uid"))
    except (ValueError, RecursionError, KeyError, TypeError):
        event_id = kind = uid = data = None
    if not (isinstance(event_id, str) and event_id and isinstance(kind, str) and isinstance(uid, str)):
        _log.error("ignored a pushed message that is not of this service: %.200r", raw)
        return None
    return Pushed(event_id=event_id, type=kind, uid=uid, data=data, attempt=attempt if isinstance(attempt, int) else None)
