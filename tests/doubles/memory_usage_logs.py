"""The bucket with the usage logs in memory."""

from __future__ import annotations

from reelgate.domain.errors import Unavailable, VideoNotFound


class MemoryUsageLogs:
    """Logs by name, each in generation 1. `unavailable` makes everything fail as a lost network would."""

    def __init__(self) -> None:
        self.logs: dict[str, bytes] = {}
        self.unavailable = False

    async def read(self, object_name: str, generation: int, *, start: int, length: int) -> bytes:
        if self.unavailable:
            raise Unavailable("The storage cannot be reached at the moment. Try again.")
        if object_name not in self.logs or generation != 1:
            raise VideoNotFound("The object is gone.")
        return self.logs[object_name][start : start + length]
