"""Messages to Pub/Sub topics without its SDK (docs/adr/0007-audit-log.md).

While two publishes of a topic are under way, further messages wait and are sent together in the next one. A burst of requests
therefore costs few round trips, and a single request costs one.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reelgate.adapters.google.pubsub_client import Encoded, PublishFailed, PubsubClient, encoded
from reelgate.adapters.google.retries import RetryPolicy
from reelgate.domain.books.messages import Message
from reelgate.domain.errors import Unavailable

PUBLISH_SECONDS = 3.0
"""How long a caller waits in all. After that, the sweep publishes the message if it is in the outbox; others are logged."""

AT_ONCE = 2
"""How many publishes of one topic are under way at once, so that a hanging one does not hold up the others."""

MAX_MESSAGES = 1000  # Pub/Sub docs, "Quotas and limits": for one publish request
MAX_BYTES = 4 * 1024 * 1024  # well under the 10 MB there
ATTEMPTS = 2
"""Two, because the server may have closed a kept-alive connection."""

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Waiting:
    """A message, and the future that its publisher waits for; the future is cancelled when the publisher gives up."""

    message: Encoded
    published: asyncio.Future[None]

    @property
    def is_abandoned(self) -> bool:
        return self.published.done()

    def settle(self, error: PublishFailed | None) -> None:
        if self.published.done():
            return
        if error is None:
            self.published.set_result(None)
        else:
            self.published.set_exception(error)


class PubsubEvents:
    """Implements `EventPublisher` over one client. It is used in one event loop only."""

    def __init__(self, client: PubsubClient, topics: Mapping[str, str], *, publish_seconds: float = PUBLISH_SECONDS) -> None:
        """`topics` maps this project's names of topics to Pub/Sub topic ids."""
        self._seconds = publish_seconds
        retries = RetryPolicy(
            attempts=ATTEMPTS, deadline_seconds=publish_seconds, first_pause_seconds=0.05, max_pause_seconds=0.05
        )
        self._topics = {name: _Topic(client, topic, retries) for name, topic in topics.items()}

    async def publish(self, message: Message, *, at: datetime) -> None:
        """Return once Pub/Sub has the message. Consumers recognise repeated ones by `event_id`."""
        content = json.dumps(message.content(at), ensure_ascii=False).encode()
        published = self._topics[message.topic].add(encoded(content, message.attributes()))
        try:
            await asyncio.wait_for(published, self._seconds)  # a timeout cancels the future: a waiting message is dropped
        except TimeoutError:
            raise Unavailable("Pub/Sub did not take the message in time.") from None
        except PublishFailed as error:
            raise Unavailable(f"Pub/Sub did not take the message ({error}).") from None


class _Topic:
    """Sends the waiting messages in batches, in the order of their arrival."""

    def __init__(self, client: PubsubClient, topic: str, retries: RetryPolicy) -> None:
        self._client = client
        self._topic = topic
        self._retries = retries
        self._waiting: deque[_Waiting] = deque()
        self._under_way = 0
        self._senders: set[asyncio.Task[None]] = set()  # a reference, so that they are not collected while they run

    def add(self, message: Encoded) -> asyncio.Future[None]:
        """Return a future that is done when the message is published; cancelling it drops the message if it still waits."""
        waiting = _Waiting(message, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._under_way < AT_ONCE:
            self._under_way += 1
            sender = asyncio.create_task(self._send_all())
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        return waiting.published

    async def _send_all(self) -> None:
        try:
            while batch := self._next_batch():
                await self._send(batch)
        finally:
            self._under_way -= 1

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < MAX_MESSAGES:
            first = self._waiting[0]
            if batch and size + first.message.size > MAX_BYTES:
                break
            self._waiting.popleft()
            if not first.is_abandoned:
                batch.append(first)
                size += first.message.size
        return batch

    async def _send(self, batch: list[_Waiting]) -> None:
        """Publish a batch and settle all its messages. If Pub/Sub refuses one of them, the others are still published."""
        try:
            await self._publish([waiting.message for waiting in batch])
        except PublishFailed as error:
            if error.blames_messages and len(batch) > 1:
                middle = len(batch) // 2
                await self._send(batch[:middle])
                await self._send(batch[middle:])
            else:
                _settle(batch, error)
        except asyncio.CancelledError:
            _settle(batch, PublishFailed("the process is ending"))
            raise
        except Exception as error:
            _log.exception("publishing to %s failed unexpectedly", self._topic)
            _settle(batch, PublishFailed(type(error).__name__))
        else:
            _settle(batch, None)

    async def _publish(self, messages: list[Encoded]) -> None:
        await self._retries.run(lambda seconds: self._client.publish(self._topic, messages, seconds=seconds))


def _settle(batch: list[_Waiting], error: PublishFailed | None) -> None:
    for waiting in batch:
        waiting.settle(error)
