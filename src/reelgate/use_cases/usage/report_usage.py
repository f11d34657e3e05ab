"""An account's usage today: its uploads, and reports about traffic outside this store (the usage monitoring service)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Protocol

from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import Entry, EntryId, EntryKind
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.errors import IdempotencyMismatch
from reelgate.domain.usage import usage_changes
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasIds
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.uploads.check_uploads import current_account
from reelgate.use_cases.uploads.upload_request import check_size


class Services(CommitServices, HasIds, Protocol):
    """What reporting usage needs."""


LISTED = (EntryKind.COMMIT, EntryKind.REPORT_UPLOAD, EntryKind.RESET_DAY)
MAX_LISTED_UPLOADS = 1000


@value_type
class DayReport:
    """An account on its current day, and the uploads of that day, newest first."""

    account: Account
    uploads: Sequence[Entry]


async def day_report(services: Services, caller: Caller) -> DayReport:
    """Return the caller's current day. Writes nothing."""
    account = await current_account(services, caller)
    # The totals come from the account, this is only the list.
    entries = await services.books.entries_of_kinds(account.uid, account.today.date, LISTED, limit=MAX_LISTED_UPLOADS)
    return DayReport(account=account, uploads=list(takewhile(lambda entry: entry.kind != EntryKind.RESET_DAY, entries)))


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
        account = ledger.account_for(snapshot.account, caller.uid, caller.email, email_verified=caller.email_verified)
        if snapshot.claim is not None:
            return None
        return usage_changes.report_upload(ledger, account, filename=filename, size=size, report_id=report_id)

    entry_id = EntryId.report_upload(report_id) if repeatable else None
    return Transaction(decide, ReadSet(name=filename, entry_id=entry_id))


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
    if await services.books.has_entry_about(account.uid, account.today.date, EntryKind.DELETE, filename=filename, size=size):
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
        account = ledger.account_for(snapshot.account, caller.uid, caller.email, email_verified=caller.email_verified)
        return usage_changes.report_deletion(ledger, account, filename=filename, size=size, report_id=report_id)

    return Transaction(decide, ReadSet(entry_id=EntryId.report_deletion(report_id) if repeatable else None))


def _check_repeated(earlier: Entry | None, filename: str, size: int, audit: PendingEvent | None) -> None:
    """Raise IdempotencyMismatch if the report's key was used for another report. A repeated report is recorded already."""
    if earlier is not None and (earlier.filename, earlier.size) != (filename, size):
        raise IdempotencyMismatch("This was already reported, for another file.")
    if earlier is not None and audit is not None:
        audit.recorded = True
