"""List what the audit log has."""

from __future__ import annotations

from datetime import datetime

from reelgate.ports import HasAuditLog, LogFilter, LoggedAction, Page


async def list_actions(
    services: HasAuditLog, which: LogFilter, *, now: datetime, limit: int, cursor: str | None = None
) -> Page[LoggedAction]:
    """Return a page of actions, newest first. With the same `now` on all pages of a list, none expires between two of them.

    Raises:
        InvalidRequest: this list never gave that cursor.
        Unavailable.
    """
    return await services.audit_log.actions(which, now=now, limit=limit, cursor=cursor)
