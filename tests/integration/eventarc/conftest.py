"""A storage feed, a function that records what it gets, and the bridge between them, all over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from localcloud.eventarc.server import running
from localcloud.eventarc.settings import RetryPolicy, Settings, Trigger
from localcloud.serving import listening

BUCKET = "demo-reelgate-media"
FINALIZED = "google.cloud.storage.object.v1.finalized"


class Feed:
    """The storage emulator's `/_emulator/events`, as its documentation describes it."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.refuses = False
        self._grown = asyncio.Condition()

    async def finalize(self, name: str, *, bucket: str = BUCKET, kind: str = FINALIZED, **data: Any) -> str:
        """Record an event; returns the object's generation."""
        event_id = len(self.entries) + 1
        generation = str(1_700_000_000_000_000 + event_id)
        resource = {"kind": "storage#object", "bucket": bucket, "name": name, "generation": generation, "size": "3", **data}
        entry = {"id": event_id, "type": kind, "time": "2026-01-01T00:00:00.000Z", "bucket": bucket, "name": name}
        async with self._grown:
            self.entries.append({**entry, "generation": generation, "data": resource})
            self._grown.notify_all()
        return generation

    async def answer(self, request: web.Request) -> web.Response:
        if self.refuses:
            return web.Response(status=500)
        after, limit = int(request.query["after"]), int(request.query["limit"])
        try:
            async with asyncio.timeout(float(request.query["wait"])), self._grown:
                await self._grown.wait_for(lambda: len(self.entries) > after)
        except TimeoutError:
            pass
        found = [entry for entry in self.entries if entry["id"] > after][:limit]
        return web.json_response({"events": found, "last_id": found[-1]["id"] if found else len(self.entries)})


@dataclass
class Received:
    """One delivery as the function saw it."""

    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.body["name"])


@dataclass
class Function:
    """The target: records deliveries and answers what `answers` says, 204 when it says nothing."""

    received: list[Received] = field(default_factory=list)
    answers: Callable[[Received], Awaitable[int]] | None = None

    async def answer(self, request: web.Request) -> web.Response:
        delivery = Received({name.lower(): value for name, value in request.headers.items()}, await request.json())
        self.received.append(delivery)
        return web.Response(status=204 if self.answers is None else await self.answers(delivery))

    def names(self) -> list[str]:
        return [delivery.name for delivery in self.received]


class RunningBridge:
    """The bridge under test and its admin interface; can be stopped and started again on the same data."""

    def __init__(self, settings: Settings, data: Path, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._data = data
        self._http = http
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        port = await self._stack.enter_async_context(running(self._settings, self._data, 0))
        self._origin = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        await self._stack.aclose()

    async def call(self, method: str, path: str, document: Any = None) -> tuple[int, Any]:
        async with self._http.request(method, f"{self._origin}/_emulator/{path}", json=document) as answer:
            return answer.status, await answer.json()

    async def flush(self) -> Any:
        status, report = await self.call("POST", "flush?wait=10")
        assert status == 200, report
        return report

    async def faults(self, **faults: Any) -> None:
        status, answered = await self.call("PUT", "faults", faults)
        assert status == 200, answered


@dataclass
class Cloud:
    feed: Feed
    function: Function
    bridge: RunningBridge
    target: str


@pytest.fixture
def retry() -> RetryPolicy:
    return RetryPolicy(min_backoff_seconds=0.01, max_backoff_seconds=0.05)


@pytest.fixture
async def cloud(tmp_path: Path, retry: RetryPolicy) -> AsyncIterator[Cloud]:
    feed, function = Feed(), Function()
    storage, target = web.Application(), web.Application()
    storage.router.add_get("/_emulator/events", feed.answer)
    target.router.add_post("/", function.answer)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        storage_runner = web.AppRunner(storage, handler_cancellation=True, shutdown_timeout=0.1)
        storage_port = await stack.enter_async_context(listening(storage_runner, 0))
        target_port = await stack.enter_async_context(listening(web.AppRunner(target, shutdown_timeout=0.1), 0))
        url = f"http://127.0.0.1:{target_port}/"
        trigger = Trigger(name="finalize", type=FINALIZED, bucket=BUCKET, url=url)
        settings = Settings(storage_url=f"http://127.0.0.1:{storage_port}", triggers=(trigger,), retry=retry)
        bridge = RunningBridge(settings, tmp_path / "data", http)
        await bridge.start()
        stack.push_async_callback(bridge.stop)
        yield Cloud(feed, function, bridge, url)
