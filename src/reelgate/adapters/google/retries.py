"""Repeating calls that failed: how often, for how long, with which pauses, and which failures are retryable."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable

from reelgate.domain.value_types import value_type


class CallFailed(Exception):
    """A call to an API failed. `retryable` is whether the same call may succeed later."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


def is_retryable_status(http_status: int) -> bool:
    """Return whether the same request may succeed later: after a timeout, a throttle, or a server error."""
    return http_status in {408, 429} or http_status >= 500


@value_type
class RetryPolicy:
    """How often and for how long a call is attempted.

    The pause after the n-th failure is at most `first_pause_seconds` * 2**(n - 1), and at most `max_pause_seconds`. `jitter`
    is its random part, so that callers that failed together do not retry together: with 1 the pause is between 0 and that
    maximum, with 0 it is exactly the maximum.

    `deadline_seconds` counts from the first attempt. No attempt begins after it. Each attempt may take the time that
    is left, at most `attempt_seconds`.
    """

    attempts: int
    deadline_seconds: float
    attempt_seconds: float = math.inf
    first_pause_seconds: float
    max_pause_seconds: float
    jitter: float = 0.5

    def pause_seconds(self, failures: int) -> float:
        """Return how long to wait after so many failures (1 or more)."""
        longest = min(self.max_pause_seconds, self.first_pause_seconds * 2.0 ** min(failures - 1, 60))
        return longest * random.uniform(1 - self.jitter, 1)  # noqa: S311 - spreads retries; not for security

    async def run[T](self, call: Callable[[float], Awaitable[T]]) -> T:
        """Return the result of `call`, which gets the seconds that it may take.

        Raises:
            CallFailed: the last attempt's, when it is not retryable, or when attempts or time have run out.
            Exception: any other error of `call`, at once.
        """
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self.deadline_seconds
        failures = 0
        while True:
            try:
                return await call(min(self.attempt_seconds, max(give_up_at - loop.time(), 0)))
            except CallFailed as error:
                failures += 1
                pause = self.pause_seconds(failures)
                if not error.retryable or failures >= self.attempts or loop.time() + pause >= give_up_at:
                    raise
            await asyncio.sleep(pause)
