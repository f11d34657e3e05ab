"""Move a video to the trash, restore it, or purge it."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.videos.find_video import find_video


@value_type
class Moved:
    """A video after it was moved, and its account."""

    video: Video
    account: Account


async def delete_video(
    services: CommitServices, caller: Caller, filename: str, *, file_id: str | None = None, audit: AuditEvent | None = None
) -> Moved:
    """Move the caller's video with this name to the trash. If `file_id` is given, only that file, not a later one with the same
    name.

    Raises UserStorageNotFound, FileNotFound, BooksBusy.
    """
    change = (await commit(services, caller.uid, deletion(filename, file_id=file_id), audit=audit)).change
    if change is None or change.put_trash is None:
        raise errors.FileNotFound(f"'{filename}' has just been deleted by another request.")
    return Moved(video=change.put_trash, account=change.account)


def deletion(filename: str, *, file_id: str | None = None) -> Transaction:
    """Return the transaction that moves a video to the trash; arguments and errors as in `delete_video`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        video = find_video(snapshot, filename)
        if snapshot.account is None:
            raise errors.UserStorageNotFound("You have not stored any files yet.")
        if file_id not in {None, video.file_id}:
            raise errors.FileNotFound(f"'{filename}' is a different file now.")
        return ledger.delete(snapshot.account, video)

    return Transaction(decide, ReadSet(filename=filename))


async def restore_video(services: CommitServices, caller: Caller, file_id: str, *, audit: AuditEvent | None = None) -> Moved:
    """Take a video out of the trash.

    Raises FileNotFound, NameTaken, StorageLimitExceeded, BooksBusy.
    """
    trashed = _in_trash(await services.books.read(caller.uid, ReadSet(trashed_file_id=file_id)))
    change = (await commit(services, caller.uid, restoration(trashed), audit=audit)).change
    if change is None or change.put_video is None:
        raise errors.FileNotFound("The file has just been restored by another request.")
    return Moved(video=change.put_video, account=change.account)


def restoration(trashed: Video) -> Transaction:
    """Return the transaction that takes a video out of the trash again. Raises as `restore_video`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        if snapshot.account is None or snapshot.trashed is None:
            raise errors.FileNotFound("The trash has no file with this id.")
        return ledger.restore(snapshot.account, snapshot.trashed, existing=snapshot.video or snapshot.claim)

    return Transaction(decide, ReadSet(trashed_file_id=trashed.file_id, filename=trashed.filename))


async def purge_video(
    services: CommitServices, uid: str, file_id: str, *, due_by: datetime | None = None, audit: AuditEvent | None = None
) -> Video:
    """Purge a trashed video and its object. Returns the video.

    Args:
        due_by: raise FileNotFound unless it is due by then; it may have been restored and deleted again since it was
            read.

    Raises FileNotFound, BooksBusy.
    """
    change = (await commit(services, uid, purge(uid, file_id, due_by=due_by), audit=audit)).change
    if change is None or change.remove_trash is None:
        raise errors.FileNotFound("The file has just been purged by another request.")
    return change.remove_trash


def purge(uid: str, file_id: str, *, due_by: datetime | None = None) -> Transaction:
    """Return the transaction that removes a trashed video for good; arguments and errors as in `purge_video`."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        trashed = _in_trash(snapshot)
        if due_by is not None and (trashed.purge_at is None or trashed.purge_at > due_by):
            raise errors.FileNotFound("It is not due yet.")
        return ledger.purge(ledger.account_for(snapshot.account, uid), trashed)

    return Transaction(decide, ReadSet(trashed_file_id=file_id))


def _in_trash(snapshot: Snapshot) -> Video:
    if snapshot.trashed is None:
        raise errors.FileNotFound("The trash has no file with this id. GET /trash lists its files.")
    return snapshot.trashed
