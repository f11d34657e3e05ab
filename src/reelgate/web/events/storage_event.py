"""The event of a finalized object, as Eventarc delivers it (CloudEvents HTTP binding, binary mode)."""

from __future__ import annotations

import logging
import re
from typing import Any

from cloudevents.exceptions import GenericException
from cloudevents.http import from_http
from starlette.requests import Request

from reelgate.domain.errors import InvalidRequest
from reelgate.domain.value_types import positional_value_type
from reelgate.web.http.bodies import bounded

FINALIZED = "google.cloud.storage.object.v1.finalized"
MAX_EVENT_BYTES = 512 * 1024  # Eventarc's limit for one event

_NUMBER = re.compile(r"[0-9]{1,19}")
_log = logging.getLogger(__name__)


@positional_value_type
class FinalizedObject:
    """The object that an event is about. `size` is None if the event does not say it."""

    name: str
    generation: int
    size: int | None


async def finalized_object(request: Request, bucket: str) -> FinalizedObject | None:
    """Return the object from the event's data; names in headers are not reliable.

    Returns None, and logs it, for an event that is not about a finalized object in that bucket. Raises InvalidRequest for what
    is no event at all.
    """
    try:
        event = from_http(dict(request.headers), await bounded(request, MAX_EVENT_BYTES).body())
    except (GenericException, ValueError, UnicodeDecodeError):
        raise InvalidRequest("The request is not a CloudEvent. Only Eventarc sends requests here.") from None
    data: Any = event.get_data()
    if event["type"] != FINALIZED or not isinstance(data, dict) or data.get("bucket") != bucket:
        _log.warning("ignored an event of type %s that is not about an object in this function's bucket", event["type"])
        return None
    name, generation, size = data.get("name"), str(data.get("generation", "")), str(data.get("size", ""))
    if not isinstance(name, str) or not name or not _NUMBER.fullmatch(generation):
        _log.warning("ignored a finalized event without a usable object name and generation")
        return None
    return FinalizedObject(name, int(generation), int(size) if _NUMBER.fullmatch(size) else None)
