"""Time as Cloud Storage writes it."""

from datetime import UTC, datetime
from email.utils import format_datetime


def rfc3339(moment: datetime) -> str:
    """`2026-01-01T00:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def http_date(rfc3339_text: str) -> str:
    """Convert a time of the JSON API to the format of Last-Modified."""
    return format_datetime(datetime.fromisoformat(rfc3339_text).astimezone(UTC), usegmt=True)


def rfc3339_of_timestamp(seconds: float) -> str:
    """Convert seconds since 1970 to the format of Last-Modified."""
    return rfc3339(datetime.fromtimestamp(seconds, UTC))
