"""Runs one aiohttp server on the loopback interface until SIGTERM or SIGINT."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

HOST = "127.0.0.1"
BACKLOG = 2048  # a thousand clients may connect in the same moment


@asynccontextmanager
async def listening(runner: web.BaseRunner, port: int) -> AsyncIterator[int]:
    """Serve `runner` on 127.0.0.1 while the block runs; yields the port (port 0: one the system chose)."""
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port, backlog=BACKLOG).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def until_stopped() -> None:
    """Return on SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
