"""The public keys that verify tokens: read from PEM or a JWK set, and an issuer's set kept fresh.

Each key is used only with the algorithm of its type.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.domain.errors import Unavailable

MIN_RSA_BITS = 2048

FETCH_SECONDS = 5.0
MAX_ANSWER_BYTES = 256 * 1024
DEFAULT_AGE_SECONDS = 300
MAX_AGE_SECONDS = 86_400

MIN_AGE_SECONDS = 60
"""The set is fetched at most once in this time, for any key ids and with any caching headers of the issuer."""

RETRY_SECONDS = 5
"""The pause after a failed fetch. Without it, every request would wait for the timeout while an issuer is down."""

STALE_SECONDS = 3600
"""How long expired keys are still used while their issuer cannot be reached."""

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])", re.IGNORECASE)
_NO_CACHE = re.compile(r"\bno-(?:cache|store)\b", re.IGNORECASE)

_log = logging.getLogger(__name__)


class VerifyingKey(NamedTuple):
    """A public key and its algorithm."""

    algorithm: str
    key: RSAPublicKey | EllipticCurvePublicKey


def from_pem(pem: bytes) -> VerifyingKey:
    """Return the key of a PEM text. Raises ValueError unless it is a public RSA (2048 bits or more) or P-256 key."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise ValueError("the public key is not PEM (BEGIN PUBLIC KEY)") from None
    return _verifying_key(key)


def from_jwks(document: object) -> dict[str, VerifyingKey]:
    """Return the usable keys of a JWK set (RFC 7517) by key id; keys of other uses and kinds are left out.

    Raises ValueError for something that is not a JWK set, or one without a usable key.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise ValueError("not a JWK set")
    keys = {}
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str) and (key := _from_jwk(entry)):
            keys[entry["kid"]] = key
    if not keys:
        raise ValueError("the JWK set has no usable key")
    return keys


class FetchedKeys(NamedTuple):
    """The keys by key id, and for how many seconds the issuer lets them be kept."""

    keys: dict[str, VerifyingKey]
    max_age_seconds: int


class FetchFailed(Exception):
    """There was no answer, or it contained no keys."""


Fetch = Callable[[], Awaitable[FetchedKeys]]
"""Gets an issuer's keys. Raises FetchFailed."""


def jwks_fetch(url: str, connections: Connections | None = None) -> Fetch:
    """Return a function that fetches the JWK set at a configured https URL. It sends no token and follows no redirects."""
    parts = urlsplit(url)
    rest = GoogleRest(f"{parts.scheme}://{parts.netloc}", connections=connections)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    async def fetch() -> FetchedKeys:
        try:
            answer = await rest.call("GET", target, seconds=FETCH_SECONDS, max_bytes=MAX_ANSWER_BYTES)
            if answer.status != 200:
                raise FetchFailed(f"HTTP {answer.status}")
            return FetchedKeys(from_jwks(answer.json()), max_age(answer.headers.get("cache-control", "")))
        except (NoAnswer, ValueError) as error:
            raise FetchFailed(str(error)) from error

    return fetch


def max_age(cache_control: str) -> int:
    """Return how many seconds an answer may be kept: its max-age, at most a day; `DEFAULT_AGE_SECONDS` without one."""
    if _NO_CACHE.search(cache_control):
        return 0
    match = _MAX_AGE.search(cache_control)
    return min(int(match[1]), MAX_AGE_SECONDS) if match else DEFAULT_AGE_SECONDS


class KeySource(Protocol):
    """Finds verifying keys."""

    async def key(self, key_id: object) -> VerifyingKey | None:
        """Return the key that a token's `kid` names, None if there is none. Raises Unavailable."""


class PemKeySource:
    """One fixed key for all key ids."""

    def __init__(self, key: VerifyingKey) -> None:
        self._key = key

    async def key(self, key_id: object) -> VerifyingKey | None:
        """Return the key."""
        return self._key


class JwksKeySource:
    """An issuer's JWK set, kept as long as its Cache-Control allows. Requests that wait for it share one fetch."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds that never go back."""
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, VerifyingKey] = {}
        self._fresh_until = self._usable_until = self._next_fetch = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, key_id: object) -> VerifyingKey | None:
        """Return the key of that id. For an unknown id the set is fetched anew, once a minute at most.

        Raises:
            Unavailable: there are no keys, and none can be fetched now.
        """
        if not isinstance(key_id, str):
            return None
        if self._needs_fetch(key_id):
            async with self._fetching:
                if self._needs_fetch(key_id):  # another request may have done it meanwhile
                    await self._refresh()
        if self._clock() >= self._usable_until:
            raise Unavailable(
                "Signing in cannot be checked at the moment. Try again.",
                retry_after_seconds=RETRY_SECONDS,
                hint="The keys that verify tokens cannot be fetched.",
            )
        return self._keys.get(key_id)

    def _needs_fetch(self, key_id: str) -> bool:
        now = self._clock()
        return now >= self._next_fetch and (now >= self._fresh_until or key_id not in self._keys)

    async def _refresh(self) -> None:
        try:
            fetched = await self._fetch()
        except FetchFailed as error:
            _log.warning("the keys of a token issuer could not be fetched (%s)", error)
            self._next_fetch = self._clock() + RETRY_SECONDS
            return
        now = self._clock()
        self._keys = fetched.keys
        self._next_fetch = now + MIN_AGE_SECONDS
        self._fresh_until = now + max(fetched.max_age_seconds, MIN_AGE_SECONDS)
        self._usable_until = self._fresh_until + STALE_SECONDS


def _from_jwk(entry: Mapping[str, Any]) -> VerifyingKey | None:
    if entry.get("use", "sig") != "sig" or entry.get("kty") not in ("RSA", "EC"):
        return None
    try:
        found = _verifying_key(jwt.PyJWK(dict(entry)).key)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return found if entry.get("alg", found.algorithm) == found.algorithm else None


def _verifying_key(key: object) -> VerifyingKey:
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return VerifyingKey("RS256", key)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return VerifyingKey("ES256", key)
    raise ValueError(f"a key must be public, and RSA of at least {MIN_RSA_BITS} bits or EC on P-256")
