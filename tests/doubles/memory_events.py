"""Published messages in a list, for tests of the use cases."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.books.messages import Message
from reelgate.domain.errors import Unavailable


class MemoryEvents:
    """Keeps what was published. `unavailable` makes publishing fail as a lost network would."""

    def __init__(self) -> None:
        self.log: list[tuple[Message, datetime]] = []
        self.unavailable = False

    @property
    def published(self) -> list[Message]:
        """The messages, in order."""
        return [message for message, _ in self.log]

    async def publish(self, message: Message, *, at: datetime) -> None:
        if self.unavailable:
            raise Unavailable(f"nobody took the message of {at}")
        self.log.append((message, at))
