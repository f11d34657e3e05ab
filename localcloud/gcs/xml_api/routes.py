"""XML API: signature first, then the handler for the verb."""

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.session_requests import answer_session
from localcloud.gcs.http.signed_calls import signer_of_call
from localcloud.gcs.services import Services
from localcloud.gcs.v4.authorization import refuse_other_credentials
from localcloud.gcs.xml_api import listing, objects
from localcloud.gcs.xml_api.resource import addressed

OBJECT_HANDLERS = {
    "GET": objects.get,
    "HEAD": objects.get,
    "PUT": objects.put,
    "DELETE": objects.delete,
    "POST": objects.open_session,
}
# If these were ignored, a PUT would overwrite the object, and a GET would return it in place of its settings.
UNSUPPORTED_QUERIES = frozenset(
    {
        *("uploads", "uploadId", "partNumber", "acl", "defaultObjectAcl", "cors", "compose", "tagging", "lifecycle"),
        *("versioning", "versions", "policy", "location", "logging", "website", "websiteConfig", "billing", "encryption"),
        *("encryptionConfig", "customerRetention", "object-lock", "retention", "legal-hold", "storageClass", "delete"),
        *("notification", "requestPayment", "restore", "torrent", "select", "attributes", "session", "rename"),
        *("list-type", "continuation-token", "start-after", "encoding-type", "generation-marker", "fetch-owner"),
        *("response-cache-control", "response-content-encoding", "response-content-language", "response-expires"),
    }
)


async def answer_xml(services: Services, call: Call) -> StreamResponse:
    """Answer a request. Every one must be signed, except those to a session URI.

    Raises:
        StorageError: with Google's status and code for the first check that fails.
    """
    if "upload_id" in call.query:
        return await answer_session(services, call)
    resource = addressed(call, services.buckets)
    if signer_of_call(services.verifier, call) is None:
        refuse_other_credentials(call.target, call.headers)
        raise StorageError(Refusal.ACCESS_DENIED, "Anonymous caller does not have access to this resource.")
    for name in sorted(UNSUPPORTED_QUERIES & set(call.query)):
        raise StorageError(Refusal.NOT_IMPLEMENTED, f"The parameter {name} is not offered by the emulator's XML API.")
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
