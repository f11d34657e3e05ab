"""Messages that Pub/Sub pushes: the envelope taken apart, its sender verified, and the answer that it understands.

Functions of the framework's cloud-event kind refuse Pub/Sub's raw push body, so this is an HTTP function that reads it.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.errors import InvalidRequest, Unauthorized
from reelgate.ports import HasPushIdentity
from reelgate.web.http.answers import as_json
from reelgate.web.http.bodies import bounded
from reelgate.web.http.function import guarded
from reelgate.web.http.routing import MethodUnknown

MAX_PUSH_BYTES = 1024 * 1024
"""Our messages have a few hundred bytes. Pub/Sub's own limit is 10 MB, base64 makes a third more of it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A message of ours as it arrived. `event_id` is the same however often and by whichever way it comes.

    `attempt` counts deliveries from 1 where the subscription has a dead-letter policy (the emulator never says).
    """

    event_id: str
    type: str
    uid: str
    data: Mapping[str, Any]
    attempt: int | None


Handle = Callable[[Pushed], Awaitable[str]]
"""Does what a message asks for and returns a word on what became of it. Raising Unavailable has it delivered again."""


async def answer_push(request: Request, services: HasPushIdentity, handle: Handle) -> Response:
    """Hand a pushed message on.

    2xx takes it off the queue: also what is no message of ours, which is logged and could never succeed. Anything else has
    it delivered again, with the subscription's backoff.
    """

    async def take(_: str) -> Response:
        if request.method != "POST":
            raise MethodUnknown("POST")
        await _verify_sender(request, services)
        message = _message(await bounded(request, MAX_PUSH_BYTES).body())
        if message is None:
            return as_json({"result": "ignored"})
        result = await handle(message)
        told = {"event_id": message.event_id, "type": message.type, "uid": message.uid, "result": result}
        _log.info("message %s: %s", message.event_id, result, extra={"json_fields": {"push": told}})
        return as_json({"result": result})

    return await guarded(request, take)


async def _verify_sender(request: Request, services: HasPushIdentity) -> None:
    if services.push_identity is None:  # the emulator's; in the cloud `bootstrap.start` insists on one
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Only this deployment's Pub/Sub subscriptions may call here.")
    # Of two tokens, Cloud Run checks only the one in X-Serverless-Authorization ("Authenticating service-to-service").
    alone = "x-serverless-authorization" not in request.headers
    await services.push_identity.verify(token.strip(), seen_by_platform=alone)


def _message(body: bytes) -> Pushed | None:
    """Return the message of a push request (Pub/Sub docs, "Receive push messages"), None for one that is not ours.

    Raises InvalidRequest for what is no push request at all.
    """
    try:
        envelope = json.loads(body)
        message, attempt = envelope["message"], envelope.get("deliveryAttempt")
        raw = base64.b64decode(message.get("data", ""), validate=True)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, binascii.Error):
        raise InvalidRequest("This is no push request of Pub/Sub. Pub/Sub calls here, people do not.") from None
    try:
        data = json.loads(raw)
        event_id, kind, uid = (data[name] for name in ("event_id", "type", "uid"))
    except (ValueError, RecursionError, KeyError, TypeError):
        event_id = kind = uid = data = None
    if not (isinstance(event_id, str) and event_id and isinstance(kind, str) and isinstance(uid, str)):
        _log.error("ignored a pushed message that is none of ours: %.200r", raw)
        return None
    return Pushed(event_id=event_id, type=kind, uid=uid, data=data, attempt=attempt if isinstance(attempt, int) else None)
