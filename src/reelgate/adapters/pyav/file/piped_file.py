"""The file that FFmpeg writes to, which can only be appended to."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

WRITE_BYTES = 256 * 1024


class PipedFile(io.RawIOBase):
    """Collects bytes into pieces of a size, large enough for a frame. `size` is how many have come."""

    def __init__(self, write: Callable[[bytes], None], *, piece_bytes: int = WRITE_BYTES) -> None:
        super().__init__()
        self._write, self._pending, self._piece = write, bytearray(), piece_bytes
        self.size = 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: ReadableBuffer) -> int:
        """Take bytes, and pass on whole pieces."""
        view = memoryview(data).cast("B")
        self.size += len(view)
        self._pending += view
        while len(self._pending) >= self._piece:
            self._write(bytes(memoryview(self._pending)[: self._piece]))
            del self._pending[: self._piece]
        return len(view)

    def flush_out(self) -> None:
        """Pass on what is left."""
        if self._pending:
            self._write(bytes(self._pending))
            self._pending.clear()
