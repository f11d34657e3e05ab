"""XML API: signed GET, HEAD, PUT, DELETE, and the POST that opens a resumable session."""

from urllib.parse import quote

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.conditions import refuse_entity_tags
from localcloud.gcs.http.downloads.object_answer import download, object_headers, xml_etag
from localcloud.gcs.http.refusals import refuse_keys, refuse_write_headers
from localcloud.gcs.json_api.objects import wanted_generation
from localcloud.gcs.json_api.uploads import declared_size
from localcloud.gcs.services import Services
from localcloud.gcs.store.content.checksums import DeclaredChecksums
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.objects import check_name
from localcloud.gcs.store.sessions import Terms
from localcloud.gcs.uploads.object_headers import fields_of_headers
from localcloud.gcs.uploads.single import receive
from localcloud.gcs.xml_api.content_length_range import LengthRange
from localcloud.gcs.xml_api.resource import Resource


async def get(services: Services, call: Call, resource: Resource) -> StreamResponse:
    """GET and HEAD of an object, with ranges and response-content-* overrides."""
    refuse_keys(call.headers)
    stored = services.objects.get(resource.bucket, resource.name, wanted_generation(call))
    Preconditions.from_headers(call.headers).check_read(stored)
    return download(services.blobs, call, stored, xml_etag(stored))


async def put(services: Services, call: Call, resource: Resource) -> StreamResponse:
    """PUT of a whole object. Preconditions are checked before the size, both before the object is visible."""
    _refuse(call)
    check_name(resource.name)
    conditions = Preconditions.from_headers(call.headers)
    allowed = LengthRange.from_headers(call.headers)
    live = services.objects.find(resource.bucket, resource.name)
    if call.content_length is not None and not allowed.admits(call.content_length):
        conditions.check_write(live)
        allowed.check(call.content_length)
    content = await receive(services.blobs, call.body.pieces(), allowed.maximum)
    try:
        conditions.check_write(services.objects.find(resource.bucket, resource.name))
        allowed.check(content.size)
        DeclaredChecksums().and_headers(call.headers).check(content.crc32c, content.md5)
        fields = fields_of_headers(call.headers)
        stored = services.objects.commit(resource.bucket, resource.name, content, fields, conditions)
    except StorageError:
        services.blobs.discard(content.blob)
        raise
    return empty_answer(200, object_headers(stored))


async def delete(services: Services, call: Call, resource: Resource) -> StreamResponse:
    """DELETE of an object."""
    _refuse(call)
    conditions = Preconditions.from_headers(call.headers)
    services.objects.delete(resource.bucket, resource.name, conditions, wanted_generation(call))
    return empty_answer(204)


async def open_session(services: Services, call: Call, resource: Resource) -> StreamResponse:
    """POST with x-goog-resumable: start. Content type, metadata and precondition are fixed here."""
    if call.headers.get("x-goog-resumable", "").lower() != "start":
        raise StorageError(Refusal.NOT_IMPLEMENTED, "POST is offered for opening resumable uploads only.")
    if call.content_length:
        raise StorageError(Refusal.INVALID_ARGUMENT, "The request that opens an upload must be empty.")
    _refuse(call)
    services.buckets.get(resource.bucket)
    check_name(resource.name)
    terms = Terms(
        dialect="xml",
        bucket=resource.bucket,
        name=resource.name,
        fields=fields_of_headers(call.headers),
        conditions=Preconditions.from_headers(call.headers),
        # A hash signed here is not compared with the data; neither does the real service.
        checksums=DeclaredChecksums(),
        declared_size=declared_size(call),
        origin=call.headers.get("Origin"),
    )
    session = services.sessions.open(terms)
    location = f"{call.base_url}{quote(call.target.raw_path, safe='/%~')}?upload_id={session.id}"
    return empty_answer(201, {"Location": location, "X-GUploader-UploadID": session.id})


def _refuse(call: Call) -> None:
    """Raises StorageError (501) for headers that a write cannot honour."""
    refuse_write_headers(call.headers)
    refuse_entity_tags(call.headers)
    if "aws-chunked" in call.headers.get("Content-Encoding", "").lower():
        raise StorageError(Refusal.NOT_IMPLEMENTED, "Content-Encoding: aws-chunked is not offered; send the bytes as they are.")
