"""Requests to the bucket. They carry no token: their URLs are secrets of their own, which no error message repeats."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import httpx

from reelgate_client.core.retries import RetryPolicy
from reelgate_client.errors import NotReachable
from reelgate_client.runtime import aio as runtime

PIECE_BYTES = 256 * 1024
"""How much is given to the connection at once: progress is counted by it."""


class AsyncBucket:
    """Sends and fetches bytes."""

    def __init__(self, http: httpx.AsyncClient, policy: RetryPolicy, *, sleep: runtime.Sleep = runtime.sleep) -> None:
        self._http = http
        self.policy = policy
        self._sleep = sleep

    async def put(
        self, url: str, headers: Mapping[str, str], data: bytes, sent: Callable[[int], None] | None = None
    ) -> httpx.Response:
        """Send bytes and return the answer, whatever its status.

        Args:
            sent: is called with the number of bytes given to the connection so far.

        Raises:
            NotReachable: there was no answer.
        """
        length = {"Content-Length": str(len(data))}
        try:
            return await self._http.request(
                "PUT", url, headers={**headers, **length}, content=_pieces(data, sent) if data else b""
            )
        except httpx.HTTPError as error:
            raise away(error) from error

    @asynccontextmanager
    async def get(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """Open a stream of bytes, whatever its status.

        Raises:
            NotReachable: there was no answer, or it broke off.
        """
        try:
            async with self._http.stream("GET", url, headers={**headers, "Accept-Encoding": "identity"}) as response:
                yield response
        except httpx.HTTPError as error:
            raise away(error) from error

    async def wait(self, failures: int, error: NotReachable) -> None:
        """Wait before the next attempt. Raises the error if there should be none."""
        seconds = self.policy.wait(failures, error.retry_after)
        if seconds is None:
            raise error
        await self._sleep(seconds)


async def _pieces(data: bytes, sent: Callable[[int], None] | None) -> AsyncIterator[bytes]:
    for first in range(0, len(data), PIECE_BYTES):
        yield data[first : first + PIECE_BYTES]
        if sent is not None:
            sent(min(len(data), first + PIECE_BYTES))


def away(error: Exception | None = None, *, status: int | None = None) -> NotReachable:
    """Return the error of a bucket that does not answer, or answers with a temporary failure."""
    hint = type(error).__name__ if error is not None else f"The bucket answered with the status {status}."
    return NotReachable(
        "storage_unavailable",
        "The place where videos are stored cannot be reached. What has arrived there is kept.",
        hint=hint,
        status=status,
    )
