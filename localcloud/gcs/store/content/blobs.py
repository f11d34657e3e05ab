"""Files of bytes. A blob belongs to the database rows that name it; blobs without a row are removed at start."""

import asyncio
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from localcloud.gcs.store.content.checksums import RunningChecksums

COPY_BYTES = 1024 * 1024


class BlobFiles:
    """The folder of blobs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for shard in range(256):
            (folder / f"{shard:02x}").mkdir(parents=True, exist_ok=True)

    @staticmethod
    def new_id() -> str:
        """A new, unused blob name."""
        return secrets.token_hex(16)

    def path(self, blob: str) -> Path:
        """Where the bytes of a blob are, or would be."""
        return self._folder / blob[:2] / blob

    def open(self, blob: str) -> BinaryIO:
        """Open for reading, unbuffered; the file stays readable even if the blob is discarded meanwhile."""
        return self.path(blob).open("rb", buffering=0)

    def link(self, blob: str) -> str:
        """Return a second name for the same bytes without copying: blobs never change once committed."""
        copy = self.new_id()
        os.link(self.path(blob), self.path(copy))
        return copy

    def discard(self, blob: str) -> None:
        """Remove in a thread a blob that no row names any more; a missing blob is no error."""
        asyncio.get_running_loop().run_in_executor(None, self._unlink, blob)

    def _unlink(self, blob: str) -> None:
        self.path(blob).unlink(missing_ok=True)

    def sweep(self, named: Iterable[str]) -> int:
        """Remove files that a crash left behind and return how many there were."""
        keep = set(named)
        left = [path for path in self._folder.glob("??/*") if path.name not in keep]
        for path in left:
            path.unlink()
        return len(left)


def checksums_of(file: BinaryIO, size: int) -> RunningChecksums:
    """Return the checksums of the first `size` bytes (blocking)."""
    checksums = RunningChecksums()
    offset = 0
    while offset < size:
        piece = os.pread(file.fileno(), min(COPY_BYTES, size - offset), offset)
        if not piece:
            raise OSError(f"blob ends at {offset}, expected {size} bytes")
        checksums.update(piece)
        offset += len(piece)
    return checksums
