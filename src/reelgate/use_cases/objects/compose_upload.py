"""Have the bucket compose a sealed upload's parts into one object: a tree of compositions of up to 32 objects each.

Every object is written create-only, under a name derived from the upload. A repetition after a crash, or a concurrent
request, therefore continues with the objects that exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files import names
from reelgate.domain.files.part_names import PART_TYPE, composed_name
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.objects.list_parts import list_parts

MAX_SOURCES = 32
"""The maximum number of objects that Cloud Storage composes in one request (Cloud Storage docs, "Composite objects")."""

AT_ONCE = 8


async def compose_upload(services: HasMedia, uid: str, upload: OpenUpload) -> StoredObject | None:
    """Return the object of a sealed upload, composed now or before; None if it does not exist and some of its parts are
    missing.

    Raises Unavailable; the next call uses the objects composed so far.
    """
    whole = names.object_name(uid, upload.upload_id, upload.filename)
    found = await services.media.find(whole)
    if found is not None:
        return found
    parts = await list_parts(services, uid, upload.upload_id)
    sources: Sequence[StoredObject | None] = [parts.get(index) for index in range(upload.sealed_chunks or 0)]
    level = 0
    while len(sources) > MAX_SOURCES:
        level += 1
        sources = await _next_level(services, uid, upload.upload_id, level, _present(sources))
    present = _present(sources)
    if present:
        await services.media.compose(whole, present, content_type=upload.content_type, upload_id=upload.upload_id)
    return await services.media.find(whole)  # another request may have composed it and removed the parts


async def _next_level(
    services: HasMedia, uid: str, upload_id: str, level: int, sources: Sequence[StoredObject]
) -> Sequence[StoredObject | None]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def join(number: int, group: Sequence[StoredObject]) -> StoredObject | None:
        if len(group) == 1:
            return group[0]
        async with gate:
            name = composed_name(uid, upload_id, level, number)
            return await services.media.compose(name, group, content_type=PART_TYPE, upload_id=upload_id)

    groups = [sources[at : at + MAX_SOURCES] for at in range(0, len(sources), MAX_SOURCES)]
    return await asyncio.gather(*(join(number, group) for number, group in enumerate(groups)))


def _present(sources: Sequence[StoredObject | None]) -> Sequence[StoredObject]:
    """Return the sources, or none if one of them is missing."""
    present = [source for source in sources if source is not None]
    return present if len(present) == len(sources) else []
