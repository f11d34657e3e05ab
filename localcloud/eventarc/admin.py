"""The bridge's own HTTP interface: faults, delivery counts, redelivery, and waiting until nothing is pending."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

from localcloud.eventarc.bridge import Bridge
from localcloud.eventarc.faults import Faults, InvalidFaults
from localcloud.eventarc.feed import FeedReader

_DEFAULT_FLUSH_SECONDS = 30.0


def admin_application(bridge: Bridge, feed: FeedReader, is_alive: Callable[[], bool]) -> web.Application:
    """Return the application that serves `/_emulator/...`; health is 503 once `is_alive` returns false."""
    admin = _Admin(bridge, feed, is_alive)
    application = web.Application()
    application.add_routes(
        [
            web.get("/_emulator/health", admin.health),
            web.get("/_emulator/faults", admin.get_faults),
            web.put("/_emulator/faults", admin.put_faults),
            web.delete("/_emulator/faults", admin.delete_faults),
            web.get("/_emulator/deliveries", admin.deliveries),
            web.post("/_emulator/redeliver", admin.redeliver),
            web.post("/_emulator/flush", admin.flush),
        ]
    )
    return application


class _Admin:
    def __init__(self, bridge: Bridge, feed: FeedReader, is_alive: Callable[[], bool]) -> None:
        self._bridge = bridge
        self._feed = feed
        self._is_alive = is_alive

    async def health(self, _: web.Request) -> web.Response:
        if not self._is_alive():
            return _error(503, "the bridge stopped delivering; its log says why")
        return web.json_response({"status": "ok"})

    async def get_faults(self, _: web.Request) -> web.Response:
        return web.json_response(self._bridge.faults.to_json())

    async def put_faults(self, request: web.Request) -> web.Response:
        try:
            faults = Faults.from_json(await _json_of(request))
        except InvalidFaults as invalid:
            return _error(400, str(invalid))
        self._bridge.set_faults(faults)
        return web.json_response(faults.to_json())

    async def delete_faults(self, _: web.Request) -> web.Response:
        self._bridge.set_faults(Faults())
        return web.json_response(self._bridge.faults.to_json())

    async def deliveries(self, _: web.Request) -> web.Response:
        return web.json_response(self._bridge.report())

    async def redeliver(self, request: web.Request) -> web.Response:
        given = await _json_of(request)
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            return _error(400, 'expected {"name": object, "generation"?: text, "new_id"?: true or false}')
        generation = given.get("generation")
        generation = None if generation is None else str(generation)
        deliveries = self._bridge.redeliver(given["name"], generation, new_id=given.get("new_id") is True)
        if not deliveries:
            return _error(404, "no event of the last day fits, or no trigger matches it")
        listed = [{"trigger": one.trigger_name, "ce_id": one.ce_id, "generation": one.event.generation} for one in deliveries]
        return web.json_response({"redelivered": listed}, status=202)

    async def flush(self, request: web.Request) -> web.Response:
        """200 when the feed is read to its end and nothing is pending; 504 if that takes longer than `wait` seconds."""
        try:
            wait_seconds = float(request.query.get("wait", _DEFAULT_FLUSH_SECONDS))
        except ValueError:
            return _error(400, "wait: a number of seconds is expected")
        try:
            async with asyncio.timeout(wait_seconds):
                await self._until_quiet()
        except TimeoutError:
            return web.json_response(self._bridge.report(), status=504)
        except aiohttp.ClientError as error:
            return _error(503, f"the storage does not answer: {type(error).__name__}")
        return web.json_response(self._bridge.report())

    async def _until_quiet(self) -> None:
        await self._feed.catch_up()
        while not self._bridge.is_idle():
            await self._bridge.idle()
            # what a function did with its event may have caused the next event
            await self._feed.catch_up()


async def _json_of(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except ValueError:
        return None


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
