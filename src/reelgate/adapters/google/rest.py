"""Calls to Google's REST APIs over one pool of kept-alive connections (docs/adr/0017-one-google-client.md).

It uses urllib3 in threads. Of the well-maintained clients, it is the one that imports fast and stays fast with many requests
at once (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import urllib3

from reelgate.adapters.google.retries import CallFailed

EMULATOR_TOKEN = "owner"  # noqa: S105 - not a secret: Google's SDKs send it to emulators as an administrator's token

MAX_CONNECTIONS = 32
"""Connections to one server. A call waits until one is free."""


class NoAnswer(CallFailed):
    """There was no answer, or it could not be read. Whether the call was carried out is unknown."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class Answer(NamedTuple):
    """An HTTP answer with any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the content. Raises NoAnswer if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            # `from None`: the text of a parser's error may quote what it could not read.
            raise NoAnswer(f"HTTP {self.status} without JSON") from None


class Server:
    """One server's connections; safe to share among threads. Calls block."""

    def __init__(self, pool: urllib3.HTTPConnectionPool) -> None:
        self._pool = pool

    def call(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        seconds: float,
        max_bytes: int | None = None,
    ) -> Answer:
        """Return the answer; redirects are not followed.

        Args:
            target: path and query, escaped.
            seconds: for the wait for a free connection, for connecting, and for each wait for data.
            max_bytes: the largest body to accept, for servers that are not trusted.

        Raises:
            NoAnswer: names only the type of the error, because its text may quote the request.
        """
        try:
            answer = self._pool.urlopen(
                method,
                target,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(total=max(seconds, 0.001)),
                pool_timeout=max(seconds, 0.001),  # type: ignore[arg-type] # annotated as int, and given to queue.get
                redirect=False,
                preload_content=max_bytes is None,
            )
            content = answer.data if max_bytes is None else _read(answer, max_bytes)
        except urllib3.exceptions.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        return Answer(answer.status, answer.headers, content)


def _read(answer: urllib3.BaseHTTPResponse, max_bytes: int) -> bytes:
    content = answer.read(max_bytes + 1)
    if len(content) > max_bytes:
        answer.close()  # and its connection: the rest of the answer is still on it
        answer.release_conn()  # give its place back to the pool, which reopens it when needed
        raise NoAnswer(f"HTTP {answer.status} with more than {max_bytes} bytes")
    answer.release_conn()
    return content


class Connections:
    """All connections of a function instance: one pool per server, and one TLS context for all of them."""

    def __init__(self) -> None:
        self._pools: dict[str, urllib3.HTTPConnectionPool] = {}
        self._secure: ssl.SSLContext | None = None
        self._opening = threading.Lock()

    def server(self, url: str) -> Server:
        """Return the connections to the server of an http or https URL. Nothing is connected before the first call."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._opening:
            if origin not in self._pools:
                self._pools[origin] = self._new_pool(origin)
            return Server(self._pools[origin])

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()

    def _new_pool(self, origin: str) -> urllib3.HTTPConnectionPool:
        if not origin.startswith("https:"):
            return urllib3.connection_from_url(origin, maxsize=MAX_CONNECTIONS, block=True, retries=False)
        if self._secure is None:  # made once, because making it loads the certificates of all authorities
            self._secure = ssl.create_default_context()
        return urllib3.connection_from_url(origin, maxsize=MAX_CONNECTIONS, block=True, retries=False, ssl_context=self._secure)


class NoAccessToken(Exception):
    """The source returned no token. The text of this error never contains one."""


class GoogleRest:
    """One API. Calls block the API's own threads, so a hanging API delays neither the event loop nor other APIs."""

    def __init__(
        self,
        endpoint: str,
        *,
        token: Callable[[], str] | None = None,
        forget_token: Callable[[str], None] = lambda _: None,
        parallel_calls: int,
        name: str,
        connections: Connections | None = None,
    ) -> None:
        """Nothing is connected yet.

        Args:
            endpoint: scheme and host, and the beginning of all paths, if they share one.
            token: returns a bearer token and may block; None if the API needs no token.
            forget_token: called with a token that the API refused.
            parallel_calls: how many threads at most.
            name: the prefix of the threads' names.
            connections: those of the function instance; by default, connections of its own.
        """
        self._token = token
        self._forget_token = forget_token
        self._shares = connections is not None
        self._connections = Connections() if connections is None else connections
        self._server = self._connections.server(endpoint)
        self._prefix = urlsplit(endpoint).path.rstrip("/")
        self._threads = ThreadPoolExecutor(parallel_calls, thread_name_prefix=name)

    async def post(self, path: str, body: dict[str, Any], *, seconds: float) -> tuple[int, Any]:
        """Return the HTTP status and the JSON content of the answer to a JSON body. `path` is escaped. Raises NoAnswer."""
        answer = await self.call("POST", path, body=json.dumps(body, separators=(",", ":")).encode(), seconds=seconds)
        return answer.status, answer.json()

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        seconds: float,
        max_bytes: int | None = None,
    ) -> Answer:
        """Return the answer with any status. `path` is escaped; `seconds` and `max_bytes` as for `Server.call`.

        Raises NoAnswer.
        """
        headers = {"Accept": "application/json"} if body is None else {"Content-Type": content_type}

        def exchange() -> Answer:
            return self._exchange(method, self._prefix + path, headers, body, seconds, max_bytes)

        return await asyncio.get_running_loop().run_in_executor(self._threads, exchange)

    def close(self) -> None:
        """End the threads and close own connections, after the calls under way have finished."""
        self._threads.shutdown()
        if not self._shares:
            self._connections.close()

    def _exchange(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None, seconds: float, max_bytes: int | None
    ) -> Answer:
        token = None
        if self._token is not None:
            try:
                token = self._token()
            except NoAccessToken as error:
                raise NoAnswer(f"no access token: {error}") from error
            headers = {**headers, "Authorization": f"Bearer {token}"}
        answer = self._server.call(method, target, headers=headers, body=body, seconds=seconds, max_bytes=max_bytes)
        if answer.status == 401 and token is not None:
            self._forget_token(token)
        return answer
