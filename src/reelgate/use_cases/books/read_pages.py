"""Read all pages of a list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from reelgate.ports.books import Page


async def pages_of[T](page: Callable[[str | None], Awaitable[Page[T]]], cursor: str | None = None) -> AsyncIterator[Page[T]]:
    """Yield the pages of a list, starting at `cursor`. Raises the errors of `page`."""
    while True:
        part = await page(cursor)
        yield part
        cursor = part.next_cursor
        if cursor is None:
            return


async def items_of[T](page: Callable[[str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """Yield the items of a list, one by one. Raises the errors of `page`."""
    async for part in pages_of(page):
        for item in part.items:
            yield item
