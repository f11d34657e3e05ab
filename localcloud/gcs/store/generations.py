"""Generation numbers: microseconds since 1970, always increasing."""

from collections.abc import Callable
from datetime import datetime

from localcloud.gcs.store.database import Database


class GenerationClock:
    """Gives each commit a time and a number above all earlier numbers, including those before a restart."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        row = database.one("SELECT coalesce(max(generation), 0) AS last FROM events")
        self._last = int(row["last"]) if row is not None else 0
        self._now = now

    def next(self) -> tuple[int, datetime]:
        """Return the next generation and the time that it encodes."""
        moment = self._now()
        self._last = max(self._last + 1, int(moment.timestamp() * 1_000_000))
        return self._last, moment
