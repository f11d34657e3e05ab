"""Videos move into the trash, back out of it, or are removed from it for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reelgate.domain import errors
from reelgate.domain.books import messages
from reelgate.domain.books.account import Account, NameClaim
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import check_storage, excess_trash
from reelgate.domain.books.video import Video

NO_ROOM = "there was no more room for it in the trash"
"""Why a video was purged before its time: what its entry and its audit event say."""


def delete(ledger: Ledger, account: Account, video: Video) -> Change:
    """Move a video to the trash. Its bytes no longer count as stored; its object stays until the video is purged.

    A video that was restored keeps the `purge_at` of its first deletion until that is over: going back and forth does not
    lengthen its time in the trash. Its playback grants are over, and remain so when it is restored.
    """
    first, purge_at = video.first_purge_at, ledger.now + timedelta(days=ledger.policy.trash_days)
    if first is not None and first > ledger.now:
        purge_at = min(first, purge_at)
    series = video.grant_series + 1
    trashed = replace(video, deleted_at=ledger.now, purge_at=purge_at, first_purge_at=None, grant_series=series)
    moved = video.stored_bytes
    delta = Delta(stored=-moved, trash=moved, deleted_bytes=video.size, deletion_count=1)
    entry_id = EntryId.delete(video.file_id, account.sequence + 1)
    change = ledger.change(replace(account, stored=account.stored - moved), ledger.entry(entry_id, video, delta))
    deleted = messages.video_event("video.deleted", trashed, entry_id.key)
    return replace(change, remove_video=video, remove_name=video.claim, put_trash=trashed, outbox=(deleted, *change.outbox))


def restore(ledger: Ledger, account: Account, trashed: Video, *, existing: Video | NameClaim | None) -> Change:
    """Restore a video from the trash. `existing` has its name by now, if anything has.

    Raises:
        AccountDisabled.
        NameTaken: another file or an open upload has taken its name.
        StorageLimitExceeded: its bytes no longer fit.
    """
    account.require_enabled()
    if isinstance(existing, NameClaim):
        raise errors.NameTaken(f"An upload of '{trashed.filename}' is not finished yet. Cancel it before restoring this video.")
    if existing is not None:
        raise errors.NameTaken(f"Another video '{trashed.filename}' exists by now. Delete it before restoring this one.")
    check_storage(account, trashed.stored_bytes, ledger.policy)
    video = replace(trashed, deleted_at=None, purge_at=None, first_purge_at=trashed.purge_at)
    entry_id = EntryId.restore(video.file_id, account.sequence + 1)
    delta = Delta(stored=video.stored_bytes, trash=-video.stored_bytes)
    change = ledger.change(replace(account, stored=account.stored + video.stored_bytes), ledger.entry(entry_id, video, delta))
    restored = messages.video_event("video.restored", video, entry_id.key)
    return replace(change, put_video=video, put_name=video.claim, remove_trash=trashed, outbox=(restored, *change.outbox))


def purge(ledger: Ledger, account: Account, trashed: Video, *, reason: str | None = None) -> Change:
    """Remove a video from the trash for good. Its captions go with it; the outbox gets the order to remove its object.

    The entry says the reason.
    """
    delta = Delta(trash=-trashed.stored_bytes)
    change = ledger.change(account, ledger.entry(EntryId.purge(trashed.file_id), trashed, delta, reason=reason))
    removal = messages.removal(trashed.file_id, trashed.object_name, trashed.generation)
    purged = messages.video_event("video.purged", trashed, trashed.file_id)
    outbox = (removal, purged, *change.outbox)
    return replace(change, remove_trash=trashed, remove_captions=trashed.caption_keys, outbox=outbox)


def trim(ledger: Ledger, account: Account, trashed: Video) -> Change | None:
    """Purge a video, the oldest in the trash, because the trash is too large. Returns None if all of it fits."""
    return purge(ledger, account, trashed, reason=NO_ROOM) if excess_trash(account, ledger.policy) else None
