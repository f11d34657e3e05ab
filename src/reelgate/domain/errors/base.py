"""Base classes of all errors."""

from __future__ import annotations


class ReelgateError(Exception):
    """Base of every error a caller can act on.

    `code` is stable and meant for programs; `message` is a short sentence about the kind of error; `detail` says what to
    do.
    """

    code = "error"
    message = "Error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.message)
        self.detail = detail


class Unauthorized(ReelgateError):
    code = "unauthorized"
    message = "Unauthorized"


class Forbidden(ReelgateError):
    code = "forbidden"
    message = "Forbidden"


class InvalidRequest(ReelgateError):
    """`field` names the field; `message` replaces the usual one where an older service has a sentence of its own."""

    code = "invalid_request"
    message = "Invalid request"

    def __init__(self, detail: str, *, field: str | None = None, message: str | None = None) -> None:
        super().__init__(detail)
        self.field = field
        if message is not None:
            self.message = message


class NotFound(ReelgateError):
    code = "not_found"
    message = "Not found"


class Conflict(ReelgateError):
    code = "conflict"
    message = "Conflict"


class Unavailable(ReelgateError):
    """It could not be done, or the outcome is unknown. Retrying after `retry_after_seconds` is safe with an Idempotency-Key,
    and always safe for events."""

    code = "unavailable"
    message = "Temporarily unavailable"

    def __init__(self, detail: str = "", *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
