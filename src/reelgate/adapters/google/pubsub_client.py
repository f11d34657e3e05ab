"""Publishing over Pub/Sub's REST API (Pub/Sub REST reference, "projects.topics.publish")."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.rest import EMULATOR_TOKEN, GoogleRest, NoAnswer

GOOGLE = "https://pubsub.googleapis.com"
PARALLEL_CALLS = 8
"""Connections and threads at most: two publishes of each of four topics."""


class PublishFailed(Exception):
    """Pub/Sub is not known to have the messages. `http_status` is None where there was no answer."""

    def __init__(self, message: str, *, http_status: int | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status

    @property
    def is_passing(self) -> bool:
        """Whether the same request may succeed the next moment. After a 401 it goes out with a new token."""
        return self.http_status is None or self.http_status in {401, 429} or self.http_status >= 500

    @property
    def blames_messages(self) -> bool:
        """Whether it is the messages that Pub/Sub does not like; perhaps it is but one of them."""
        return self.http_status in {400, 413}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A message as the API takes it."""

    data: str
    attributes: dict[str, str]

    @property
    def size(self) -> int:
        """Its bytes in a request, and a little more."""
        return len(self.data) + sum(6 * (len(name) + len(value)) for name, value in self.attributes.items()) + 100


def encoded(content: bytes, attributes: dict[str, str]) -> Encoded:
    """Return a message of that content."""
    return Encoded(base64.b64encode(content).decode(), attributes)


class PubsubRestClient:
    """The topics of a project. Nothing is connected before the first publish."""

    def __init__(self, project: str, rest: GoogleRest) -> None:
        self._path = f"/v1/projects/{project}/topics"
        self._rest = rest

    async def publish(self, topic: str, messages: Sequence[Encoded], *, seconds: float) -> None:
        """Return once Pub/Sub has all of them. Raises PublishFailed: it may have them nevertheless."""
        body = {"messages": [{"data": message.data, "attributes": message.attributes} for message in messages]}
        try:
            status, content = await self._rest.post(f"{self._path}/{quote(topic, safe='')}:publish", body, seconds=seconds)
        except NoAnswer as error:
            raise PublishFailed(str(error)) from None
        if status != 200:
            raise PublishFailed(f"{status} {_reason(content)}", http_status=status)

    def close(self) -> None:
        """Let go of threads and connections; calls on their way are finished first."""
        self._rest.close()


def connect(project: str, *, emulator: str | None = None, tokens: AccessTokens | None = None) -> PubsubRestClient:
    """Return a client of a project's topics, or of those in the emulator at `emulator` (host and port)."""
    if emulator:
        rest = GoogleRest(f"http://{emulator}", token=lambda: EMULATOR_TOKEN, parallel_calls=PARALLEL_CALLS, name="pubsub")
        return PubsubRestClient(project, rest)
    if tokens is None:
        raise ValueError("Pub/Sub wants access tokens")
    rest = GoogleRest(GOOGLE, token=tokens.current, forget_token=tokens.forget, parallel_calls=PARALLEL_CALLS, name="pubsub")
    return PubsubRestClient(project, rest)


def _reason(content: object) -> str:
    error = content.get("error") if isinstance(content, dict) else None
    return str(error.get("status", "")) if isinstance(error, dict) else ""
