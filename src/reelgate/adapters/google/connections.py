"""All connections of a function instance to Google's servers, kept alive between calls (docs/adr/0017-one-google-client.md)."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import SplitResult, urlsplit

from reelgate.adapters.google.http_connection import Answer, HttpConnection, NoAnswer

MAX_CONNECTIONS = 32
"""Connections to one server. Calls wait in turn until one is free."""

MAX_IDLE_SECONDS = 240
"""A connection that was idle for longer is not used again: a router on its way may have forgotten it without a word."""

_NOT_IN_TARGET = re.compile(r"[^!-~]")
_HAS_BODY = frozenset({"POST", "PUT", "PATCH"})


class Server:
    """The connections to one server. They belong to the event loop that uses them, and are closed when it is shut down."""

    def __init__(self, url: SplitResult, secure: ssl.SSLContext | None) -> None:
        """Nothing is connected yet. `secure` is for an https URL. Raises ValueError for a URL without a host."""
        if not url.hostname:
            raise ValueError(f"no host in {url.geturl()!r}")
        self._host = url.hostname
        self._port = url.port or (443 if secure else 80)
        self._secure = secure
        self._fixed_lines = f"Host: {url.netloc.rpartition('@')[2]}\r\nAccept-Encoding: identity\r\nUser-Agent: reelgate\r\n"
        self._loop: asyncio.AbstractEventLoop | None = None

    async def call(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        seconds: float | None,
        max_bytes: int | None = None,
    ) -> Answer:
        """Return the answer. The request is sent once, and redirects are not followed.

        Args:
            target: path and query, escaped.
            seconds: for all of it, with the wait for a free connection; None if the caller has a timeout of its own.
            max_bytes: the largest body to accept, for servers that are not trusted.

        Raises:
            NoAnswer: names only the type of the error, because its text may quote the request or the answer.
            ValueError: a line break in a header, or a character in `target` that is not escaped.
        """
        request = self._request(method, target, headers, body)
        try:
            if seconds is None:
                return await self._exchange(request, head_only=method == "HEAD", max_bytes=max_bytes)
            async with asyncio.timeout(seconds):
                return await self._exchange(request, head_only=method == "HEAD", max_bytes=max_bytes)
        except OSError as error:  # also TimeoutError, and errors of TLS and of names
            raise NoAnswer(type(error).__name__) from error

    def close(self) -> None:
        """Close all connections; calls under way fail."""
        if self._loop is not None and not self._loop.is_closed():
            for connection in self._open:
                connection.abort()

    async def _exchange(self, request: bytes, *, head_only: bool, max_bytes: int | None) -> Answer:
        if self._loop is not asyncio.get_running_loop():
            await self._enter_loop()
        async with self._places:
            connection = self._idle_connection() or await self._connect()
            answer = await connection.exchange(request, head_only=head_only, max_bytes=max_bytes)
            if connection.is_usable:
                self._idle.append((connection, time.monotonic()))
            else:
                connection.abort()
            return answer

    def _request(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        if _NOT_IN_TARGET.search(target):
            raise ValueError("a request's target must be escaped")
        given = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        if not given.count("\n") == given.count("\r") == len(headers):
            raise ValueError("a header has a line break")
        length = f"Content-Length: {len(body or b'')}\r\n" if body is not None or method in _HAS_BODY else ""
        head = f"{method} {target} HTTP/1.1\r\n{self._fixed_lines}{given}{length}\r\n"
        return head.encode("latin-1") + (body or b"")

    def _idle_connection(self) -> HttpConnection | None:
        """Return the connection that was used last, unless the server has closed it."""
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_usable and time.monotonic() - since < MAX_IDLE_SECONDS:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> HttpConnection:
        _, connection = await asyncio.get_running_loop().create_connection(
            HttpConnection, self._host, self._port, ssl=self._secure
        )
        self._open.add(connection)
        connection.lost.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    async def _enter_loop(self) -> None:
        """Begin without connections in this event loop: those of another one cannot be used here."""
        self._loop = asyncio.get_running_loop()
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)
        self._idle: list[tuple[HttpConnection, float]] = []
        self._open: set[HttpConnection] = set()
        self._closing = self._close_with_loop(self._open)
        await anext(self._closing)

    @staticmethod
    async def _close_with_loop(connections: set[HttpConnection]) -> AsyncGenerator[None]:
        """Close the connections when the loop is shut down: it then closes all asynchronous generators."""
        try:
            yield
        finally:
            for connection in connections:
                connection.abort()
            for connection in tuple(connections):
                await connection.lost


class Connections:
    """All connections of a function instance: one TLS context, and at most `MAX_CONNECTIONS` to each server."""

    def __init__(self) -> None:
        self._servers: dict[str, Server] = {}
        self._secure: ssl.SSLContext | None = None

    def server(self, url: str) -> Server:
        """Return the connections to the server of an http or https URL. Nothing is connected before the first call."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._servers:
            self._servers[origin] = Server(parts, self._tls() if parts.scheme == "https" else None)
        return self._servers[origin]

    def close(self) -> None:
        """Close all connections; calls under way fail."""
        for server in self._servers.values():
            server.close()

    def _tls(self) -> ssl.SSLContext:
        if self._secure is None:  # made once, because making it loads the certificates of all authorities
            self._secure = ssl.create_default_context()
        return self._secure
