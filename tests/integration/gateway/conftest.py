"""The gateway before one function that is a plain aiohttp handler, spoken to over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from localcloud.gateway.__main__ import server_runner
from localcloud.gateway.openapi import read_operations
from localcloud.gateway.proxy import MAX_REQUESTS_AT_ONCE, Gateway, open_backend_pool
from localcloud.gateway.routes import RouteTable
from localcloud.serving import listening

OPENAPI = """
openapi: 3.0.3
x-reelgate-function: product
paths:
  /echo: {get: {}, post: {}, put: {}}
  /files/{filename}: {get: {}}
  /away: {get: {x-reelgate-function: away}}
"""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Product:
    """The function behind the gateway: keeps the last request's head and answers what `handler` says."""

    handler: Handler | None = None
    target: str = ""
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    origin: str = ""
    requests: int = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests += 1
        self.method, self.target = request.method, request.raw_path
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        if self.handler is not None:
            return await self.handler(request)
        self.body = await request.content.read()
        return web.json_response({"seen": True})


@dataclass
class RawAnswer:
    """An answer as it came from the socket."""

    status: int
    headers: dict[str, str]
    body: bytes
    complete: bool


@dataclass
class Cloud:
    port: int
    product: Product
    http: aiohttp.ClientSession

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def raw(self, request: bytes) -> RawAnswer:
        """Send bytes and read until the gateway closes or the answer is complete."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
            length = int(headers.get("content-length", -1))
            body = await (reader.read() if length < 0 else read_up_to(reader, length))
            return RawAnswer(int(lines[0].split()[1]), headers, body, length < 0 or len(body) == length)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def read_up_to(reader: asyncio.StreamReader, length: int) -> bytes:
    """Return `length` bytes, or fewer if the connection ends before."""
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError as cut_off:
        return cut_off.partial


def assert_problem(
    status: int, code: str, headers: dict[str, str], body: bytes, answered: int, *, version_1: bool = False
) -> None:
    """Check an answer of the gateway's own against the product's format; version 1 has no `error`."""
    document = json.loads(body)
    assert answered == status
    assert headers["content-type"].startswith("application/problem+json")
    older = set() if version_1 else {"error"}
    assert set(document) == {"type", "title", "status", "detail", "code", "request_id", "hint"} | older
    assert document["type"] == f"urn:problem-type:reelgate:{code}"
    assert (document["code"], document["status"]) == (code, status)
    assert document.get("error", document["title"]) == document["title"]
    assert "/" not in document["detail"]  # for people: no paths and methods
    assert document["request_id"] == headers["x-request-id"]


@pytest.fixture
def deadline_seconds() -> float:
    return 20.0


@pytest.fixture
def at_once() -> int:
    return MAX_REQUESTS_AT_ONCE


@pytest.fixture
async def cloud(deadline_seconds: float, at_once: int) -> AsyncIterator[Cloud]:
    product = Product()
    async with AsyncExitStack() as stack:
        server = web.Server(product.answer, auto_decompress=False, handler_cancellation=True)
        product_port = await stack.enter_async_context(listening(web.ServerRunner(server, shutdown_timeout=0.1), 0))
        product.origin = f"http://127.0.0.1:{product_port}"
        pool = await stack.enter_async_context(open_backend_pool())
        backends = {"product": product.origin, "away": "http://127.0.0.1:9"}
        routes = RouteTable(read_operations(OPENAPI))
        origins = ["https://app.example"]
        gateway = Gateway(routes, backends, pool, deadline_seconds=deadline_seconds, cors_origins=origins, at_once=at_once)
        port = await stack.enter_async_context(listening(server_runner(gateway), 0))
        http = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
        yield Cloud(port, product, http)
