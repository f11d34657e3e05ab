"""Requests while Pub/Sub is away, hangs or refuses: they are answered all the same, and nothing that was done is lost."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from reelgate.adapters.google.pubsub_client import PubsubClient
from reelgate.adapters.google.pubsub_events import PubsubEvents
from reelgate.adapters.google.rest import GoogleRest
from reelgate.web.http.logs.json_lines import JsonLines
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.scripted_server import Answer, Asked, ScriptedServer, scripted_server
from tests.fixtures.scripted_tokens import answering

TOPICS = {name: name for name in ("videos", "alerts", "accounts", "audit")}
PUBLISHED = Answer(200, b'{"messageIds": ["1"]}')
Publisher = Callable[[str], PubsubEvents]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Makes publishers to a host and port."""
    clients: list[PubsubClient] = []

    def connect(host: str) -> PubsubEvents:
        rest = GoogleRest(f"http://{host}", token=answering(lambda: "t"))
        clients.append(PubsubClient("demo", rest))
        return PubsubEvents(clients[-1], TOPICS, publish_seconds=0.5)

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
async def services() -> MemoryServices:
    services = MemoryServices()
    await services.add_video("a.mp4", 10)
    return services


@pytest.fixture
async def api(services: MemoryServices) -> AsyncIterator[ApiClient]:
    async with ApiClient(services) as client:
        yield client


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def untold(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the actions that the log lines have in full."""
    records = [record for record in caplog.records if record.name == "reelgate.use_cases.audit.publish_audit_event"]
    return [json.loads(JsonLines().format(record))["audit"]["type"] for record in records]


async def test_nobody_is_there(
    services: MemoryServices, api: ApiClient, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    services.events = publisher("127.0.0.1:1")  # type: ignore[assignment]
    assert (await api.get("/stream/direct/a.mp4")).status_code == 200
    granted = await api.post("/upload", json={"filename": "b.mp4", "size": 10, "content_type": "video/mp4"})
    assert granted.status_code == 201
    refused = await api.post("/upload", json={"filename": "c.mp4", "size": 1400, "content_type": "video/mp4"})
    problem_of(refused, 403, "storage_limit_exceeded")
    assert untold(caplog) == ["upload.granted"]  # what was done is in the books' commits


async def test_it_hangs(
    services: MemoryServices,
    api: ApiClient,
    publisher: Publisher,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    released = threading.Event()

    def hang(_: Asked) -> Answer:
        released.wait(30)
        return PUBLISHED

    server.script = hang
    services.events = publisher(server.host)  # type: ignore[assignment]
    try:
        answers = await asyncio.gather(*(api.get("/logs") for _ in range(12)))
    finally:
        released.set()
    assert {answer.status_code for answer in answers} == {403}
    assert untold(caplog) == ["logs.read"] * 12


async def test_it_refuses(
    services: MemoryServices,
    api: ApiClient,
    publisher: Publisher,
    server: ScriptedServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.script = lambda _: Answer(403, b'{"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no"}}')
    services.events = publisher(server.host)  # type: ignore[assignment]
    assert (await api.request("DELETE", "/delete-file", json={"filename": "a.mp4"})).status_code == 200
    assert untold(caplog) == []
    assert (await api.get("/logs")).status_code == 403
    assert untold(caplog) == ["logs.read"]
    assert "PERMISSION_DENIED" in caplog.text


async def test_requests_at_once_share_publishes(
    services: MemoryServices, api: ApiClient, publisher: Publisher, server: ScriptedServer
) -> None:
    server.script = lambda _: PUBLISHED
    services.events = publisher(server.host)  # type: ignore[assignment]
    answers = await asyncio.gather(*(api.head("/files") for _ in range(3)), *(api.get("/logs") for _ in range(60)))
    assert [answer.status_code for answer in answers] == [200] * 3 + [403] * 60
    batches = [json.loads(asked.body)["messages"] for asked in server.asked]
    ids = [sent["attributes"]["event_id"] for batch in batches for sent in batch]
    assert len(ids) == len(set(ids)) == 60
    assert len(batches) < 60
