"""How often something was tried lately: counted by all instances together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Attempts(Protocol):
    """Counters that begin anew when their window is over. What is counted is kept as a keyed hash only.

    Methods raise Unavailable.
    """

    async def check(self, subject: str, *, limit: int, now: datetime) -> None:
        """Raise TooManyAttempts if `limit` are counted already."""

    async def count(self, subject: str, *, limit: int, window: timedelta, now: datetime) -> None:
        """Count one more. The window begins with the first.

        Raises:
            TooManyAttempts: `limit` were counted already, or too many are tried at the very same time.
        """

    async def clear(self, subject: str) -> None:
        """Forget what was counted."""
