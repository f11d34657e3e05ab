"""The bridge: store, queues, feed and admin interface, started and stopped together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
from aiohttp import web

from localcloud.eventarc.admin import admin_application
from localcloud.eventarc.bridge import Bridge
from localcloud.eventarc.feed import FeedReader
from localcloud.eventarc.push import Pusher
from localcloud.eventarc.settings import Settings
from localcloud.eventarc.store import DeliveryStore
from localcloud.serving import listening


@asynccontextmanager
async def running(settings: Settings, data: Path, port: int) -> AsyncIterator[int]:
    """Run the bridge while the block runs; yields the port of its admin interface (port 0: one the system chose)."""
    with closing(DeliveryStore(data / "eventarc.sqlite3")) as store:
        async with aiohttp.ClientSession() as http, Pusher(settings.retry.ack_deadline_seconds) as pusher:
            bridge = Bridge(settings, store, pusher)
            feed = FeedReader(settings.storage_url, bridge, store, http)
            tasks = [asyncio.create_task(bridge.run()), asyncio.create_task(feed.run())]
            admin = admin_application(bridge, feed, is_alive=lambda: not any(task.done() for task in tasks))
            try:
                async with listening(web.AppRunner(admin, access_log=None), port) as bound_port:
                    yield bound_port
            finally:
                for task in tasks:
                    task.cancel()
                for ended in await asyncio.gather(*tasks, return_exceptions=True):
                    if isinstance(ended, Exception):
                        raise ended
