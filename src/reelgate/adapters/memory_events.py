"""Published messages in a list, for tests of the use cases."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.errors import Unavailable
from reelgate.domain.messages import Message


class MemoryEvents:
    """Keeps what was published. `unavailable` makes publishing fail as a lost network would."""

    def __init__(self) -> None:
        self.published: list[Message] = []
        self.unavailable = False

    async def publish(self, message: Message, *, at: datetime) -> None:
        if self.unavailable:
            raise Unavailable(f"nobody took the message of {at}")
        self.published.append(message)
