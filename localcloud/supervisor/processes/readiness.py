"""Waiting until a process answers HTTP."""

import asyncio
import http.client
from http import HTTPStatus

from localcloud.supervisor.loopback import request
from localcloud.supervisor.services.service import Service

POLL_SECONDS = 0.1


def answers(service: Service) -> bool:
    """Return whether the process answers its health path now."""
    try:
        status = request(service.port, "GET", service.health_path, timeout_seconds=2).status
    except (OSError, http.client.HTTPException):
        return False
    return service.any_status_is_ready or status == HTTPStatus.OK


async def until_ready(service: Service) -> None:
    """Return when the process answers and is set up. Passes on any exception of the set-up."""
    while not await asyncio.to_thread(answers, service):  # noqa: ASYNC110  (another process: nothing to await)
        await asyncio.sleep(POLL_SECONDS)
    if service.set_up:
        await asyncio.to_thread(service.set_up)
