"""Routes of version 1 in the `usage` function for users, about themselves."""

from __future__ import annotations

from reelgate.domain.usage.usage_days import total_of
from reelgate.use_cases.uploads.check_uploads import current_account
from reelgate.use_cases.usage import read_days
from reelgate.use_cases.usage.list_entries import list_entries
from reelgate.use_cases.usage.read_days import Services, range_of
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import ListQuery, v1
from reelgate.web.v1.usage.usage_shapes import (
    CurrentUsage,
    DayRange,
    LedgerEntryList,
    UsageDayList,
    billed_usage,
    current_usage,
    ledger_entry,
    usage_day,
)


async def get_usage(call: Call[Services]) -> CurrentUsage:
    """Show your storage, and your bandwidth today.

    Open uploads count against both until they are finished, cancelled or expired.
    """
    account = await current_account(call.services, call.caller)
    return current_usage(account, call.services.policy, call.services.now())


async def list_usage_days(call: Call[Services], wanted: DayRange) -> UsageDayList:
    """List what you used, day by day.

    Each day of the range up to today is there, also if nothing happened: what you had stored counts on it.
    """
    days = await read_days.list_usage_days(call.services, call.caller, range_of(call.services, wanted.first, wanted.last))
    return UsageDayList(items=[usage_day(day) for day in days], next_cursor=None, total=billed_usage(total_of(days)))


async def list_usage_entries(call: Call[Services], page: ListQuery) -> LedgerEntryList:
    """List the lines of your ledger.

    Every change of what you have stored, reserved, uploaded and streamed is one line, newest first.
    """
    found = await list_entries(call.services, call.caller, limit=page.limit, cursor=call.cursor())
    return LedgerEntryList(
        items=[ledger_entry(entry) for entry in found.items], next_cursor=call.next_cursor(found.next_cursor)
    )


ROUTES = (
    v1("GET", "/v1/usage", get_usage, gives=CurrentUsage),
    v1("GET", "/v1/usage/days", list_usage_days, takes=DayRange, gives=UsageDayList),
    v1("GET", "/v1/usage/entries", list_usage_entries, takes=ListQuery, gives=LedgerEntryList),
)
