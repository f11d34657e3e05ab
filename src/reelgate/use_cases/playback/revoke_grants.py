"""End playback grants: one, or all of a video."""

from __future__ import annotations

from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.playback.grant_changes import revoke_all_grants, revoke_grant
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.playback.list_grants import no_such_grant
from reelgate.use_cases.videos.find_video import by_id, find_video


async def revoke_one_grant(
    services: CommitServices, caller: Caller, grant_id: str, *, audit: PendingEvent | None = None
) -> None:
    """End one of the caller's grants. If it was revoked before, nothing changes.

    Raises GrantNotFound, BooksBusy, BooksSlow, Unavailable.
    """
    result = await commit(services, caller.uid, revocation(grant_id), audit=audit)
    if result.change is None and audit is not None:
        audit.recorded = True  # when it was revoked


def revocation(grant_id: str) -> Transaction:
    """Return the transaction that ends a grant; errors as in `revoke_one_grant`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or snapshot.grant is None:
            raise no_such_grant()
        return revoke_grant(ledger, snapshot.account, snapshot.grant)

    return Transaction(decide, ReadSet(grant_id=grant_id))


async def revoke_grants_of_video(
    services: CommitServices, caller: Caller, file_id: str, *, audit: PendingEvent | None = None
) -> None:
    """End all grants that a video of the caller has now, in one write, however many they are. Raises as `revoke_one_grant`, and
    VideoNotFound.
    """
    await commit(services, caller.uid, revocation_of_all(file_id), audit=audit)


def revocation_of_all(file_id: str) -> Transaction:
    """Return the transaction that ends all grants of a video; errors as in `revoke_grants_of_video`."""
    which = by_id(file_id)

    def decide(_: Ledger, snapshot: Snapshot) -> Change:
        return revoke_all_grants(*find_video(snapshot, which))

    return Transaction(decide, which.reads())
