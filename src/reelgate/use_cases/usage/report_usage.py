"""An account's usage today: its uploads, and reports about traffic outside this store (the usage monitoring service)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import Entry, EntryId, EntryKind
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.errors import IdempotencyMismatch
from reelgate.domain.value_types import value_type
from reelgate.ports.books import Page, ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasIds
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.books.read_pages import pages_of
from reelgate.use_cases.uploads.check_uploads import current_account
from reelgate.use_cases.uploads.upload_request import check_size


class Services(CommitServices, HasIds, Protocol):
    """What reporting usage needs."""


UPLOAD_KINDS = frozenset({EntryKind.COMMIT, EntryKind.REPORT_UPLOAD})
MAX_LISTED_UPLOADS = 1000
PAGE = 300
MAX_PAGES = 10


@value_type
class DayReport:
    """An account on its current day, and the uploads of that day, newest first."""

    account: Account
    uploads: Sequence[Entry]


async def day_report(services: Services, caller: Caller) -> DayReport:
    """Return the caller's current day. Writes nothing."""
    account = await current_account(services, caller)
    uploads = []
    async for entry in _entries_of_today(services, account):
        if entry.kind == EntryKind.RESET_DAY:  # entries before it no longer count
            break
        if entry.kind in UPLOAD_KINDS:
            uploads.append(entry)
    return DayReport(account=account, uploads=uploads[:MAX_LISTED_UPLOADS])


async def _entries_of_today(services: Services, account: Account) -> AsyncIterator[Entry]:
    """Yield the day's entries, newest first, up to a maximum: the totals come from the account, this is only the list."""

    async def page(cursor: str | None) -> Page[Entry]:
        return await services.books.entries(account.uid, day=account.today.date, limit=PAGE, cursor=cursor)

    pages = 0
    async for part in pages_of(page):
        for entry in part.items:
            yield entry
        pages += 1
        if pages == MAX_PAGES:
            return


async def report_upload(
    services: Services,
    caller: Caller,
    *,
    filename: str,
    size: int,
    report_id: str | None,
    audit: PendingEvent | None = None,
) -> DayReport:
    """Count an upload and return the day.

    A file of this store is already in the books (its event was handled), so reporting it changes nothing. Any other upload is
    charged to the day as reported.

    Args:
        report_id: a report with the same id is counted once; with None, every report is counted.

    Raises BandwidthLimitExceeded, IdempotencyMismatch, BooksBusy.
    """
    transaction = upload_report(
        caller, filename=filename, size=size, report_id=report_id or services.new_id(), repeatable=report_id is not None
    )
    result = await commit(services, caller.uid, transaction, audit=audit)
    _check_repeated(result.existing_entry, filename, size, audit)
    return await day_report(services, caller)


def upload_report(caller: Caller, *, filename: str, size: int, report_id: str, repeatable: bool) -> Transaction:
    """Return the transaction that counts an upload to another store; with `repeatable`, once per report id."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        account = ledger.account_for(snapshot.account, caller.uid, caller.email)
        if snapshot.video is not None or snapshot.claim is not None:
            return None
        return ledger.report_upload(account, filename=filename, size=size, report_id=report_id)

    entry_id = EntryId.report_upload(report_id) if repeatable else None
    return Transaction(decide, ReadSet(filename=filename, entry_id=entry_id))


async def report_deletion(
    services: Services,
    caller: Caller,
    *,
    filename: str,
    size: int,
    report_id: str | None,
    audit: PendingEvent | None = None,
) -> Account:
    """Count a deletion and return the account. If the file was deleted in this store today, it is already counted.

    Raises:
        TooLarge: larger than any file of this deployment.
        IdempotencyMismatch, BooksBusy.
    """
    check_size(size, services.policy)
    account = await current_account(services, caller)
    async for entry in _entries_of_today(services, account):
        if entry.kind == EntryKind.DELETE and entry.filename == filename and entry.size == size:
            return account
    transaction = deletion_report(
        caller, filename=filename, size=size, report_id=report_id or services.new_id(), repeatable=report_id is not None
    )
    result = await commit(services, caller.uid, transaction, audit=audit)
    _check_repeated(result.existing_entry, filename, size, audit)
    return account if result.change is None else result.change.account


def deletion_report(caller: Caller, *, filename: str, size: int, report_id: str, repeatable: bool) -> Transaction:
    """Return the transaction that counts a deletion in another store; with `repeatable`, once per report id."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        account = ledger.account_for(snapshot.account, caller.uid, caller.email)
        return ledger.report_deletion(account, filename=filename, size=size, report_id=report_id)

    return Transaction(decide, ReadSet(entry_id=EntryId.report_deletion(report_id) if repeatable else None))


def _check_repeated(earlier: Entry | None, filename: str, size: int, audit: PendingEvent | None) -> None:
    """Raise IdempotencyMismatch if the report's key was used for another report. A repeated report is recorded already."""
    if earlier is not None and (earlier.filename, earlier.size) != (filename, size):
        raise IdempotencyMismatch("This Idempotency-Key belongs to another report. Use a new key for every report.")
    if earlier is not None and audit is not None:
        audit.recorded = True
