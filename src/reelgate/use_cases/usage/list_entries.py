"""List an account's ledger."""

from __future__ import annotations

from reelgate.domain.books.entries import Entry
from reelgate.ports.books import HasBooks, Page
from reelgate.ports.identity import Caller


async def list_entries(services: HasBooks, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[Entry]:
    """Return a page of the caller's entries, newest first. Raises InvalidRequest for a cursor of another list."""
    return await services.books.entries(caller.uid, limit=limit, cursor=cursor)
