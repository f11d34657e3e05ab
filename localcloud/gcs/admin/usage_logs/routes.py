"""Usage logs at once, instead of an hour later."""

from aiohttp.web import StreamResponse

from localcloud.gcs.admin.usage_logs.writer import Flush
from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.services import Services


async def show(services: Services, call: Call) -> StreamResponse:
    """GET /_emulator/usage-logs: how many rows wait, by bucket."""
    return json_answer({"waiting": {bucket: len(rows) for bucket, rows in services.usage_rows.pending().items()}})


async def flush(services: Services, call: Call) -> StreamResponse:
    """POST /_emulator/usage-logs/flush: writes the rows that wait, with the faults that the body asks for."""
    try:
        how = Flush.from_document(await call.document())
    except (TypeError, ValueError) as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, str(error)) from error
    return json_answer({"written": await services.usage_log_writer.flush(how)})
