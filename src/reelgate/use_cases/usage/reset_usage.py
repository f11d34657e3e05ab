"""Reset a user's usage of the day, on an admin's request (`reset-daily` of the usage monitoring service)."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.books import Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasIds
from reelgate.use_cases.accounts.require_acting_admin import require_acting_admin
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit


class Services(CommitServices, HasIds, HasUserLookup, Protocol):
    """What resetting usage needs."""


async def reset_usage(services: Services, caller: Caller, uid: str, *, audit: AuditEvent | None = None) -> None:
    """Reset the day of `uid`. Limits, stored bytes and open uploads stay as they are.

    Raises:
        Forbidden, AccountDisabled: the caller is not, or no longer, an admin.
        UserStorageNotFound: the user has no account.
        BooksBusy, Unavailable.
    """
    await require_acting_admin(services, caller)
    await commit(services, uid, day_reset(uid, reset_id=services.new_id(), by=caller.uid), audit=audit)


def day_reset(uid: str, *, reset_id: str, by: str) -> Transaction:
    """Return the transaction that resets a user's day, by order of the admin `by`. Raises UserStorageNotFound."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        if snapshot.account is None:
            raise errors.UserStorageNotFound(f"User '{uid}' has no account.")
        return ledger.reset_day(snapshot.account, reset_id=reset_id, by=by)

    return Transaction(decide)
