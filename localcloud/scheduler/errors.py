"""Errors as Google's REST APIs answer them: an HTTP status and a google.rpc code by name."""

from typing import Any


class ApiError(Exception):
    """The request is refused with this HTTP status and google.rpc code name."""

    http_status = 500
    code = "INTERNAL"

    def to_json(self) -> dict[str, Any]:
        """Return the error document."""
        return {"error": {"code": self.http_status, "message": str(self), "status": self.code}}


class InvalidArgument(ApiError):
    """The request makes no sense; the message names the field."""

    http_status = 400
    code = "INVALID_ARGUMENT"


class FailedPrecondition(ApiError):
    """The job is not in a state for this."""

    http_status = 400
    code = "FAILED_PRECONDITION"


class NotFound(ApiError):
    """There is no such job."""

    http_status = 404
    code = "NOT_FOUND"


class AlreadyExists(ApiError):
    """A job of this name exists."""

    http_status = 409
    code = "ALREADY_EXISTS"


class Unimplemented(ApiError):
    """Cloud Scheduler can do this; the local one cannot."""

    http_status = 501
    code = "UNIMPLEMENTED"
