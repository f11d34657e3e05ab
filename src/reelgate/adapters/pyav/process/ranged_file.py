"""A remote file that is read in windows, presented to FFmpeg as a seekable file."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

KIB = 1024


class RangedFile(io.RawIOBase):
    """Reads by ranges: few and large ones for sequential reads, small ones after a jump.

    A window that starts at the end of another one, or shortly after, is twice as large. The most recently used windows are
    kept, so that audio and video that are far apart in the file do not evict each other. `held_bytes` never exceeds
    `keep_bytes`, except for a single window.
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
        """`fetch` returns that many bytes from a position, both within the file's `size`."""
        super().__init__()
        self._fetch, self._size = fetch, size
        self._first, self._largest, self._keep = first_bytes, largest_bytes, keep_bytes
        self._windows: OrderedDict[int, bytes] = OrderedDict()
        self._position = 0
        self.held_bytes = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position without reading. Raises ValueError for a negative one."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a negative position")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Copy bytes from the window at the position into `buffer`, and return how many."""
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
        """Return the window that contains the position, fetching it if necessary."""
        length = self._first
        for start, window in self._windows.items():
            if start <= self._position < start + len(window):
                self._windows.move_to_end(start)
                return start, window
            if 0 <= self._position - start - len(window) <= self._largest // 4:
                length = max(length, min(2 * len(window), self._largest))
        data = self._fetch(self._position, min(length, self._size - self._position))
        if not data:
            raise EOFError("the file is shorter than announced")
        self._put(self._position, data)
        return self._position, data

    def _put(self, start: int, data: bytes) -> None:
        self.held_bytes += len(data) - len(self._windows.pop(start, b""))
        self._windows[start] = data
        while self.held_bytes > self._keep and len(self._windows) > 1:
            _, dropped = self._windows.popitem(last=False)
            self.held_bytes -= len(dropped)
