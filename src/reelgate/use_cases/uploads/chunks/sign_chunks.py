"""Grant chunks and sign the URLs with which clients send them straight to the bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.entries import EntryId
from reelgate.domain.files.part_names import PART_TYPE, part_name
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.ports.storage import HasBucket, HasSigner, UrlToSign
from reelgate.use_cases.books.commit import AuditEvent, CommitServices
from reelgate.use_cases.uploads.chunks.reserve_chunks import reserve_chunks
from reelgate.use_cases.uploads.start_upload import SigningServices
from reelgate.use_cases.uploads.upload_request import require_uploader


class Services(CommitServices, HasBucket, HasFunctionName, HasIds, HasSigner, HasUserLookup, Protocol):
    """What signing URLs of chunks needs."""


@value_type
class SignedChunk:
    """The request that stores one chunk, to be sent exactly so. `url` is a secret until it expires."""

    index: int
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str]
    expires_at: datetime


@value_type
class SignedChunks:
    """The upload, grown by the chunks, and one request for each of them."""

    upload: OpenUpload
    chunks: Sequence[SignedChunk]


async def sign_chunks(
    services: Services, caller: Caller, upload_id: str, chunks: Sequence[Chunk], *, audit: AuditEvent | None = None
) -> SignedChunks:
    """Grant all these chunks (with different indexes) or none, and return how to send each.

    The signature covers the index, create-only, the exact size, and the CRC32C if this or an earlier request gave one.
    Repeating the request gives new URLs and reserves nothing more, also after Unavailable, when the chunks may have been
    granted but not signed.

    Raises:
        Forbidden: this role may not upload.
        Unavailable: also when the signer cannot be reached.
        All errors of `reserve_chunks`.
    """
    await require_uploader(services, caller)
    reserved = await reserve_chunks(services, caller, upload_id, chunks, audit=audit)

    def with_checksum(chunk: Chunk) -> Chunk:
        before = reserved.before.get(EntryId.chunk(upload_id, chunk.index))
        return chunk if chunk.crc32c or before is None else replace(chunk, crc32c=before.fingerprint)

    signed = await sign_requests(services, caller.uid, reserved.upload, [with_checksum(chunk) for chunk in chunks])
    return SignedChunks(upload=reserved.upload, chunks=signed)


async def sign_requests(
    services: SigningServices, uid: str, upload: OpenUpload, chunks: Sequence[Chunk]
) -> Sequence[SignedChunk]:
    """Return the request that stores each chunk. No URL works for longer than its upload is open, unless that is cancelled.

    Raises Unavailable when the signer cannot be reached.
    """
    now = services.now()
    open_for = max(1, int((upload.expires_at - now).total_seconds()))

    async def sign(chunk: Chunk) -> SignedChunk:
        to_sign = UrlToSign(
            method="PUT",
            bucket=services.bucket,
            object_name=part_name(uid, upload.upload_id, chunk.index),
            expires_seconds=min(services.policy.part_url_seconds, open_for),
            headers=_headers(chunk.size, chunk.crc32c),
        )
        return SignedChunk(
            index=chunk.index,
            method=to_sign.method,
            url=await services.signer.signed_url(to_sign, now=now),
            headers=to_sign.headers,
            expires_at=now + timedelta(seconds=to_sign.expires_seconds),
        )

    return await asyncio.gather(*(sign(chunk) for chunk in chunks))


def _headers(size: int, checksum: str | None) -> dict[str, str]:
    headers = {
        "Content-Type": PART_TYPE,
        "x-goog-if-generation-match": "0",
        "x-goog-content-length-range": f"{size},{size}",
    }
    return headers if checksum is None else {**headers, "x-goog-hash": f"crc32c={checksum}"}
