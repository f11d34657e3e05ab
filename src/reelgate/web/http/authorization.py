"""The credentials of a request's Authorization header.

API Gateway puts its own token into Authorization and moves the caller's header to X-Forwarded-Authorization (API Gateway docs,
"Backend authentication"). Tokens are verified wherever they come from, so a client may send either header.
"""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request

from reelgate.domain.errors import InvalidCredentials, Unauthorized


def bearer_token(request: Request) -> str:
    """Return the bearer token (RFC 6750). Raises Unauthorized without one."""
    scheme, value = _authorization(request)
    if scheme != "bearer" or not value:
        raise Unauthorized("Send 'Authorization: Bearer TOKEN' with the token that you got when you signed in.")
    return value


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Return the user-id and the password of HTTP Basic (RFC 7617, in UTF-8), or None for a request without it.

    The first colon ends the user-id; passwords may contain colons.

    Raises:
        InvalidCredentials: the header is malformed.
    """
    scheme, value = _authorization(request)
    if scheme != "basic":
        return None
    try:
        user_id, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        colon = ""
    if not colon:
        raise InvalidCredentials("Basic credentials are the base64 of user:password in UTF-8.")
    return user_id, password


def _authorization(request: Request) -> tuple[str, str]:
    header = request.headers.get("x-forwarded-authorization") or request.headers.get("authorization") or ""
    scheme, _, value = header.partition(" ")
    return scheme.lower(), value.strip()
