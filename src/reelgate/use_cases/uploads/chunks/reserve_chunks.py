"""Grant chunks in the books: their bytes are reserved before any of them is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.entries import Entry, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.uploads import chunked_uploads
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.domain.value_types import value_type
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName
from reelgate.use_cases.books.commit import AuditEvent, CommitServices, Transaction, commit
from reelgate.use_cases.objects.expire_uploads import expire_uploads
from reelgate.use_cases.uploads.inspect_upload import state_of
from reelgate.use_cases.uploads.start_upload import MAX_EXPIRED_AT_ONCE


class Services(CommitServices, HasFunctionName, Protocol):
    """What reserving chunks needs."""


@value_type
class ReservedChunks:
    """The upload, grown by the chunks; `before` has the entries of chunks that had been granted earlier, by id."""

    upload: OpenUpload
    before: Mapping[EntryId, Entry]


async def reserve_chunks(
    services: Services, caller: Caller, upload_id: str, chunks: Sequence[Chunk], *, audit: AuditEvent | None = None
) -> ReservedChunks:
    """Grant all these chunks (with different indexes) or none.

    If a limit is exceeded, expired uploads are settled to free their bytes, and the chunks are tried once more.

    Raises:
        UploadNotFound: the caller never had an upload with this id.
        UploadFinished: it is no longer open.
        BooksBusy, Unavailable: retryable.
        All errors of `chunked_uploads.reserve_chunks`.
    """
    try:
        return await _reserve_once(services, caller, upload_id, chunks, audit)
    except errors.LimitExceeded:
        if not await expire_uploads(services, caller.uid, at_most=MAX_EXPIRED_AT_ONCE):
            raise
        return await _reserve_once(services, caller, upload_id, chunks, audit)


async def _reserve_once(
    services: Services, caller: Caller, upload_id: str, chunks: Sequence[Chunk], audit: AuditEvent | None
) -> ReservedChunks:
    result = await commit(services, caller.uid, chunk_reservation(upload_id, chunks), audit=audit)
    upload = result.snapshot.upload if result.change is None else result.change.replace_upload
    if upload is None:
        raise await not_open(services, caller.uid, upload_id)
    return ReservedChunks(upload=upload, before=result.snapshot.entries)


def chunk_reservation(upload_id: str, chunks: Sequence[Chunk]) -> Transaction:
    """Return the transaction that grants all the chunks or none. It writes nothing when the upload is not open."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or snapshot.upload is None:
            return None
        return chunked_uploads.reserve_chunks(ledger, snapshot.account, snapshot.upload, chunks, snapshot.entries)

    entry_ids = tuple(EntryId.chunk(upload_id, chunk.index) for chunk in chunks)
    return Transaction(decide, ReadSet(upload_id=upload_id, entry_ids=entry_ids))


async def not_open(services: Services, uid: str, upload_id: str) -> errors.UploadFinished:
    """Return the error for an upload that is no longer open. Raises UploadNotFound."""
    status = await state_of(services, uid, upload_id)
    return errors.UploadFinished(f"This upload is {status.state}. Start a new one if needed.")
