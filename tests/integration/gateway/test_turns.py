"""A function gets so many requests at once as one of its instances on Cloud Run; the others wait for their turn."""

import asyncio
import re
from collections.abc import Callable

import pytest
from aiohttp import web

from localcloud.gateway.proxy import MAX_REQUESTS_AT_ONCE
from localcloud.supervisor.state.folder import ROOT

from .conftest import Cloud, assert_problem


class Slow:
    """A function that answers when it is asked to, and knows in which order requests came and how many it had at once."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.under_way: dict[str, asyncio.Event] = {}
        self.most_at_once = 0
        self._changed = asyncio.Condition()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.raw_path.rpartition("/")[2]
        async with self._changed:
            self.arrived.append(name)
            self.under_way[name] = asyncio.Event()
            self.most_at_once = max(self.most_at_once, len(self.under_way))
            self._changed.notify_all()
        try:
            await self.under_way[name].wait()
        finally:
            del self.under_way[name]
        return web.json_response({"answered": name})

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(condition)


async def sent_in_order(cloud: Cloud, names: list[str]) -> list[asyncio.Task[int]]:
    """Send a request for each name, one after the other over one connection each. Returns what will be their statuses."""

    async def status(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        head = await reader.readuntil(b"\r\n\r\n")
        body = f'{{"answered": "{name}"}}'.encode()
        assert await reader.readexactly(len(body)) == body
        writer.close()
        await writer.wait_closed()
        return int(head.split()[1])

    tasks = []
    for name in names:
        reader, writer = await asyncio.open_connection("127.0.0.1", cloud.port)
        writer.write(f"GET /files/{name} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        await writer.drain()
        tasks.append(asyncio.create_task(status(name, reader, writer)))
        async with cloud.http.get(f"{cloud.origin}/_gateway/health") as answer:  # the gateway has had the request by now
            assert answer.status == 200
    return tasks


@pytest.mark.parametrize("at_once", [2])
async def test_requests_beyond_an_instances_number_wait_in_their_order(cloud: Cloud) -> None:
    function = Slow()
    cloud.product.handler = function.answer
    statuses = await sent_in_order(cloud, ["a", "b", "c", "d", "e"])
    await function.until(lambda: len(function.arrived) == 2)
    for first, next_number in (("a", 3), ("c", 4), ("b", 5)):  # whichever is answered, the longest waiting one is next
        function.under_way[first].set()
        await function.until(lambda: len(function.arrived) == next_number)  # noqa: B023 - awaited before it changes
    for name in ("d", "e"):
        function.under_way[name].set()
    assert await asyncio.gather(*statuses) == [200] * 5
    assert function.arrived == ["a", "b", "c", "d", "e"]
    assert function.most_at_once == 2


@pytest.mark.parametrize("at_once", [1])
async def test_a_client_that_goes_away_gives_its_turn_to_the_next(cloud: Cloud) -> None:
    function = Slow()
    cloud.product.handler = function.answer
    leaving = asyncio.create_task(cloud.http.get(f"{cloud.origin}/files/leaving"))
    await function.until(lambda: function.arrived == ["leaving"])
    [waiting] = await sent_in_order(cloud, ["waiting"])
    leaving.cancel()
    await function.until(lambda: function.arrived == ["leaving", "waiting"])
    function.under_way["waiting"].set()
    assert await waiting == 200


@pytest.mark.parametrize(("at_once", "deadline_seconds"), [(1, 0.5)])
async def test_the_deadline_includes_the_wait(cloud: Cloud) -> None:
    function = Slow()
    cloud.product.handler = function.answer
    first = asyncio.create_task(cloud.http.get(f"{cloud.origin}/files/first"))
    await function.until(lambda: function.arrived == ["first"])
    async with cloud.http.get(f"{cloud.origin}/files/second") as answer:
        assert_problem(504, "deadline_exceeded", {k.lower(): v for k, v in answer.headers.items()}, await answer.read(), 504)
    assert (await first).status == 504


@pytest.mark.parametrize("at_once", [1])
async def test_a_function_that_waits_does_not_hold_up_another(cloud: Cloud) -> None:
    function = Slow()
    cloud.product.handler = function.answer
    waiting = asyncio.create_task(cloud.http.get(f"{cloud.origin}/files/waiting"))
    await function.until(lambda: function.arrived == ["waiting"])
    async with cloud.http.get(f"{cloud.origin}/away") as answer:
        assert answer.status == 503  # nothing listens there
    function.under_way["waiting"].set()
    async with await waiting as answer:
        assert answer.status == 200


def test_instances_have_as_many_requests_as_terraform_says() -> None:
    [small] = re.findall(r"^  small = \{.* concurrency = (\d+),", (ROOT / "terraform/functions.tf").read_text(), re.MULTILINE)
    assert int(small) == MAX_REQUESTS_AT_ONCE
