"""What the API's answers mean (docs/api.md, "Errors")."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reelgate_client import errors

NO_CREDENTIALS = frozenset(
    {
        "unauthorized",
        "invalid_credentials",
        "invalid_api_key",
        "api_key_expired",
        "api_key_revoked",
        "sign_in_too_old",
        "signed_out",
    }
)
LIMITS = frozenset(
    {
        "storage_limit_exceeded",
        "bandwidth_limit_exceeded",
        "too_large",
        "too_many_open_uploads",
        "too_many_rejected",
        "too_many_attempts",
        "too_many_requests",
        "too_many_conversions",
        "too_many_api_keys",
        "too_many_grants",
        "too_many_captions",
        "too_many_exports",
    }
)
_BY_STATUS: Mapping[int, tuple[str, str]] = {
    401: ("unauthorized", "You are not signed in, or no longer."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is no such address. Is this the URL of a Reelgate deployment?"),
    413: ("too_large", "This is more than the server accepts."),
    429: ("too_many_requests", "The server is busy. Try again in a moment."),
    503: ("unavailable", "The server is temporarily unavailable. Try again in a moment."),
    504: ("deadline_exceeded", "The server did not answer in time. Try again in a moment."),
}
"""For answers of a gateway or load balancer, which have no problem document."""


def error_of(status: int, headers: Mapping[str, str], content: bytes, *, now: datetime | None = None) -> errors.ReelgateError:
    """Return the error that an answer with a status of 400 and above stands for."""
    problem = _problem(content)
    code, detail = _BY_STATUS.get(status, ("unexpected_answer", f"The server answered with the status {status}."))
    if isinstance(problem.get("code"), str) and isinstance(problem.get("detail"), str):
        code, detail = problem["code"], problem["detail"]
    return kind_of(code, status)(
        code,
        detail,
        hint=problem.get("hint"),
        status=status,
        request_id=problem.get("request_id") or headers.get("x-request-id"),
        retry_after=retry_after_seconds(headers.get("retry-after"), now=now),
        problem=problem,
    )


def kind_of(code: str, status: int) -> type[errors.ReelgateError]:
    """Return the class of error for a code, or for a status without one that is known."""
    if code in LIMITS:
        return errors.LimitReached
    if code in NO_CREDENTIALS or status == 401:
        return errors.NotSignedIn
    by_status = {404: errors.NotFound, 409: errors.Conflict, 410: errors.Conflict, 413: errors.LimitReached}
    if status in by_status:
        return by_status[status]
    if status in {500, 502, 503, 504}:
        return errors.NotReachable
    return errors.UnexpectedAnswer if code == "unexpected_answer" else errors.Refused


def retry_after_seconds(value: str | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date (RFC 9110, 10.2.3). None if there is none to use."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


def _problem(content: bytes) -> Mapping[str, Any]:
    try:
        problem = json.loads(content)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
