"""The HTTP server: one process, one event loop, files served by the kernel."""

import asyncio
import logging
import signal
from pathlib import Path
from typing import Any

from aiohttp import web

from localcloud.gcs.admin.settings import apply_settings
from localcloud.gcs.dispatch import Dispatcher
from localcloud.gcs.services import Services

LINE_LIMIT_BYTES = 64 * 1024
READ_BUFFER_BYTES = 1024 * 1024
SHUTDOWN_SECONDS = 1.0

_log = logging.getLogger(__name__)


async def serve(host: str, port: int, folder: Path, settings: dict[str, Any]) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises:
        RuntimeError: another emulator uses this folder.
        OSError: the port is taken.
    """
    services = Services.open(folder, f"http://{host}:{port}")
    try:
        apply_settings(services, settings)
        runner = web.ServerRunner(
            web.Server(
                Dispatcher(services).handle,
                access_log=None,
                auto_decompress=False,
                max_line_size=LINE_LIMIT_BYTES,
                max_field_size=LINE_LIMIT_BYTES,
                read_bufsize=READ_BUFFER_BYTES,
            ),
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
            hourly = asyncio.create_task(services.usage_log_writer.run())
            _log.info("storage emulator on http://%s:%d, data in %s", host, port, folder)
            await _stop_signal()
            hourly.cancel()
        finally:
            await runner.cleanup()
    finally:
        services.database.close()


async def _stop_signal() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
