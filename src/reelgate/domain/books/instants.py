"""Instants and lengths of time as text."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(instant: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC with milliseconds, for example `2026-01-02T03:04:05.678Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def human_seconds(seconds: int) -> str:
    """Return a length of time as people read it, never shorter than it is: `40 seconds`, `15 minutes`, `3 hours`."""
    for unit, name in ((3600, "hour"), (60, "minute")):
        if seconds > 2 * unit:
            return f"{-(-seconds // unit)} {name}s"
    return "1 second" if seconds == 1 else f"{seconds} seconds"
