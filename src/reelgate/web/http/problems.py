"""Errors as answers: `application/problem+json` (RFC 9457), and the only table from errors to HTTP statuses."""

from __future__ import annotations

import json
from enum import Enum
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.books.instants import rfc3339

HTTP_STATUS: dict[type[errors.ReelgateError], int] = {
    errors.Unauthorized: 401,
    errors.InvalidCredentials: 401,
    errors.Forbidden: 403,
    errors.AccountDisabled: 403,
    errors.RegistrationClosed: 403,
    errors.InvalidRequest: 400,
    errors.WeakPassword: 400,
    errors.TooLarge: 413,
    errors.UnsupportedType: 415,
    errors.StorageLimitExceeded: 403,  # as the older services; 413 says that no account could store it
    errors.BandwidthLimitExceeded: 403,
    errors.TooManyOpenUploads: 429,
    errors.TooManyAttempts: 429,
    errors.FileNotFound: 404,
    errors.UploadNotFound: 404,
    errors.UserStorageNotFound: 404,
    errors.UserNotFound: 404,
    errors.DeliveryNotFound: 404,
    errors.NameTaken: 409,
    errors.UploadFinished: 409,
    errors.UploadIsChunked: 409,
    errors.UploadSealed: 409,
    errors.ChunkDiffers: 409,
    errors.ChunksMissing: 409,
    errors.ChunksLeftOver: 409,
    errors.IdempotencyMismatch: 409,
    errors.AudioNotReady: 409,  # and not 404: the file is there
    errors.AudioImpossible: 409,
    errors.EmailTaken: 409,
    errors.UsernameTaken: 409,
    errors.OwnAccount: 409,
    errors.ForeignUser: 409,
    errors.DeliveryBusy: 409,
    errors.ChannelGone: 409,
    errors.Unavailable: 503,
    errors.BooksBusy: 503,
    errors.BooksSlow: 503,
}


MESSAGES: dict[type[errors.ReelgateError], str] = {
    errors.StorageLimitExceeded: "Exceeds storage limit, cannot upload video..!!",
    errors.BooksSlow: "Usage record couldn't be inserted or updated..!!",
    errors.BooksBusy: "Usage record couldn't be inserted or updated..!!",
    errors.FileNotFound: "File not found in user's storage",
    errors.NameTaken: "File with the same name already exists.",
}
"""Short sentences of the older services, which their clients may compare; all others are the errors' own."""

_BANDWIDTH_MESSAGES: dict[errors.Traffic, str] = {
    "upload": "Bandwidth limit exceeded or some internal upload error",
    "stream": "Bandwidth limit exceeded",
    "report": "Daily bandwidth limit exceeded",
}


class WebProblem(Enum):
    """What the web layer refuses by itself: status, `code` and the short sentence."""

    PATH_UNKNOWN = (404, "not_found", "Not found")
    METHOD_UNKNOWN = (405, "method_not_allowed", "Method not allowed")
    BODY_INCOMPLETE = (400, "body_incomplete", "Body incomplete")
    UNEXPECTED = (500, "internal_error", "Internal error")


def web_problem(kind: WebProblem, detail: str, request_id: str, *, headers: dict[str, str] | None = None) -> Response:
    """Return the answer to what the web layer refuses by itself."""
    status, code, error = kind.value
    return problem(status, code, error, detail, request_id, headers=headers)


def problem(
    status: int,
    code: str,
    error: str,
    detail: str,
    request_id: str,
    *,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> Response:
    """Return a problem answer. `error` is a short sentence for clients of the older services; `detail` says what to do."""
    body: dict[str, Any] = {
        "type": f"urn:problem-type:reelgate:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or error,
        "code": code,
        "error": error,
        "request_id": request_id,
    }
    body |= {name: value for name, value in members.items() if value is not None}
    # JSON input can contain single surrogates, and a detail may quote one: replace it.
    text = json.dumps(body, ensure_ascii=False).encode(errors="replace")
    return Response(text, status, headers=headers, media_type="application/problem+json")


def answer_error(error: errors.ReelgateError, request_id: str, *, status: int | None = None, **members: Any) -> Response:
    """Return the answer for an error.

    Args:
        status: another status than the table's, which routes of the older services have.
    """
    headers = {}
    if isinstance(error, errors.Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="reelgate"'
    if isinstance(error, errors.Unavailable | errors.TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return problem(
        status or status_of(type(error)),
        error.code,
        message_of(error),
        error.detail,
        request_id,
        headers=headers,
        **{**members_of(error), **members},
    )


def status_of(error: type[errors.ReelgateError]) -> int:
    """Return the status of a kind of error: its own, or that of the nearest base class that has one."""
    return next((HTTP_STATUS[kind] for kind in error.__mro__ if kind in HTTP_STATUS), 500)


def message_of(error: errors.ReelgateError) -> str:
    """Return the short sentence about an error, as its answer has it in `error`."""
    if isinstance(error, errors.BandwidthLimitExceeded):
        return _BANDWIDTH_MESSAGES[error.traffic]
    return MESSAGES.get(type(error), error.message)


def members_of(error: errors.ReelgateError) -> dict[str, Any]:
    """Return the additional members of an error's answer as JSON values; None for those that are unknown."""
    if isinstance(error, errors.LimitExceeded):
        return {
            "limit": error.limit,
            "used": error.used,
            "reserved": error.reserved,
            "requested": error.requested,
            "retry_at": rfc3339(error.retry_at) if error.retry_at else None,
        }
    if isinstance(error, errors.TooLarge):
        return {"limit": error.limit, "requested": error.requested}
    if isinstance(error, errors.InvalidRequest):
        return {"field": error.field}
    if isinstance(error, errors.AudioNotReady):
        return {"state": error.state, "reason": error.reason}
    if isinstance(error, errors.AudioImpossible):
        return {"reason": error.reason}
    if isinstance(error, errors.ChunksMissing):
        return {"missing": list(error.missing)}
    if isinstance(error, errors.ChunksLeftOver):
        return {"left_over": list(error.left_over)}
    return {}
