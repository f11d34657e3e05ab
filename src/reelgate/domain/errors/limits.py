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

    def __init__(self, detail: str, *, limit: int, requested: int | None = None, hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.limit = limit
        self.requested = requested


class RequestTooSlow(ReelgateError):
    """The request arrives more slowly than the deployment waits for."""

    code = "request_too_slow"
    message = "Request too slow"


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
    hint = (
        "Deleting videos (DELETE /v1/videos/{video_id}) and cancelling open uploads (DELETE /v1/uploads/{upload_id}) make room."
    )


class BandwidthLimitExceeded(LimitExceeded):
    code = "bandwidth_limit_exceeded"
    message = "Bandwidth limit exceeded"
    hint = "Try again at `retry_at`. Cancelling open uploads (DELETE /v1/uploads/{upload_id}) frees what they have reserved."


class TooManyOpenUploads(ReelgateError):
    code = "too_many_open_uploads"
    message = "Too many open uploads"
    hint = "GET /v1/uploads lists them, DELETE /v1/uploads/{upload_id} cancels one."


class TooManyRejected(ReelgateError):
    """Too many of the user's uploads arrived today and were not what was granted, or came too late."""

    code = "too_many_rejected"
    message = "Too many rejected uploads"
    hint = (
        "Uploads count whose bytes never became a video: not what was announced, sent after a cancellation, or cancelled in "
        "parts. GET /v1/usage shows them. Try again at `retry_at`; an admin can reset the day."
    )

    def __init__(self, detail: str, *, retry_at: datetime, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_at = retry_at
        self.retry_after_seconds = retry_after_seconds


class TooManyRequests(ReelgateError):
    """A user, or a client address, has made more requests of a group of routes than `limit` in a minute.

    A retry can succeed after `retry_after_seconds`.
    """

    code = "too_many_requests"
    message = "Too many requests"
    hint = "Wait as many seconds as `Retry-After` says. `RateLimit` says how many requests are left."

    def __init__(self, detail: str, *, group: str, limit: int, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.group = group
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


class BooksSlow(Unavailable):
    """The document store did not answer in time. It is not known whether the change was written."""

    code = "books_slow"
    message = "The books did not answer in time"
    hint = "Read what the request was to change, or repeat it with the same Idempotency-Key."


class BooksBusy(Unavailable):
    """Other requests kept changing the same account. Nothing was written."""

    code = "books_busy"
    message = "The books are busy"
