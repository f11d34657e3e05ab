"""Invoice all users, or one: their usage in a range of days, by day or by month, page by page of users."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.list_cursors import narrowed_cursor, parse_narrowed_cursor
from reelgate.domain.files.names import is_user_id
from reelgate.domain.usage.usage_days import Usage, UsageDay, total_of
from reelgate.domain.usage.usage_exports import Invoice, calendar_month
from reelgate.domain.value_types import value_type
from reelgate.ports.books import Page, ReadSet
from reelgate.use_cases.books.read_pages import pages_of
from reelgate.use_cases.usage.read_days import Services, read_days

AT_ONCE = 16
"""How many users' days are read concurrently."""
PAGE = 200
MAX_IN_ONE_ANSWER = 3000
"""How many users one answer may cover: each costs a query, and gateways do not wait for ever. An export has no such bound."""
MAX_LINES = 200_000
"""How many lines one answer may have: API Gateway ends it at 32 MB (API Gateway docs, "Quotas and limits")."""
MAX_LINES_OF_A_PAGE = 40_000
"""The same for a page of users as JSON, which is in memory as a whole, with lines of several hundred bytes."""


@value_type
class Line:
    """A line of an invoice: the usage in a `period`, a day (`2026-11-03`) or a month (`2026-11`).

    It is `open` if it goes up to now: the same line is larger tomorrow.
    """

    period: str
    usage: Usage
    open: bool


@value_type
class InvoicedUser:
    """A user's lines, at least one, and their sum."""

    uid: str
    email: str | None
    lines: Sequence[Line]
    total: Usage


async def invoice_everybody(services: Services, invoice: Invoice) -> AsyncIterator[Sequence[InvoicedUser]]:
    """Return the users that used anything, by uid, in pages that are read one after the other.

    Raises:
        ExportNeeded: there are more users than one answer can cover.
        Unavailable: also while the pages are read.
    """
    most = min(MAX_IN_ONE_ANSWER, MAX_LINES // _lines_of_a_user(invoice))
    if await services.books.more_accounts_than(most):
        raise errors.ExportNeeded(
            f"There are more than {most} users, too many for one answer about these days. Order an export instead."
        )

    async def page(cursor: str | None) -> Page[InvoicedUser]:
        return await invoice_page(services, invoice, limit=PAGE, cursor=cursor)

    first = await page(None)
    return _all_pages(first, page)


def _lines_of_a_user(invoice: Invoice) -> int:
    first, last = invoice.range.first, invoice.range.last
    if invoice.group == "day":
        return (last - first).days + 1
    return 12 * (last.year - first.year) + last.month - first.month + 1


async def _all_pages(first: Page[InvoicedUser], page: _NextPage) -> AsyncIterator[Sequence[InvoicedUser]]:
    yield first.items
    if first.next_cursor is not None:
        async for part in pages_of(page, first.next_cursor):
            yield part.items


def users_of_a_page(invoice: Invoice, limit: int, max_lines: int = MAX_LINES_OF_A_PAGE) -> int:
    """Return how many users a page may have: `limit`, or fewer if each may have many lines."""
    return min(limit, max_lines // _lines_of_a_user(invoice))


class _NextPage(Protocol):
    async def __call__(self, cursor: str | None) -> Page[InvoicedUser]: ...


async def invoice_page(services: Services, invoice: Invoice, *, limit: int, cursor: str | None) -> Page[InvoicedUser]:
    """Return the users of a page that used anything, by uid. It may therefore have fewer than `limit`, or none.

    Raises InvalidRequest for a cursor of another list, Unavailable.
    """
    filters = (invoice.range.first.isoformat(), invoice.range.last.isoformat(), invoice.group)
    page = await services.books.accounts(limit=limit, cursor=parse_narrowed_cursor(cursor, *filters))
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(account: Account) -> InvoicedUser | None:
        async with gate:
            return invoiced(account, await read_days(services, account, invoice.range), invoice)

    users = await asyncio.gather(*(one(account) for account in page.items))
    return Page([user for user in users if user is not None], narrowed_cursor(page.next_cursor, *filters))


async def invoice_user(services: Services, invoice: Invoice, uid: str) -> InvoicedUser | None:
    """Return the lines of one user, None if they did not use anything. Raises UserNotFound, Unavailable."""
    account = (await services.books.read(uid, ReadSet())).account if is_user_id(uid) else None
    if account is None:
        raise errors.UserNotFound("There is no such user, or they have not stored or sent anything yet.")
    return invoiced(account, await read_days(services, account, invoice.range), invoice)


def invoiced(account: Account, days: Sequence[UsageDay], invoice: Invoice) -> InvoicedUser | None:
    """Return the lines of a user's days, without those on which nothing was stored or moved; None if no line is left."""
    lines: dict[str, Line] = {}
    for day in days:
        period = day.date.isoformat() if invoice.group == "day" else calendar_month(day.date)
        earlier = lines[period].usage if period in lines else Usage()
        lines[period] = Line(period=period, usage=earlier.followed_by(day.usage), open=day.open)
    used = [line for line in lines.values() if line.usage != Usage()]
    return InvoicedUser(uid=account.uid, email=account.email, lines=used, total=total_of(days)) if used else None
