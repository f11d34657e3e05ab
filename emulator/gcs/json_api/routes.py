"""JSON API: which handler answers which path."""

import re
from collections.abc import Awaitable, Callable

from aiohttp.web import StreamResponse

from emulator.gcs.errors import Refusal, StorageError
from emulator.gcs.http.call import Call
from emulator.gcs.http.session_requests import answer_session
from emulator.gcs.http.target import decode
from emulator.gcs.json_api import buckets, copies, objects, uploads
from emulator.gcs.services import Services

Handler = Callable[..., Awaitable[StreamResponse]]

PREFIXES = ("/storage/v1/", "/upload/storage/v1/", "/resumable/upload/storage/v1/", "/download/storage/v1/", "/batch/")

# The first pattern that matches the raw path and offers the verb decides.
# Object names come percent-encoded, but a plain slash is accepted.
TABLE: list[tuple[str, dict[str, Handler]]] = [
    (r"/storage/v1/b/?", {"GET": buckets.list_all, "POST": buckets.create}),
    (
        r"/storage/v1/b/([^/]+)",
        {"GET": buckets.get, "PATCH": buckets.patch, "PUT": buckets.update, "DELETE": buckets.delete},
    ),
    (r"/storage/v1/b/([^/]+)/storageLayout", {"GET": buckets.storage_layout}),
    (r"/storage/v1/b/([^/]+)/(?:managedFolders|folders)", {"GET": buckets.no_folders}),
    (r"/storage/v1/b/([^/]+)/iam/testPermissions", {"GET": buckets.test_permissions}),
    (r"/storage/v1/b/([^/]+)/o/?", {"GET": objects.list_in_bucket}),
    (r"/storage/v1/b/([^/]+)/o/(.+)/rewriteTo/b/([^/]+)/o/(.+)", {"POST": copies.rewrite}),
    (r"/storage/v1/b/([^/]+)/o/(.+)/copyTo/b/([^/]+)/o/(.+)", {"POST": copies.copy}),
    (r"/storage/v1/b/([^/]+)/o/(.+)/compose", {"POST": copies.compose}),
    (
        r"/storage/v1/b/([^/]+)/o/(.+)",
        {"GET": objects.get, "PATCH": objects.patch, "PUT": objects.update, "DELETE": objects.delete},
    ),
    (r"/download/storage/v1/b/([^/]+)/o/(.+)", {"GET": objects.media}),
    (r"(?:/resumable)?/upload/storage/v1/b/([^/]+)/o/?", {"POST": uploads.insert, "PUT": uploads.insert}),
]
ROUTES = [(re.compile(pattern), handlers) for pattern, handlers in TABLE]


def is_json_api(raw_path: str) -> bool:
    """Whether a path belongs to the JSON API; everything else is a bucket of the XML API."""
    return raw_path.startswith(PREFIXES) or raw_path == "/batch"


async def answer_json(services: Services, call: Call) -> StreamResponse:
    """Answer a request. It needs no credentials, but a V4 signature that is there must be right.

    Raises:
        StorageError: whatever the handler refuses; 404 and 405 for what there is no handler for.
    """
    if "upload_id" in call.query:
        return await answer_session(services, call)
    services.verifier.signer_of(call.method, call.target, call.headers)
    method = "GET" if call.method == "HEAD" else call.method
    refusal = Refusal.NO_SUCH_ROUTE
    for pattern, handlers in ROUTES:
        match = pattern.fullmatch(call.target.raw_path)
        if match is not None and method in handlers:
            return await handlers[method](services, call, *map(decode, match.groups()))
        if match is not None:
            refusal = Refusal.METHOD_NOT_ALLOWED
    raise StorageError(refusal)
