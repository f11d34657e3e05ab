"""When a request is sent again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass

from reelgate_client.errors import NotReachable, ReelgateError

NOTHING_DONE = frozenset({"too_many_requests", "unavailable", "books_busy"})
"""Refusals after which nothing was changed: any request may be sent again."""
MAYBE_DONE = frozenset({"books_slow", "deadline_exceeded", "network", "body_incomplete", "request_too_slow"})
"""After these, only requests that may be repeated are."""
TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses of the bucket after which the same request may succeed (Cloud Storage docs, "Retry strategy")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a retryable request is sent again, and with what waits, in seconds.

    Attributes:
        retries: how many times it is sent again. A transfer counts anew whenever bytes have arrived.
        first_wait: the wait before the first repetition; it doubles each time, and is spread at random.
        max_wait: the longest wait. If the server asks for a longer one, the error is raised instead.
    """

    retries: int = 5
    first_wait: float = 0.5
    max_wait: float = 32.0

    def wait(self, failures: int, retry_after: float | None = None) -> float | None:
        """Return the seconds to wait after this many failures in a row; None to give up."""
        if failures > self.retries or (retry_after is not None and retry_after > self.max_wait):
            return None
        backoff = min(self.max_wait, self.first_wait * 2.0 ** (failures - 1))
        return max(retry_after or 0.0, backoff * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, protects nothing


def is_retryable(error: ReelgateError, *, may_repeat: bool) -> bool:
    """Return whether a request that failed so may be sent again."""
    nothing_done = error.code in NOTHING_DONE or (isinstance(error, NotReachable) and not error.sent)
    return nothing_done or (may_repeat and error.code in MAYBE_DONE)
