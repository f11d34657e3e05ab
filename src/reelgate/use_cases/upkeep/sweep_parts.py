"""Remove parts that belong to no open upload: left by a process that died, or written later with a signed URL.

What came too late and was not charged, because its event was lost, is charged now. Placeholders have done their work when the
URLs of the parts have expired.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from reelgate.domain.books.video import StoredObject
from reelgate.domain.errors import ReelgateError
from reelgate.domain.files.part_names import FOLDER, PartName, parse_part_name
from reelgate.ports.books import ReadSet
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.objects.late_objects import end_entries, ended_by, settle_part_if_late
from reelgate.use_cases.upkeep.work_in_pages import Tally

PAGE = 1000
LEFT_BEHIND_AFTER = timedelta(hours=1)
"""How old a part must be. The process that settled its upload may still be removing younger ones, and URLs of parts work for as
long at most."""

_log = logging.getLogger(__name__)


async def sweep_parts(services: CommitServices, *, until: datetime) -> Tally:
    """Go through all parts once, in pages, and remove those without an open upload."""
    done, failed, after = 0, 0, None
    while services.now() < until:
        page = await services.media.listing(FOLDER, after=after, limit=PAGE)
        for owner, parts in groupby(page, key=_owner):
            try:
                done += await _settle(services, owner, list(parts))
            except ReelgateError as error:
                failed += 1
                _log.warning("parts of %s are left for the next run: %s", owner, error)
        if len(page) < PAGE:
            return Tally(done=done, failed=failed, finished=not failed)
        after = page[-1].name
    return Tally(done=done, failed=failed, finished=False)


def _owner(found: StoredObject) -> tuple[str, str] | None:
    name: PartName | None = parse_part_name(found.name)
    return None if name is None else (name.uid, name.upload_id)


async def _settle(services: CommitServices, owner: tuple[str, str] | None, parts: Sequence[StoredObject]) -> int:
    """Return how many parts of one upload were settled. A closed upload is never opened again, so no race is possible."""
    old = services.now() - LEFT_BEHIND_AFTER
    left = [part for part in parts if part.written_at is not None and part.written_at < old]
    if owner is None or not left:  # objects with other names in this folder are not Reelgate's
        return 0
    uid, upload_id = owner
    if await services.books.open_upload(uid, upload_id) is not None:
        return 0
    ended = ended_by(await services.books.read(uid, ReadSet(entry_ids=end_entries(upload_id))), upload_id)
    # A placeholder takes the place of those that came too late; it goes an hour later.
    gone = [part for part in left if not await settle_part_if_late(services, part, ended)]
    await services.media.remove_all(gone)
    return len(left)
