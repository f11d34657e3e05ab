"""The emulator's state: health, open sessions, and the feed of events."""

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.services import Services
from localcloud.gcs.store.metadata.times import rfc3339_of_timestamp

EVENTS_LIMIT = 1000
WAIT_LIMIT_SECONDS = 60.0


async def health(services: Services, call: Call) -> StreamResponse:
    """GET /_emulator/health"""
    return json_answer(
        {
            "status": "ok",
            "buckets": [bucket["name"] for bucket in services.buckets.all()],
            "open_sessions": len(services.sessions.all_open()),
            "last_event_id": services.events.last_id(),
        }
    )


async def events(services: Services, call: Call) -> StreamResponse:
    """GET /_emulator/events?after=N&limit=L&wait=SECONDS"""
    try:
        after = int(call.query.get("after", "0"))
        limit = max(1, min(int(call.query.get("limit", "100")), EVENTS_LIMIT))
        wait_seconds = min(float(call.query.get("wait", "0")), WAIT_LIMIT_SECONDS)
    except ValueError as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, "after, limit and wait must be numbers.") from error
    found = await services.events.read(after, limit, wait_seconds)
    return json_answer({"events": found, "last_id": found[-1]["id"] if found else services.events.last_id()})


async def sessions(services: Services, call: Call) -> StreamResponse:
    """GET /_emulator/sessions: open uploads; ids are shortened because they are credentials."""
    listed = [
        {
            "id": session.short_id,
            "dialect": session.terms.dialect,
            "bucket": session.terms.bucket,
            "name": session.terms.name,
            "kept_bytes": services.uploads.kept_bytes(session),
            "total": session.total,
            "opened": rfc3339_of_timestamp(session.opened_at),
        }
        for session in services.sessions.all_open()
    ]
    return json_answer({"sessions": listed})
