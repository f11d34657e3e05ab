"""The storage event of a finalized object, as Eventarc delivers it (CloudEvents HTTP binding, binary mode)."""

from __future__ import annotations

import logging
import re
from typing import Any, Protocol

from cloudevents.exceptions import GenericException
from cloudevents.http import from_http
from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.errors import InvalidRequest
from reelgate.ports.runtime import HasFunctionName
from reelgate.ports.storage import HasBucket
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.web.http.answers import as_json
from reelgate.web.http.calls import bounded
from reelgate.web.http.function import MethodUnknown, guarded


class Services(CommitServices, HasBucket, HasFunctionName, Protocol):
    """What the `finalize` function needs."""


FINALIZED = "google.cloud.storage.object.v1.finalized"
MAX_EVENT_BYTES = 512 * 1024  # Eventarc's limit for one event

_GENERATION = re.compile(r"[0-9]{1,19}")
_log = logging.getLogger(__name__)


async def answer_finalized(request: Request, services: Services) -> Response:
    """Settle the object that the event names.

    2xx acknowledges the event, also if there was nothing to do, or if it can never succeed, which is logged. After 503 it is
    delivered again.
    """

    async def settle(_: str) -> Response:
        if request.method != "POST":
            raise MethodUnknown("POST")
        object_name, generation = await _subject(request, services.bucket)
        if object_name is None:
            return as_json({"verdict": "ignored"})
        finished = await finish_upload(services, object_name, generation=generation)
        _log.info("object %s#%s: %s", object_name, generation, finished.verdict.value)
        return as_json({"verdict": finished.verdict.value, "reason": finished.reason})

    return await guarded(request, settle)


async def _subject(request: Request, bucket: str) -> tuple[str | None, int | None]:
    """Return object name and generation from the event's data; names in headers are not reliable."""
    try:
        event = from_http(dict(request.headers), await bounded(request, MAX_EVENT_BYTES).body())
    except (GenericException, ValueError, UnicodeDecodeError):
        raise InvalidRequest("The request is not a CloudEvent. Only Eventarc sends requests here.") from None
    data: Any = event.get_data()
    if event["type"] != FINALIZED or not isinstance(data, dict) or data.get("bucket") != bucket:
        _log.warning("ignored an event of type %s that is not about an object in the media bucket", event["type"])
        return None, None
    name, generation = data.get("name"), str(data.get("generation", ""))
    if not isinstance(name, str) or not name or not _GENERATION.fullmatch(generation):
        _log.warning("ignored a finalized event without a usable object name and generation")
        return None, None
    return name, int(generation)
