"""Requests to a session URI of either API. The URI itself is the credential."""

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer, json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.downloads.object_answer import object_headers
from localcloud.gcs.services import Services
from localcloud.gcs.store.metadata.records import StoredObject
from localcloud.gcs.store.metadata.resources import object_resource
from localcloud.gcs.store.sessions import Session

CLIENT_CLOSED_REQUEST = 499


async def answer_session(services: Services, call: Call) -> StreamResponse:
    """PUT or POST sends bytes or asks for the status, DELETE cancels."""
    session = services.sessions.get(call.query["upload_id"])
    if call.method == "DELETE":
        await services.uploads.cancel(session)
        return empty_answer(CLIENT_CLOSED_REQUEST)
    if call.method not in {"PUT", "POST"}:
        raise StorageError(Refusal.METHOD_NOT_ALLOWED)
    outcome = await services.uploads.put(session, call)
    if isinstance(outcome, StoredObject):
        return _finished(session, outcome, call)
    return _incomplete(outcome, call)


def _finished(session: Session, stored: StoredObject, call: Call) -> StreamResponse:
    if session.terms.dialect == "xml":
        return empty_answer(200, object_headers(stored))
    return json_answer(object_resource(stored, call.base_url))


def _incomplete(kept_bytes: int, call: Call) -> StreamResponse:
    """308 with Range; no Range header means that no bytes are kept."""
    headers = {"Range": f"bytes=0-{kept_bytes - 1}"} if kept_bytes else {}
    if call.headers.get("X-GUploader-No-308", "").lower() == "yes":
        return empty_answer(200, {**headers, "X-Http-Status-Code-Override": "308"})
    return empty_answer(308, headers)
