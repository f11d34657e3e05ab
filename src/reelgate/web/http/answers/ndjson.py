"""Lists as newline-delimited JSON: one item a line, with one page at a time in memory."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from reelgate.domain.errors import ExportContinues, ReelgateError
from reelgate.ports.books import Page
from reelgate.use_cases.books.read_pages import pages_of

MEDIA_TYPE = "application/x-ndjson"
PAGE = 500
MAX_LINES = 100_000
"""How many items one answer has. The cursor in its last line continues it."""

_log = logging.getLogger(__name__)


async def export[T](
    first: Page[T],
    next_page: Callable[[str | None], Awaitable[Page[T]]],
    line: Callable[[T], bytes],
    broken: Callable[[ReelgateError | None, str | None], bytes],
    *,
    max_lines: int = MAX_LINES,
) -> AsyncIterator[bytes]:
    """Yield whole lines.

    Args:
        first: the first page, which was read before the answer began, so that an error there still has a status.
        next_page: returns the page that a cursor leads to.
        line: returns an item as a line.
        broken: returns the last line if a page cannot be read, or if there are more items than `max_lines` and a page: from the
            error (None for an unexpected one), and the cursor that continues the export.
    """
    yield b"".join(map(line, first.items))
    cursor, number = first.next_cursor, len(first.items)
    if cursor is None:
        return
    try:
        async for page in pages_of(next_page, cursor):
            yield b"".join(map(line, page.items))
            cursor = page.next_cursor
            number += len(page.items)
            if cursor is not None and number >= max_lines:
                yield broken(ExportContinues("There is more: continue with the cursor."), cursor)
                return
    except Exception as error:  # the status has been sent: all that is left is a last line
        _log.exception("an export ended early")
        yield broken(error if isinstance(error, ReelgateError) else None, cursor)


def json_line(value: Mapping[str, Any]) -> bytes:
    """Return a JSON object as a line."""
    return (json.dumps(value, ensure_ascii=False) + "\n").encode(errors="replace")
