"""The scheduler, a target that records what it gets, and Google's own client between them and the test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from google.auth.credentials import AnonymousCredentials
from google.cloud.scheduler_v1 import CloudSchedulerClient
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import CloudSchedulerRestTransport
from google.cloud.scheduler_v1.types import Job

from localcloud.scheduler.api import running
from localcloud.serving import listening

PARENT = "projects/demo-reelgate/locations/us-central1"


@dataclass(frozen=True)
class Received:
    """One request as the target saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Target:
    """Records requests and answers what `answers` says, 200 when it says nothing."""

    received: list[Received] = field(default_factory=list)
    answers: Callable[[Received], Awaitable[int]] | None = None
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        headers = {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers}
        one = Received(request.method, request.raw_path, headers, await request.read())
        self.received.append(one)
        return web.Response(status=200 if self.answers is None else await self.answers(one))


class RunningScheduler:
    """The scheduler under test, spoken to through google-cloud-scheduler."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        port = await self._stack.enter_async_context(running(0))
        self._address = f"127.0.0.1:{port}"
        credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
        transport = CloudSchedulerRestTransport(host=self._address, url_scheme="http", credentials=credentials)
        self._client = CloudSchedulerClient(transport=transport)
        self._stack.callback(transport.close)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def call(self, method: str, **arguments: Any) -> Any:
        """Call a method of Google's client, without blocking the servers in this loop."""
        return await asyncio.to_thread(getattr(self._client, method), timeout=10, **arguments)

    async def use(self, work: Callable[[CloudSchedulerClient], None]) -> None:
        """Let `work` use Google's client, without blocking the servers in this loop."""
        await asyncio.to_thread(work, self._client)

    async def names(self, parent: str = PARENT) -> list[str]:
        """List jobs."""
        jobs = await asyncio.to_thread(lambda: list(self._client.list_jobs(parent=parent, timeout=10)))
        return [job.name.rpartition("/")[2] for job in jobs]

    async def raw(self, method: str, path: str, document: Any = None) -> tuple[int, Any]:
        async with self._http.request(method, f"http://{self._address}{path}", json=document) as answer:
            return answer.status, await answer.json()

    async def advance(self, seconds: float) -> None:
        """Move the clock and wait until what became due has run."""
        assert (await self.raw("POST", "/_emulator/clock", {"advance_seconds": seconds}))[0] == 200
        await self.quiet()

    async def quiet(self) -> None:
        status, answered = await self.raw("POST", "/_emulator/flush?wait=10")
        assert status == 200, answered

    async def get(self, name: str = "daily") -> Job:
        job: Job = await self.call("get_job", name=f"{PARENT}/jobs/{name}")
        return job


@dataclass
class Cloud:
    scheduler: RunningScheduler
    target: Target

    async def create(self, name: str = "daily", **fields: Any) -> Job:
        """Create a job that posts to the target every day at 03:00."""
        http_target = {"uri": self.target.url, **fields.pop("http_target", {})}
        job = Job({"name": f"{PARENT}/jobs/{name}", "schedule": "0 3 * * *", "http_target": http_target, **fields})
        created: Job = await self.scheduler.call("create_job", parent=PARENT, job=job)
        return created


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    target = Target()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", target.answer)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        target_port = await stack.enter_async_context(listening(web.AppRunner(application, shutdown_timeout=0.1), 0))
        target.url = f"http://127.0.0.1:{target_port}/run"
        scheduler = RunningScheduler(http)
        await scheduler.start()
        stack.push_async_callback(scheduler.stop)
        yield Cloud(scheduler, target)
