"""The same publisher twice: in memory, and to Pub/Sub, read by Google's own client. Every test of this folder runs on both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from reelgate.adapters.google import pubsub_client
from reelgate.adapters.google.pubsub_events import PubsubEvents
from reelgate.ports.events import EventPublisher
from tests.doubles.memory_events import MemoryEvents
from tests.fixtures.pubsub import PubsubTopic

Received = tuple[dict[str, Any], dict[str, str]]


@dataclass(frozen=True)
class Wire:
    """A publisher, what arrived of its topic `audit`, and a publisher that reaches nobody."""

    events: EventPublisher
    received: Callable[[int], Awaitable[list[Received]]]
    cut_off: EventPublisher


@pytest.fixture
def memory() -> Wire:
    """In memory."""
    events, cut_off = MemoryEvents(), MemoryEvents()
    cut_off.unavailable = True

    async def received(_: int) -> list[Received]:
        return [(message.content(at), message.attributes()) for message, at in events.log]

    return Wire(events, received, cut_off)


@pytest.fixture
def pubsub(pubsub_topic: PubsubTopic) -> Iterator[Wire]:
    """To Pub/Sub."""
    topics = {"audit": pubsub_topic.topic}
    client = pubsub_client.connect(pubsub_topic.project, emulator=pubsub_topic.host)
    nobody = pubsub_client.connect(pubsub_topic.project, emulator="127.0.0.1:1")
    yield Wire(PubsubEvents(client, topics), pubsub_topic.received, PubsubEvents(nobody, topics))
    client.close()
    nobody.close()


@pytest.fixture(params=["memory", pytest.param("pubsub", marks=pytest.mark.emulator)])
def wire(request: pytest.FixtureRequest) -> Wire:
    """A publisher whose topic is empty."""
    chosen: Wire = request.getfixturevalue(request.param)
    return chosen
