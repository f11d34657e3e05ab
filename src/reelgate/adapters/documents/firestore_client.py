"""Calls to Firestore's REST API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.rest import EMULATOR_TOKEN, Connections, GoogleRest, NoAnswer
from reelgate.adapters.google.retries import CallFailed

PARALLEL_CALLS = 32
"""Connections and threads at most. An instance has up to 80 requests at once, but more threads than this fight over the
interpreter (measured with 80: 15 % fewer requests per second); at 20 ms a call it carries 1600 calls per second."""

GOOGLE = "https://firestore.googleapis.com"

_RETRYABLE = frozenset(
    {"ABORTED", "DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED", "CANCELLED", "UNKNOWN"}
)
"""After these it is unknown whether a commit was applied. ABORTED: other requests want the same documents."""


class FirestoreError(CallFailed):
    """Firestore refused a call. `status` is the name of its code (google.rpc.Code), such as FAILED_PRECONDITION."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}", retryable=status in _RETRYABLE)
        self.status = status


class FirestoreUnreachable(CallFailed):
    """There was no answer, or none of Firestore's. Whether the call was carried out is unknown."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class FirestoreClient:
    """One database. Calls block threads of its own, never the event loop."""

    def __init__(
        self,
        project: str,
        *,
        token: Callable[[], str],
        forget_token: Callable[[str], None] = lambda _: None,
        endpoint: str = GOOGLE,
        connections: Connections | None = None,
    ) -> None:
        """`token` returns a bearer token and may block; `forget_token` is told of one that Firestore refused."""
        self.root = f"projects/{project}/databases/(default)/documents"
        self._path = f"/v1/{self.root}"
        self._rest = GoogleRest(
            endpoint,
            token=token,
            forget_token=forget_token,
            parallel_calls=PARALLEL_CALLS,
            name="firestore",
            connections=connections,
        )

    async def call(self, method: str, body: dict[str, Any], *, seconds: float, parent: str = "") -> Any:
        """Return the answer to a method of the documents below `parent`, a path that is not escaped.

        Raises:
            FirestoreError: Firestore refused it.
            FirestoreUnreachable: nobody knows.
        """
        path = f"{self._path}/{quote(parent)}:{method}" if parent else f"{self._path}:{method}"
        try:
            http_status, content = await self._rest.post(path, body, seconds=seconds)
        except NoAnswer as error:
            raise FirestoreUnreachable(str(error)) from error
        return _checked(http_status, content)

    def close(self) -> None:
        """Let go of threads and connections; calls on their way are finished first."""
        self._rest.close()


def connect(
    project: str, *, emulator: str | None = None, tokens: AccessTokens | None = None, connections: Connections | None = None
) -> FirestoreClient:
    """Return a client of a project's default database. Raises ValueError without both `emulator` and `tokens`.

    Args:
        project: its id.
        emulator: host and port of the Firestore emulator to use instead; it needs no `tokens`.
        tokens: access tokens of the account that this runs as.
        connections: those of the function instance; by default, connections of its own.
    """
    if emulator:
        return FirestoreClient(project, token=lambda: EMULATOR_TOKEN, endpoint=f"http://{emulator}", connections=connections)
    if tokens is None:
        raise ValueError("Firestore needs access tokens")
    return FirestoreClient(project, token=tokens.current, forget_token=tokens.forget, connections=connections)


def _checked(http_status: int, content: Any) -> Any:
    """Return the answer. Streamed ones are lists, whose last item may be an error (Google's JSON transcoding)."""
    last = content[-1] if isinstance(content, list) and content else content
    error = last.get("error") if isinstance(last, dict) else None
    if isinstance(error, dict):
        raise FirestoreError(str(error.get("status") or "UNKNOWN"), str(error.get("message", "")))
    if http_status != 200:
        raise FirestoreUnreachable(f"HTTP {http_status}")
    return content
