"""Move a video to the trash, restore it, or purge it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import value_type
from reelgate.domain.videos import trash
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.videos.find_video import VideoRef, by_id, find_video


@value_type
class Moved:
    """A video after it was moved, and its account."""

    video: Video
    account: Account


async def delete_video(services: CommitServices, caller: Caller, which: VideoRef, *, audit: AuditEvent | None = None) -> Moved:
    """Move one of the caller's videos to the trash. Raises UserStorageNotFound, VideoNotFound, BooksBusy."""
    change = (await commit(services, caller.uid, deletion(which), audit=audit)).change
    if change is None or change.put_trash is None:
        raise which.not_found()
    return Moved(video=change.put_trash, account=change.account)


def deletion(which: VideoRef) -> Transaction:
    """Return the transaction that moves a video to the trash; errors as in `delete_video`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        return trash.delete(ledger, *find_video(snapshot, which))

    return Transaction(decide, which.reads())


async def delete_video_once(
    services: CommitServices, caller: Caller, video_id: str, *, audit: PendingEvent | None = None
) -> None:
    """Move one of the caller's videos to the trash. If it is there already, or was purged since, nothing changes.

    Raises VideoNotFound, BooksBusy.
    """
    which = by_id(video_id)
    purged = EntryId.purge(video_id)

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.trashed is not None or purged in snapshot.entries:
            return None
        return trash.delete(ledger, *find_video(snapshot, which))

    reads = replace(which.reads(entry_ids=(purged,)), trashed_file_id=video_id)
    await _commit_once(services, caller, Transaction(decide, reads), audit)


async def restore_video(services: CommitServices, caller: Caller, file_id: str, *, audit: AuditEvent | None = None) -> Moved:
    """Take a video out of the trash.

    Raises VideoNotFound, NameTaken, StorageLimitExceeded, BooksBusy.
    """
    trashed = _in_trash(await services.books.read(caller.uid, ReadSet(trashed_file_id=file_id)))
    change = (await commit(services, caller.uid, restoration(trashed), audit=audit)).change
    if change is None or change.put_video is None:
        raise errors.VideoNotFound("The video has just been restored by another request.")
    return Moved(video=change.put_video, account=change.account)


async def restore_video_once(
    services: CommitServices, caller: Caller, video_id: str, *, audit: PendingEvent | None = None
) -> Video:
    """Take a video out of the trash and return it. If that has happened already, nothing changes.

    Raises VideoNotFound, NameTaken, StorageLimitExceeded, AccountDisabled, BooksBusy.
    """
    which = by_id(video_id)
    snapshot = await services.books.read(caller.uid, replace(which.reads(), trashed_file_id=video_id))
    if snapshot.trashed is None:
        _, video = find_video(snapshot, which)
        if audit is not None:
            audit.recorded = True
        return video
    return (await restore_video(services, caller, video_id, audit=audit)).video


def restoration(trashed: Video) -> Transaction:
    """Return the transaction that takes a video out of the trash again. Raises as `restore_video`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        if snapshot.account is None or snapshot.trashed is None:
            raise errors.VideoNotFound("The trash has no such video.")
        return trash.restore(ledger, snapshot.account, snapshot.trashed, existing=snapshot.video or snapshot.claim)

    return Transaction(decide, ReadSet(trashed_file_id=trashed.file_id, filename=trashed.filename))


async def purge_video(
    services: CommitServices,
    uid: str,
    file_id: str,
    *,
    due_by: datetime | None = None,
    deleted_by: datetime | None = None,
    audit: AuditEvent | None = None,
) -> Video:
    """Purge a trashed video and its object. Returns the video.

    Args:
        due_by, deleted_by: raise VideoNotFound unless it is due by then, or was deleted by then; it may have been restored and
            deleted again since it was read.

    Raises VideoNotFound, BooksBusy.
    """
    change = (await commit(services, uid, purge(uid, file_id, due_by=due_by, deleted_by=deleted_by), audit=audit)).change
    if change is None or change.remove_trash is None:
        raise errors.VideoNotFound("The video has just been removed for good by another request.")
    return change.remove_trash


async def purge_video_once(
    services: CommitServices, caller: Caller, video_id: str, *, audit: PendingEvent | None = None
) -> None:
    """Purge one of the caller's trashed videos. If it was purged already, nothing changes. Raises VideoNotFound, BooksBusy."""
    transaction, purged = purge(caller.uid, video_id), EntryId.purge(video_id)

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        return None if purged in snapshot.entries else transaction.decide(ledger, snapshot)

    await _commit_once(services, caller, Transaction(decide, replace(transaction.reads, entry_ids=(purged,))), audit)


def purge(uid: str, file_id: str, *, due_by: datetime | None = None, deleted_by: datetime | None = None) -> Transaction:
    """Return the transaction that removes a trashed video for good; arguments and errors as in `purge_video`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        trashed = _in_trash(snapshot)
        if due_by is not None and (trashed.purge_at is None or trashed.purge_at > due_by):
            raise errors.VideoNotFound("It is not due yet.")
        if deleted_by is not None and (trashed.deleted_at is None or trashed.deleted_at > deleted_by):
            raise errors.VideoNotFound("It was restored, and deleted again later.")
        return trash.purge(ledger, ledger.account_for(snapshot.account, uid), trashed)

    return Transaction(decide, ReadSet(trashed_file_id=file_id))


def _in_trash(snapshot: Snapshot) -> Video:
    if snapshot.trashed is None:
        raise errors.VideoNotFound("The trash has no such video.")
    return snapshot.trashed


async def _commit_once(services: CommitServices, caller: Caller, transaction: Transaction, audit: PendingEvent | None) -> None:
    """Commit a transaction that changes nothing if it was carried out before; then the log has its event already."""
    result = await commit(services, caller.uid, transaction, audit=audit)
    if result.change is None and audit is not None:
        audit.recorded = True
