"""The event of an object in the bucket with the videos: its upload is settled."""

from __future__ import annotations

import logging
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from reelgate.ports.runtime import HasFunctionName
from reelgate.ports.storage import HasBucket
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.web.events.storage_event import finalized_object
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.function import MethodUnknown, guarded


class Services(CommitServices, HasBucket, HasFunctionName, Protocol):
    """What the `finalize` function needs."""


_log = logging.getLogger(__name__)


async def answer_finalized(request: Request, services: Services) -> Response:
    """Settle the object that the event names.

    2xx acknowledges the event, also if there was nothing to do, or if it can never succeed, which is logged. After 503 it is
    delivered again.
    """

    async def settle(_: str) -> Response:
        if request.method != "POST":
            raise MethodUnknown("POST")
        found = await finalized_object(request, services.bucket)
        if found is None:
            return as_json({"verdict": "ignored"})
        finished = await finish_upload(services, found.name, generation=found.generation)
        _log.info("object %s#%s: %s", found.name, found.generation, finished.verdict.value)
        return as_json({"verdict": finished.verdict.value, "reason": finished.reason})

    return await guarded(request, settle)
