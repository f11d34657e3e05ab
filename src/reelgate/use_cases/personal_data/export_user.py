"""Export what is stored about a user: section after section, in pages of a bounded number of items."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from reelgate.domain.audit import about_user
from reelgate.domain.books.list_cursors import export_cursor, parse_export_cursor, unknown_cursor
from reelgate.domain.usage.usage_days import EARLIEST, DateRange, UsageDay
from reelgate.domain.value_types import value_type
from reelgate.ports.audit import HasAuditLog, LogFilter
from reelgate.ports.books import HasBooks, HasPolicy, Page, ReadSet
from reelgate.ports.identity import Caller, HasApiKeys
from reelgate.ports.notifications import DeliveryFilter, HasDeliveries
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.books.commit import current_ledger
from reelgate.use_cases.usage.read_days import list_usage_days


class Services(HasApiKeys, HasAuditLog, HasBooks, HasClock, HasDeliveries, HasPolicy, Protocol):
    """What exporting a user needs."""


MAX_DAYS = 365
"""How many days are read at once."""
OLDEST = timedelta(days=3660)
"""How far back days are read of an account that does not know when it was created."""

NextPage = Callable[[int, str | None], Awaitable[Page[Any]]]


@value_type
class ExportPage:
    """A page of an export: items by section, in the order of the export. `next_cursor` continues it; None at the end."""

    sections: Mapping[str, Sequence[Any]]
    next_cursor: str | None


async def export_page(services: Services, caller: Caller, *, limit: int, cursor: str | None = None) -> ExportPage:
    """Return the next items of the caller's export, about `limit` of them: API keys, which are few, are never divided.

    Of the audit log, these are the events that name the caller, also those that admins caused.

    Raises InvalidRequest for a cursor of another list, Unavailable.
    """
    sections = _sections(services, caller)
    order = list(sections)
    name, inner = parse_export_cursor(caller.uid, cursor) if cursor is not None else (order[0], None)
    if name not in sections:
        raise unknown_cursor()
    found: dict[str, list[Any]] = {section: [] for section in order}
    left = limit
    for at in range(order.index(name), len(order)):
        name = order[at]
        while left > 0:
            page = await sections[name](left, inner)
            found[name] += page.items
            left -= len(page.items)
            inner = page.next_cursor
            if inner is None:
                break
        if inner is not None:
            return ExportPage(sections=found, next_cursor=export_cursor(caller.uid, name, inner))
        if left <= 0 and at + 1 < len(order):
            return ExportPage(sections=found, next_cursor=export_cursor(caller.uid, order[at + 1], None))
    return ExportPage(sections=found, next_cursor=None)


def _sections(services: Services, caller: Caller) -> Mapping[str, NextPage]:
    """Return what reads a page of each section, in the order of an export."""
    uid, books, now = caller.uid, services.books, services.now()
    log = LogFilter(about=(about_user(uid),))
    return {
        "videos": lambda limit, cursor: books.videos(uid, limit=limit, cursor=cursor),
        "trash": lambda limit, cursor: books.trash(uid, limit=limit, cursor=cursor),
        "uploads": lambda limit, cursor: books.uploads(uid, limit=limit, cursor=cursor),
        "grants": lambda limit, cursor: books.all_grants(uid, limit=limit, cursor=cursor),
        "days": lambda limit, cursor: _days(services, caller, limit, cursor),
        "entries": lambda limit, cursor: books.entries(uid, limit=limit, cursor=cursor),
        "api_keys": lambda limit, cursor: _keys(services, uid),
        "deliveries": lambda limit, cursor: services.deliveries.list(DeliveryFilter(uid=uid), limit=limit, cursor=cursor),
        "audit_events": lambda limit, cursor: services.audit_log.actions(log, now=now, limit=limit, cursor=cursor),
    }


async def _keys(services: Services, uid: str) -> Page[Any]:
    return Page(await services.api_keys.of_user(uid))


async def _days(services: Services, caller: Caller, limit: int, cursor: str | None) -> Page[UsageDay]:
    """Return days since the account was created, up to today. The cursor is the first of the page."""
    today = current_ledger(services).today
    if cursor is not None:
        first = _day(cursor)
    else:
        account = (await services.books.read(caller.uid, ReadSet())).account
        if account is None:
            return Page([])
        first = services.policy.day_of(account.created_at or services.now() - OLDEST)
    if first > today:
        return Page([])
    last = min(first + timedelta(days=min(limit, MAX_DAYS) - 1), today)
    days = await list_usage_days(services, caller, DateRange(first=first, last=last))
    return Page(days, (last + timedelta(days=1)).isoformat() if last < today else None)


def _day(cursor: str) -> date:
    try:
        day = date.fromisoformat(cursor)
    except ValueError:
        raise unknown_cursor() from None
    if day < EARLIEST:
        raise unknown_cursor()
    return day
