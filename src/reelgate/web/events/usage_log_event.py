"""The event of an object in the bucket with the usage logs: what it says was sent is recorded."""

from __future__ import annotations

import logging
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain.usage.usage_logs import is_usage_log
from reelgate.ports.usage import HasEgressRules
from reelgate.use_cases.usage import record_egress
from reelgate.use_cases.usage.record_egress import RecordedLog
from reelgate.web.events.storage_event import FinalizedObject, finalized_object
from reelgate.web.http.answers.json_answers import as_json
from reelgate.web.http.function import MethodUnknown, guarded


class Services(record_egress.Services, HasEgressRules, Protocol):
    """What the `settle_egress` function needs."""


_log = logging.getLogger(__name__)


async def answer_usage_log(request: Request, services: Services) -> Response:
    """Record what the usage log that the event names says was sent.

    2xx acknowledges the event, also if there was nothing to do, or if it can never succeed, which is logged. After 503 it is
    delivered again.
    """

    async def record(_: str) -> Response:
        if request.method != "POST":
            raise MethodUnknown("POST")
        found = await finalized_object(request, services.usage_logs_bucket)
        if found is None or found.size is None or not is_usage_log(found.name) or not services.settles_egress:
            return as_json({"verdict": "ignored"})
        recorded = await record_egress.record_egress(services, found.name, generation=found.generation, size=found.size)
        _tell(found, recorded)
        return as_json({"verdict": recorded.verdict, "records": recorded.records, **recorded.counts})

    return await guarded(request, record)


def _tell(found: FinalizedObject, recorded: RecordedLog) -> None:
    """Log what was read, in numbers: a log's lines hold URLs and addresses, which appear nowhere else."""
    fields = {"egress_verdict": recorded.verdict, **{f"egress_{name}": count for name, count in recorded.counts.items()}}
    level = logging.INFO if recorded.verdict == "recorded" else logging.ERROR
    _log.log(
        level, "usage log %s: %s, %d records", found.name, recorded.verdict, recorded.records, extra={"json_fields": fields}
    )
