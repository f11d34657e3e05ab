"""The connections to a server: how many, kept for how long, shared by whom, closed when."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from reelgate.adapters.google import connections as module
from reelgate.adapters.google.connections import MAX_CONNECTIONS, MAX_IDLE_SECONDS, Connections, Server
from reelgate.adapters.google.http_connection import Answer, NoAnswer
from tests.fixtures.certificates import make_certificate

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Script = Callable[["Talk"], Awaitable[None]]


class Talk:
    """One connection as the server sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, requests: list[bytes]) -> None:
        self._reader = reader
        self._writer = writer
        self._requests = requests

    async def hear(self) -> bytes:
        """Return the head of the next request, once its body has been read; empty when the client has closed."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return b""
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                await self._reader.readexactly(int(line.partition(b":")[2]))
        self._requests.append(head)
        return head

    async def say(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()


class RawServer:
    """Runs a script for each connection, and counts connections and requests."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = asyncio.Condition()
        self.closings = 0
        self.url = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self.script(Talk(reader, writer, self.requests))
        finally:
            writer.close()
            async with self.closed:
                self.closings += 1
                self.closed.notify_all()

    async def until_closed(self, number: int) -> None:
        """Wait until so many connections have ended."""
        async with self.closed:
            await asyncio.wait_for(self.closed.wait_for(lambda: self.closings >= number), 20)


@asynccontextmanager
async def serving(script: Script, secure: ssl.SSLContext | None = None) -> AsyncIterator[RawServer]:
    """Run a server on a free port."""
    raw = RawServer(script)
    server = await asyncio.start_server(raw.talk, "127.0.0.1", 0, ssl=secure)
    port = server.sockets[0].getsockname()[1]
    raw.url = f"https://localhost:{port}" if secure else f"http://127.0.0.1:{port}"
    try:
        yield raw
    finally:
        server.close()


async def polite(talk: Talk) -> None:
    """Answer every request."""
    while await talk.hear():
        await talk.say(OK)


async def get(server: Server, *, seconds: float = 60, **options: object) -> Answer:
    return await server.call("GET", "/a?b=c", headers={"X-A": "1"}, seconds=seconds, **options)  # type: ignore[arg-type]


async def test_a_request_as_it_is_sent() -> None:
    async with serving(polite) as raw:
        connections = Connections()
        server = connections.server(f"{raw.url}/ignored")
        assert (await get(server)).json() == {}
        await server.call("POST", "/", headers={}, body=None, seconds=60)
        connections.close()
    host = raw.url.removeprefix("http://").encode()
    ends = b"Accept-Encoding: identity\r\nUser-Agent: reelgate\r\n"
    assert raw.requests == [
        b"GET /a?b=c HTTP/1.1\r\nHost: " + host + b"\r\n" + ends + b"X-A: 1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: " + host + b"\r\n" + ends + b"Content-Length: 0\r\n\r\n",
    ]
    assert raw.connections == 1


@pytest.mark.parametrize(
    ("target", "value"), [("/a b", "1"), ("/a\r\nX: y", "1"), ("/ä", "1"), ("/", "1\r\nX: y"), ("/", "1\n")]
)
async def test_a_request_cannot_be_split(target: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"line break|escaped"):
        await Connections().server("http://127.0.0.1:1").call("GET", target, headers={"X-A": value}, seconds=60)


async def test_no_more_connections_than_allowed_and_calls_wait_in_turn() -> None:
    arrived, released = asyncio.Semaphore(0), asyncio.Event()

    async def hold(talk: Talk) -> None:
        while await talk.hear():
            arrived.release()
            await released.wait()
            await talk.say(OK)

    async with serving(hold) as raw:
        connections = Connections()
        server = connections.server(raw.url)
        done: list[int] = []

        async def call(number: int) -> None:
            await get(server)
            done.append(number)

        calls = [asyncio.create_task(call(number)) for number in range(MAX_CONNECTIONS + 3)]
        for _ in range(MAX_CONNECTIONS):
            await asyncio.wait_for(arrived.acquire(), 20)
        with pytest.raises(NoAnswer, match="TimeoutError"):
            await get(server, seconds=0.01)
        released.set()
        await asyncio.gather(*calls)
        assert raw.connections == MAX_CONNECTIONS
        assert len(raw.requests) == MAX_CONNECTIONS + 3
        assert [number for number in done if number >= MAX_CONNECTIONS] == [32, 33, 34]
        connections.close()


async def test_a_connection_that_the_server_closed_while_idle_is_not_used() -> None:
    async def answer_once(talk: Talk) -> None:
        await talk.hear()
        await talk.say(OK)

    async with serving(answer_once) as raw:
        connections = Connections()
        server = connections.server(raw.url)
        for number in range(1, 4):
            assert (await get(server)).status == 200
            await raw.until_closed(number)
            [connection] = server._open or [None]
            if connection is not None:
                await asyncio.wait_for(connection.lost, 20)
        assert (raw.connections, len(raw.requests)) == (3, 3)
        connections.close()


