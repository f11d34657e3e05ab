"""Playback grants that an instance has seen: what never changes of them, so that a lease needs no read of its own to find its
owner.
"""

from __future__ import annotations

from collections import OrderedDict

from reelgate.domain.books.grant import PlaybackGrant
from reelgate.ports.books import Books

CAPACITY = 4096
"""How many grants an instance remembers, each in about a kilobyte. Beyond that it forgets the one not seen for longest."""


class RememberedGrants:
    """Implements `KnownGrants`."""

    def __init__(self, books: Books, *, capacity: int = CAPACITY) -> None:
        self._books = books
        self._capacity = capacity
        self._seen: OrderedDict[str, PlaybackGrant] = OrderedDict()

    async def find(self, grant_id: str) -> PlaybackGrant | None:
        """See `KnownGrants.find`. That there is none is not remembered: it can be made at any moment."""
        grant = self._seen.get(grant_id)
        if grant is not None:
            self._seen.move_to_end(grant_id)
            return grant
        grant = await self._books.grant(grant_id)
        if grant is not None:
            self._seen[grant_id] = grant
            if len(self._seen) > self._capacity:
                self._seen.popitem(last=False)
        return grant
