"""Changes of a day's usage that move no file here: what clients report of other stores, and the reset by an admin."""

from __future__ import annotations

from dataclasses import replace

from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import ACTIVITY, Delta, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import check_day


def report_upload(ledger: Ledger, account: Account, *, filename: str, size: int, report_id: str) -> Change:
    """Count an upload to another store, reported by a client, against the daily limit (`log-upload` of usage monitoring).

    Raises:
        BandwidthLimitExceeded.
    """
    current = ledger.current(account)
    check_day(current, size, ledger.policy, ledger.now, traffic="report")
    entry = ledger.entry(EntryId.report_upload(report_id), None, Delta(uploaded=size, upload_count=1))
    return ledger.change(account, replace(entry, filename=filename, size=size))


def report_deletion(ledger: Ledger, account: Account, *, filename: str, size: int, report_id: str) -> Change:
    """Count a deletion in another store, reported by a client (`log-deletion` of usage monitoring)."""
    entry = ledger.entry(EntryId.report_deletion(report_id), None, Delta(deleted_bytes=size, deletion_count=1))
    return ledger.change(account, replace(entry, filename=filename, size=size))


def reset_day(ledger: Ledger, account: Account, *, reset_id: str) -> Change:
    """Reset the day's usage to 0 by order of an admin, whom the audit log names, and re-arm the bandwidth alerts.

    The user has the whole daily limit again. What the day had so far is still billed: it moves to `Day.waived`.
    """
    current = ledger.current(account)
    day = current.today
    delta = Delta(**{name: -getattr(day, name) for name in ACTIVITY})
    entry = ledger.entry(EntryId.reset_day(reset_id), None, delta, reason="by an admin")
    return ledger.change(account, entry, rearm="bandwidth:")
