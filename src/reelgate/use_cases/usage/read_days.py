"""Read an account's days in a range: closed ones, those that nobody closed, and today."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Protocol

from reelgate.domain.books.account import Account
from reelgate.domain.usage.usage_days import EARLIEST, DateRange, UsageDay, checked_range, usage_days
from reelgate.ports.books import HasBooks, HasPolicy, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.books.commit import current_ledger

DEFAULT_DAYS = 30


class Services(HasBooks, HasClock, HasPolicy, Protocol):
    """What reading days needs."""


def range_of(services: Services, first: date | None, last: date | None) -> DateRange:
    """Return the days that are asked for, the last 30 by default. Raises InvalidRequest, which names `from` and `to`."""
    today = current_ledger(services).today
    last = today if last is None else last
    if first is None:
        first = max(EARLIEST, last - timedelta(days=DEFAULT_DAYS - 1)) if last > EARLIEST else last
    return checked_range(first, last, today=today)


async def list_usage_days(services: Services, caller: Caller, wanted: DateRange) -> list[UsageDay]:
    """Return each of the caller's days in a range, in their order. Writes nothing. Raises Unavailable."""
    account = (await services.books.read(caller.uid, ReadSet())).account
    return await read_days(services, current_ledger(services).account_for(account, caller.uid), wanted)


async def read_days(services: Services, account: Account, wanted: DateRange) -> list[UsageDay]:
    """Return each day of a range, up to today, in their order.

    Costs one query, and a second one if nobody closed the first of the days. Raises Unavailable.
    """
    last = min(wanted.last, account.today.date - timedelta(days=1))
    closed = await services.books.closed_days(account.uid, wanted.first, last) if wanted.first <= last else []
    if wanted.first > account.today.date:
        stored_before: int | None = account.stored
    elif closed and closed[0].date == wanted.first:
        stored_before = 0  # the range begins with it
    else:
        stored_before = await _stored_before(services, account, wanted)
    return list(usage_days(account, closed, wanted, stored_before=stored_before, policy=services.policy, now=services.now()))


async def _stored_before(services: Services, account: Account, wanted: DateRange) -> int | None:
    """Return the bytes stored when a range begins; None if they are not known."""
    if wanted.first == account.today.date:
        return 0  # the account's own day begins the range, and says so itself
    if account.created_at is not None and services.policy.day_of(account.created_at) > wanted.first:
        return 0
    before = await services.books.last_day_before(account.uid, wanted.first)
    return 0 if before is None else before.stored
