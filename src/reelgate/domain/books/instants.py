"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime


def rfc3339(instant: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC with milliseconds, for example `2026-01-02T03:04:05.678Z`."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
