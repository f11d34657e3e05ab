"""Bodies that arrive in one request."""

from collections.abc import AsyncIterator

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.store.content.blob_writer import BlobWriter
from localcloud.gcs.store.content.blobs import BlobFiles
from localcloud.gcs.store.metadata.records import Content


async def receive(blobs: BlobFiles, pieces: AsyncIterator[bytes], limit_bytes: int | None = None) -> Content:
    """Write a body to a new blob.

    Raises:
        StorageError: EntityTooLarge once more than `limit_bytes` have arrived; nothing is left on disk.
        ClientGoneError: the connection broke; nothing is left on disk.
    """
    blob = blobs.new_id()
    writer = await BlobWriter.open(blobs.path(blob))
    try:
        async for piece in pieces:
            await writer.append(piece)
            if limit_bytes is not None and writer.received_bytes > limit_bytes:
                raise StorageError(Refusal.ENTITY_TOO_LARGE, f"The body has more than {limit_bytes} bytes.")
        await writer.finish()
    except BaseException:
        await writer.settle()
        blobs.discard(blob)
        raise
    finally:
        writer.close()
    return Content(blob, writer.kept_bytes, writer.crc32c, writer.md5)
