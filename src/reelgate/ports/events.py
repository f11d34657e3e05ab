"""Publishing messages to the topics."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from reelgate.domain.books.messages import Message


class EventPublisher(Protocol):
    """Publishes messages to the topics of this deployment."""

    async def publish(self, message: Message, *, at: datetime) -> None:
        """Return once the broker has accepted the message. Raises Unavailable."""


class HasEvents(Protocol):
    """Offers publishing messages."""

    @property
    def events(self) -> EventPublisher: ...
