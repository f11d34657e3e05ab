"""JSON API: which handler answers which path."""

import re
from collections.abc import Awaitable, Callable

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.refusals import refuse_keys, refuse_parameters
from localcloud.gcs.http.session_requests import answer_session
from localcloud.gcs.http.signed_calls import signer_of_call
from localcloud.gcs.http.target import decode
from localcloud.gcs.json_api import buckets, copies, objects, uploads
from localcloud.gcs.json_api.shape import Shape
from localcloud.gcs.services import Services

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
    (r"/storage/v1/b/([^/]+)/o/(.+)/moveTo/o/(.+)", {"POST": copies.move}),
    (r"/storage/v1/b/([^/]+)/o/(.+)/compose", {"POST": copies.compose}),
    (
        r"/storage/v1/b/([^/]+)/o/(.+)",
        {"GET": objects.get, "PATCH": objects.patch, "PUT": objects.update, "DELETE": objects.delete},
    ),
    (r"/download/storage/v1/b/([^/]+)/o/(.+)", {"GET": objects.media}),
    (r"(?:/resumable)?/upload/storage/v1/b/([^/]+)/o/?", {"POST": uploads.insert, "PUT": uploads.insert}),
]
# Paths of the documented API without a handler, so that "not offered" and "no such thing" are different answers.
OBJECT_ACL = re.compile(r"/storage/v1/b/[^/]+/o/[^/]+/acl(?:/[^/]+)?")
SHORT = re.compile(r"/b(?:/|$)")
NOT_OFFERED = re.compile(
    r"/(acl|defaultObjectAcl|iam|notificationConfigs|lockRetentionPolicy|anywhereCaches|managedFolders|folders|"
    r"bulkRestore|watch|restore|hmacKeys|serviceAccount|channels|operations|relocate)(?:/|$)"
)
ROUTES = [(re.compile(pattern), handlers) for pattern, handlers in TABLE]


def is_json_api(raw_path: str) -> bool:
    """Whether a path belongs to the JSON API; everything else is a bucket of the XML API.

    `/b/...` is short for `/storage/v1/b/...`: Google's Node client sends it to the host in STORAGE_EMULATOR_HOST, and no bucket
    can have a name of one letter.
    """
    return raw_path.startswith(PREFIXES) or raw_path == "/batch" or SHORT.match(raw_path) is not None


async def answer_json(services: Services, call: Call) -> StreamResponse:
    """Answer a request. It needs no credentials, but a V4 signature must be valid if there is one.

    Raises:
        StorageError: anything the handler refuses; 404 and 405 if there is no handler.
    """
    refuse_parameters(call.query)
    refuse_keys(call.headers)
    shape = Shape.of(call.query)
    _read_coding(call)
    return shape.applied(await _answer(services, call), services.buckets)


async def _answer(services: Services, call: Call) -> StreamResponse:
    if "upload_id" in call.query:
        return await answer_session(services, call)
    signer_of_call(services.verifier, call)
    method = "GET" if call.method == "HEAD" else call.method
    path = call.target.raw_path
    if SHORT.match(path):
        path = f"/storage/v1{path}"
    refusal = Refusal.NO_SUCH_ROUTE
    if OBJECT_ACL.fullmatch(path):
        raise _not_offered("acl")
    for pattern, handlers in ROUTES:
        match = pattern.fullmatch(path)
        if match is not None and method in handlers:
            return await handlers[method](services, call, *map(decode, match.groups()))
        if match is not None:
            refusal = Refusal.METHOD_NOT_ALLOWED
    if named := NOT_OFFERED.search(path):
        raise _not_offered(named[1])
    raise StorageError(refusal)


def _not_offered(name: str) -> StorageError:
    details = f"{name} is not offered by the emulator (docs/storage-emulator.md lists what is)."
    return StorageError(Refusal.NOT_IMPLEMENTED, details)


def _read_coding(call: Call) -> None:
    """Unpack a gzip request. Only the transfer is compressed; the object is the unpacked content.

    With `contentEncoding=gzip` the client means the object itself. Source: Cloud Storage documentation, "Transcoding"; the
    same in googleapis/storage-testbench, testbench/common.py.
    """
    coding = call.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"identity", "", call.query.get("contentEncoding", "").lower()}:
        return
    if coding != "gzip":
        raise StorageError(Refusal.NOT_IMPLEMENTED, f"Content-Encoding: {coding} is not offered for requests, only gzip.")
    if "Content-Range" in call.headers:
        raise StorageError(Refusal.NOT_IMPLEMENTED, "Content-Encoding: gzip is not offered for parts of an upload.")
    call.body.compressed = True
