"""Tells who a bearer token belongs to, by the issuers that the deployment trusts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from reelgate.adapters.tokens import jwt_claims
from reelgate.adapters.tokens.emulator_identity import EmulatorTokenVerifier
from reelgate.adapters.tokens.jwt_issuers import IssuerSettings
from reelgate.adapters.tokens.jwt_key_sources import JwksKeySource, KeySource, PemKeySource
from reelgate.adapters.tokens.jwt_keys import from_pem
from reelgate.adapters.tokens.jwt_parts import (
    GOOGLE_ISSUERS,
    MAX_TOKEN,
    TokenParts,
    decode_unverified,
    invalid_token,
    missing_token,
)
from reelgate.adapters.tokens.verified_tokens import VerifiedTokens
from reelgate.domain.errors import Unauthorized
from reelgate.ports import Caller, VerifiedToken


class ClaimsVerifier(Protocol):
    """Verifies the tokens of one issuer."""

    async def claims(self, token: str, parts: TokenParts) -> dict[str, Any]:
        """Return the verified claims. Raises Unauthorized, Unavailable."""


class SignedTokenVerifier:
    """Verifies tokens by their issuer's keys and algorithms. What the token's own header says decides nothing."""

    def __init__(self, issuer: IssuerSettings, keys: KeySource) -> None:
        self._issuer = issuer
        self._keys = keys

    async def claims(self, token: str, parts: TokenParts) -> dict[str, Any]:
        """Return the verified claims.

        Raises:
            Unauthorized: the token was not signed by this issuer, or its claims do not hold.
            Unavailable: the issuer's keys cannot be fetched.
        """
        if parts.header.get("alg") not in self._issuer.algorithms:
            raise invalid_token()
        found = await self._keys.key(parts.header.get("kid"))
        if found is None or found.algorithm not in self._issuer.algorithms:
            raise invalid_token()
        return jwt_claims.decode(token, found.key, [found.algorithm], self._issuer)


class Issuer(NamedTuple):
    """An issuer and the verifier of its tokens."""

    settings: IssuerSettings
    verifier: ClaimsVerifier


class JwtIdentity:
    """A `TokenVerifier` over several issuers. A token's `iss` picks the issuer whose rules then hold for all of it."""

    def __init__(
        self, issuers: Sequence[Issuer], verified: VerifiedTokens | None = None, *, anonymous_users: bool = False
    ) -> None:
        """`anonymous_users` count only if asked for. Raises ValueError for no issuer, or one listed twice."""
        self._issuers = {issuer.settings.issuer: issuer for issuer in issuers}
        if not issuers or len(self._issuers) != len(issuers):
            raise ValueError("every token issuer is listed once, and there must be one")
        self._verified = VerifiedTokens() if verified is None else verified
        self._anonymous_users = anonymous_users

    async def verify(self, token: str) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: the token proves nothing, or nothing but that somebody is there.
            Unavailable: the issuer's keys cannot be fetched.
        """
        if len(token) <= MAX_TOKEN and token.isascii() and (known := self._verified.get(token)):
            return known
        verified = await self.inspect(token)
        self._verified.put(token, verified.caller, expires_at=float(verified.claims["exp"]))
        return verified.caller

    async def inspect(self, token: str) -> VerifiedToken:
        """Return all that the token says, verified now. Raises as `verify` does."""
        parts = decode_unverified(token)
        name = parts.claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            # What API Gateway proves itself with, when the caller behind it has sent nothing (docs/adr/0001-url-surface.md).
            raise missing_token() if name in GOOGLE_ISSUERS else invalid_token()
        claims = await issuer.verifier.claims(token, parts)
        if not self._anonymous_users and jwt_claims.is_anonymous(claims):
            raise Unauthorized("Anonymous users are not served here: sign in with an account.")
        issued_at = _instant(claims["iat"])
        return VerifiedToken(
            caller=replace(jwt_claims.caller(claims, issuer.settings), issued_at=issued_at),
            issuer=issuer.settings.issuer,
            subject=claims["sub"],
            issued_at=issued_at,
            expires_at=_instant(claims["exp"]),
            claims=claims,
        )


def _instant(seconds: float) -> datetime:
    """Return the instant of a NumericDate (RFC 7519), or the last one there is for a number beyond all calendars."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def jwt_identity(issuers: Sequence[IssuerSettings], *, in_cloud: bool, anonymous_users: bool = False) -> JwtIdentity:
    """Return the verifier of these issuers' tokens; nothing is fetched before the first token.

    Args:
        anonymous_users: whether tokens count of users that Firebase Auth has signed in without knowing who they are.

    Raises:
        ValueError: an issuer listed twice, a key that is none, or unsigned tokens in the cloud (`in_cloud`).
    """
    verified_by = [Issuer(settings, _verifier(settings, in_cloud=in_cloud)) for settings in issuers]
    return JwtIdentity(verified_by, anonymous_users=anonymous_users)


def _verifier(settings: IssuerSettings, *, in_cloud: bool) -> ClaimsVerifier:
    if settings.unsigned:
        return EmulatorTokenVerifier(settings, in_cloud=in_cloud)
    return SignedTokenVerifier(settings, _key_source(settings))


def _key_source(settings: IssuerSettings) -> KeySource:
    if settings.jwks_url:
        return JwksKeySource(settings.jwks_url)
    if not settings.public_key_file:
        return PemKeySource(from_pem(settings.public_key.encode()))
    try:
        pem = Path(settings.public_key_file).read_bytes()
    except OSError as error:
        raise ValueError(f"the public key of {settings.issuer} cannot be read: {error.strerror}") from None
    return PemKeySource(from_pem(pem))
