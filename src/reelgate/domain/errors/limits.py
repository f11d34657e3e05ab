"""Errors for requests beyond a limit of the user or the deployment."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from reelgate.domain.errors.base import ReelgateError, Unavailable

Traffic = Literal["upload", "stream", "report"]
"""What is charged to a budget: an upload to this store, a stream or download, or a reported upload to another store."""


class TooLarge(ReelgateError):
    code = "too_large"
    message = "File too large"

    def __init__(self, detail: str, *, limit: int, requested: int | None = None) -> None:
        super().__init__(detail)
        self.limit = limit
        self.requested = requested


class UnsupportedType(ReelgateError):
    code = "unsupported_type"
    message = "Unsupported file type"


class LimitExceeded(ReelgateError):
    """A limit would be exceeded. All sizes are bytes; `retry_at` is when a retry can succeed, if waiting is enough.

    `traffic` is what would exceed it.
    """

    code = "limit_exceeded"

    def __init__(
        self,
        *,
        limit: int,
        used: int,
        reserved: int,
        requested: int,
        retry_at: datetime | None = None,
        traffic: Traffic = "upload",
        detail: str = "",
    ) -> None:
        super().__init__(detail)
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.requested = requested
        self.retry_at = retry_at
        self.traffic = traffic


class StorageLimitExceeded(LimitExceeded):
    code = "storage_limit_exceeded"
    message = "Storage limit exceeded"


class BandwidthLimitExceeded(LimitExceeded):
    code = "bandwidth_limit_exceeded"
    message = "Bandwidth limit exceeded"


class TooManyOpenUploads(ReelgateError):
    code = "too_many_open_uploads"
    message = "Too many open uploads"


class BooksSlow(Unavailable):
    """The document store did not answer in time. It is not known whether the change was written."""

    code = "books_slow"
    message = "The books did not answer in time"


class BooksBusy(Unavailable):
    """Other requests kept changing the same account. Nothing was written."""

    code = "books_busy"
    message = "The books are busy"
