"""Lists that come in pages, read to their end."""

from __future__ import annotations

import pytest

from reelgate.ports.books import Page
from reelgate.use_cases.books.read_pages import items_of, pages_of

PAGES: dict[str | None, Page[int]] = {None: Page([1, 2], "a"), "a": Page([], "b"), "b": Page([3])}


async def page(cursor: str | None) -> Page[int]:
    return PAGES[cursor]


async def test_all_items_come_in_order_past_an_empty_page() -> None:
    assert [item async for item in items_of(page)] == [1, 2, 3]


async def test_pages_go_on_from_a_cursor() -> None:
    assert [part async for part in pages_of(page, "a")] == [PAGES["a"], PAGES["b"]]


async def test_no_page_is_read_before_it_is_needed() -> None:
    read = []

    async def noted(cursor: str | None) -> Page[int]:
        read.append(cursor)
        return PAGES[cursor]

    async for item in items_of(noted):
        if item == 2:
            break
    assert read == [None]


async def test_an_error_of_a_page_ends_the_reading() -> None:
    async def broken(cursor: str | None) -> Page[int]:
        if cursor == "a":
            raise TimeoutError
        return PAGES[cursor]

    items = items_of(broken)
    assert [await anext(items), await anext(items)] == [1, 2]
    with pytest.raises(TimeoutError):
        await anext(items)
