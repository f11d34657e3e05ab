"""Puts the scheduler together: store, clock, jobs and the REST interface, started and stopped as one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
from aiohttp import web

from localcloud.scheduler.api import scheduler_application
from localcloud.scheduler.clock import Clock
from localcloud.scheduler.service import SchedulerService
from localcloud.scheduler.store import JobStore
from localcloud.serving import listening


@asynccontextmanager
async def running(data: Path, port: int) -> AsyncIterator[int]:
    """Run the scheduler while the block runs; yields its port (port 0: one the system chose)."""
    clock = Clock()
    with closing(JobStore(data / "scheduler.sqlite3")) as store:
        # no limit of aiohttp's own on the time: the job's attempt deadline is the limit
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(timeout=timeout, skip_auto_headers=("Content-Type",)) as http:
            service = SchedulerService(store, clock, http)
            service.start()
            try:
                async with listening(web.AppRunner(scheduler_application(service, clock), access_log=None), port) as bound_port:
                    yield bound_port
            finally:
                await service.stop()
