"""Pub/Sub topics and push subscriptions of the product, as declared here, made in the emulator over its REST interface.

The emulator keeps nothing, so this runs each time it has started.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from emulator.supervisor.environment import PROJECT
from emulator.supervisor.loopback import request

DEAD_LETTER_SUFFIX = "-dead-letter"
MAX_DELIVERY_ATTEMPTS = 5
TOPIC_SETTINGS = ("REELGATE_TOPIC_VIDEOS", "REELGATE_TOPIC_ALERTS", "REELGATE_TOPIC_AUDIT")
DEFAULT_TOPICS = {"REELGATE_TOPIC_VIDEOS": "videos", "REELGATE_TOPIC_ALERTS": "alerts", "REELGATE_TOPIC_AUDIT": "audit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSubscription:
    """Messages of `topic` go to `path` of a function; what cannot be delivered goes to the topic's dead letters."""

    name: str
    topic: str
    function: str
    path: str = "/"
    filter: str = ""
    ack_deadline_seconds: int = 60


PUSH_SUBSCRIPTIONS: tuple[PushSubscription, ...] = ()


class PubSubSetupError(Exception):
    """The emulator refused a topic or a subscription."""


def topic_names(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the product's topics, by their names in `settings` or their defaults."""
    return tuple(settings.get(setting) or DEFAULT_TOPICS[setting] for setting in TOPIC_SETTINGS)


def create_all(
    port: int, topics: tuple[str, ...], subscriptions: tuple[PushSubscription, ...], origins: Mapping[str, str]
) -> None:
    """Make what is not there yet; `origins` tells where each function listens (http://host:port).

    Raises:
        PubSubSetupError: the emulator refused.
    """
    for path, body in _declarations(topics, subscriptions, origins):
        status = request(port, "PUT", f"/v1/projects/{PROJECT}/{path}", body=body).status
        if status not in (HTTPStatus.OK, HTTPStatus.CONFLICT):
            raise PubSubSetupError(f"{path}: {status}")


def _declarations(
    topics: tuple[str, ...], subscriptions: tuple[PushSubscription, ...], origins: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in topics:
        dead_letters = f"{topic}{DEAD_LETTER_SUFFIX}"
        yield f"topics/{topic}", {}
        yield f"topics/{dead_letters}", {}
        # Without a subscription of its own, what arrives at a dead-letter topic is lost.
        yield f"subscriptions/{dead_letters}", {"topic": _topic_path(dead_letters)}
    for push in subscriptions:
        yield (
            f"subscriptions/{push.name}",
            {
                "topic": _topic_path(push.topic),
                "pushConfig": {"pushEndpoint": f"{origins[push.function]}{push.path}"},
                "ackDeadlineSeconds": push.ack_deadline_seconds,
                "filter": push.filter,
                "deadLetterPolicy": {
                    "deadLetterTopic": _topic_path(f"{push.topic}{DEAD_LETTER_SUFFIX}"),
                    "maxDeliveryAttempts": MAX_DELIVERY_ATTEMPTS,
                },
            },
        )


def _topic_path(name: str) -> str:
    return f"projects/{PROJECT}/topics/{name}"
