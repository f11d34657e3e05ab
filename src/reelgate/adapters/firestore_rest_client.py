"""Calls to Firestore's REST API over kept-alive connections.

urllib3 in threads: of the well-kept clients it is the one whose import costs next to nothing and that stays fast with many
requests at once (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import urllib3

from reelgate.adapters.access_tokens import NoAccessToken

PARALLEL_CALLS = 32
"""Connections and threads at most. An instance has up to 80 requests at once, but more threads than this fight over the
interpreter (measured with 80: 15 % fewer requests per second); at 20 ms a call it carries 1600 calls per second."""

GOOGLE = "https://firestore.googleapis.com"


class FirestoreError(Exception):
    """Firestore refused a call. `status` is the name of its code (google.rpc.Code), such as FAILED_PRECONDITION."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class FirestoreUnreachable(Exception):
    """There was no answer, or none of Firestore's. Whether the call was carried out is unknown."""


class FirestoreRestClient:
    """One database. Calls block threads of its own, never the event loop."""

    def __init__(
        self,
        project: str,
        *,
        token: Callable[[], str],
        forget_token: Callable[[str], None] = lambda _: None,
        endpoint: str = GOOGLE,
    ) -> None:
        """`token` returns a bearer token and may block; `forget_token` is told of one that Firestore refused."""
        self.root = f"projects/{project}/databases/(default)/documents"
        self._path = f"/v1/{self.root}"
        self._token = token
        self._forget_token = forget_token
        # One context for all connections: each would load the certificates anew.
        secure = {"ssl_context": ssl.create_default_context()} if endpoint.startswith("https:") else {}
        self._pool = urllib3.connection_from_url(endpoint, maxsize=PARALLEL_CALLS, block=True, retries=False, **secure)
        self._threads = ThreadPoolExecutor(PARALLEL_CALLS, thread_name_prefix="firestore")

    async def call(self, method: str, body: dict[str, Any], *, seconds: float, parent: str = "") -> Any:
        """Return the answer to a method of the documents below `parent`, a path that is not escaped.

        Raises:
            FirestoreError: Firestore refused it.
            FirestoreUnreachable: nobody knows.
        """
        path = f"{self._path}/{quote(parent)}:{method}" if parent else f"{self._path}:{method}"
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._post, path, body, seconds)

    def close(self) -> None:
        """Let go of threads and connections; calls on their way are finished first."""
        self._threads.shutdown()
        self._pool.close()

    def _post(self, path: str, body: dict[str, Any], seconds: float) -> Any:
        try:
            token = self._token()
            answer = self._pool.urlopen(
                "POST",
                path,
                body=json.dumps(body, separators=(",", ":")).encode(),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                timeout=urllib3.Timeout(total=max(seconds, 0.001)),
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, NoAccessToken) as problem:
            raise FirestoreUnreachable(type(problem).__name__) from problem
        if answer.status == 401:
            self._forget_token(token)
        return _content(answer.status, answer.data)


def _content(http_status: int, body: bytes) -> Any:
    """Return the answer. Streamed ones are lists, whose last item may be an error (Google's JSON transcoding)."""
    try:
        content = json.loads(body)
    except ValueError:
        raise FirestoreUnreachable(f"HTTP {http_status} without JSON") from None
    last = content[-1] if isinstance(content, list) and content else content
    error = last.get("error") if isinstance(last, dict) else None
    if isinstance(error, dict):
        raise FirestoreError(str(error.get("status") or "UNKNOWN"), str(error.get("message", "")))
    if http_status != 200:
        raise FirestoreUnreachable(f"HTTP {http_status}")
    return content
