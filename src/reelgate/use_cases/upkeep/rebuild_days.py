"""Rebuild an account's days from its ledger, where they are older than the fields that a bill needs.

An account is rebuilt once: afterwards it knows the bytes in its trash, which is the mark. The nightly run does it for
every account that it closes; `python -m ops rebuild-days` does it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.errors import BooksBusy
from reelgate.domain.usage.usage_days import MAX_RANGE_DAYS, LedgerFold, rebuilt
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.books.read_pages import items_of

PAGE = 300
MAX_FOLDS = 5
"""How often a ledger is added up if the account keeps changing."""


def needs_rebuilding(account: Account) -> bool:
    """Return whether the account has days that are older than the fields that a bill needs."""
    return account.trash is None


async def rebuild_days(services: CommitServices, uid: str) -> int:
    """Give the user's days, closed ones and the current one, what a bill needs of them. Returns how many closed days it wrote.

    Nothing else of a day changes. Days are written before the account is marked, so a run that is interrupted is repeated.

    Raises BooksBusy if the account kept changing, BooksSlow, Unavailable.
    """
    for _ in range(MAX_FOLDS):
        account = (await services.books.read(uid, ReadSet())).account
        if account is None or not needs_rebuilding(account):
            return 0
        fold, first = await _folded(services, account)
        written = await _rebuild_closed(services, account, fold, first)
        if (await commit(services, uid, _current_day(fold, account))).change is not None:
            return written
    raise BooksBusy(f"The account of '{uid}' keeps changing. Rebuild its days later.")


async def _folded(services: CommitServices, account: Account) -> tuple[LedgerFold, date]:
    """Return the ledger added up, and the date of its first entry."""
    fold, first = LedgerFold(services.policy), account.today.date
    async for entry in items_of(lambda cursor: services.books.entries(account.uid, limit=PAGE, cursor=cursor)):
        if entry.sequence <= account.sequence:
            fold.add(entry)
            first = min(first, entry.date)
    return fold, first


async def _rebuild_closed(services: CommitServices, account: Account, fold: LedgerFold, first: date) -> int:
    """Write the closed days that lack the fields. A closed day has no entries to come, so the account may change meanwhile."""
    written = 0
    while first < account.today.date:
        last = min(first + timedelta(days=MAX_RANGE_DAYS), account.today.date) - timedelta(days=1)
        days = await services.books.closed_days(account.uid, first, last)
        old = [rebuilt(day, fold.on(day.date), closed=True) for day in days if day.byte_seconds is None]
        if old:
            await commit(services, account.uid, _rewriting(old))
            written += len(old)
        first = last + timedelta(days=1)
    return written


def _rewriting(days: Sequence[Day]) -> Transaction:
    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None:
            return None
        return replace(ledger.change(snapshot.account), rebuilt_days=tuple(days))

    return Transaction(decide)


def _current_day(fold: LedgerFold, read: Account) -> Transaction:
    """Return the transaction that completes the day of an account that is as it was read, and marks the account."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        account = snapshot.account
        if account is None or (account.sequence, account.today.date) != (read.sequence, read.today.date):
            return None
        day = account.today
        if day.byte_seconds is None:
            day = rebuilt(day, fold.on(day.date), closed=False)
        return ledger.change(replace(account, today=day, trash=fold.total.trash))

    return Transaction(decide)
