"""Reset a user's usage of the day, on an admin's request (`reset-daily` of the usage monitoring service)."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.usage import usage_changes
from reelgate.ports.books import Snapshot
from reelgate.ports.runtime import HasIds
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit


class Services(CommitServices, HasIds, Protocol):
    """What resetting usage needs."""


async def reset_usage(services: Services, uid: str, *, audit: AuditEvent | None = None) -> None:
    """Reset the day of `uid` for an admin. Limits, stored bytes and open uploads stay as they are.

    The caller is an admin: the route has checked it (`require_acting_admin`).

    Raises:
        UserNotFound: the user has no account.
        BooksBusy, Unavailable.
    """
    await commit(services, uid, day_reset(uid, reset_id=services.new_id()), audit=audit)


def day_reset(uid: str, *, reset_id: str) -> Transaction:
    """Return the transaction that resets a user's day. Raises UserNotFound."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        if snapshot.account is None:
            raise errors.UserNotFound("There is no such user, or they have not stored or sent anything yet.")
        return usage_changes.reset_day(ledger, snapshot.account, reset_id=reset_id)

    return Transaction(decide)
