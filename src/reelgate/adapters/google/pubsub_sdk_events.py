"""Messages to Pub/Sub topics by Google's SDK, one JSON object each, with what a filter needs as attributes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime

from google.api_core import exceptions as google
from google.auth.exceptions import GoogleAuthError
from google.cloud.pubsub_v1 import PublisherClient

from reelgate.domain.books.messages import Message
from reelgate.domain.errors import Unavailable

PUBLISH_SECONDS = 3
"""How long a request waits for Pub/Sub; what takes longer is left to the sweep (the outbox still has it)."""


class PubsubEvents:
    """Implements `EventPublisher`. REELGATE_PUBSUB_CLIENT=grpc chooses it."""

    def __init__(self, project: str, topics: Mapping[str, str]) -> None:
        """`topics` maps our names to topic ids of the project."""
        self._client = PublisherClient()
        self._paths = {name: self._client.topic_path(project, topic) for name, topic in topics.items()}

    async def publish(self, message: Message, *, at: datetime) -> None:
        """Return once Pub/Sub has the message. Consumers tell repeated ones by `event_id`."""
        data = json.dumps(message.content(at), ensure_ascii=False).encode()
        try:
            sent = self._client.publish(self._paths[message.topic], data, timeout=PUBLISH_SECONDS, **message.attributes())
            await asyncio.wait_for(asyncio.wrap_future(sent), PUBLISH_SECONDS)
        except (google.GoogleAPIError, GoogleAuthError, TimeoutError) as error:
            raise Unavailable(f"Pub/Sub did not take the message: {type(error).__name__}") from None

    def close(self) -> None:
        """Send what waits and take no more. Connections end with what is under way, which needs them until then."""
        self._client.stop()
