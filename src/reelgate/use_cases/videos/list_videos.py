"""List a user's finished videos, and the trash."""

from __future__ import annotations

from reelgate.domain.books.video import Video
from reelgate.ports.books import HasBooks, Page
from reelgate.ports.identity import Caller
from reelgate.use_cases.books.read_pages import pages_of

PAGE = 300


async def list_videos(services: HasBooks, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[Video]:
    """Return a page of the caller's videos, newest first. Raises InvalidRequest for a cursor of another list."""
    return await services.books.videos(caller.uid, limit=limit, cursor=cursor)


async def list_many_videos(services: HasBooks, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[Video]:
    """Return up to `limit` videos, reading as many pages as needed. Raises as `list_videos`."""
    videos: list[Video] = []

    async def page(cursor: str | None) -> Page[Video]:
        return await list_videos(services, caller, limit=min(PAGE, limit - len(videos)), cursor=cursor)

    async for part in pages_of(page, cursor):
        videos += part.items
        cursor = part.next_cursor
        if len(videos) >= limit:
            break
    return Page(videos, cursor)


async def list_trash(services: HasBooks, caller: Caller, *, limit: int, cursor: str | None = None) -> Page[Video]:
    """Return a page of the caller's trash, last deleted first. Raises InvalidRequest for a cursor of another list."""
    return await services.books.trash(caller.uid, limit=limit, cursor=cursor)
