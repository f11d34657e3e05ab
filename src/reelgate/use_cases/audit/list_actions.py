"""List the actions in the audit log."""

from __future__ import annotations

from datetime import datetime

from reelgate.ports.audit import HasAuditLog, LogFilter, LoggedAction
from reelgate.ports.books import Page


async def list_actions(
    services: HasAuditLog, which: LogFilter, *, now: datetime, limit: int, cursor: str | None = None
) -> Page[LoggedAction]:
    """Return a page of actions, newest first. Pass the same `now` for all pages, so that none expires between them.

    Raises:
        InvalidRequest: the cursor is from another list.
        Unavailable.
    """
    return await services.audit_log.actions(which, now=now, limit=limit, cursor=cursor)
