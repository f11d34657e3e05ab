"""Waiting until a process answers HTTP."""

import asyncio
import http.client
from http import HTTPStatus

from localcloud.supervisor.loopback import request
from localcloud.supervisor.part import Part

POLL_SECONDS = 0.1


def answers(part: Part) -> bool:
    """Tell whether the process answers its health path now."""
    try:
        status = request(part.port, "GET", part.health_path, timeout_seconds=2).status
    except (OSError, http.client.HTTPException):
        return False
    return part.any_status_is_ready or status == HTTPStatus.OK


async def until_ready(part: Part) -> None:
    """Return when the process answers and is set up. Whatever the set-up raises, it raises."""
    while not await asyncio.to_thread(answers, part):  # noqa: ASYNC110  (another process: nothing to await)
        await asyncio.sleep(POLL_SECONDS)
    if part.set_up:
        await asyncio.to_thread(part.set_up)
