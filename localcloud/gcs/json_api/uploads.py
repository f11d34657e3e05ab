"""JSON API: the upload endpoints (/upload/storage/v1 and /resumable/upload/storage/v1)."""

from typing import Any
from urllib.parse import quote

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer, json_answer
from localcloud.gcs.http.call import Call, parse_document
from localcloud.gcs.http.conditions import refuse_entity_tags
from localcloud.gcs.json_api.objects import checked_document, object_document
from localcloud.gcs.services import Services
from localcloud.gcs.store.content.checksums import DeclaredChecksums
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.metadata.records import Content, settable_fields
from localcloud.gcs.store.metadata.resources import object_resource
from localcloud.gcs.store.objects import check_name
from localcloud.gcs.store.sessions import Terms
from localcloud.gcs.uploads.multipart import RelatedParts
from localcloud.gcs.uploads.object_headers import metadata_headers
from localcloud.gcs.uploads.single import receive


async def insert(services: Services, call: Call, bucket: str) -> StreamResponse:
    """POST /upload/storage/v1/b/BUCKET/o?uploadType=media|multipart|resumable"""
    services.buckets.get(bucket)
    refuse_entity_tags(call.headers)
    kind = call.query.get("uploadType") or call.headers.get("X-Goog-Upload-Protocol")
    if kind == "media":
        return await _insert_media(services, call, bucket)
    if kind == "multipart":
        return await _insert_multipart(services, call, bucket)
    if kind == "resumable":
        return await _open_session(services, call, bucket)
    raise StorageError(Refusal.INVALID_ARGUMENT, f"Unknown uploadType: {kind}")


async def _insert_media(services: Services, call: Call, bucket: str) -> StreamResponse:
    name = _name(call, {})
    fields = {"contentType": call.headers.get("Content-Type", "application/octet-stream")}
    if encoding := call.query.get("contentEncoding"):
        fields["contentEncoding"] = encoding
    content = await receive(services.blobs, call.body.pieces())
    return _commit(services, call, bucket, name, content, fields, {})


async def _insert_multipart(services: Services, call: Call, bucket: str) -> StreamResponse:
    parts = RelatedParts(call.headers.get("Content-Type", ""), call.body.pieces())
    document = checked_document(parse_document(await parts.metadata()))
    name = _name(call, document)
    fields = settable_fields(document)
    fields.setdefault("contentType", parts.media_headers.get("content-type", "application/octet-stream"))
    content = await receive(services.blobs, parts.media())
    return _commit(services, call, bucket, name, content, fields, document)


def _commit(
    services: Services,
    call: Call,
    bucket: str,
    name: str,
    content: Content,
    fields: dict[str, Any],
    document: dict[str, Any],
) -> StreamResponse:
    try:
        _declared(document).and_headers(call.headers).check(content.crc32c, content.md5)
        conditions = Preconditions.from_query(call.query)
        stored = services.objects.commit(bucket, name, content, fields, conditions)
    except StorageError:
        services.blobs.discard(content.blob)
        raise
    return json_answer(object_resource(stored, call.base_url))


async def _open_session(services: Services, call: Call, bucket: str) -> StreamResponse:
    document = await object_document(call)
    name = _name(call, document)
    check_name(name)
    fields = settable_fields(document)
    fields.setdefault("contentType", call.headers.get("X-Upload-Content-Type", "application/octet-stream"))
    if metadata := metadata_headers(call.headers):
        fields["metadata"] = {**metadata, **fields.get("metadata", {})}
    terms = Terms(
        dialect="json",
        bucket=bucket,
        name=name,
        fields=fields,
        conditions=Preconditions.from_query(call.query),
        checksums=_declared(document),
        declared_size=declared_size(call),
        origin=call.headers.get("Origin"),
    )
    session = services.sessions.open(terms)
    # The parameters that shape the answer come back with the request that completes the upload.
    shape = "".join(f"&{key}={quote(call.query[key], safe='')}" for key in ("fields", "projection") if key in call.query)
    query = f"uploadType=resumable&name={quote(name, safe='')}{shape}&upload_id={session.id}"
    location = f"{call.base_url}/upload/storage/v1/b/{bucket}/o?{query}"
    return empty_answer(200, {"Location": location, "X-GUploader-UploadID": session.id})


def declared_size(call: Call) -> int | None:
    """Return X-Upload-Content-Length in bytes. Raises StorageError (400) if it is not a number."""
    text = call.headers.get("X-Upload-Content-Length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise StorageError(Refusal.INVALID_ARGUMENT, f"Invalid X-Upload-Content-Length: {text}")
    return int(text)


def _declared(document: dict[str, Any]) -> DeclaredChecksums:
    crc32c, md5 = document.get("crc32c"), document.get("md5Hash")
    if not isinstance(crc32c, str | None) or not isinstance(md5, str | None):
        raise StorageError(Refusal.INVALID_ARGUMENT, "crc32c and md5Hash must be base64 texts.")
    return DeclaredChecksums(crc32c, md5)


def _name(call: Call, document: dict[str, Any]) -> str:
    """Return the object name from query or metadata. Raises StorageError (400) if missing or contradictory."""
    in_query, in_document = call.query.get("name"), document.get("name")
    if in_query and in_document and in_query != in_document:
        raise StorageError(Refusal.INVALID_ARGUMENT, "The name in the query and in the metadata must be the same.")
    name = in_query or in_document
    if not isinstance(name, str):
        raise StorageError(Refusal.REQUIRED, "Required: name")
    return name
