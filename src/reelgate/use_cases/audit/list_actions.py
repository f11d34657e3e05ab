"""List the actions in the audit log."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.audit import about_email, about_user
from reelgate.ports.accounts import HasUserLookup
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


async def about_address(services: HasUserLookup, email: str) -> tuple[str, ...]:
    """Return the references to a person by their e-mail address: to the address itself, and to the user who has it now.

    Raises Unavailable.
    """
    user = await services.user_lookup.find(email)
    return (about_email(email),) if user is None else (about_email(email), about_user(user.uid))
