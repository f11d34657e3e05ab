"""The audit log as newline-delimited JSON: one action a line, with one page at a time in memory."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from reelgate.domain.errors import ReelgateError
from reelgate.ports.audit import LoggedAction
from reelgate.ports.books import Page
from reelgate.use_cases.books.read_pages import pages_of
from reelgate.web.http.problems import message_of

MEDIA_TYPE = "application/x-ndjson"
PAGE = 500

_log = logging.getLogger(__name__)

NextPage = Callable[[str | None], Awaitable[Page[LoggedAction]]]
"""Returns the page that a cursor leads to."""


async def export(
    first: Page[LoggedAction],
    next_page: NextPage,
    as_json: Callable[[LoggedAction], Mapping[str, Any]],
    shown: Callable[[str], str | None],
    request_id: str,
) -> AsyncIterator[bytes]:
    """Yield whole lines. If a page cannot be read, the last line has `error` and the `cursor` that continues the export.

    Args:
        shown: returns a cursor as clients see it.
    """
    yield _lines([as_json(logged) for logged in first.items])
    cursor = first.next_cursor
    if cursor is None:
        return
    try:
        async for page in pages_of(next_page, cursor):
            yield _lines([as_json(logged) for logged in page.items])
            cursor = page.next_cursor
    except Exception as error:  # the status has been sent: all that is left is a last line
        _log.exception("an export ended early")
        known = error if isinstance(error, ReelgateError) else None
        code = known.code if known else "internal_error"
        message = message_of(known) if known else "Internal error"
        next_cursor = None if cursor is None else shown(cursor)
        yield _lines([{"error": message, "code": code, "request_id": request_id, "cursor": next_cursor}])


def _lines(values: Sequence[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode(errors="replace")
