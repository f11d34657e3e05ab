"""A file that is somewhere else, read through windows of it: what FFmpeg takes for a seekable file."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

KIB = 1024


class RangedFile(io.RawIOBase):
    """Reads by ranges, few and large where reading goes straight on, small where it jumps.

    A window that begins where another one ends, or not far behind, is twice as large as that one. The windows last used stay,
    so that sound and pictures that lie far apart in the file do not throw out each other. `held_bytes` never passes
    `keep_bytes`, but for a single window.
    """

    def __init__(
        self,
        fetch: Callable[[int, int], bytes],
        size: int,
        *,
        first_bytes: int = 256 * KIB,
        largest_bytes: int = 4096 * KIB,
        keep_bytes: int = 16 * 1024 * KIB,
    ) -> None:
        """`fetch` returns so many bytes from a position, both within the file's `size`."""
        super().__init__()
        self._fetch, self._size = fetch, size
        self._first, self._largest, self._keep = first_bytes, largest_bytes, keep_bytes
        self._windows: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        self.held_bytes = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position; nothing is read yet. Raises ValueError for one before the beginning."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a position before the beginning")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what the window at the position has, at most as much as fits."""
        view = memoryview(buffer).cast("B")
        if self._position >= self._size or not view.nbytes:
            return 0
        start, window = self._window()
        offset = self._position - start
        data = window[offset : offset + view.nbytes]
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _window(self) -> tuple[int, bytes]:
        """Return the window that has the position, after fetching it if need be."""
        length = self._first
        for start, window in self._windows.items():
            if start <= self._position < start + len(window):
                self._windows.move_to_end(start)
                return start, window
            if 0 <= self._position - start - len(window) <= self._largest // 4:
                length = max(length, min(2 * len(window), self._largest))
        data = self._fetch(self._position, min(length, self._size - self._position))
        if not data:
            raise EOFError("the file is shorter than it was said to be")
        self._put(self._position, data)
        return self._position, data

    def _put(self, start: int, data: bytes) -> None:
        self.held_bytes += len(data) - len(self._windows.pop(start, b""))
        self._windows[start] = data
        while self.held_bytes > self._keep and len(self._windows) > 1:
            _, dropped = self._windows.popitem(last=False)
            self.held_bytes -= len(dropped)
