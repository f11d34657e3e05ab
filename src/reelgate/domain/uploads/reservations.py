"""Uploads in the books: a name and bytes are reserved, until a video takes their place or they are given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reelgate.domain import errors
from reelgate.domain.books import messages
from reelgate.domain.books.account import Account, NameClaim, OpenUpload
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import check_day, check_rejected, check_storage
from reelgate.domain.books.upload_states import ReleaseReason, UploadState
from reelgate.domain.books.video import StoredObject, Video, mismatch
from reelgate.domain.uploads.rejected_objects import newest


def reserve(
    ledger: Ledger, account: Account, upload: OpenUpload, *, existing: Video | NameClaim | None, fingerprint: str
) -> Change:
    """Grant an upload: its name and its bytes are reserved until it is finished, rejected, cancelled or expired.

    Args:
        existing: the finished video that has this name already, or the claim of the open upload that has it, if any.
        fingerprint: identifies the request, so that an idempotency key cannot be used for a different one.

    Raises:
        AccountDisabled, NameTaken, TooManyOpenUploads, TooManyRejected, StorageLimitExceeded, BandwidthLimitExceeded.
    """
    account.require_enabled()
    if isinstance(existing, NameClaim):
        raise errors.NameTaken(
            f"An upload of '{upload.filename}' is not finished yet. Finish or cancel it, or choose another name.",
            hint="POST /v1/uploads/{upload_id}/resume continues it; GET /v1/uploads lists the open ones.",
        )
    if existing is not None:
        raise errors.NameTaken(f"You already have a video '{upload.filename}'. Choose another name, or delete it first.")
    if account.open_uploads >= ledger.policy.max_open_uploads:
        raise errors.TooManyOpenUploads(
            f"Unfinished uploads: {account.open_uploads}, as many as allowed. Finish or cancel some of them."
        )
    current = ledger.current(account)
    check_rejected(current, ledger.policy, ledger.now)
    check_storage(current, upload.size, ledger.policy)
    check_day(current, upload.size, ledger.policy, ledger.now)
    change = ledger.change(
        replace(account, reserved=account.reserved + upload.size, open_uploads=account.open_uploads + 1),
        ledger.entry(EntryId.reserve(upload.upload_id), upload, Delta(reserved=upload.size), fingerprint=fingerprint),
    )
    return replace(change, put_upload=upload, put_name=upload.claim)


def commit(ledger: Ledger, account: Account, upload: OpenUpload, found: StoredObject) -> Change:
    """Turn an open upload into a video, or reject it if the object is not what was granted.

    A rejected upload's bytes are released, those of the object are charged to the day, and the outbox gets the order to put a
    placeholder in its place.
    """
    difference = mismatch(upload, found)
    if difference:
        change = release(ledger, account, upload, reason=ReleaseReason.rejected(difference), arrived=[found])
        replacement = messages.replacement(upload.upload_id, found.name, found.generation)
        rejected = messages.Message(
            event_id=f"video.rejected:{upload.upload_id}",
            topic="videos",
            type="video.rejected",
            uid=account.uid,
            data={"file_id": upload.upload_id, "filename": upload.filename, "reason": difference},
        )
        return replace(change, outbox=(*change.outbox, replacement, rejected))
    video = Video(
        uid=account.uid,
        file_id=upload.upload_id,
        filename=upload.filename,
        size=found.size,
        content_type=upload.content_type,
        crc32c=found.crc32c,
        generation=found.generation,
        title=upload.title,
        created_at=upload.created_at,
        uploaded_at=ledger.now,
        main_service_file_id=upload.main_service_file_id,
    )
    size = found.size
    closed = _without(account, upload)
    delta = Delta(stored=size, reserved=-size, uploaded=size, upload_count=1)
    change = ledger.change(
        replace(closed, stored=closed.stored + size),
        ledger.entry(EntryId.commit(upload.upload_id, found.generation), upload, delta),
    )
    ready = messages.video_event("video.ready", video, f"{video.file_id}:{video.generation}")
    return replace(change, remove_upload=upload, put_video=video, outbox=(ready, *change.outbox))


def release(
    ledger: Ledger, account: Account, upload: OpenUpload, *, reason: ReleaseReason, arrived: Sequence[StoredObject] = ()
) -> Change:
    """Give back what an open upload had reserved, and charge what has arrived of it to the day.

    An upload counts as rejected if anything has arrived. So does one in parts that is cancelled while it has bytes reserved:
    signed URLs of its parts may still be used.

    Args:
        arrived: its object, or its parts.
    """
    in_flight = upload.chunked and upload.size > 0 and reason.state == UploadState.CANCELLED
    delta = Delta(
        reserved=-upload.size,
        rejected=sum(found.size for found in arrived),
        rejected_count=int(bool(arrived) or in_flight),
    )
    entry = ledger.entry(EntryId.release(upload.upload_id), upload, delta, reason=str(reason))
    change = ledger.change(_without(account, upload), replace(entry, counted_until=newest(arrived)))
    return replace(change, remove_upload=upload, remove_name=upload.claim)


def renew_session(ledger: Ledger, account: Account, upload: OpenUpload) -> Change:
    """Store an open upload whose session is new. No amount changes, so there is no entry."""
    return replace(ledger.change(account), replace_upload=upload)


def _without(account: Account, upload: OpenUpload) -> Account:
    return replace(account, reserved=account.reserved - upload.size, open_uploads=account.open_uploads - 1)
