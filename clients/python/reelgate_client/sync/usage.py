# Made from aio/usage.py by make_sync.py. Change that file, and run it again.
"""What the account uses."""

from __future__ import annotations

from datetime import date

from reelgate_client.sync.api import Api
from reelgate_client.core.calls import Call
from reelgate_client.models import CurrentUsage, LedgerEntryList, UsageDayList


class UsageApi:
    """Storage and bandwidth of the account."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def now(self) -> CurrentUsage:
        """Return what is used and left now."""
        return self._api.fetch(CurrentUsage, Call(method="GET", path="/v1/usage"))

    def days(self, *, from_: date | None = None, to: date | None = None) -> UsageDayList:
        """Return each day of a range, both ends included, as it is billed, and their sum. By default the last 30 days."""
        return self._api.fetch(UsageDayList, Call(method="GET", path="/v1/usage/days", query={"from_": from_, "to": to}))

    def entries(self, *, limit: int | None = None, cursor: str | None = None) -> LedgerEntryList:
        """List the account's ledger, newest first."""
        query = {"limit": limit, "cursor": cursor}
        return self._api.fetch(LedgerEntryList, Call(method="GET", path="/v1/usage/entries", query=query))
