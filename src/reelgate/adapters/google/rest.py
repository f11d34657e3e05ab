"""JSON calls to one of Google's REST APIs over kept-alive connections.

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

import urllib3

from reelgate.adapters.google.access_tokens import NoAccessToken

EMULATOR_TOKEN = "owner"  # noqa: S105 - no secret: what Google's SDKs send to emulators, which take it for an administrator's


class NoAnswer(Exception):
    """There was no answer, or none in JSON. Whether the call was carried out is unknown."""


class GoogleRest:
    """One API. Calls block threads of its own, never the event loop."""

    def __init__(
        self,
        endpoint: str,
        *,
        token: Callable[[], str],
        forget_token: Callable[[str], None] = lambda _: None,
        parallel_calls: int,
        name: str,
    ) -> None:
        """`token` returns a bearer token and may block; `forget_token` is told of one that Google refused."""
        self._token = token
        self._forget_token = forget_token
        # One context for all connections: each would load the certificates anew.
        secure = {"ssl_context": ssl.create_default_context()} if endpoint.startswith("https:") else {}
        self._pool = urllib3.connection_from_url(endpoint, maxsize=parallel_calls, block=True, retries=False, **secure)
        self._threads = ThreadPoolExecutor(parallel_calls, thread_name_prefix=name)

    async def post(self, path: str, body: dict[str, Any], *, seconds: float) -> tuple[int, Any]:
        """Return the HTTP status and the content of the answer. `path` is escaped. Raises NoAnswer."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._post, path, body, seconds)

    def close(self) -> None:
        """Let go of threads and connections; calls on their way are finished first."""
        self._threads.shutdown()
        self._pool.close()

    def _post(self, path: str, body: dict[str, Any], seconds: float) -> tuple[int, Any]:
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
        except (urllib3.exceptions.HTTPError, NoAccessToken) as error:
            raise NoAnswer(type(error).__name__) from error
        if answer.status == 401:
            self._forget_token(token)
        try:
            return answer.status, json.loads(answer.data)
        except ValueError:
            raise NoAnswer(f"HTTP {answer.status} without JSON") from None
