"""Google's own client of Pub/Sub as the judge: it reads what our publisher sends, and sends the same."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

import pytest
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient

from reelgate.adapters.google import pubsub_client
from reelgate.adapters.google.pubsub_events import PubsubEvents
from reelgate.domain.books.messages import Message
from tests.fixtures.pubsub import PubsubTopic

pytestmark = pytest.mark.emulator
AT = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
MESSAGE = Message(
    event_id="audit:1",
    topic="audit",
    type="upload.granted",
    uid="ada",
    data={"filename": "Ünï 💾.mp4", "nested": {"list": [1, None]}},
)


async def publish(topic: PubsubTopic) -> None:
    client = pubsub_client.connect(topic.project, emulator=topic.host)
    await PubsubEvents(client, {"audit": topic.topic}).publish(MESSAGE, at=AT)
    client.close()


async def test_the_sdk_reads_what_is_published(pubsub_topic: PubsubTopic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_topic.host)
    await publish(pubsub_topic)

    def pull() -> list[tuple[object, dict[str, str]]]:
        with SubscriberClient() as subscriber:
            path = subscriber.subscription_path(pubsub_topic.project, "all")
            answer = subscriber.pull(subscription=path, max_messages=10, timeout=15)
            return [(json.loads(one.message.data), dict(one.message.attributes)) for one in answer.received_messages]

    assert await asyncio.to_thread(pull) == [(MESSAGE.content(AT), MESSAGE.attributes())]


async def test_the_sdk_publishes_the_same(pubsub_topic: PubsubTopic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", pubsub_topic.host)
    await publish(pubsub_topic)
    publisher = PublisherClient()
    data = json.dumps(MESSAGE.content(AT), ensure_ascii=False).encode()
    sent = publisher.publish(publisher.topic_path(pubsub_topic.project, pubsub_topic.topic), data, **MESSAGE.attributes())
    await asyncio.to_thread(sent.result, 15)
    publisher.stop()
    ours, theirs = await pubsub_topic.received(2)
    assert ours == theirs
