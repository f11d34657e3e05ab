"""Verifies bearer tokens of the issuers that the deployment trusts, and returns their callers."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.tokens.jwt_contents import (
    GOOGLE_ISSUERS,
    MAX_TOKEN,
    TokenParts,
    caller,
    decode_unverified,
    invalid_token,
    is_anonymous,
    missing_token,
    verified_claims,
)
from reelgate.adapters.tokens.jwt_keys import JwksKeySource, KeySource, PemKeySource, from_pem, jwks_fetch
from reelgate.domain.accounts.issuers import IssuerSettings
from reelgate.domain.errors import Unauthorized
from reelgate.ports.identity import Caller, VerifiedToken

MAX_REMEMBERED_SECONDS = 300
"""How long a token may still be accepted after its key was removed."""


class ClaimsVerifier(Protocol):
    """Verifies the tokens of one issuer."""

    async def claims(self, token: str, parts: TokenParts) -> dict[str, Any]:
        """Return the verified claims. Raises Unauthorized, Unavailable."""


class SignedTokenVerifier:
    """Verifies tokens by their issuer's keys and algorithms. The token's header cannot choose the algorithm."""

    def __init__(self, issuer: IssuerSettings, keys: KeySource) -> None:
        self._issuer = issuer
        self._keys = keys

    async def claims(self, token: str, parts: TokenParts) -> dict[str, Any]:
        """Return the verified claims.

        Raises:
            Unauthorized: the token was not signed by this issuer, or its claims are not valid.
            Unavailable: the issuer's keys cannot be fetched.
        """
        if parts.header.get("alg") not in self._issuer.algorithms:
            raise invalid_token()
        found = await self._keys.key(parts.header.get("kid"))
        if found is None or found.algorithm not in self._issuer.algorithms:
            raise invalid_token()
        return verified_claims(token, found.key, [found.algorithm], self._issuer)


class EmulatorTokenVerifier:
    """Verifies the Firebase Auth emulator's tokens: unsigned, so anyone can forge one. For a developer's machine only.

    Everything but the signature is checked.
    """

    def __init__(self, issuer: IssuerSettings, *, in_cloud: bool) -> None:
        """`in_cloud` is whether this runs on Cloud Run (K_SERVICE is set). Raises ValueError if it does."""
        if in_cloud:
            raise ValueError("unsigned tokens of the Auth emulator are never accepted in the cloud")
        self._issuer = issuer

    async def claims(self, token: str, parts: TokenParts) -> dict[str, Any]:
        """Return the claims of an emulator's token. Raises Unauthorized, also for a signed token."""
        if parts.header.get("alg") != "none" or parts.is_signed:
            raise invalid_token()
        return verified_claims(token, None, [], self._issuer)


class _Verified(NamedTuple):
    caller: Caller
    until: float


class VerifiedTokens:
    """The callers of recently verified tokens: looking one up costs less than verifying a signature.

    The least recently used ones are dropped first. It stores hashes, not tokens.
    """

    def __init__(self, *, capacity: int = 4096, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970, as tokens do."""
        self._capacity = capacity
        self._clock = clock
        self._entries: OrderedDict[bytes, _Verified] = OrderedDict()

    def get(self, token: str) -> Caller | None:
        """Return the caller of a verified token that is still valid, else None."""
        key = _hash(token)
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock() >= entry.until:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry.caller

    def put(self, token: str, caller: Caller, *, expires_at: float) -> None:
        """Remember a verified token until it expires, for `MAX_REMEMBERED_SECONDS` at most."""
        now = self._clock()
        until = min(expires_at, now + MAX_REMEMBERED_SECONDS)
        if until <= now:
            return
        self._entries[_hash(token)] = _Verified(caller, until)
        if len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def __len__(self) -> int:
        return len(self._entries)


class Issuer(NamedTuple):
    """An issuer and the verifier of its tokens."""

    settings: IssuerSettings
    verifier: ClaimsVerifier


class JwtIdentity:
    """A `TokenVerifier` over several issuers. A token's `iss` selects the issuer whose rules apply to it."""

    def __init__(
        self, issuers: Sequence[Issuer], verified: VerifiedTokens | None = None, *, anonymous_users: bool = False
    ) -> None:
        """Anonymous users are refused unless `anonymous_users`. Raises ValueError for no issuer, or one listed twice."""
        self._issuers = {issuer.settings.issuer: issuer for issuer in issuers}
        if not issuers or len(self._issuers) != len(issuers):
            raise ValueError("list at least one token issuer, and none of them twice")
        self._verified = VerifiedTokens() if verified is None else verified
        self._anonymous_users = anonymous_users

    async def verify(self, token: str) -> Caller:
        """Return the caller.

        Raises:
            Unauthorized: the token is not valid, or is that of an anonymous user.
            Unavailable: the issuer's keys cannot be fetched.
        """
        if len(token) <= MAX_TOKEN and token.isascii() and (known := self._verified.get(token)):
            return known
        verified = await self.inspect(token)
        self._verified.put(token, verified.caller, expires_at=float(verified.claims["exp"]))
        return verified.caller

    async def inspect(self, token: str) -> VerifiedToken:
        """Return the whole contents of the token, verified now. Raises as `verify` does."""
        parts = decode_unverified(token)
        name = parts.claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        if issuer is None:
            # API Gateway's own token: its caller has sent none (docs/adr/0001-url-surface.md).
            raise missing_token() if name in GOOGLE_ISSUERS else invalid_token()
        claims = await issuer.verifier.claims(token, parts)
        if not self._anonymous_users and is_anonymous(claims):
            raise Unauthorized("Sign in with an account.", hint="The token is that of an anonymous user.")
        issued_at = _instant(claims["iat"])
        return VerifiedToken(
            caller=replace(caller(claims, issuer.settings), issued_at=issued_at),
            issuer=issuer.settings.issuer,
            subject=claims["sub"],
            issued_at=issued_at,
            expires_at=_instant(claims["exp"]),
            claims=claims,
        )


def _instant(seconds: float) -> datetime:
    """Return the instant of a NumericDate (RFC 7519), or the last possible instant for a number that is out of range."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def jwt_identity(
    issuers: Sequence[IssuerSettings],
    *,
    in_cloud: bool,
    anonymous_users: bool = False,
    connections: Connections | None = None,
) -> JwtIdentity:
    """Return the verifier of these issuers' tokens; nothing is fetched before the first token.

    Args:
        anonymous_users: whether Firebase Auth's anonymous users are accepted.

    Raises:
        ValueError: an issuer listed twice, a key that cannot be used, or unsigned tokens in the cloud (`in_cloud`).
    """
    verified_by = [Issuer(settings, _verifier(settings, in_cloud, connections)) for settings in issuers]
    return JwtIdentity(verified_by, anonymous_users=anonymous_users)


def _verifier(settings: IssuerSettings, in_cloud: bool, connections: Connections | None) -> ClaimsVerifier:
    if settings.unsigned:
        return EmulatorTokenVerifier(settings, in_cloud=in_cloud)
    return SignedTokenVerifier(settings, _key_source(settings, connections))


def _key_source(settings: IssuerSettings, connections: Connections | None) -> KeySource:
    if settings.jwks_url:
        return JwksKeySource(jwks_fetch(settings.jwks_url, connections))
    if not settings.public_key_file:
        return PemKeySource(from_pem(settings.public_key.encode()))
    try:
        pem = Path(settings.public_key_file).read_bytes()
    except OSError as error:
        raise ValueError(f"the public key of {settings.issuer} cannot be read: {error.strerror}") from None
    return PemKeySource(from_pem(pem))


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
