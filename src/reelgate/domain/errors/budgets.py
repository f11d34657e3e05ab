"""What is more than a budget or a deployment allows."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.errors.base import ReelgateError, Unavailable


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
    """A budget would be passed. All sizes are bytes; `retry_at` is when asking again can help, where time alone does."""

    code = "limit_exceeded"

    def __init__(
        self,
        *,
        limit: int,
        used: int,
        reserved: int,
        requested: int,
        retry_at: datetime | None = None,
        detail: str = "",
        message: str | None = None,
    ) -> None:
        super().__init__(detail, message=message)
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.requested = requested
        self.retry_at = retry_at


class StorageLimitExceeded(LimitExceeded):
    code = "storage_limit_exceeded"
    message = "Exceeds storage limit, cannot upload video..!!"


class BandwidthLimitExceeded(LimitExceeded):
    code = "bandwidth_limit_exceeded"
    message = "Bandwidth limit exceeded or some internal upload error"


class TooManyOpenUploads(ReelgateError):
    code = "too_many_open_uploads"
    message = "Too many open uploads"


class BooksSlow(Unavailable):
    """The store of the books did not answer in time. Whether it was written is not known."""

    code = "books_slow"
    message = "Usage record couldn't be inserted or updated..!!"


class BooksBusy(Unavailable):
    """Others kept changing the same account. Nothing was written."""

    code = "books_busy"
    message = "Usage record couldn't be inserted or updated..!!"
