"""JSON API: reading, listing, changing and deleting objects."""

from collections.abc import Mapping
from typing import Any

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import empty_answer, json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.conditions import Representation
from localcloud.gcs.http.downloads.object_answer import download
from localcloud.gcs.http.refusals import refuse_fields
from localcloud.gcs.json_api.acls import without_acls
from localcloud.gcs.services import Services
from localcloud.gcs.store.globs import glob_pattern
from localcloud.gcs.store.listing import PAGE_LIMIT, ListQuery, list_objects
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.metadata.records import StoredObject, merged_fields, settable_fields
from localcloud.gcs.store.metadata.resources import etag, object_resource


async def get(services: Services, call: Call, bucket: str, name: str) -> StreamResponse:
    """GET /storage/v1/b/BUCKET/o/OBJECT, with alt=media the bytes."""
    if call.query.get("alt") == "media":
        return await media(services, call, bucket, name)
    stored = _readable(services, call, bucket, name)
    Representation(etag(stored)).check_read(call.headers)
    return _answer(stored, call)


async def media(services: Services, call: Call, bucket: str, name: str) -> StreamResponse:
    """GET /download/storage/v1/b/BUCKET/o/OBJECT"""
    try:
        stored = _readable(services, call, bucket, name)
        return download(services.blobs, call, stored, etag(stored))
    except StorageError as error:
        error.plain = True  # media comes from other servers, which do not wrap their errors
        raise


async def list_in_bucket(services: Services, call: Call, bucket: str) -> StreamResponse:
    """GET /storage/v1/b/BUCKET/o"""
    services.buckets.get(bucket)
    page = list_objects(services.database, _list_query(call, bucket))
    document: dict[str, object] = {"kind": "storage#objects"}
    if page.next_page_token:
        document["nextPageToken"] = page.next_page_token
    if page.prefixes:
        document["prefixes"] = page.prefixes
    if page.objects:
        document["items"] = [object_resource(stored, call.base_url) for stored in page.objects]
    return json_answer(document)


async def patch(services: Services, call: Call, bucket: str, name: str) -> StreamResponse:
    """PATCH /storage/v1/b/BUCKET/o/OBJECT"""
    document = await object_document(call)
    before = _writable(services, call, bucket, name)
    return _answer(services.objects.change_fields(before, merged_fields(before.fields, document)), call)


async def update(services: Services, call: Call, bucket: str, name: str) -> StreamResponse:
    """PUT /storage/v1/b/BUCKET/o/OBJECT"""
    document = await object_document(call)
    before = _writable(services, call, bucket, name)
    return _answer(services.objects.change_fields(before, settable_fields(document)), call)


async def delete(services: Services, call: Call, bucket: str, name: str) -> StreamResponse:
    """DELETE /storage/v1/b/BUCKET/o/OBJECT"""
    stored = services.objects.get(bucket, name, wanted_generation(call))
    Representation(etag(stored)).check_write(call.headers)
    services.objects.delete(bucket, name, Preconditions.from_query(call.query), wanted_generation(call))
    return empty_answer(204)


async def object_document(call: Call) -> dict[str, Any]:
    """Return the object resource in the body. Raises StorageError: 400, or 501 for what would have no effect."""
    return checked_document(await call.document())


def checked_document(document: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an object resource that clients may set. Raises StorageError (501) for what has no effect."""
    refuse_fields(document)
    return without_acls(document)


def wanted_generation(call: Call, name: str = "generation") -> int | None:
    """Return the generation that the query asks for. Raises StorageError (400) if it is not a number."""
    return parse_generation(call.query.get(name))


def parse_generation(value: object) -> int | None:
    """Return a generation given as text or number, None for none. Raises StorageError (400) for anything else."""
    if value is None:
        return None
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        raise StorageError(Refusal.INVALID_ARGUMENT, f"Invalid generation: {text}")
    return int(text)


def _readable(services: Services, call: Call, bucket: str, name: str) -> StoredObject:
    stored = services.objects.get(bucket, name, wanted_generation(call))
    Preconditions.from_query(call.query).check_read(stored)
    return stored


def _writable(services: Services, call: Call, bucket: str, name: str) -> StoredObject:
    stored = services.objects.get(bucket, name, wanted_generation(call))
    Preconditions.from_query(call.query).check_write(stored)
    Representation(etag(stored)).check_write(call.headers)
    return stored


def _answer(stored: StoredObject, call: Call) -> StreamResponse:
    return json_answer(object_resource(stored, call.base_url))


def page_size(query: Mapping[str, str]) -> int:
    """Return maxResults, at most 1000. Raises StorageError (400) if it is not a number above 0."""
    limit = query.get("maxResults", str(PAGE_LIMIT))
    if not (limit.isascii() and limit.isdigit() and int(limit) > 0):
        raise StorageError(Refusal.INVALID_ARGUMENT, f"Invalid value for maxResults: {limit}")
    return min(int(limit), PAGE_LIMIT)


def _list_query(call: Call, bucket: str) -> ListQuery:
    query = call.query
    glob = query.get("matchGlob")
    if glob is not None and query.get("delimiter", "/") != "/":
        raise StorageError(Refusal.INVALID_ARGUMENT, "With matchGlob the delimiter can only be /.")
    return ListQuery(
        bucket=bucket,
        prefix=query.get("prefix", ""),
        delimiter=query.get("delimiter", ""),
        start_offset=query.get("startOffset", ""),
        end_offset=query.get("endOffset", ""),
        page_token=query.get("pageToken", ""),
        max_results=page_size(query),
        include_trailing_delimiter=query.get("includeTrailingDelimiter", "").lower() == "true",
        glob=glob_pattern(glob) if glob is not None else None,
    )
