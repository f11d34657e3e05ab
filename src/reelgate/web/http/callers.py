"""Who makes a request: a user with a token, a machine with an API key, or anyone on a public route."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Protocol

from starlette.requests import Request

from reelgate.domain import errors
from reelgate.domain.accounts.api_keys import allows, looks_like_api_key
from reelgate.ports.accounts import HasAccountPolicy
from reelgate.ports.identity import ANONYMOUS, Caller, HasIdentity, HasKeyIdentity
from reelgate.web.http.calls import Route
from reelgate.web.http.client_address import client_address


class Services(HasAccountPolicy, HasIdentity, HasKeyIdentity, Protocol):
    """What finding the caller needs."""


async def caller_of(request: Request, route: Route[Any], services: Services) -> Caller:
    """Return who makes a request of a route.

    Routes of the older services know no API keys: to them, a key is a token that is not valid.

    Raises Unauthorized, TooManyAttempts, AccountDisabled, Unavailable.
    """
    if route.public:
        return ANONYMOUS
    bearer = bearer_token(request)
    if route.shape is None or not looks_like_api_key(bearer):
        return await services.identity.verify(bearer)
    address = client_address(request, proxies_in_front=services.account_policy.proxies_in_front)
    return await services.key_identity.verify(bearer, address=address)


def require_key_accepted(route: Route[Any], caller: Caller) -> None:
    """Check that a caller with an API key may use a route with it; every other caller may.

    Raises:
        NotForApiKeys: no key may.
        MissingScope: the key's scopes do not include this.
    """
    if caller.key_id is None:
        return
    scope = route.key_scope
    if scope is None:
        raise errors.NotForApiKeys("An API key cannot do this. Log in, and try again.")
    if not allows(caller.scopes, scope):
        raise errors.MissingScope("This API key may only read. Use one that may make changes.")


def bearer_token(request: Request) -> str:
    """Return the bearer token (RFC 6750). Raises Unauthorized without one."""
    scheme, value = _authorization(request)
    if scheme != "bearer" or not value:
        raise errors.Unauthorized("Sign in first.", hint="Send 'Authorization: Bearer TOKEN' with the token from signing in.")
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
        raise errors.InvalidCredentials(
            "Check what you typed.", hint="Basic credentials are the base64 of user:password in UTF-8."
        )
    return user_id, password


def _authorization(request: Request) -> tuple[str, str]:
    """Return the scheme and the value of the caller's Authorization header.

    API Gateway puts its own token into Authorization and moves the caller's header to X-Forwarded-Authorization (API Gateway
    docs, "Backend authentication"). Tokens are verified wherever they come from, so a client may send either header.
    """
    header = request.headers.get("x-forwarded-authorization") or request.headers.get("authorization") or ""
    scheme, _, value = header.partition(" ")
    return scheme.lower(), value.strip()
