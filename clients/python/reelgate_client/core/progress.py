"""How far a transfer is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum


class Stage(StrEnum):
    """What a transfer is doing."""

    CHECKING = "checking"
    SENDING = "sending"
    RECEIVING = "receiving"
    WAITING = "waiting"
    FINISHING = "finishing"
    DONE = "done"


class Progress:
    """Counts the bytes of one transfer: those that have arrived for certain, and those on their way.

    A watcher is called after each change, from whatever thread or task made it. It must be quick and not raise.
    """

    def __init__(self, watcher: Callable[[Progress], None] | None = None) -> None:
        self.stage = Stage.CHECKING
        self.total = 0
        self.id: str | None = None
        self._watcher = watcher
        self._arrived = 0
        self._under_way: dict[int, int] = {}
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """Bytes that have arrived or are on their way."""
        with self._lock:
            return min(self.total, self._arrived + sum(self._under_way.values()))

    def enter(self, stage: Stage) -> None:
        """Begin another stage."""
        self.stage = stage
        self._changed()

    def begin(self, total: int, id: str | None = None) -> None:
        """Say how many bytes there are, and the id of the upload or video."""
        self.total, self.id = total, id
        self._changed()

    def arrived(self, count: int) -> None:
        """Say how many bytes have arrived, in all."""
        with self._lock:
            self._arrived = count
        self._changed()

    def arrived_part(self, key: int, count: int) -> None:
        """Say that a piece has arrived."""
        with self._lock:
            self._under_way.pop(key, None)
            self._arrived += count
        self._changed()

    def under_way(self, key: int, count: int) -> None:
        """Say how many bytes of a piece are on their way; 0 after a failure."""
        with self._lock:
            self._under_way[key] = count
        self._changed()

    def _changed(self) -> None:
        if self._watcher is not None:
            self._watcher(self)
