"""What can go wrong, in the words of a video store.

    ReelgateError
    ├── Unauthorized                the caller did not prove who they are
    ├── Forbidden                   the caller is known, and their role may not do this
    ├── InvalidRequest              a field is missing or impossible; names the field
    ├── TooLarge                    more bytes than this deployment takes in one file or body
    ├── UnsupportedType             a content type this deployment does not store
    ├── LimitExceeded               a budget says no; carries the numbers
    │   ├── StorageLimitExceeded
    │   └── BandwidthLimitExceeded
    ├── TooManyOpenUploads          finish or cancel some first
    ├── NotFound                    nothing of that name that this caller may know of
    │   ├── FileNotFound
    │   ├── UploadNotFound
    │   └── UserStorageNotFound
    ├── Conflict                    the state of things forbids it
    │   ├── NameTaken
    │   ├── UploadFinished
    │   └── IdempotencyMismatch
    └── Unavailable                 could not be done now, nothing was changed; try again
        └── BooksBusy

Which HTTP status each one becomes is decided in one place, `reelgate.web.problems`.
"""

from __future__ import annotations

from datetime import datetime


class ReelgateError(Exception):
    """Base of every error a caller can act on.

    `code` is stable and meant for programs; `message` is the seeds' short sentence (`error` in the answer); `detail` tells
    a person what to do.
    """

    code = "error"
    message = "Error"

    def __init__(self, detail: str = "", *, message: str | None = None) -> None:
        super().__init__(detail or message or self.message)
        self.detail = detail
        if message is not None:
            self.message = message


class Unauthorized(ReelgateError):
    code = "unauthorized"
    message = "Unauthorized"


class Forbidden(ReelgateError):
    code = "forbidden"
    message = "Forbidden"


class InvalidRequest(ReelgateError):
    code = "invalid_request"
    message = "Invalid request"

    def __init__(self, detail: str, *, field: str | None = None, message: str | None = None) -> None:
        super().__init__(detail, message=message)
        self.field = field


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


class NotFound(ReelgateError):
    code = "not_found"
    message = "Not found"


class FileNotFound(NotFound):
    code = "file_not_found"
    message = "File not found in user's storage"


class UploadNotFound(NotFound):
    code = "upload_not_found"
    message = "Upload not found"


class UserStorageNotFound(NotFound):
    code = "user_storage_not_found"
    message = "User storage not found"


class Conflict(ReelgateError):
    code = "conflict"
    message = "Conflict"


class NameTaken(Conflict):
    code = "name_taken"
    message = "File with the same name already exists."


class UploadFinished(Conflict):
    code = "upload_finished"
    message = "The upload is already finished"


class IdempotencyMismatch(Conflict):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used for another request"


class Unavailable(ReelgateError):
    """It could not be done, or nobody knows whether it was. Asking again after `retry_after_seconds` is safe with an
    Idempotency-Key, and never does anything twice where an event asks."""

    code = "unavailable"
    message = "Temporarily unavailable"

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class BooksBusy(Unavailable):
    code = "books_busy"
    message = "Usage record couldn't be inserted or updated..!!"
