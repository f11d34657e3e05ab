"""Messages about videos, which the `convert` function handles."""

from __future__ import annotations

import logging
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.files import names
from reelgate.ports.identity import HasPushIdentity
from reelgate.use_cases.media.conversion.convert_video import remove_derived
from reelgate.use_cases.media.conversion.hold_lease import Order
from reelgate.use_cases.media.renditions.make_renditions import Services as ConvertServices
from reelgate.use_cases.media.renditions.make_renditions import carry_out
from reelgate.web.events.push import Pushed, answer_push


class Services(ConvertServices, HasPushIdentity, Protocol):
    """What the `convert` function needs."""


ORDERS = frozenset({"video.ready", "video.restored", "audio.requested", "hls.requested"})

_log = logging.getLogger(__name__)


async def answer_video_message(request: Request, services: Services) -> Response:
    """Convert the video that a message names, or remove the derived objects of one that was purged."""

    async def handle(message: Pushed) -> str:
        file_id = message.data.get("file_id")
        if not message.uid or not isinstance(file_id, str) or not names.is_file_id(file_id):
            return _ignored(message)
        if message.type == "video.purged":
            await remove_derived(services, message.uid, file_id)
            return "removed"
        order = _order(message, file_id)
        return _ignored(message) if order is None else await carry_out(services, order)

    return await answer_push(request, services, handle)


def _order(message: Pushed, file_id: str) -> Order | None:
    """Return the conversion that a message asks for, or None."""
    kind, data = message.type, message.data
    request, generation = data.get("request", 0), str(data.get("generation", ""))
    if kind not in ORDERS or not generation.isascii() or not generation.isdigit() or len(generation) > 19:
        return None
    if not isinstance(request, int) or request < 0:
        return None
    try:
        filename = names.clean_filename(data.get("filename"))
    except InvalidRequest:
        return None
    return Order(
        id=message.event_id,
        uid=message.uid,
        file_id=file_id,
        filename=filename,
        generation=int(generation),
        request=0 if kind == "hls.requested" else request,
        hls_request=request if kind == "hls.requested" else 0,
        restored=kind == "video.restored",
    )


def _ignored(message: Pushed) -> str:
    _log.info("message %s of type %s is not for this function", message.event_id, message.type)
    return "ignored"
