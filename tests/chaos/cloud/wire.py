"""A TCP proxy that loses requests and answers, and refuses some with 503.

It does not read HTTP. Every client here sends one request at a time on a connection, so bytes from the client after bytes from
the server are the next request.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
REFUSAL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 0\r\nConnection: close\r\n\r\n"
PASS, LOSE_REQUEST, LOSE_ANSWER, REFUSE = "passed", "requests lost", "answers lost", "refused"

Connect = Callable[[Callable[[], asyncio.Protocol]], Awaitable[asyncio.Transport | None]]
"""Opens a connection to a server with a protocol that it makes; None if there is no server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The share of a wire's requests that meet each fault, 0 to 1."""

    lose_request: float
    lose_answer: float
    refuse: float


@dataclass
class Fates:
    """What happens to the requests of one wire, and how often it happened. Nothing happens if not `on`."""

    chance: random.Random
    shares: Shares
    on: bool = True
    counts: Counter[str] = field(default_factory=Counter)

    def draw(self) -> str:
        """Return the fate of the next request."""
        fate = PASS
        if self.on:
            drawn, shares = self.chance.random(), self.shares
            if drawn < shares.lose_request:
                fate = LOSE_REQUEST
            elif drawn < shares.lose_request + shares.lose_answer:
                fate = LOSE_ANSWER
            elif drawn < shares.lose_request + shares.lose_answer + shares.refuse:
                fate = REFUSE
        self.counts[fate] += 1
        return fate


class Wire:
    """Listens on `port` and passes each connection on to what `connect` opens."""

    def __init__(self, port: int, fates: Fates, connect: Connect) -> None:
        self.port = port
        self.fates = fates
        self.connect = connect
        self._server: asyncio.Server | None = None
        self._open: set[_ClientSide] = set()

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _ClientSide(self), HOST, self.port, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for side in list(self._open):
            side.abort()

    def opened(self, side: _ClientSide) -> None:
        """A client has connected."""
        self._open.add(side)

    def closed(self, side: _ClientSide) -> None:
        """It is gone."""
        self._open.discard(side)


def to_port(port: int) -> Connect:
    """Return how to connect to a fixed server."""

    async def connect(make: Callable[[], asyncio.Protocol]) -> asyncio.Transport | None:
        try:
            transport, _ = await asyncio.get_running_loop().create_connection(make, HOST, port)
        except OSError:
            return None
        return transport

    return connect


class _ClientSide(asyncio.Protocol):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.transport: asyncio.Transport | None = None
        self._server: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._answered = True  # the next bytes are a new request
        self._fate = PASS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._wire.opened(self)
        self._connecting = asyncio.ensure_future(self._connect())

    async def _connect(self) -> None:
        server = await self._wire.connect(lambda: _ServerSide(self))
        if server is None:
            self._refuse()
            return
        if self.transport is None:
            server.abort()
            return
        self._server = server
        for data in self._waiting:
            server.write(data)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        if self._answered:
            self._answered = False
            self._fate = self._wire.fates.draw()
            if self._fate == LOSE_REQUEST:
                self._send(data[: len(data) // 2])
                self.abort()
                return
            if self._fate == REFUSE:
                self._refuse()
                return
        self._send(data)

    def _send(self, data: bytes) -> None:
        if self._server is None:
            self._waiting.append(data)
        else:
            self._server.write(data)

    def answer(self, data: bytes) -> None:
        """Bytes from the server have come."""
        if self._fate == LOSE_ANSWER:
            self.abort()
        elif self.transport is not None:
            self._answered = True
            self.transport.write(data)

    def _refuse(self) -> None:
        if self.transport is not None:
            self.transport.write(REFUSAL)
            self.transport.close()
        if self._server is not None:
            self._server.abort()

    def server_gone(self) -> None:
        """The server has closed the connection."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Break both sides."""
        for transport in (self.transport, self._server):
            if transport is not None:
                transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._wire.closed(self)
        if self._server is not None:
            with suppress(RuntimeError):
                self._server.close()


class _ServerSide(asyncio.Protocol):
    def __init__(self, client: _ClientSide) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        self._client.answer(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.server_gone()
