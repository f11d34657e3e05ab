"""`dead-letters`: list a topic's undeliverable messages, publish them again, or drop them.

Republished messages reach every subscriber of the topic. Reelgate's own recognise repeated messages by `event_id`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ops.access.deployment import settings_of

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import SubscriberClient

TOPICS = ("videos", "alerts", "accounts", "audit")
SUFFIX = "-dead-letter"
_ADDED = "CloudPubSubDeadLetter"
PAGE = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("topic", choices=TOPICS)
    parser.add_argument("--type", help="only messages of this type, such as video.ready")
    parser.add_argument("--consumer", help="only those that this subscription could not deliver")
    parser.add_argument("--content", action="store_true", help="print the messages in full")
    parser.add_argument(
        "--wait", type=float, default=5, metavar="SECONDS", help="how long to wait for the next message (default: %(default)s)"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--replay", action="store_true", help="publish them to the topic again")
    what.add_argument("--drop", action="store_true", help="remove them for good")


async def run(given: argparse.Namespace) -> int:
    """Print the dead letters and what was done with them. Returns 1 if some are left."""
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient  # noqa: PLC0415 - two seconds that others need not wait

    settings = settings_of(given)
    topic = settings.topics[given.topic]
    with SubscriberClient() as subscriber, PublisherClient() as publisher:
        letters = DeadLetters(subscriber, subscriber.subscription_path(settings.project, f"{topic}{SUFFIX}"), given.wait)
        found = [one for one in letters if _is_wanted(one, given)]
        for one in found:
            print(_line(one.message))
            if given.content:
                print(f"    {one.message.data.decode(errors='replace')}")
            if given.replay:
                publisher.publish(publisher.topic_path(settings.project, topic), one.message.data, **_own(one.message)).result()
            if given.replay or given.drop:  # after publishing: a crash in between delivers twice, but loses nothing
                letters.take(one)
        letters.leave_the_rest()
    print(f"{len(found)} {'published again' if given.replay else 'dropped' if given.drop else 'dead letters'}")
    return int(bool(found) and not (given.replay or given.drop))


class DeadLetters:
    """All messages of a subscription, leased while they are examined."""

    def __init__(self, subscriber: SubscriberClient, subscription: str, wait_seconds: float) -> None:
        self._subscriber = subscriber
        self._subscription = subscription
        self._wait_seconds = wait_seconds
        self._held: dict[str, str] = {}

    def __iter__(self) -> Iterator[Any]:
        """Pull until no new message arrives."""
        from google.api_core.exceptions import DeadlineExceeded  # noqa: PLC0415

        while True:
            try:
                answer = self._subscriber.pull(subscription=self._subscription, max_messages=PAGE, timeout=self._wait_seconds)
            except DeadlineExceeded:
                return
            fresh = [one for one in answer.received_messages if one.message.message_id not in self._held]
            self._held |= {one.message.message_id: one.ack_id for one in answer.received_messages}
            yield from fresh
            if not fresh:
                return

    def take(self, letter: Any) -> None:
        """Remove one message."""
        self._subscriber.acknowledge(subscription=self._subscription, ack_ids=[self._held.pop(letter.message.message_id)])

    def leave_the_rest(self) -> None:
        """Release the others at once, so that the next run finds them."""
        left = list(self._held.values())
        for at in range(0, len(left), 1000):
            self._subscriber.modify_ack_deadline(
                subscription=self._subscription, ack_ids=left[at : at + 1000], ack_deadline_seconds=0
            )


def _is_wanted(letter: Any, given: argparse.Namespace) -> bool:
    attributes = letter.message.attributes
    if given.type and attributes.get("type") != given.type:
        return False
    return not given.consumer or attributes.get(f"{_ADDED}SourceSubscription") == given.consumer


def _own(message: Any) -> dict[str, str]:
    """Return the attributes that the message was published with."""
    return {name: value for name, value in message.attributes.items() if not name.startswith(_ADDED)}


def _line(message: Any) -> str:
    get = message.attributes.get
    consumer, count = get(f"{_ADDED}SourceSubscription", "?"), get(f"{_ADDED}SourceDeliveryCount", "?")
    shown = {"type": get("type", "?"), "uid": get("uid", ""), "event_id": get("event_id", "?")}
    return f"{message.publish_time:%Y-%m-%d %H:%M:%S} {consumer} after {count} tries: {json.dumps(shown, ensure_ascii=False)}"
