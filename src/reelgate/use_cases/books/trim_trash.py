"""Trim a user's trash: purge the oldest of it, before its time is over, until all of it fits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import excess_trash
from reelgate.domain.books.video import Video
from reelgate.domain.videos import trash
from reelgate.ports.books import HasBooks, HasPolicy, ReadSet, Snapshot

Purge = Callable[[Video], Awaitable[object]]
"""Purges a trashed video if the trash is still too large, by committing `trimming`. It is handed in, because each commit may
call this module."""

AT_ONCE = 20
"""How many purges wait for the same commit of the books."""
ROUNDS = 5
"""100 videos: the work of a few seconds, for which the request that went over waits."""


class Services(HasBooks, HasPolicy, Protocol):
    """What trimming the trash needs."""


async def trim_trash(services: Services, uid: str, purge: Purge) -> bool:
    """Purge a user's oldest trash until all of it fits. Returns whether it does; repeating it continues, and is harmless.

    Which video is oldest is decided by `purge_at`: it would be purged first anyway. Raises the errors of `purge`.
    """
    for _ in range(ROUNDS):
        account = (await services.books.read(uid, ReadSet())).account
        if account is None or account.erasing or not (excess := excess_trash(account, services.policy)):
            return True
        oldest = await services.books.oldest_trash(uid, limit=AT_ONCE)
        await asyncio.gather(*map(purge, _enough(oldest, excess)))
    return False


def trimming(file_id: str) -> tuple[Callable[[Ledger, Snapshot], Change | None], ReadSet]:
    """Return decision and read set of purging a trashed video because there is no room for it; nothing if there is by then."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or snapshot.trashed is None:
            return None
        return trash.trim(ledger, snapshot.account, snapshot.trashed)

    return decide, ReadSet(trashed_file_id=file_id)


def _enough(oldest: Sequence[Video], excess: int) -> list[Video]:
    """Return the first of the videos, as many as have these bytes together."""
    chosen = []
    for video in oldest:
        if excess <= 0:
            break
        chosen.append(video)
        excess -= video.stored_bytes
    return chosen
