"""Sign the URLs with which clients send the parts of a divided upload straight to the bucket."""

from __future__ import annotations

from collections.abc import Mapping

from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.uploads import divided_uploads
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.books.commit import AuditEvent, Transaction, commit
from reelgate.use_cases.uploads.chunks.reserve_chunks import not_open
from reelgate.use_cases.uploads.chunks.sign_chunks import Services, SignedChunks, sign_requests
from reelgate.use_cases.uploads.upload_request import require_uploader


async def sign_parts(
    services: Services,
    caller: Caller,
    upload_id: str,
    checksums: Mapping[int, str | None],
    *,
    audit: AuditEvent | None = None,
) -> SignedChunks:
    """Return how to send each of these parts, and keep the upload open while they are sent.

    The signature covers the index, create-only, the exact size, and the CRC32C if there is one. Repeating the request gives
    new URLs and changes nothing else.

    Args:
        checksums: the CRC32C of each part by its index, or None.

    Raises:
        Forbidden: this role may not upload.
        UploadNotFound: the caller never had an upload with this id.
        UploadFinished: it is no longer open.
        InvalidRequest: it has no part with such an index.
        BooksBusy, Unavailable: also when the signer cannot be reached.
        All errors of `divided_uploads.keep_open`.
    """
    await require_uploader(services, caller)
    result = await commit(services, caller.uid, keeping_open(upload_id), audit=audit)
    upload = result.snapshot.upload if result.change is None else result.change.replace_upload
    if upload is None:
        raise await not_open(services, caller.uid, upload_id)
    chunks = [
        Chunk(index=index, size=divided_uploads.bytes_of_part(upload, index), crc32c=crc32c)
        for index, crc32c in checksums.items()
    ]
    return SignedChunks(upload=upload, chunks=await sign_requests(services, caller.uid, upload, chunks))


def keeping_open(upload_id: str) -> Transaction:
    """Return the transaction that keeps a divided upload open. It writes nothing when the upload is not open."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None or snapshot.upload is None:
            return None
        return divided_uploads.keep_open(ledger, snapshot.account, snapshot.upload)

    return Transaction(decide, ReadSet(upload_id=upload_id))
