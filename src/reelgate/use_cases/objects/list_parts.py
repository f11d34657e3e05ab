"""The parts of a chunked upload in the bucket: list them, and remove them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from reelgate.domain.books.entries import Entry
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files.part_names import folder_of, parse_part_name
from reelgate.domain.uploads.rejected_objects import is_late_part
from reelgate.ports.books import ReadSet
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.objects.late_objects import end_entries, ended_by, settle_late_part

PAGE = 1000
MAX_LATE_AT_ONCE = 20
"""How many late parts are settled here. The event of each settles it as well, and the sweep."""

_log = logging.getLogger(__name__)


async def list_parts(services: HasMedia, uid: str, upload_id: str) -> dict[int, StoredObject]:
    """Return the objects of the chunks that have arrived, by index, in the order of the indexes. Raises Unavailable."""
    parts: dict[int, StoredObject] = {}
    after: str | None = None
    while True:
        page = await services.media.listing(folder_of(uid, upload_id), after=after, limit=PAGE)
        for found in page:
            name = parse_part_name(found.name)
            if name is not None and name.index is not None and not found.is_placeholder:
                parts[name.index] = found
        if len(page) < PAGE:
            return parts
        after = page[-1].name


async def remove_parts(services: CommitServices, uid: str, upload_id: str, *, sealed: int | None = None) -> None:
    """Remove the parts of an upload that is no longer open, and charge those that arrived too late.

    Placeholders are left to the sweep: until the URLs of the parts have expired, they refuse what else is sent with them.

    Never raises: the sweep does what is left.

    Args:
        sealed: the number of parts of an upload that was completed; None finds out which parts were counted.
    """
    try:
        await _remove_parts(services, uid, upload_id, sealed)
    except Exception as error:  # the upload is settled: an error here would look as if it were not
        _log.warning("parts of upload %s are left for the sweep: %s", upload_id, type(error).__name__)


async def _remove_parts(services: CommitServices, uid: str, upload_id: str, sealed: int | None) -> None:
    ended = None
    if sealed is None:
        ended = ended_by(await services.books.read(uid, ReadSet(entry_ids=end_entries(upload_id))), upload_id)
    after: str | None = None
    late: list[StoredObject] = []
    while True:
        page = await services.media.listing(folder_of(uid, upload_id), after=after, limit=PAGE)
        remaining = [found for found in page if not found.is_placeholder]
        late += (here := [found for found in remaining if _is_late(found, sealed, ended)])
        await services.media.remove_all([found for found in remaining if found not in here])
        if len(page) < PAGE:
            break
        after = page[-1].name
    await settle_late_parts(services, late[:MAX_LATE_AT_ONCE])


def _is_late(found: StoredObject, sealed: int | None, ended: Entry | None) -> bool:
    name = parse_part_name(found.name)
    if name is None or name.index is None:
        return False
    return name.index >= sealed if sealed is not None else is_late_part(name.index, found, upload=None, ended=ended)


async def settle_late_parts(services: CommitServices, parts: Sequence[StoredObject]) -> None:
    """Charge parts that arrived too late, one after the other: they change one account. Raises BooksBusy, Unavailable."""
    for found in parts:
        name = parse_part_name(found.name)
        if name is not None:
            await settle_late_part(services, name, found)
