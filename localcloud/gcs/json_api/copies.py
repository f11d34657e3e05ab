"""JSON API: objects made from objects: rewrite, copy, compose."""

import asyncio
from typing import Any

from aiohttp.web import StreamResponse

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.answers import json_answer
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.conditions import refuse_entity_tags
from localcloud.gcs.json_api.objects import checked_document, object_document, parse_generation, wanted_generation
from localcloud.gcs.services import Services
from localcloud.gcs.store.content.concatenation import concatenate
from localcloud.gcs.store.metadata.preconditions import Preconditions
from localcloud.gcs.store.metadata.records import Content, StoredObject, settable_fields
from localcloud.gcs.store.metadata.resources import object_resource

COMPOSE_LIMIT = 32


async def rewrite(services: Services, call: Call, bucket: str, name: str, to_bucket: str, to_name: str) -> StreamResponse:
    """POST .../o/OBJECT/rewriteTo/b/BUCKET/o/OBJECT: always done in one call, for any size."""
    stored = await _copy(services, call, (bucket, name), (to_bucket, to_name))
    size = str(stored.content.size)
    return json_answer(
        {
            "kind": "storage#rewriteResponse",
            "totalBytesRewritten": size,
            "objectSize": size,
            "done": True,
            "resource": object_resource(stored, call.base_url),
        }
    )


async def copy(services: Services, call: Call, bucket: str, name: str, to_bucket: str, to_name: str) -> StreamResponse:
    """POST .../o/OBJECT/copyTo/b/BUCKET/o/OBJECT"""
    stored = await _copy(services, call, (bucket, name), (to_bucket, to_name))
    return json_answer(object_resource(stored, call.base_url))


async def move(services: Services, call: Call, bucket: str, name: str, to_name: str) -> StreamResponse:
    """POST .../o/OBJECT/moveTo/o/OBJECT: renames the object within its bucket, atomically, with its metadata."""
    refuse_entity_tags(call.headers)
    before = services.objects.get(bucket, name)
    Preconditions.from_query(call.query, "ifSource").check_write(before)
    moved = services.objects.move(before, to_name, Preconditions.from_query(call.query))
    return json_answer(object_resource(moved, call.base_url))


async def compose(services: Services, call: Call, bucket: str, name: str) -> StreamResponse:
    """POST .../o/OBJECT/compose: at most 32 sources of the same bucket; the result has no MD5."""
    document = await call.document()
    refuse_entity_tags(call.headers)
    sources = _compose_sources(services, bucket, document.get("sourceObjects"))
    files = [services.blobs.open(source.content.blob) for source in sources]
    blob = services.blobs.new_id()
    size, crc32c = await asyncio.to_thread(concatenate, files, services.blobs.path(blob))
    parts = sum(source.content.component_count or 1 for source in sources)
    destination = document.get("destination")
    # Nothing is copied from the sources, not even the type (documentation, "Objects: compose").
    fields = settable_fields(checked_document(destination if isinstance(destination, dict) else {}))
    stored = _commit(services, call, bucket, name, Content(blob, size, crc32c, None, parts), fields)
    if document.get("deleteSourceObjects") is True:
        for source in {source.name: source for source in sources if source.name != name}.values():
            services.objects.delete(bucket, source.name, generation=source.generation)
    return json_answer(object_resource(stored, call.base_url))


async def _copy(services: Services, call: Call, source: tuple[str, str], target: tuple[str, str]) -> StoredObject:
    document = await object_document(call)
    refuse_entity_tags(call.headers)
    before = services.objects.get(*source, wanted_generation(call, "sourceGeneration"))
    Preconditions.from_query(call.query, "ifSource").check_write(before)
    fields = {"contentType": before.content_type, **settable_fields(document)} if document else before.fields
    content = before.content
    linked = Content(services.blobs.link(content.blob), content.size, content.crc32c, content.md5, content.component_count)
    return _commit(services, call, *target, linked, fields)


def _commit(services: Services, call: Call, bucket: str, name: str, content: Content, fields: dict[str, Any]) -> StoredObject:
    try:
        return services.objects.commit(bucket, name, content, fields, Preconditions.from_query(call.query))
    except StorageError:
        services.blobs.discard(content.blob)
        raise


def _compose_sources(services: Services, bucket: str, listed: Any) -> list[StoredObject]:
    if not isinstance(listed, list) or not listed:
        raise StorageError(Refusal.REQUIRED, "You must provide at least one source component.")
    if len(listed) > COMPOSE_LIMIT:
        raise StorageError(
            Refusal.INVALID_ARGUMENT,
            f"The number of source components provided ({len(listed)}) exceeds the maximum ({COMPOSE_LIMIT})",
        )
    return [_compose_source(services, bucket, entry) for entry in listed]


def _compose_source(services: Services, bucket: str, entry: Any) -> StoredObject:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        raise StorageError(Refusal.REQUIRED, "Every source object needs a name.")
    stored = services.objects.get(bucket, entry["name"], parse_generation(entry.get("generation")))
    conditions = entry.get("objectPreconditions") or {}
    given = {key: str(value) for key, value in conditions.items() if value is not None}
    Preconditions.from_query(given).check_write(stored)
    return stored
