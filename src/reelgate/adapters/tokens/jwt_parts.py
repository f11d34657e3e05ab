"""A token taken apart before anything in it is believed."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, NamedTuple

from reelgate.domain.errors import Unauthorized

MAX_TOKEN = 8192
"""Characters. Firebase's largest tokens have under 3 KiB; nothing longer is looked at."""

GOOGLE_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
"""Of the tokens by which Google's services and service accounts prove themselves (Google Identity docs, "OpenID Connect")."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")


class TokenParts(NamedTuple):
    """What a token says of itself: good for choosing how to verify it, and for nothing else."""

    header: dict[str, Any]
    claims: dict[str, Any]
    is_signed: bool


def invalid_token() -> Unauthorized:
    """Return the one answer to every token that proves nothing: it does not tell a forger what was wrong."""
    return Unauthorized("The token is not valid here: sign in again.")


def missing_token() -> Unauthorized:
    """Return the answer to who showed no token of their own."""
    return Unauthorized("Send 'Authorization: Bearer TOKEN' with a token of your sign-in.")


def decode_unverified(token: str) -> TokenParts:
    """Return the parts of a JWT in compact form (RFC 7519). Raises Unauthorized for anything else."""
    if len(token) > MAX_TOKEN:
        raise Unauthorized(f"The token is longer than {MAX_TOKEN} characters.")
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise Unauthorized("The token is not a JWT: send the ID token as 'Authorization: Bearer TOKEN'.")
    parts = TokenParts(_json_object(match[1]), _json_object(match[2]), bool(match[3]))
    if "crit" in parts.header:  # an extension that must be understood (RFC 7515, section 4.1.11); none is
        raise invalid_token()
    return parts


def _json_object(encoded: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError):
        raise invalid_token() from None
    if not isinstance(value, dict):
        raise invalid_token()
    return value
