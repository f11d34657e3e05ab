"""Messages to the rest of the world."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from reelgate.domain.books.messages import Message


class EventPublisher(Protocol):
    """Publishes messages to the topics of this deployment."""

    async def publish(self, message: Message, *, at: datetime) -> None:
        """Return once the message is safely with the broker. Raises Unavailable."""


class HasEvents(Protocol):
    """Offers publishing messages."""

    @property
    def events(self) -> EventPublisher: ...
