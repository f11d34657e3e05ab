"""Errors as answers: `application/problem+json` (RFC 9457), and the only table from errors to HTTP statuses."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.books.instants import rfc3339
from reelgate.web.http.answers import rate_limit_fields

PROBLEM = "application/problem+json"

HTTP_STATUS: dict[type[errors.ReelgateError], int] = {
    errors.Unauthorized: 401,
    errors.InvalidCredentials: 401,
    errors.InvalidApiKey: 401,
    errors.ApiKeyExpired: 401,
    errors.ApiKeyRevoked: 401,
    errors.SignInTooOld: 401,
    errors.Forbidden: 403,
    errors.AccountDisabled: 403,
    errors.AccountDeleted: 403,
    errors.RegistrationClosed: 403,
    errors.WrongPassword: 403,
    errors.NotForApiKeys: 403,
    errors.MissingScope: 403,
    errors.InvalidRequest: 400,
    errors.InvalidCaptions: 400,
    errors.WeakPassword: 400,
    errors.RequestTooSlow: 408,
    errors.TooLarge: 413,
    errors.UnsupportedType: 415,
    errors.OriginNotAllowed: 403,
    errors.NotPlayableToday: 403,
    errors.StorageLimitExceeded: 403,  # as the older services; 413 says that no account could store it
    errors.BandwidthLimitExceeded: 403,
    errors.TooManyOpenUploads: 429,
    errors.TooManyRejected: 429,
    errors.TooManyAttempts: 429,
    errors.TooManyConversions: 429,
    errors.TooManyRequests: 429,
    errors.VideoNotFound: 404,
    errors.UploadNotFound: 404,
    errors.PosterNotFound: 404,
    errors.CaptionsNotFound: 404,
    errors.UserStorageNotFound: 404,
    errors.UserNotFound: 404,
    errors.ApiKeyNotFound: 404,
    errors.GrantNotFound: 404,
    errors.RenditionNotFound: 404,
    errors.AssetNotFound: 404,
    errors.DeliveryNotFound: 404,
    errors.ExportNotFound: 404,
    errors.NameTaken: 409,
    errors.LabelTaken: 409,
    errors.TooManyCaptions: 409,
    errors.UploadFinished: 409,
    errors.UploadIsChunked: 409,
    errors.UploadNotDivided: 409,
    errors.UploadIncomplete: 409,
    errors.UploadSealed: 409,
    errors.ChunkDiffers: 409,
    errors.ChunksMissing: 409,
    errors.ChunksLeftOver: 409,
    errors.IdempotencyMismatch: 409,
    errors.ExportNeeded: 409,
    errors.ExportContinues: 409,
    errors.TooManyExports: 409,
    errors.AudioNotReady: 409,  # and not 404: the file is there
    errors.AudioImpossible: 409,
    errors.EmailTaken: 409,
    errors.UsernameTaken: 409,
    errors.OwnAccount: 409,
    errors.ForeignUser: 409,
    errors.TooManyApiKeys: 409,
    errors.TooManyGrants: 409,
    errors.NotPackaged: 409,
    errors.LeaseOver: 409,
    errors.LeaseOutOfOrder: 409,
    errors.DeliveryBusy: 409,
    errors.ChannelGone: 409,
    errors.GrantExpired: 410,
    errors.GrantRevoked: 410,
    errors.GrantUsedUp: 410,
    errors.VideoUnavailable: 410,
    errors.Unavailable: 503,
    errors.BooksBusy: 503,
    errors.BooksSlow: 503,
}


MESSAGES: dict[type[errors.ReelgateError], str] = {
    errors.StorageLimitExceeded: "Exceeds storage limit, cannot upload video..!!",
    errors.BooksSlow: "Usage record couldn't be inserted or updated..!!",
    errors.BooksBusy: "Usage record couldn't be inserted or updated..!!",
    errors.VideoNotFound: "File not found in user's storage",
    errors.NameTaken: "File with the same name already exists.",
}
"""Short sentences of the older services, which their clients may compare; all others are the errors' own."""

OLDER_CODES: dict[type[errors.ReelgateError], str] = {errors.VideoNotFound: "file_not_found"}
"""Codes that the older services' routes have kept; version 1 has the errors' own."""

_BANDWIDTH_MESSAGES: dict[errors.Traffic, str] = {
    "upload": "Bandwidth limit exceeded or some internal upload error",
    "stream": "Bandwidth limit exceeded",
    "report": "Daily bandwidth limit exceeded",
}


