"""The scheduler's time: the machine's, plus what was added by hand."""

import asyncio
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that can be advanced; whoever waits on it notices at once."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._advanced = asyncio.Event()

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward. Returns the new time. Raises ValueError for less than 0 seconds."""
        if not seconds >= 0:
            raise ValueError("a clock is only moved forward")
        self._ahead += timedelta(seconds=seconds)
        self._advanced.set()
        self._advanced = asyncio.Event()
        return self.now()

    async def wait_until(self, moment: datetime) -> None:
        """Return at `moment` on this clock."""
        while (left_seconds := (moment - self.now()).total_seconds()) > 0:
            advanced = self._advanced
            try:
                async with asyncio.timeout(left_seconds):
                    await advanced.wait()
            except TimeoutError:
                continue
