"""XML API: signature first, then the handler for the verb."""

from aiohttp.web import StreamResponse

from emulator.gcs.errors import Refusal, StorageError
from emulator.gcs.http.answers import empty_answer
from emulator.gcs.http.call import Call
from emulator.gcs.http.session_requests import answer_session
from emulator.gcs.services import Services
from emulator.gcs.xml_api import listing, objects
from emulator.gcs.xml_api.resource import addressed

OBJECT_HANDLERS = {
    "GET": objects.get,
    "HEAD": objects.get,
    "PUT": objects.put,
    "DELETE": objects.delete,
    "POST": objects.open_session,
}
# Asking for one of these without being understood would overwrite the object, or list it as if it were its settings.
UNSUPPORTED_QUERIES = frozenset(
    {"uploads", "uploadId", "partNumber", "acl", "cors", "compose", "tagging", "lifecycle", "versioning", "policy"}
)


async def answer_xml(services: Services, call: Call) -> StreamResponse:
    """Answer a request. Every one must be signed, except those to a session URI.

    Raises:
        StorageError: with Google's status and code for the first check that fails.
    """
    if "upload_id" in call.query:
        return await answer_session(services, call)
    resource = addressed(call, services.buckets)
    signer = services.verifier.signer_of(call.method, call.target, call.headers)
    if signer is None:
        raise StorageError(Refusal.ACCESS_DENIED, "Anonymous caller does not have access to this resource.")
    if UNSUPPORTED_QUERIES & set(call.query):
        raise StorageError(Refusal.NOT_IMPLEMENTED)
    if resource.name:
        handler = OBJECT_HANDLERS.get(call.method)
        if handler is None:
            raise StorageError(Refusal.METHOD_NOT_ALLOWED)
        return await handler(services, call, resource)
    if resource.bucket and call.method == "GET":
        return await listing.list_bucket(services, call, resource)
    if resource.bucket and call.method == "HEAD":
        services.buckets.get(resource.bucket)
        return empty_answer(200)
    raise StorageError(Refusal.METHOD_NOT_ALLOWED)
