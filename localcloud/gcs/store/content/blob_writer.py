"""Writes a growing blob: a thread writes bytes to disk and updates the checksums while the next ones arrive."""

import asyncio
import os
from pathlib import Path

from localcloud.gcs.store.content.blobs import checksums_of
from localcloud.gcs.store.content.checksums import RunningChecksums

# Google keeps unfinished uploads in multiples of 256 KiB ("Resumable uploads").
QUANTUM_BYTES = 256 * 1024
BATCH_BYTES = QUANTUM_BYTES


class BlobWriter:
    """Appends to one blob file.

    The size on disk is a multiple of 256 KiB until `finish`: a broken upload continues from such an offset, and the
    checksums never run ahead of the file.
    """

    def __init__(self, descriptor: int, size: int, checksums: RunningChecksums) -> None:
        self._descriptor = descriptor
        self._checksums = checksums
        self._pending: list[memoryview] = []
        self._pending_bytes = 0
        self._writing: asyncio.Future[int] | None = None
        self._received_bytes = size
        self._written_bytes = size

    @classmethod
    async def open(cls, path: Path) -> "BlobWriter":
        """Open a new or unfinished blob; an unfinished one is cut at its last multiple of 256 KiB."""
        return await asyncio.to_thread(cls._open, path)

    @classmethod
    def _open(cls, path: Path) -> "BlobWriter":
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        size = whole_quanta(os.fstat(descriptor).st_size)
        os.ftruncate(descriptor, size)
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
            checksums = checksums_of(file, size)
        os.lseek(descriptor, size, os.SEEK_SET)
        return cls(descriptor, size, checksums)

    @property
    def kept_bytes(self) -> int:
        """Bytes on disk; those still being written are not acknowledged."""
        writing = self._writing
        if writing is None or not writing.done() or writing.exception() is not None:
            return self._written_bytes
        return self._written_bytes + writing.result()

    @property
    def received_bytes(self) -> int:
        """Bytes on disk or being written."""
        return self._received_bytes

    @property
    def crc32c(self) -> str:
        """Checksum of the bytes kept."""
        return self._checksums.crc32c

    @property
    def md5(self) -> str:
        """Checksum of the bytes kept."""
        return self._checksums.md5

    async def append(self, piece: bytes | memoryview) -> None:
        """Start writing the next bytes; returns before they are written."""
        if not piece:
            return
        self._pending.append(memoryview(piece))
        self._pending_bytes += len(piece)
        self._received_bytes += len(piece)
        if self._pending_bytes >= BATCH_BYTES:
            await self._write(whole_quanta(self._pending_bytes))

    async def settle(self) -> None:
        """Write every whole 256 KiB received and drop the rest, after a request has broken off."""
        await self._write(whole_quanta(self._pending_bytes))
        await self._written()
        self._pending.clear()
        self._pending_bytes = 0
        self._received_bytes = self.kept_bytes

    async def finish(self) -> None:
        """Write all remaining bytes."""
        await self._write(self._pending_bytes)
        await self._written()

    def close(self) -> None:
        """Close the file; no write may be in progress."""
        os.close(self._descriptor)

    async def _write(self, count: int) -> None:
        await self._written()
        if count == 0:
            return
        batch, self._pending = _split(self._pending, count)
        self._pending_bytes -= count
        self._writing = asyncio.get_running_loop().run_in_executor(None, self._write_batch, batch)

    async def _written(self) -> None:
        if self._writing is not None:
            self._written_bytes += await asyncio.shield(self._writing)
            self._writing = None

    def _write_batch(self, batch: list[memoryview]) -> int:
        for piece in batch:
            written = 0
            while written < len(piece):
                written += os.write(self._descriptor, piece[written:])
            self._checksums.update(piece)
        return sum(map(len, batch))


def whole_quanta(size: int) -> int:
    """Return the largest multiple of 256 KiB that is not above `size`."""
    return size - size % QUANTUM_BYTES


def _split(pieces: list[memoryview], count: int) -> tuple[list[memoryview], list[memoryview]]:
    """Cut a list of pieces after `count` bytes."""
    head: list[memoryview] = []
    for index, piece in enumerate(pieces):
        if count <= len(piece):
            head.append(piece[:count])
            rest = piece[count:]
            return head, ([rest] if len(rest) else []) + pieces[index + 1 :]
        head.append(piece)
        count -= len(piece)
    return head, []
