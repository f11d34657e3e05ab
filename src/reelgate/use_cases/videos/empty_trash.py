"""Empty a user's trash, a bounded number of videos at a time."""

from __future__ import annotations

import asyncio
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.audit.object_events import trash_emptied
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.videos.delete_video import purge_video

MAX_PURGED = 100
"""How many videos one call purges: the work of a few seconds."""
AT_ONCE = 20
"""How many purges wait for the same commit of the books."""


class Services(CommitServices, HasFunctionName, Protocol):
    """What emptying the trash needs."""


@positional_value_type
class Emptied:
    """How many videos a call has purged, and whether the trash is empty now."""

    purged: int
    complete: bool


async def empty_trash(services: Services, caller: Caller, *, request_id: str | None = None) -> Emptied:
    """Purge the caller's trash: the last deleted first, at most 100 of them. The next call continues.

    Videos that are deleted during the call stay. Each purge is a transaction of its own, so a call that dies has purged some of
    them, and repeating it is safe.

    Raises:
        BooksBusy, BooksSlow, Unavailable: nothing was purged.
    """
    now = services.now()
    page = await services.books.trash(caller.uid, limit=MAX_PURGED)
    gate = asyncio.Semaphore(AT_ONCE)

    async def purge(video: Video) -> bool:
        audit = trash_emptied(services, caller.uid, video.file_id, request_id=request_id)
        async with gate:
            try:
                await purge_video(services, caller.uid, video.file_id, deleted_by=now, audit=audit)
            except errors.VideoNotFound:  # restored or purged since the page was read
                return False
        return True

    outcomes = await asyncio.gather(*map(purge, page.items), return_exceptions=True)
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    purged = sum(outcome is True for outcome in outcomes)
    for failure in failures:
        if not (purged and isinstance(failure, errors.Unavailable)):
            raise failure
    return Emptied(purged, complete=page.next_cursor is None and not failures)
