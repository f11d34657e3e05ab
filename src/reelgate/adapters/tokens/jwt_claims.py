"""What a token's claims must be, whoever signed it, and the caller they describe."""

from __future__ import annotations

import re
import time
from typing import Any

import jwt
from jwt.types import Options

from reelgate.adapters.tokens.jwt_issuers import IssuerSettings
from reelgate.adapters.tokens.jwt_parts import invalid_token
from reelgate.domain.errors import Unauthorized
from reelgate.ports import Caller

MAX_SUBJECT = 128
MAX_EMAIL = 320

_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_RESERVED = re.compile(r"\.|\.\.|__.*__")


def decode(token: str, key: Any, algorithms: list[str], issuer: IssuerSettings) -> dict[str, Any]:
    """Return the claims of a token whose signature and claims hold. `key` None skips the signature, and only that.

    Raises:
        Unauthorized: they do not hold; says so when the token has only expired.
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
        raise Unauthorized("The token has expired: sign in again.") from None
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
        # The cause is cut off: PyJWT's messages may quote the token.
        raise invalid_token() from None
    if any(type(claims[name]) not in (int, float) for name in ("exp", "iat")):  # PyJWT takes "1" and true for numbers
        raise invalid_token()
    _check_auth_time(claims, issuer)
    return claims


def caller(claims: dict[str, Any], issuer: IssuerSettings) -> Caller:
    """Return who verified claims speak of. Raises Unauthorized for a subject that cannot be a uid."""
    email = claims.get("email")
    is_admin = bool(issuer.role_claim) and claims.get(issuer.role_claim) == "admin"
    return Caller(
        uid=_uid(claims["sub"], issuer.subject_prefix),
        email=email if isinstance(email, str) and 0 < len(email) <= MAX_EMAIL and email.isprintable() else None,
        role="admin" if is_admin else "user",
        issuer=issuer.issuer,
    )


def is_anonymous(claims: dict[str, Any]) -> bool:
    """Tell whether verified claims are those of an anonymous user.

    Firebase Auth writes it in both places (Firebase, "Authenticate with Firebase anonymously"; "Security rules and Firebase
    Authentication", `sign_in_provider`). Once such a user has linked an account, neither says so any more.
    """
    firebase = claims.get("firebase")
    provider = firebase.get("sign_in_provider") if isinstance(firebase, dict) else None
    return "anonymous" in (provider, claims.get("provider_id"))


def _uid(subject: object, prefix: str) -> str:
    """The uid names documents and begins object names, so it must be possible as both.

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