async def test_a_connection_that_was_idle_for_long_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        now = 1000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    async with serving(polite) as raw:
        connections = Connections()
        server = connections.server(raw.url)
        for pause, opened in ((0.0, 1), (MAX_IDLE_SECONDS - 1.0, 1), (MAX_IDLE_SECONDS + 1.0, 2)):
            clock.now += pause
            await get(server)
            assert raw.connections == opened
        connections.close()


@pytest.mark.parametrize("said", [b"", OK[:10], OK[:-1], b"rubbish\r\n\r\n"])
async def test_a_request_is_never_sent_twice(said: bytes) -> None:
    """Also on a connection that has served before: whether the server carried it out is unknown."""

    async def answer_and_break(talk: Talk) -> None:
        await talk.hear()
        await talk.say(OK)
        await talk.hear()
        await talk.say(said)

    async with serving(answer_and_break) as raw:
        connections = Connections()
        server = connections.server(raw.url)
        await get(server)
        with pytest.raises(NoAnswer):
            await get(server)
        assert (raw.connections, len(raw.requests)) == (1, 2)
        assert (await get(server)).status == 200
        connections.close()


async def test_an_answer_that_comes_too_late_is_given_to_no_other_call() -> None:
    late = asyncio.Event()

    async def first_is_late(talk: Talk) -> None:
        number = 0
        while await talk.hear():
            number += 1
            if raw.connections == 1 and number == 2:
                await late.wait()
                await talk.say(b"HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n")
            else:
                await talk.say(OK)

    async with serving(first_is_late) as raw:
        connections = Connections()
        server = connections.server(raw.url)
        await get(server)
        with pytest.raises(NoAnswer, match="TimeoutError"):
            await get(server, seconds=0.01)
        late.set()
        assert [(await get(server)).status for _ in range(3)] == [200] * 3
        assert raw.connections == 2
        connections.close()


async def test_a_cancelled_call_gives_its_place_back() -> None:
    hangs, arrived = True, asyncio.Semaphore(0)

    async def hang(talk: Talk) -> None:
        while await talk.hear():
            arrived.release()
            if not hangs:
                await talk.say(OK)

    async with serving(hang) as raw:
        connections = Connections()
        server = connections.server(raw.url)
        calls = [asyncio.create_task(get(server)) for _ in range(MAX_CONNECTIONS + 1)]
        for _ in range(MAX_CONNECTIONS):
            await asyncio.wait_for(arrived.acquire(), 20)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await raw.until_closed(MAX_CONNECTIONS)
        hangs = False
        assert (await get(server)).status == 200
        connections.close()


async def test_a_server_that_is_not_there_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match=r"ConnectionRefusedError|OSError"):
        await get(Connections().server("http://127.0.0.1:1"))


async def test_a_server_at_an_ipv6_address_and_one_without_a_host() -> None:
    assert Connections().server("http://[::1]:8080")._host == "::1"
    with pytest.raises(ValueError, match="no host"):
        Connections().server("http:///path")


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_connections_end_with_their_event_loop(run: Callable[..., None]) -> None:
    """Without a word from their owner, and without a warning, which pytest would turn into an error."""
    connections = Connections()
    ended: list[int] = []

    async def use() -> None:
        async with serving(polite) as raw:
            server = connections.server(raw.url)
            await asyncio.gather(*(get(server) for _ in range(3)))
            assert raw.connections == len(server._open)
            server.close()
            await raw.until_closed(raw.connections)
            await get(server)
            ended.append(raw.connections)

    for _ in range(2):
        run(use())
        gc.collect()
    assert ended == [4, 4]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_over_tls_the_servers_certificate_is_checked(
    run: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("right", "wrong"):
        (tmp_path / folder).mkdir()
    right, wrong = make_certificate(tmp_path / "right", "localhost"), make_certificate(tmp_path / "wrong", "elsewhere.example")
    trusted = right.client()
    trusted.load_verify_locations(wrong.certificate)
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusted)

    async def use() -> None:
        connections = Connections()
        async with serving(polite, right.server()) as raw:
            server = connections.server(raw.url)
            assert [(await get(server)).status for _ in range(2)] == [200, 200]
            assert raw.connections == 1
            await asyncio.gather(*(get(server) for _ in range(3)))
        async with serving(polite, wrong.server()) as other:
            with pytest.raises(NoAnswer, match="SSLCertVerificationError"):
                await get(connections.server(other.url))
            assert other.requests == []

    run(use())
    gc.collect()
