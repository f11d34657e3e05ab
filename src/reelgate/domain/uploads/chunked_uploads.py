"""Chunked uploads in the books: bytes are reserved chunk by chunk until the upload is sealed with the chunks that arrived.

Every chunk has its own ledger entry with its size and, as fingerprint, its CRC32C if that is known. Granting the same chunk
again finds the entry and reserves nothing more; a different chunk with the same index is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from reelgate.domain import errors
from reelgate.domain.books.account import Account, OpenUpload
from reelgate.domain.books.entries import Delta, Entry, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import check_day, check_rejected, check_storage
from reelgate.domain.books.video import StoredObject
from reelgate.domain.files.sizes import human_size
from reelgate.domain.uploads import crc32c
from reelgate.domain.uploads.rejected_objects import newest
from reelgate.domain.value_types import value_type

MAX_AGE = timedelta(days=7)
"""How long chunks can keep an upload open. A lifecycle rule of the bucket may remove parts that are older."""

MAX_NAMED = 100
"""How many indexes an error names at most."""

TO_COMPLETE = timedelta(days=1)
"""How long a sealed upload waits for the client to repeat its completion, before the sweep completes it."""

WORTH_WRITING = timedelta(minutes=1)


@value_type
class Chunk:
    """One chunk of a request: its index from 0, its size in bytes, and its CRC32C if it is known."""

    index: int
    size: int
    crc32c: str | None = None


def reserve_chunks(
    ledger: Ledger, account: Account, upload: OpenUpload, chunks: Sequence[Chunk], granted: Mapping[EntryId, Entry]
) -> Change | None:
    """Reserve the bytes of all these chunks or of none, and extend the upload's expiry to that of a new upload.

    Args:
        granted: the entries of the chunks that were granted before, by id.

    Returns None when there is nothing to write.

    Raises:
        AccountDisabled.
        InvalidRequest: it is not a chunked upload.
        UploadSealed: it is being completed, or has been open for too long.
        ChunkDiffers: a different chunk with the same index was granted before.
        TooManyRejected: nothing more is granted today.
        TooLarge, StorageLimitExceeded, BandwidthLimitExceeded.
    """
    account.require_enabled()
    check_accepts_chunks(upload, ledger.now)
    fresh = [chunk for chunk in chunks if not _was_granted(upload, chunk, granted)]
    more = sum(chunk.size for chunk in fresh)
    grown = replace(upload, size=upload.size + more, expires_at=kept_open_until(ledger, upload))
    if not fresh:
        worth_writing = grown.expires_at - upload.expires_at >= WORTH_WRITING
        return replace(ledger.change(account), replace_upload=grown) if worth_writing else None
    check_rejected(ledger.current(account), ledger.policy, ledger.now)
    _check_room(ledger, account, grown.size, more)
    change: Change | None = None
    for chunk in fresh:
        change = _joined(change, _granted(ledger, account if change is None else change.account, upload, chunk))
    return None if change is None else replace(change, replace_upload=grown)


def check_accepts_chunks(upload: OpenUpload, now: datetime) -> None:
    """Raise InvalidRequest or UploadSealed unless the upload accepts more chunks."""
    check_chunked(upload)
    check_unsealed(upload, now)


def check_unsealed(upload: OpenUpload, now: datetime) -> None:
    """Raise UploadSealed when an upload is being completed, or has been open for too long."""
    if upload.sealed_chunks is not None:
        raise errors.UploadSealed("This upload is being completed. Start a new one to send something else.")
    if now >= upload.created_at + MAX_AGE:
        raise errors.UploadSealed(f"This upload was started more than {MAX_AGE.days} days ago. Cancel it and start a new one.")


def check_chunked(upload: OpenUpload) -> None:
    """Raise InvalidRequest unless it is a chunked upload that grows with its chunks."""
    if not upload.chunked or upload.part_size is not None:
        raise errors.InvalidRequest(
            "This upload does not take the file in such parts.",
            field="upload_session_id",
            hint="POST /v1/uploads/{upload_id}/resume says how to continue it.",
        )


def check_parts(indexes: Sequence[int], total: int) -> None:
    """Raise ChunksMissing or ChunksLeftOver unless the indexes are 0 to `total` - 1."""
    present = set(indexes)
    missing = [index for index in range(total) if index not in present]
    if missing:
        raise errors.ChunksMissing(
            f"{len(missing)} of {total} parts of the file {'has' if len(missing) == 1 else 'have'} not arrived. Try again.",
            missing=missing[:MAX_NAMED],
            hint="Send those in 'missing' and complete again.",
        )
    left_over = sorted(index for index in present if index >= total)
    if left_over:
        raise errors.ChunksLeftOver(
            f"More parts of the file have arrived than the {total} that were announced.",
            left_over=left_over[:MAX_NAMED],
            hint=f"There are also {_named(left_over)}. Indexes start at 0; complete again with the right number, or cancel.",
        )


def seal(
    ledger: Ledger, account: Account, upload: OpenUpload, parts: Sequence[StoredObject], *, announced_crc32c: str | None = None
) -> Change:
    """Seal the upload: it accepts no more chunks, and consists of exactly these parts in this order.

    Its reservation becomes their size, so the bytes of chunks that never arrived are given back. Their URLs may still be used,
    so such an upload counts as rejected, as one does that is cancelled. The object that is composed of the parts must have the
    CRC32C that follows from theirs. An upload that was divided at its start has its whole size.

    Raises:
        ChunkDiffers: the size or the CRC32C of the whole file is not the announced one.
        TooLarge, StorageLimitExceeded, BandwidthLimitExceeded: the parts are larger than what was granted. Signed URLs do not
            allow that, so they were written with other rights to the bucket.
    """
    size = sum(part.size for part in parts)
    whole = crc32c.combine((part.crc32c, part.size) for part in parts)
    for announced in (upload.crc32c, announced_crc32c):
        if announced not in {None, whole}:
            raise _other_file(f"The chunks together have the CRC32C {whole}; announced was {announced}.")
    more = size - upload.size
    if more and upload.part_size is not None:
        raise _other_file(f"The parts together have {size} bytes; announced were {upload.size}.")
    if more > 0:
        _check_room(ledger, account, size, more)
    expires_at = ledger.now + min(_expiry(ledger), TO_COMPLETE)
    sealed = replace(upload, size=size, crc32c=whole, sealed_chunks=len(parts), expires_at=expires_at)
    delta = Delta(reserved=more, rejected_count=int(more < 0))
    entry = replace(ledger.entry(EntryId.seal(upload.upload_id), sealed, delta), counted_until=newest(parts))
    change = ledger.change(replace(account, reserved=account.reserved + more), entry)
    return replace(change, replace_upload=sealed)


def _other_file(hint: str) -> errors.ChunkDiffers:
    detail = "The file that has arrived is not the one that was announced. Cancel the upload and start again."
    return errors.ChunkDiffers(detail, hint=hint)


def _was_granted(upload: OpenUpload, chunk: Chunk, granted: Mapping[EntryId, Entry]) -> bool:
    """Return whether the chunk was granted before. Raises ChunkDiffers if a different one with its index was."""
    before = granted.get(EntryId.chunk(upload.upload_id, chunk.index))
    if before is None:
        return False
    if before.size != chunk.size or (chunk.crc32c and before.fingerprint and before.fingerprint != chunk.crc32c):
        raise chunk_differs(chunk.index)
    return True


def chunk_differs(index: int) -> errors.ChunkDiffers:
    """Return the error for a chunk that differs from the one granted or stored before under its index."""
    return errors.ChunkDiffers(
        "A part of the file was sent before with other content. Cancel the upload and start again.",
        hint=f"Chunk {index} has other bytes than before. Chunks cannot be replaced.",
    )


def _granted(ledger: Ledger, account: Account, upload: OpenUpload, chunk: Chunk) -> Change:
    entry_id = EntryId.chunk(upload.upload_id, chunk.index)
    entry = ledger.entry(entry_id, upload, Delta(reserved=chunk.size), fingerprint=chunk.crc32c)
    return ledger.change(replace(account, reserved=account.reserved + chunk.size), replace(entry, size=chunk.size))


def _joined(first: Change | None, second: Change) -> Change:
    """Return one change that does what `first` and then `second` do."""
    if first is None or second.entry is None:
        return second
    return replace(
        first,
        account=second.account,
        more_entries=(*first.more_entries, second.entry),
        outbox=(*first.outbox, *second.outbox),
    )


def _check_room(ledger: Ledger, account: Account, size: int, more: int) -> None:
    limit = ledger.policy.max_file_bytes
    if size > limit:
        raise errors.TooLarge(
            f"A file may have at most {human_size(limit)}; this one would have {human_size(size)}.", limit=limit, requested=size
        )
    current = ledger.current(account)
    check_storage(current, more, ledger.policy, grows=True)
    check_day(current, more, ledger.policy, ledger.now, grows=True)


def kept_open_until(ledger: Ledger, upload: OpenUpload) -> datetime:
    """Return until when an upload stays open if chunks of it are about to be sent: as long as a new one, at most `MAX_AGE`."""
    return max(upload.expires_at, min(ledger.now + _expiry(ledger), upload.created_at + MAX_AGE))


def _expiry(ledger: Ledger) -> timedelta:
    return timedelta(seconds=ledger.policy.upload_expiry_seconds)


def _named(indexes: Sequence[int]) -> str:
    shown = ", ".join(map(str, indexes[:10]))
    return f"{shown} and {len(indexes) - 10} more" if len(indexes) > 10 else shown
