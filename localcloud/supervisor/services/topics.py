"""Pub/Sub topics and push subscriptions of the product, as declared here, made in the emulator over its REST interface.

The emulator keeps nothing, so this runs each time it has started.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from localcloud.supervisor.loopback import request
from localcloud.supervisor.services.environment import PROJECT

DEAD_LETTER_SUFFIX = "-dead-letter"
RETRY_POLICY = {"minimumBackoff": "1s", "maximumBackoff": "60s"}  # shorter than in the cloud: a developer is waiting
TOPICS = ("videos", "alerts", "accounts", "audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSubscription:
    """Messages of `topic` (one of TOPICS) go to `path` of a function; what cannot be delivered goes to its dead letters.

    `filter` is in Pub/Sub's language over the attributes `type`, `uid` and `event_id`.
    """

    name: str
    topic: str
    function: str
    path: str = "/"
    filter: str = ""
    ack_deadline_seconds: int = 60
    max_delivery_attempts: int = 5


def any_of(*types: str) -> str:
    """Return the filter for messages of these types."""
    return " OR ".join(f'attributes.type = "{name}"' for name in types)


# `notify` counts attempts itself (REELGATE_DELIVERY_ATTEMPTS) and acknowledges messages long before
# Pub/Sub reaches this number. One delivery may take as long as a slow mail server does.
_NOTIFY: dict[str, Any] = {"function": "notify", "ack_deadline_seconds": 120, "max_delivery_attempts": 100}

PUSH_SUBSCRIPTIONS: tuple[PushSubscription, ...] = (
    PushSubscription(
        name="convert-videos",
        topic="videos",
        function="convert",
        filter=any_of("video.ready", "video.restored", "video.purged", "audio.requested", "hls.requested"),
        ack_deadline_seconds=600,
        # A message waits here while another run has its file, or for a retry: 5 deliveries would be too few.
        max_delivery_attempts=100,
    ),
    PushSubscription(name="audit-records", topic="audit", function="audit", ack_deadline_seconds=30, max_delivery_attempts=100),
    PushSubscription(name="notify-alerts", topic="alerts", **_NOTIFY),
    PushSubscription(name="notify-videos", topic="videos", **_NOTIFY),
    PushSubscription(name="notify-accounts", topic="accounts", **_NOTIFY),
)


class PubSubSetupError(Exception):
    """The emulator refused a topic or a subscription."""


def topic_names(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the id in Pub/Sub of each of the product's topics, by the settings REELGATE_TOPIC_* or as it is called here."""
    return {topic: settings.get(f"REELGATE_TOPIC_{topic.upper()}") or topic for topic in TOPICS}


def create_all(
    port: int, topics: Mapping[str, str], subscriptions: tuple[PushSubscription, ...], origins: Mapping[str, str]
) -> None:
    """Create what does not exist yet; `origins` says where each function listens (http://host:port).

    Raises:
        PubSubSetupError: the emulator refused.
    """
    for path, body in _declarations(topics, subscriptions, origins):
        status = request(port, "PUT", f"/v1/projects/{PROJECT}/{path}", body=body).status
        if status not in (HTTPStatus.OK, HTTPStatus.CONFLICT):
            raise PubSubSetupError(f"{path}: {status}")


def _declarations(
    topics: Mapping[str, str], subscriptions: tuple[PushSubscription, ...], origins: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in topics.values():
        dead_letters = f"{topic}{DEAD_LETTER_SUFFIX}"
        yield f"topics/{topic}", {}
        yield f"topics/{dead_letters}", {}
        # Without a subscription of its own, what arrives at a dead-letter topic is lost.
        yield f"subscriptions/{dead_letters}", {"topic": _topic_path(dead_letters)}
    for push in subscriptions:
        yield (
            f"subscriptions/{push.name}",
            {
                "topic": _topic_path(topics[push.topic]),
                "pushConfig": {"pushEndpoint": f"{origins[push.function]}{push.path}"},
                "ackDeadlineSeconds": push.ack_deadline_seconds,
                "filter": push.filter,
                "retryPolicy": RETRY_POLICY,
                "deadLetterPolicy": {
                    "deadLetterTopic": _topic_path(f"{topics[push.topic]}{DEAD_LETTER_SUFFIX}"),
                    "maxDeliveryAttempts": push.max_delivery_attempts,
                },
            },
        )


def _topic_path(name: str) -> str:
    return f"projects/{PROJECT}/topics/{name}"
