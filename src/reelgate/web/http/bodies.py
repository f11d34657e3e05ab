"""Request bodies: limited in size, and parsed as JSON objects."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive

from reelgate.domain.errors import InvalidRequest, TooLarge

MAX_JSON_BYTES = 64 * 1024
MAX_SHOWN_CHARACTERS = 100


def bounded(request: Request, limit: int) -> Request:
    """Return the request with a body of at most `limit` bytes.

    Raises TooLarge if Content-Length says more; reading the body raises it as soon as more have arrived.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge(f"The body may have at most {limit} bytes.", limit=limit, requested=int(announced))
    return Request(request.scope, _limited(request.receive, limit))


def _limited(receive: Receive, limit: int) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TooLarge(f"The body may have at most {limit} bytes.", limit=limit)
        return message

    return counted


async def json_object(request: Request, *, may_be_empty: bool = False, missing: str | None = None) -> dict[str, Any]:
    """Return the body as a JSON object.

    Args:
        may_be_empty: an absent body counts as an empty object.
        missing: the short message about an absent body, where an older service has its own.

    Raises:
        InvalidRequest: it is not a JSON object (RFC 8259, so NaN and Infinity are refused).
        TooLarge: it is larger than 64 KiB.
    """
    raw = await bounded(request, MAX_JSON_BYTES).body()
    if not raw.strip():
        if may_be_empty:
            return {}
        raise InvalidRequest("Send a JSON object.", message=missing)
    try:
        body = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not JSON (UTF-8).") from None
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return body


def check_fields(body: dict[str, Any], known: Collection[str], *, hint: str | None = None) -> None:
    """Raise InvalidRequest for a field of a JSON object that is not among the known ones. `hint` ends the sentence about it."""
    unknown = sorted(set(body) - set(known))
    if unknown:
        shown = unknown[0][:MAX_SHOWN_CHARACTERS]
        raise InvalidRequest(f"Unknown field '{shown}'; {hint or f'known are {", ".join(sorted(known))}'}.", field=shown)


def _no_constant(name: str) -> None:
    raise ValueError(name)
