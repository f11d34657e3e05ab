"""An invoice as CSV (RFC 4180): a header, then one record for each line of a user. Lines end with CRLF."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from reelgate.use_cases.usage.invoice_users import InvoicedUser, Line

MEDIA_TYPE = "text/csv"
COLUMNS = (
    "user_id",
    "email",
    "period",
    "open",
    "stored",
    "byte_seconds",
    "byte_hours",
    "uploaded",
    "streamed",
    "settled",
    "uploads",
    "streams",
    "deletions",
    "deleted",
    "rejected",
    "rejections",
    "estimated",
    "unsettled",
)
"""The columns in their order. New ones are added at the end."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def header() -> str:
    """Return the first record, with the names of the columns."""
    return _records([COLUMNS])


def records(users: Iterable[InvoicedUser]) -> str:
    """Return the records of users. What is not known, or not measured yet, is an empty cell."""
    return _records(_record(user, line) for user in users for line in user.lines)


def _record(user: InvoicedUser, line: Line) -> tuple[str | int | None, ...]:
    usage = line.usage
    return (
        _harmless(user.uid),
        _harmless(user.email or ""),
        line.period,
        "true" if line.open else "false",
        usage.stored,
        usage.byte_seconds,
        usage.byte_hours,
        usage.uploaded,
        usage.streamed,
        usage.egress,
        usage.upload_count,
        usage.stream_count,
        usage.deletion_count,
        usage.deleted_bytes,
        usage.rejected,
        usage.rejected_count,
        usage.estimated,
        usage.unsettled,
    )


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: users choose their addresses (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _records(rows: Iterable[tuple[str | int | None, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
