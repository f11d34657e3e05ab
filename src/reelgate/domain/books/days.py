"""Calendar days in the deployment's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_of(now: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an (aware) instant in the deployment's time zone."""
    return now.astimezone(zone).date()


def next_day_starts(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which the next day, and with it a new daily limit, begins.

    This is midnight of the next calendar day, even if daylight saving time begins or ends before it.
    """
    tomorrow = day_of(now, zone) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def rfc3339(instant: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC with milliseconds, for example `2026-01-02T03:04:05.678Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
