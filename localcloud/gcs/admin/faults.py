"""Faults at run time."""

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer, json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.faults import FaultRule
from localcloud.gcs.services import Services


async def get(services: Services, call: Call) -> StreamResponse:
    """GET /_emulator/faults"""
    return json_answer({"rules": services.faults.listing()})


async def put(services: Services, call: Call) -> StreamResponse:
    """PUT /_emulator/faults {"rules": [...], "seed": 0}: replaces all rules."""
    document = await call.document()
    try:
        rules = [FaultRule.from_document(rule) for rule in document.get("rules", [])]
        services.faults.replace(rules, int(document.get("seed", 0)))
    except (TypeError, ValueError) as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, str(error)) from error
    return json_answer({"rules": services.faults.listing()})


async def delete(services: Services, call: Call) -> StreamResponse:
    """DELETE /_emulator/faults"""
    services.faults.replace([])
    return empty_answer(204)
