"""The contents of a token: first decoded without trust, then its verified claims."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any, NamedTuple

import jwt
from jwt.types import Options

from reelgate.domain.accounts.issuers import IssuerSettings
from reelgate.domain.errors import Unauthorized
from reelgate.ports.identity import Caller

MAX_TOKEN = 8192
"""Characters. Firebase's largest tokens are under 3 KiB. Longer tokens than this are refused without decoding."""

GOOGLE_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
"""The issuers of tokens that identify Google's services and service accounts (Google Identity docs, "OpenID Connect")."""

MAX_SUBJECT = 128
MAX_EMAIL = 320

_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_RESERVED = re.compile(r"\.|\.\.|__.*__")
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")


class TokenParts(NamedTuple):
    """The parts of an unverified token. Use them only to choose how to verify it."""

    header: dict[str, Any]
    claims: dict[str, Any]
    is_signed: bool


def invalid_token() -> Unauthorized:
    """Return the one answer to every invalid token, so that a forger does not learn what was wrong."""
    return Unauthorized("Sign in again.", hint="The token is not valid here.")


def missing_token() -> Unauthorized:
    """Return the answer to a caller without a token of their own."""
    return Unauthorized("Sign in first.", hint="Send 'Authorization: Bearer TOKEN' with the token from signing in.")


def decode_unverified(token: str) -> TokenParts:
    """Return the parts of a JWT in compact form (RFC 7519). Raises Unauthorized for anything else."""
    if len(token) > MAX_TOKEN:
        raise Unauthorized("Sign in again.", hint=f"The token is longer than {MAX_TOKEN} characters.")
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise Unauthorized(
            "Sign in again.", hint="The token is not a JWT: send `token` of a login. API keys work below /v1 only."
        )
    parts = TokenParts(_json_object(match[1]), _json_object(match[2]), bool(match[3]))
    if "crit" in parts.header:  # names extensions that must be supported (RFC 7515, section 4.1.11); none is
        raise invalid_token()
    return parts


def verified_claims(token: str, key: Any, algorithms: list[str], issuer: IssuerSettings) -> dict[str, Any]:
    """Return the claims of a token once its signature and claims are verified.

    With `key` None, only the signature is not verified.

    Raises:
        Unauthorized: one of them is not valid. The text says so if the token has only expired.
    """
    options: Options = {
        "verify_signature": key is not None,
        # Spelled out, because PyJWT switches them all off together with the signature.
        "verify_exp": True, "verify_iat": True, "verify_nbf": True, "verify_aud": True,
        "verify_iss": True, "verify_sub": True, "verify_jti": True,
        "require": _REQUIRED,
    }  # fmt: skip
    try:
        claims = jwt.decode(
            token,
            key if key is not None else "",
            algorithms,
            options,
            audience=issuer.audience,
            issuer=issuer.issuer,
            leeway=issuer.leeway_seconds,
        )
    except jwt.ExpiredSignatureError:
        raise Unauthorized("You have been signed out. Sign in again.", hint="The token has expired.") from None
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        # `from None`: PyJWT's messages may quote the token.
        raise invalid_token() from None
    if any(type(claims[name]) not in (int, float) for name in ("exp", "iat")):  # PyJWT accepts "1" and true as numbers
        raise invalid_token()
    _check_auth_time(claims, issuer)
    return claims


def caller(claims: dict[str, Any], issuer: IssuerSettings) -> Caller:
    """Return the caller that verified claims describe. Raises Unauthorized for a subject that cannot be a uid."""
    email = claims.get("email")
    verified = issuer.verified_addresses or claims.get("email_verified") is True
    is_admin = bool(issuer.role_claim) and claims.get(issuer.role_claim) == "admin"
    return Caller(
        uid=_uid(claims["sub"], issuer.subject_prefix),
        email=email if isinstance(email, str) and 0 < len(email) <= MAX_EMAIL and email.isprintable() else None,
        role="admin" if is_admin else "user",
        issuer=issuer.issuer,
        email_verified=verified,
    )


def is_anonymous(claims: dict[str, Any]) -> bool:
    """Return whether verified claims are those of an anonymous user.

    Firebase Auth sets it in both claims (Firebase, "Authenticate with Firebase anonymously"; "Security rules and Firebase
    Authentication", `sign_in_provider`), until such a user links an account.
    """
    firebase = claims.get("firebase")
    provider = firebase.get("sign_in_provider") if isinstance(firebase, dict) else None
    return "anonymous" in (provider, claims.get("provider_id"))


def _uid(subject: object, prefix: str) -> str:
    """Return the uid. It is used as a document id and as a prefix of object names, so it must be valid as both.

    Firestore refuses `/`, `.`, `..` and `__.*__` in document ids ("Quotas and limits"); Cloud Storage refuses line breaks in
    object names ("About objects"). Characters that cannot be printed, lone surrogates among them, are refused too.
    """
    if not isinstance(subject, str) or not 1 <= len(subject) <= MAX_SUBJECT:
        raise invalid_token()
    uid = prefix + subject
    if "/" in uid or _RESERVED.fullmatch(uid) or not uid.isprintable():
        raise invalid_token()
    return uid


def _check_auth_time(claims: dict[str, Any], issuer: IssuerSettings) -> None:
    if not issuer.require_auth_time:
        return
    auth_time = claims.get("auth_time")
    if type(auth_time) is not int or not 0 <= auth_time <= time.time() + issuer.leeway_seconds:
        raise invalid_token()


def _json_object(encoded: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError):
        raise invalid_token() from None
    if not isinstance(value, dict):
        raise invalid_token()
    return value