_MEMBERS: dict[type[errors.ReelgateError], tuple[str, ...]] = {
    errors.LimitExceeded: ("limit", "used", "reserved", "requested", "retry_at"),
    errors.NotPlayableToday: ("retry_at",),
    errors.TooManyRejected: ("retry_at",),
    errors.TooManyConversions: ("retry_at",),
    errors.TooLarge: ("limit", "requested"),
    errors.TooManyRequests: ("limit",),
    errors.TooManyCaptions: ("limit",),
    errors.InvalidCaptions: ("line",),  # before its base class
    errors.InvalidRequest: ("field",),
    errors.AudioNotReady: ("state", "reason"),
    errors.NotPackaged: ("state", "reason"),
    errors.AudioImpossible: ("reason",),
    errors.ChunksMissing: ("missing",),
    errors.ChunksLeftOver: ("left_over",),
}
"""Attributes of errors that are members of their answers."""


class WebProblem(Enum):
    """What the web layer refuses by itself: status, `code` and the short sentence."""

    PATH_UNKNOWN = (404, "not_found", "Not found")
    METHOD_UNKNOWN = (405, "method_not_allowed", "Method not allowed")
    BODY_INCOMPLETE = (400, "body_incomplete", "Body incomplete")
    UNEXPECTED = (500, "internal_error", "Internal error")


def web_problem(
    kind: WebProblem,
    detail: str,
    request_id: str,
    *,
    version_1: bool = False,
    hint: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the answer to what the web layer refuses by itself."""
    status, code, error = kind.value
    return problem(status, code, error, detail, request_id, version_1=version_1, hint=hint, headers=headers)


def problem(
    status: int,
    code: str,
    error: str,
    detail: str,
    request_id: str,
    *,
    version_1: bool = False,
    hint: str | None = None,
    headers: dict[str, str] | None = None,
    **members: Any,
) -> Response:
    """Return a problem answer.

    Args:
        error: a short sentence for clients of the older services.
        detail: a sentence for the end user.
        version_1: answer as version 1 of the API does, without `error`.
        hint: what the developer of a client should know or do.
    """
    body: dict[str, Any] = {
        "type": f"urn:problem-type:reelgate:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or error,
        "code": code,
        "request_id": request_id,
    }
    if hint:
        body["hint"] = hint
    if not version_1:
        body["error"] = error
    body |= {name: value for name, value in members.items() if value is not None}
    # JSON input can contain single surrogates, and a detail may quote one: replace it.
    text = json.dumps(body, ensure_ascii=False).encode(errors="replace")
    return Response(text, status, headers=headers, media_type=PROBLEM)


def answer_error(
    error: errors.ReelgateError, request_id: str, *, version_1: bool = False, status: int | None = None, **members: Any
) -> Response:
    """Return the answer for an error.

    Args:
        version_1: answer as version 1 of the API does: without `error` and `field`, and with no code of `OLDER_CODES`.
        status: another status than the table's, which routes of the older services have.
    """
    if isinstance(error, errors.InvalidRequest):
        members["errors"] = [wrong._asdict() for wrong in error.errors] or None
        if version_1:
            members["field"] = None
    return problem(
        status or status_of(type(error)),
        error.code if version_1 else OLDER_CODES.get(type(error), error.code),
        message_of(error),
        error.detail,
        request_id,
        version_1=version_1,
        hint=error.hint,
        headers=headers_of(error),
        **{**members_of(error), **members},
    )


def headers_of(error: errors.ReelgateError) -> dict[str, str]:
    """Return the headers that the answer for an error has, whatever its body is."""
    headers = {}
    if isinstance(error, errors.Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="reelgate"'
    if isinstance(error, errors.Unavailable | errors.TooManyAttempts | errors.TooManyRejected | errors.TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, errors.TooManyRequests):
        headers["RateLimit-Policy"] = rate_limit_fields.policy(error.group, error.limit)
        headers["RateLimit"] = rate_limit_fields.limit(error.group, 0, error.retry_after_seconds)
    if isinstance(error, errors.RequestTooSlow):
        headers["Connection"] = "close"  # the rest of the request is not waited for (RFC 9110, section 15.5.9)
    return headers


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
    names = next((names for kind, names in _MEMBERS.items() if isinstance(error, kind)), ())
    return {name: _as_json(getattr(error, name)) for name in names}


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    return list(value) if isinstance(value, tuple | list) else value
