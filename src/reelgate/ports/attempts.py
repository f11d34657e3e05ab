"""How often something was tried lately: counted by all instances together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is counted, and how many are let through in one window."""

    subject: str
    limit: int


class RateLimiter(Protocol):
    """Counters of fixed windows, cut by the clock: nothing is to be reset. What is counted is kept as a keyed hash only.

    `now` says which window is meant: who gives back what was counted says the instant of the counting. Methods raise
    Unavailable.
    """

    async def count(self, *bounds: RateLimit, window: timedelta, now: datetime) -> None:
        """Count one more of each, one after the other: those behind the first that is full are not counted.

        However many count at once, and on however many instances, no more than each bound's limit get through. An answer
        that gets lost may count one that was refused with Unavailable.

        Raises:
            TooManyAttempts: one of them is full, until its window ends.
        """

    async def give_back(self, subject: str, *, window: timedelta, now: datetime) -> None:
        """Take back one that was counted at `now`."""

    async def clear(self, subject: str, *, window: timedelta, now: datetime) -> None:
        """Forget all that was counted in the window of `now`."""
