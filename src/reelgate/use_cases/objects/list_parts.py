"""The parts of a chunked upload in the bucket: list them, and remove them."""

from __future__ import annotations

import logging

from reelgate.domain.books.video import StoredObject
from reelgate.domain.files.part_names import folder_of, parse_part_name
from reelgate.ports.storage import HasMedia

PAGE = 1000

_log = logging.getLogger(__name__)


async def list_parts(services: HasMedia, uid: str, upload_id: str) -> dict[int, StoredObject]:
    """Return the objects of the chunks that have arrived, by index, in the order of the indexes. Raises Unavailable."""
    parts: dict[int, StoredObject] = {}
    after: str | None = None
    while True:
        page = await services.media.listing(folder_of(uid, upload_id), after=after, limit=PAGE)
        for found in page:
            name = parse_part_name(found.name)
            if name is not None and name.index is not None:
                parts[name.index] = found
        if len(page) < PAGE:
            return parts
        after = page[-1].name


async def remove_parts(services: HasMedia, uid: str, upload_id: str) -> None:
    """Remove all parts of an upload that is no longer open. Never raises: the sweep removes what is left."""
    try:
        while page := await services.media.listing(folder_of(uid, upload_id), limit=PAGE):
            await services.media.remove_all(page)
    except Exception as error:  # the upload is settled: an error here would look as if it were not
        _log.warning("parts of upload %s are left for the sweep: %s", upload_id, type(error).__name__)
