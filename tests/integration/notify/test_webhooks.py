"""Webhooks over real connections: to exactly the judged address, under the right name, and never longer than allowed."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.mail.signatures import verified
from reelgate.adapters.webhooks import webhook_post
from reelgate.adapters.webhooks.webhook_post import HttpWebhookPoster
from reelgate.domain.notifications.webhook_endpoints import Endpoint
from reelgate.ports.notifications import NotSent
from tests.fixtures.certificates import Certificate

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
KEYS = (b"new" * 8, b"old" * 8)
BODY = json.dumps({"type": "video.ready", "data": {"filename": "Ü.mp4"}}, ensure_ascii=False).encode()
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Consumer:
    """Answers each request with these bytes, then with `drip`, one by one and for ever."""

    answer: bytes = OK
    drip: bytes = b""
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    def header(self, name: str) -> str:
        """Return a header of the last request."""
        lines = self.heads[-1].splitlines()[1:]
        return {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines if line}[name]

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            self.bodies.append(await reader.readexactly(int(self.header("content-length"))))
            writer.write(self.answer)
            await writer.drain()
            while self.drip:
                writer.write(self.drip)
                await writer.drain()
                await asyncio.sleep(0.02)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def listening(consumer: Consumer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Run a consumer; yields its port."""
    running: set[asyncio.Task[Any]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        await consumer.converse(reader, writer)

    server = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def endpoint(url: str) -> Endpoint:
    return Endpoint(id="main", url=url, secrets=KEYS)


LOCAL = HttpWebhookPoster(private_allowed=True)


async def post(url: str, poster: HttpWebhookPoster = LOCAL) -> int:
    return await poster.post(endpoint(url), "evt_1", BODY, at=AT)


class Names:
    """A name server with one answer per question; the question after the last one fails the test."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    def __call__(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        assert self.answers, f"{host} was resolved once more"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (self.answers.pop(0), port))]


async def test_it_arrives_signed_with_every_secret() -> None:
    consumer = Consumer()
    async with listening(consumer) as port:
        assert await post(f"http://127.0.0.1:{port}/hook?a=b") == 204
    assert consumer.heads[0].startswith("POST /hook?a=b HTTP/1.1\r\n")
    assert consumer.bodies == [BODY]
    assert consumer.header("host") == f"127.0.0.1:{port}"
    assert consumer.header("content-type") == "application/json"
    headers = {name: consumer.header(name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("evt_1", str(int(AT.timestamp())))
    for secret in ("whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3", "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"):
        assert verified(headers, BODY, secret, now=AT.timestamp())


async def test_over_tls_the_name_is_what_counts_and_it_is_asked_for_once(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = Consumer()
    server = certificate.server()
    asked: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    async with listening(consumer, server) as port:
        monkeypatch.setattr(socket, "getaddrinfo", Names("127.0.0.1"))
        poster = HttpWebhookPoster(private_allowed=True, tls=certificate.client())
        assert await post(f"https://hooks.example:{port}/", poster) == 204
    assert (asked, consumer.header("host")) == (["hooks.example"], f"hooks.example:{port}")


async def test_a_name_that_leads_elsewhere_the_second_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what was judged is what is connected to; nobody listens there, and nothing else is tried."""
    consumer = Consumer()
    async with listening(consumer) as port:
        names = Names("127.99.0.1", "127.0.0.1")
        monkeypatch.setattr(socket, "getaddrinfo", names)
        with pytest.raises(NotSent, match="cannot be reached"):
            await post(f"http://localhost:{port}/")
    assert (consumer.connections, names.answers) == (0, ["127.0.0.1"])


@pytest.mark.parametrize("url", ["https://127.0.0.1:{}/", "https://localhost:{}/", "https://[::1]:{}/", "https://0x7f.1:{}/"])
async def test_nothing_connects_to_what_is_not_public(certificate: Certificate, url: str) -> None:
    consumer = Consumer()
    async with listening(consumer, certificate.server()) as port:
        with pytest.raises(NotSent, match="not public"):
            await post(url.format(port), HttpWebhookPoster(tls=certificate.client()))
    assert consumer.connections == 0


async def test_http_needs_the_local_switch() -> None:
    consumer = Consumer()
    async with listening(consumer) as port:
        with pytest.raises(NotSent, match="https") as refused:
            await post(f"http://127.0.0.1:{port}/", HttpWebhookPoster())
    assert not refused.value.retryable
    assert consumer.connections == 0


@pytest.mark.parametrize("trusted", ["nobody", "wrong name"])
async def test_who_cannot_show_who_they_are_gets_nothing(certificate: Certificate, stranger: Certificate, trusted: str) -> None:
    consumer = Consumer()
    shown, client = (certificate, None) if trusted == "nobody" else (stranger, stranger.client())
    async with listening(consumer, shown.server()) as port:
        with pytest.raises(NotSent, match="certificate verification failed"):
            await post(f"https://localhost:{port}/", HttpWebhookPoster(private_allowed=True, tls=client))
    assert consumer.bodies == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    target = Consumer()
    async with listening(target) as there:
        location = f"http://127.0.0.1:{there}/"
        consumer = Consumer(f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        async with listening(consumer) as port:
            with pytest.raises(NotSent, match="redirects are not followed") as refused:
                await post(f"http://127.0.0.1:{port}/")
    assert (refused.value.status, refused.value.retryable) == (status, True)
    assert target.connections == 0


async def test_the_environment_s_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, consumer = Consumer(), Consumer()
    async with listening(proxy) as there, listening(consumer) as port:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{there}")
        assert await post(f"http://127.0.0.1:{port}/") == 204
    assert (proxy.connections, consumer.connections) == (0, 1)


@pytest.mark.parametrize(
    ("status", "retryable"), [(400, True), (404, True), (410, False), (429, True), (500, True), (503, True)]
)
async def test_refusals(status: int, retryable: bool) -> None:
    body = b"why: the secret is hunter2"
    answer = f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    async with listening(Consumer(answer)) as port:
        with pytest.raises(NotSent, match=f"answered {status}") as refused:
            await post(f"http://127.0.0.1:{port}/private-path")
    assert (refused.value.status, refused.value.retryable) == (status, retryable)
    assert "hunter2" not in str(refused.value)
    assert "private-path" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 99 X\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000,
    ],
)
async def test_what_is_no_answer_is_a_refusal(answer: bytes) -> None:
    async with listening(Consumer(answer)) as port:
        with pytest.raises(NotSent, match="closed the connection"):
            await post(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("drip", [b"X", b"a: b\r\n"])
async def test_an_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch, drip: bytes) -> None:
    """Each byte comes in time; all of them together do not."""
    monkeypatch.setattr(webhook_post, "TIMEOUT_SECONDS", 0.3)
    async with listening(Consumer(b"HTTP/1.1 200 OK\r\n", drip)) as port:
        with pytest.raises(NotSent, match="did not answer"):
            await post(f"http://127.0.0.1:{port}/")


async def test_a_body_that_never_ends_does_not_undo_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_post, "TIMEOUT_SECONDS", 3.0)
    monkeypatch.setattr(webhook_post, "BODY_SECONDS", 0.1)
    async with listening(Consumer(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000)) as port:
        assert await post(f"http://127.0.0.1:{port}/") == 200


async def test_an_early_hint_is_no_answer() -> None:
    async with listening(Consumer(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)) as port:
        assert await post(f"http://127.0.0.1:{port}/") == 204


async def test_where_nobody_listens_it_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotSent, match="cannot be reached: ConnectionRefusedError"):
            await post(f"http://127.0.0.1:{taken.getsockname()[1]}/")
