"""Receive one chunk through the function: reserve its bytes, and store it as its own object."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from reelgate.domain import errors
from reelgate.domain.files.part_names import PART_TYPE, part_name
from reelgate.domain.uploads.chunked_uploads import Chunk, chunk_differs
from reelgate.ports.accounts import HasUserLookup
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.uploads.chunks.reserve_chunks import reserve_chunks
from reelgate.use_cases.uploads.upload_request import require_uploader


class Services(CommitServices, HasFunctionName, HasIds, HasUserLookup, Protocol):
    """What storing a chunk needs."""


async def send_chunk(services: Services, caller: Caller, upload_id: str, chunk: Chunk, data: BinaryIO) -> None:
    """Store a chunk of exactly `chunk.size` bytes with the CRC32C of `chunk`. Sending the same chunk again succeeds and
    changes nothing.

    After a crash between reserving and storing, the bytes stay reserved, and sending the chunk again stores it.

    Raises:
        Forbidden: this role may not upload.
        ChunkDiffers: a different chunk with the same index was granted or stored before.
        Unavailable, and all errors of `reserve_chunks`.
    """
    await require_uploader(services, caller)
    reserved = await reserve_chunks(services, caller, upload_id, [chunk])
    name = part_name(caller.uid, upload_id, chunk.index)
    # A repeated chunk is usually stored already, and need not be sent to the bucket again.
    found = await services.media.find(name) if reserved.before else None
    if found is None:
        found = await services.media.put(name, data, content_type=PART_TYPE, size=chunk.size, upload_id=upload_id)
    if found is None:
        found = await services.media.find(name)
    if found is None:
        raise errors.Unavailable("A part of the file was removed while it was stored. Send it again.")
    if (found.size, found.crc32c) != (chunk.size, chunk.crc32c):
        raise chunk_differs(chunk.index)
