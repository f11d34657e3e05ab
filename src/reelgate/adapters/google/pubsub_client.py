"""Publishing over Pub/Sub's REST API (Pub/Sub REST reference, "projects.topics.publish")."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest, emulator_token
from reelgate.adapters.google.retries import CallFailed, is_retryable_status
from reelgate.domain.value_types import positional_value_type

GOOGLE = "https://pubsub.googleapis.com"


class PublishFailed(CallFailed):
    """Pub/Sub did not confirm the messages; it may have them. `http_status` is None when there was no answer."""

    def __init__(self, message: str, *, http_status: int | None = None) -> None:
        # After a 401 the same request goes out with a new token.
        retryable = http_status is None or http_status == 401 or is_retryable_status(http_status)
        super().__init__(message, retryable=retryable)
        self.http_status = http_status

    @property
    def blames_messages(self) -> bool:
        """Whether Pub/Sub refused the messages themselves. Perhaps only one of them is at fault."""
        return self.http_status in {400, 413}


@positional_value_type
class Encoded:
    """A message as the API takes it."""

    data: str
    attributes: dict[str, str]

    @property
    def size(self) -> int:
        """An upper bound of its bytes in a request."""
        return len(self.data) + sum(6 * (len(name) + len(value)) for name, value in self.attributes.items()) + 100


def encoded(content: bytes, attributes: dict[str, str]) -> Encoded:
    """Return a message of that content."""
    return Encoded(base64.b64encode(content).decode(), attributes)


class PubsubClient:
    """The topics of a project. Nothing is connected before the first publish."""

    def __init__(self, project: str, rest: GoogleRest) -> None:
        self._path = f"/v1/projects/{project}/topics"
        self._rest = rest

    async def publish(self, topic: str, messages: Sequence[Encoded], *, seconds: float) -> None:
        """Return once Pub/Sub has all messages. Raises PublishFailed; Pub/Sub may have them even then."""
        body = {"messages": [{"data": message.data, "attributes": message.attributes} for message in messages]}
        try:
            status, content = await self._rest.post(f"{self._path}/{quote(topic, safe='')}:publish", body, seconds=seconds)
        except NoAnswer as error:
            raise PublishFailed(str(error)) from None
        if status != 200:
            raise PublishFailed(f"{status} {_reason(content)}", http_status=status)

    def close(self) -> None:
        """Close own connections; publishes under way fail."""
        self._rest.close()


def connect(
    project: str, *, emulator: str | None = None, tokens: AccessTokens | None = None, connections: Connections | None = None
) -> PubsubClient:
    """Return a client of a project's topics, or of those in the emulator at `emulator` (host and port)."""
    if emulator:
        rest = GoogleRest(f"http://{emulator}", token=emulator_token, connections=connections)
    elif tokens is not None:
        rest = GoogleRest(GOOGLE, token=tokens.current, forget_token=tokens.forget, connections=connections)
    else:
        raise ValueError("Pub/Sub needs access tokens")
    return PubsubClient(project, rest)


def _reason(content: object) -> str:
    error = content.get("error") if isinstance(content, dict) else None
    return str(error.get("status", "")) if isinstance(error, dict) else ""
